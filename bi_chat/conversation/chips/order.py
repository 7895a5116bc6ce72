"""In: a plan with groups. Out: the same in another order, or with more or fewer of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bi_chat.conversation.chips.chip import Asked, Edit
from bi_chat.narration.restate import restate_order
from bi_chat.values.plan import Order, Plan, TimeBucket

LIMITS = (3, 5, 10, 20, 50)


def order_edits(asked: Asked) -> Iterator[Edit]:
    """By each figure, both ways; by the first grouping."""
    plan = asked.plan
    now = plan.order[0] if plan.order else None
    by = [*(m.of for m in plan.measures), *(d.of for d in plan.dimensions[:1])]
    found = dict.fromkeys([*((now,) if now else ()), *(Order(b, down) for b in by for down in (True, False))])
    for order in found:
        yield Edit(restate_order(order, plan, asked.tongue), replace(plan, order=(order,)), order == now)


def limit_edits(asked: Asked) -> Iterator[Edit]:
    """The first few, or all of them."""
    plan = asked.plan
    for count in sorted({*LIMITS, *((plan.limit,) if plan.limit else ())}):
        yield Edit(f"{count:,}", limited(plan, count), count == plan.limit)
    yield Edit(asked.tongue.say("all_rows"), replace(plan, limit=None, limit_per=(), ties=False), plan.limit is None)


def limited(plan: Plan, count: int) -> Plan:
    """The first few by what the plan is ordered by; the largest where it has no order."""
    order = plan.order or tuple(Order(m.of) for m in plan.measures[:1])
    return replace(plan, limit=count, order=order)


def can_rank(plan: Plan) -> bool:
    """Whether a limit and an order say something: groups that are not a course of time."""
    return bool(plan.dimensions) and not any(isinstance(d.of, TimeBucket) for d in plan.dimensions)
