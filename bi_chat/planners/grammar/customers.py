"""In: a sketch that asks for segments of customers, or for concentration. Out: the plan: whose, of which figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.dimensions import noun_dimension
from bi_chat.planners.grammar.lifecycle import is_people, lives_of
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.planners.grammar.spreading import SpreadSaid
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.analyses import Concentration, Segments
from bi_chat.values.plan import Aggregate, Dimension, FieldRef, Fn, Measured, Metric, Plan, Window

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def segment_again(previous: Plan | None, sketch: Sketch) -> Plan | None:
    """ "who are the champions?" after segments: the people of that one; None where it is no such question."""
    said = sketch.spread
    asked = previous.analysis if previous is not None else None
    if previous is None or not isinstance(asked, Segments) or said is None or not said.listed or sketch.mentions:
        return None
    return replace(previous, analysis=replace(asked, listed=said.listed))


def other_holders(plan: Plan, previous: Plan) -> Plan:
    """ "by product?" after concentration: products take the place of what held the figure; segments have no groups."""
    if isinstance(plan.analysis, Segments) and plan.dimensions:
        return replace(plan, analysis=None)
    if isinstance(plan.analysis, Concentration) and len(plan.dimensions) > len(previous.dimensions):
        return replace(plan, dimensions=plan.dimensions[len(previous.dimensions) :])
    return plan


def spread_plan(made: Assembler) -> Plan | None:
    """The figure under the conditions that were said, with its analysis; None where the data have no such people."""
    said = made.sketch.spread
    if said is None:
        return None
    plan = _segmented(made, said) if said.segments else _spread(made, said)
    if plan is None:
        made.trace.doubt("assumed_relation", 3.0)
        return None
    conditions = Conditions(made.model, made.sketch, made.binder, made.trace, made.subject)
    for period in made.sketch.periods[:1]:
        made.trace.note(made.sketch.pieces[period.at], "period")
        plan = replace(plan, window=Window(period.said.expr))
    return conditions.apply(plan, made.flags)


def _segmented(made: Assembler, said: SpreadSaid) -> Plan | None:
    lives = lives_of(made)
    if lives is None:
        return None
    figure = _figure(made, lives.people)
    if figure is None:
        return None
    if any(g.noun is None or g.noun.of(Kind.METRIC)[:1] == () for g in made.sketch.groups):
        made.trace.doubt(
            "assumed_relation", 1.5
        )  # "segment customers by country": that is no grouping by what they did
    made.subject = lives.deeds
    asked = Segments(lives.people.name, lives.deeds.name, lives.time, said.listed)
    return Plan(measures=(figure,), analysis=asked)


def _spread(made: Assembler, said: SpreadSaid) -> Plan | None:
    """Over the groups or rows that are named, else over customers."""
    holder = _holder(made)
    if holder is None:
        lives = lives_of(made)
        people = lives.people if lives is not None and is_people(lives.people) else None
        holder = _rows(people) if people is not None else None
    home = made.model.dataset(holder[0].of.dataset) if holder and isinstance(holder[0].of, FieldRef) else None
    figure = _figure(made, home)
    if holder is None or home is None or figure is None:
        return None
    made.subject = None
    return Plan(measures=(figure,), dimensions=holder, analysis=Concentration(said.holders, said.held))


def _holder(made: Assembler) -> tuple[Dimension, ...] | None:
    """Rows of a dataset by their key, with their name; else a field."""
    nouns = [g.noun for g in made.sketch.groups if g.noun is not None] + [m.piece for m in made.sketch.mentions]
    for piece in nouns:
        choice = made.binder.choose(piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD))
        field = made.binder.field(choice.target) if choice is not None and choice.target.kind is Kind.FIELD else None
        if choice is None or choice.target.kind is Kind.METRIC or (field and field.kind in ("measure", "number")):
            continue
        if choice.target.kind is Kind.DATASET and (rows := made.model.dataset(choice.target.dataset)) is not None:
            made.trace.choice(piece, "dimension", choice)
            return _rows(rows)
        if (found := noun_dimension(made, piece, None, None)) is not None:
            return (found,)
    return None


def _rows(dataset: Dataset) -> tuple[Dimension, ...] | None:
    if len(dataset.primary_key) != 1:
        return None
    key = dataset.primary_key[0]
    name = dataset.display if dataset.display and dataset.display != key and dataset.field(dataset.display) else ""
    return tuple(Dimension(FieldRef(dataset.name, f)) for f in (key, name) if f)


def _figure(made: Assembler, holder: Dataset | None) -> Measured | None:
    """What was named and adds up, else the main amount of money that the holders' rows have a part in."""
    said = [g.noun for g in made.sketch.groups if g.noun is not None and g.noun.of(Kind.METRIC)]
    for piece in (*(m.piece for m in made.sketch.mentions), *said):
        if holder is not None and any(h.target.dataset == holder.name for h in piece.of(Kind.DATASET)):
            continue  # who holds it, whatever figure counts them
        kinds = (Kind.METRIC,) if piece in said else (Kind.METRIC, Kind.DATASET, Kind.FIELD)
        choice = made.binder.choose(piece, kinds)
        field = made.binder.field(choice.target) if choice is not None and choice.target.kind is Kind.FIELD else None
        if choice is not None and choice.target.kind is Kind.METRIC:
            return made.measures.metric(piece, choice)
        if choice is not None and field is not None and field.kind == "measure":
            return made.measures.bare_field(piece, choice)
    if holder is None:
        return None
    homes = made.binder.metric_homes
    money = [m for m in made.model.metrics if m.format == "currency" and m.additivity == "additive"]
    near = [m for m in money if holder.name in reachable(made.model, homes.get(m.name, ""))]
    if near:
        return Measured(Metric(near[0].name))
    for dataset in made.model.datasets:
        if dataset.name != holder.name and holder.name in reachable(made.model, dataset.name):
            own = [f for f in dataset.fields if f.kind == "measure" and f.additivity == "additive"]
            found = next((f for f in own if f.format == "currency"), None) or next(iter(own), None)
            if found is not None:
                return Measured(Aggregate(Fn.SUM, dataset.name, FieldRef(dataset.name, found.name)))
    return None
