"""In: a measure chip. Out: the same plan with another metric, another function or another number in its place."""

from __future__ import annotations

from collections.abc import Iterator

from bi_chat.conversation.chips.chip import Asked, Edit
from bi_chat.conversation.chips.swap import with_measure
from bi_chat.conversation.parts import homes_of
from bi_chat.narration.phrases import measure_words
from bi_chat.values.plan import Aggregate, FieldRef, Fn, Measure, Metric

FUNCTIONS = (Fn.SUM, Fn.AVG, Fn.MEDIAN, Fn.MIN, Fn.MAX)
MOST_METRICS = 12


def measure_edits(asked: Asked, at: int) -> Iterator[Edit]:
    """Its own other functions first, then the model's metrics, then a count of the rows it is made of."""
    now = asked.plan.measures[at].of
    others = {m.of for i, m in enumerate(asked.plan.measures) if i != at}
    found = dict.fromkeys([now, *_functions(now), *_metrics(asked), *_counts(now, asked)])
    for measure in found:
        if measure not in others:
            plan = with_measure(asked.plan, at, measure)
            yield Edit(measure_words(measure, asked.tongue), plan, measure == now)


def more_measures(asked: Asked) -> Iterator[Measure]:
    """Metrics that could stand beside those that are there."""
    used = {m.of for m in asked.plan.measures}
    yield from (m for m in _metrics(asked) if m not in used)


def _functions(now: Measure) -> Iterator[Measure]:
    """A total instead of an average: of numbers only."""
    if isinstance(now, Aggregate) and isinstance(now.of, FieldRef) and now.function in FUNCTIONS:
        yield from (Aggregate(f, now.dataset, now.of, where=now.where) for f in FUNCTIONS)


def _metrics(asked: Asked) -> Iterator[Measure]:
    yield from (Metric(m.name) for m in asked.model.metrics[:MOST_METRICS])


def _counts(now: Measure, asked: Asked) -> Iterator[Measure]:
    yield from (Aggregate(Fn.COUNT, home) for home in dict.fromkeys(homes_of(now, asked.model)))
