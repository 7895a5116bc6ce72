"""In: a plan. Out: its chips, and for each what it may be changed to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from bi_chat.conversation.chips.chip import Asked, Chip, Edit
from bi_chat.conversation.chips.filters import without_filter
from bi_chat.conversation.chips.groupings import grouping_edits
from bi_chat.conversation.chips.measures import measure_edits
from bi_chat.conversation.chips.order import can_rank, limit_edits, order_edits
from bi_chat.conversation.chips.periods import baseline_of, comparison_edits, horizon_edits, period_edits, said_baseline
from bi_chat.conversation.chips.swap import without_dimension, without_measure
from bi_chat.narration.conditions import condition_words
from bi_chat.narration.periods import counted, period_words
from bi_chat.narration.phrases import measure_words, scalar_words
from bi_chat.narration.restate import restate_order
from bi_chat.sql.compile import compile_plan
from bi_chat.values.analyses import Advise, Forecast, Influence, LookBack, WhatIf
from bi_chat.values.issue import Issue
from bi_chat.values.plan import Plan, TimeBucket

EDITS: dict[str, Callable[[Asked, int], Iterator[Edit]]] = {
    "measure": measure_edits,
    "dimension": grouping_edits,
    "period": lambda asked, _: period_edits(asked),
    "comparison": lambda asked, _: comparison_edits(asked),
    "order": lambda asked, _: order_edits(asked),
    "limit": lambda asked, _: limit_edits(asked),
    "horizon": lambda asked, _: horizon_edits(asked),
}


def chips(asked: Asked) -> tuple[Chip, ...]:
    """What the plan says, part by part, in reading order. Several plans in one ("… but not in …") have none: an edit
    would change only the first of them."""
    plan = asked.plan
    return () if plan.combined else tuple(_chips(asked))


def _chips(asked: Asked) -> Iterator[Chip]:
    plan, t = asked.plan, asked.tongue
    yield from (Chip("measure", measure_words(m.of, t), i) for i, m in enumerate(plan.measures))
    yield from (Chip("dimension", scalar_words(d.of, t), i) for i, d in enumerate(plan.dimensions))
    yield from (Chip("filter", condition_words(c, t), i) for i, c in enumerate(plan.where))
    yield from (Chip("having", condition_words(c, t), i) for i, c in enumerate(plan.having))
    yield from _times(asked)
    if can_rank(plan):
        if plan.order:
            yield Chip("order", restate_order(plan.order[0], plan, t))
        if plan.limit is not None or plan.order:
            yield Chip("limit", f"{plan.limit:,}" if plan.limit is not None else t.say("all_rows"))


def _times(asked: Asked) -> Iterator[Chip]:
    plan, t = asked.plan, asked.tongue
    if plan.window is not None:
        yield Chip("period", period_words(plan.window.period, asked.asked_on, asked.language, asked.model.calendar))
    elif plan.measures and not isinstance(plan.analysis, WhatIf | Influence | Advise | LookBack):
        yield Chip("period", t.say("all_time"))
    if (baseline := baseline_of(plan)) is not None:
        yield Chip("comparison", said_baseline(baseline, asked))
    if isinstance(plan.analysis, Forecast):
        yield Chip("horizon", counted(plan.analysis.horizon, plan.analysis.grain, asked.language))


def edits(chip: Chip, asked: Asked) -> tuple[Edit, ...]:
    """What a chip may be changed to, the present choice among them: only what can be computed."""
    made = EDITS.get(chip.role)
    return tuple(e for e in made(asked, chip.at) if e.chosen or computes(e.plan, asked)) if made else ()


def computes(plan: Plan, asked: Asked) -> bool:
    """Whether the compiler has an answer to it."""
    return not isinstance(compile_plan(replace(plan, analysis=None, hidden=()), asked.model, asked.asked_on), Issue)


def removed(chip: Chip, asked: Asked) -> Plan | None:
    """The plan without it; None where nothing would be left, or nothing can be computed from it."""
    plan = _removed(chip, asked.plan)
    return plan if plan is not None and computes(plan, asked) else None


def _removed(chip: Chip, plan: Plan) -> Plan | None:
    match chip.role:
        case "measure" if len(plan.measures) > 1:
            return without_measure(plan, chip.at)
        case "dimension" if plan.analysis is not None and isinstance(plan.dimensions[chip.at].of, TimeBucket):
            return None
        case "dimension" if plan.measures or len(plan.dimensions) > 1:
            return without_dimension(plan, chip.at)
        case "filter":
            return without_filter(plan, chip.at)
        case "having":
            return replace(plan, having=plan.having[: chip.at] + plan.having[chip.at + 1 :])
    return None
