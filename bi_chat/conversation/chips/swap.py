"""In: a plan and a part of it. Out: the plan with that part replaced everywhere, or gone with all that hangs on it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from bi_chat.values.plan import (
    Change,
    Compare,
    Condition,
    Dimension,
    Measure,
    Measured,
    Plan,
    Rolling,
    Running,
    Scalar,
    Share,
    TimeBucket,
)

T = TypeVar("T")


def swapped(of: T, old: object, new: object) -> T:
    """A copy in which `new` stands wherever `old` stood."""
    if of == old:
        return new  # type: ignore[return-value]
    if isinstance(of, tuple):
        return tuple(swapped(v, old, new) for v in of)  # type: ignore[return-value]
    if is_dataclass(of) and not isinstance(of, type):
        return replace(of, **{f.name: swapped(getattr(of, f.name), old, new) for f in fields(of) if f.init})
    return of


def with_measure(plan: Plan, at: int, new: Measure) -> Plan:
    """Another measure in a measure's place, also in the order; limits on the old one's figures go with it."""
    old = plan.measures[at].of
    measures = (*plan.measures[:at], Measured(new), *plan.measures[at + 1 :])
    order = tuple(swapped(o, old, new) for o in plan.order)
    return replace(plan, measures=measures, order=order, having=_without(plan.having, old))


def without_measure(plan: Plan, at: int) -> Plan:
    """One measure less; the figures computed from it go with it."""
    old = plan.measures[at].of
    measures = plan.measures[:at] + plan.measures[at + 1 :]
    kept = tuple(
        replace(c, measure=c.measure - (c.measure > at)) for c in plan.calculations if c.measure != at
    )  # the places after it move up
    order = tuple(o for o in plan.order if o.by != old)
    having = _without(plan.having, old)
    return replace(plan, measures=measures, order=order, having=having, calculations=kept, hidden=())


def _without(having: tuple[Condition, ...], measure: Measure) -> tuple[Condition, ...]:
    return tuple(c for c in having if not (isinstance(c, Compare) and c.left == measure))


def with_dimension(plan: Plan, at: int, new: Scalar) -> Plan:
    """Another grouping in a grouping's place, also in the order."""
    old = plan.dimensions[at].of
    dimensions = (*plan.dimensions[:at], Dimension(new), *plan.dimensions[at + 1 :])
    return replace(plan, dimensions=dimensions, order=tuple(swapped(o, old, new) for o in plan.order))


def without_dimension(plan: Plan, at: int) -> Plan:
    """One grouping less, with the order and the figures that need it."""
    old = plan.dimensions[at].of
    dimensions = plan.dimensions[:at] + plan.dimensions[at + 1 :]
    timed = any(isinstance(d.of, TimeBucket) for d in dimensions)
    kept = [c for c in plan.calculations if timed or not isinstance(c, Change | Running | Rolling)]
    kept = [replace(c, within=_moved(c.within, at)) if isinstance(c, Share) else c for c in kept]
    per = _moved(plan.limit_per, at)
    limit = plan.limit if dimensions and (per or not plan.limit_per) else None
    order = tuple(o for o in plan.order if o.by != old) if dimensions else ()
    return replace(
        plan, dimensions=dimensions, order=order, limit=limit, limit_per=per, calculations=tuple(kept), hidden=()
    )


def _moved(places: tuple[int, ...], gone: int) -> tuple[int, ...]:
    return tuple(p - (p > gone) for p in places if p != gone)
