"""In: a ranking that does not say by what. Out: the measures it may mean, for the asker to choose from.

"Our best store" is no question that data can answer before somebody says whether revenue,
orders or rating makes it best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bi_chat.planners.grammar.measures import measure_home
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.drafting.hints import hints
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.naming import words
from bi_chat.semantics.targets import Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import Aggregate, FieldRef, Fn, Measure, Measured, Metric, Order, Plan

MOST = 4
NAMED = 0.9  # the score of a hit that is the name itself


def candidates(model: SemanticModel, subject: str, homes: dict[str, str]) -> tuple[tuple[str, Measure], ...]:
    """Measures that belong to a dataset's rows, with a name for each: metrics first, then counts, sums and means."""
    found: list[tuple[str, Measure]] = []
    for metric in model.metrics:
        if subject in reachable(model, homes.get(metric.name, "")):
            found.append((metric.label or metric.name, Metric(metric.name)))
    for dataset in model.datasets:
        if dataset.name == subject or subject not in reachable(model, dataset.name):
            continue
        found.append((dataset.label or dataset.name, Aggregate(Fn.COUNT, dataset.name)))
        for field in dataset.fields:
            if field.kind == "measure" and field.additivity == "additive":
                ref = FieldRef(dataset.name, field.name)
                found.append((field.label or field.name, Aggregate(Fn.SUM, dataset.name, ref)))
    return tuple(sorted(found, key=lambda f: _unwanted(f[0]))[:MOST])


def _unwanted(name: str) -> bool:
    """Whether having much of it makes nothing the best: discounts, refunds, costs."""
    said = {w.lower() for w in words(name)} | {w.lower().removesuffix("s") for w in words(name)} | {name}
    return bool(said & hints("unwanted")) or any(h in name for h in hints("unwanted") if not h.isascii())


def figures(model: SemanticModel, homes: dict[str, str]) -> Iterator[tuple[str, Target]]:
    """What "activity" may mean in these data: the wanted metrics first, then the rows of events."""
    named = [(m.label or m.name, Target(Kind.METRIC, homes.get(m.name, ""), name=m.name)) for m in model.metrics]
    yield from sorted(named, key=lambda f: _unwanted(f[0]))
    yield from ((d.label or d.name, Target(Kind.DATASET, d.name)) for d in model.datasets if d.default_time)


def vague_figure(pieces: Sequence[Piece]) -> Piece | None:
    """A word that asks for some figure without saying which, where the data have no such name."""
    found = (p for p in pieces if p.word("vague") is not None)
    return next((p for p in found if not any(h.score >= NAMED and h.how != "general" for h in p.hits)), None)


def main_metrics(model: SemanticModel) -> tuple[tuple[str, Measure], ...]:
    """The model's first metrics with their names: what "how are we selling?" may be about."""
    return tuple((m.label or m.name, Metric(m.name)) for m in model.metrics[:MOST])


def ranked_by(plan: Plan, measure: Measure, homes: dict[str, str]) -> Plan:
    """The plan, ranked by that measure instead of the one that was assumed."""
    descending = plan.order[0].descending if plan.order else True
    dimensions = plan.dimensions
    grouped = replace(plan, base=None, measures=(Measured(measure),), hidden=(), dimensions=dimensions)
    limit = plan.limit if plan.limit and plan.limit > 1 else 10
    return replace(grouped, order=(Order(measure, descending),), limit=limit if measure_home(measure, homes) else 10)
