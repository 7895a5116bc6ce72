"""In: a grouping chip, or a wish for one more. Out: the plan by another field or step of time, or by one more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bi_chat.conversation.breakdowns import candidates, with_labels
from bi_chat.conversation.chips.chip import Asked, Edit
from bi_chat.conversation.chips.swap import with_dimension
from bi_chat.conversation.parts import homes_of
from bi_chat.narration.periods import grain_word
from bi_chat.narration.phrases import scalar_words
from bi_chat.values.analyses import Forecast
from bi_chat.values.period import Grain
from bi_chat.values.plan import TIME, Dimension, FieldRef, Plan, Scalar, TimeBucket

GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def grouping_edits(asked: Asked, at: int) -> Iterator[Edit]:
    """Other steps for a date; other fields for a field; for a list, its dataset's other columns."""
    now = asked.plan.dimensions[at].of
    if asked.plan.analysis is not None and isinstance(now, TimeBucket):
        return  # the step of a forecast is a matter of its horizon
    used = {d.of for i, d in enumerate(asked.plan.dimensions) if i != at}
    if isinstance(now, TimeBucket):
        choices: list[tuple[Scalar, str]] = [
            (replace(now, grain=g), grain_word(g, asked.language)) for g in dict.fromkeys((*GRAINS, now.grain))
        ]
    else:
        choices = [(now, scalar_words(now, asked.tongue)), *(c for c in fields(asked) if c[0] != now)]
    yield from (Edit(said, with_dimension(asked.plan, at, of), of == now) for of, said in choices if of not in used)


def more_groupings(asked: Asked) -> Iterator[Edit]:
    """One more grouping: a step of time where there is none yet, then the fields."""
    plan = asked.plan
    if plan.analysis is not None and not isinstance(plan.analysis, Forecast):
        return
    if plan.measures and not any(isinstance(d.of, TimeBucket) for d in plan.dimensions):
        for grain in (Grain.MONTH, Grain.WEEK, Grain.DAY, Grain.QUARTER, Grain.YEAR):
            bucket = TimeBucket(plan.window.field if plan.window and plan.window.field else TIME, grain)
            yield Edit(grain_word(grain, asked.language), _grouped(plan, bucket, first=True))
    used = {d.of for d in plan.dimensions}
    yield from (Edit(said, _grouped(plan, of, first=False)) for of, said in fields(asked) if of not in used)


def _grouped(plan: Plan, of: Scalar, *, first: bool) -> Plan:
    """Along time the order and the limit of a ranking would hide periods."""
    if first:
        return replace(plan, dimensions=(Dimension(of), *plan.dimensions), order=(), limit=None, limit_per=())
    return replace(plan, dimensions=(*plan.dimensions, Dimension(of)))


def fields(asked: Asked) -> list[tuple[Scalar, str]]:
    """The fields worth grouping these measures by, with their names; a list's own columns."""
    plan, t = asked.plan, asked.tongue
    if not plan.measures:
        dataset = asked.model.dataset(plan.base or "")
        refs = [FieldRef(dataset.name, f.name) for f in dataset.fields if f.kind != "masked"] if dataset else []
        return [(r, scalar_words(r, t)) for r in refs]
    homes = tuple(dict.fromkeys(h for m in plan.measures for h in homes_of(m.of, asked.model)))
    found = with_labels(candidates(asked.model, homes, plan.where))
    words = [scalar_words(c.ref, t) for c in found]
    return [(c.ref, said if words.count(said) == 1 else c.label) for c, said in zip(found, words, strict=True)]
