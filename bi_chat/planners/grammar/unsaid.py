"""In: what a question leaves unsaid. Out: the measure, head and ratio that it means all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.dimensions import group_dimension, noun_dimension
from bi_chat.planners.grammar.listing import naming_field, told_later
from bi_chat.planners.grammar.ranks import main_measure
from bi_chat.planners.grammar.shape import is_metric
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Aggregate,
    Arithmetic,
    Dimension,
    FieldRef,
    Fn,
    In,
    Measure,
    Measured,
    Metric,
    Plan,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def per_entity(made: Assembler) -> None:
    """ "average revenue per customer": the total divided by those who had any part in it."""
    averaged = [m for m in made.sketch.mentions if m.fns == (Fn.AVG,) and m.piece.of(Kind.METRIC)]
    said = next(
        (g for g in made.sketch.groups if g.noun is not None and made.sketch.pieces[g.at - 1].word("per_unit")),
        None,
    )
    if len(averaged) != 1 or said is None or said.noun is None or len(made.measured) != 1:
        return
    entity = made.binder.dataset_of(said.noun)
    metric = averaged[0].piece.of(Kind.METRIC)[0].target.name
    home = made.measures.home(Metric(metric))
    if entity is None or home is None or not entity.primary_key or entity.name not in reachable(made.model, home.name):
        return
    counted = Aggregate(Fn.COUNT, home.name, FieldRef(entity.name, entity.primary_key[0]), distinct=True)
    made.measured = [Measured(Arithmetic("/", Metric(metric), counted))]
    dropped = group_dimension(made, said)
    made.dimensions = [d for d in made.dimensions if d != dropped]


def side_by_side(made: Assembler, plan: Plan) -> Plan:
    """ "compare web and store": the values that are compared stand as groups."""
    if not ({"compare", "versus"} & set(made.sketch.flags)) or not plan.measures:
        return plan
    for condition in plan.where:
        if isinstance(condition, In) and len(condition.values) > 1 and not condition.negated:
            dimension = Dimension(condition.of)
            if dimension not in plan.dimensions:
                return replace(plan, dimensions=(*plan.dimensions, dimension))
    return plan


def rows_of_group(measured: Measured, dims: Sequence[Dimension], subject: Dataset | None) -> Measured:
    """ "the number of brands for each brand": a group has one value of its own, so its rows are meant."""
    counted = measured.of
    if not isinstance(counted, Aggregate) or not counted.distinct or not isinstance(counted.of, FieldRef):
        return measured
    if all(d.of != counted.of for d in dims):
        return measured
    rows = subject.name if subject is not None else counted.dataset
    return Measured(Aggregate(Fn.COUNT, rows))


def unsaid_measure(made: Assembler, conditions: Conditions) -> Measured | None:
    """ "how much did we sell", "share of each category": the main money measure; else the rows are counted."""
    sketch = made.sketch
    earns = sketch.intent == "how_much" or any(p.word("verb") and not p.hits for p in sketch.pieces)
    entity = any(m.piece.of(Kind.DATASET) for m in sketch.mentions if m.role in ("select", "subject"))
    if (earns or sketch.calculations) and not entity:
        main = main_measure(made)
        if main is not None:
            told = (
                sketch.intent or sketch.conditions or sketch.periods or sketch.groups or sketch.flags or sketch.rankings
            )
            if told or len(made.model.metrics) < 2:
                made.trace.doubt("assumed_measure", 0.25)
            else:
                made.trace.doubt("measure_unsaid", 1.0)
            return Measured(main)
    implied = made.subject or conditions.dataset_of_values()
    if made.subject is None and implied is not None and (main := _done_by(made, implied.name)) is not None:
        made.trace.doubt("assumed_measure", 0.25)
        return Measured(main)
    return made.measures.count_of_subject(implied)


def _done_by(made: Assembler, dataset: str) -> Measure | None:
    """ "how did one shop do by month": nobody counts one shop; its main figure is meant."""
    if not (made.sketch.groups or made.sketch.periods) or dataset in made.binder.metric_homes.values():
        return None
    for metric in made.model.metrics:
        if dataset in reachable(made.model, made.binder.metric_homes.get(metric.name, "")):
            return Metric(metric.name)
    return None


def head_dimension(made: Assembler) -> Dimension | None:
    """ "which region had …": the head noun is the grouping."""
    for mention in made.sketch.mentions:
        if mention.role == "subject" and not mention.fns and not is_metric(made, mention):
            if told_later(made, mention):
                continue
            return noun_dimension(made, mention.piece, made.owner(mention), mention.role_word)
    for ranking in made.sketch.rankings:
        if ranking.noun is not None:
            return noun_dimension(made, ranking.noun)
    needs_entity = bool(made.sketch.rankings) or any(c.counting or c.fns for c in made.sketch.conditions)
    if needs_entity and not made.dimensions and made.subject is not None:
        counted = any(m.role == "count" for m in made.sketch.mentions)
        return None if counted else Dimension(FieldRef(made.subject.name, naming_field(made.subject)))
    return None
