"""In: rankings and orders of a sketch. Out: a plan's order, limit, and limit within groups."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.deeds import fact_of
from bi_chat.planners.grammar.defaults import default_aggregate
from bi_chat.planners.grammar.dimensions import group_dimension
from bi_chat.planners.grammar.ideas import concept_field, time_of
from bi_chat.planners.grammar.sketch import OrderSaid, Ranking
from bi_chat.semantics.model import Dataset, Field
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Aggregate,
    Dimension,
    FieldRef,
    Fn,
    Measure,
    Measured,
    Metric,
    Order,
    Plan,
    Rank,
    Scalar,
    TimeBucket,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

SEVERAL = 10


def rank_plan(plan: Plan, made: Assembler) -> Plan:
    """The plan with its rankings, then its explicit orders."""
    for ranking in made.sketch.rankings:
        plan = _ranked(plan, ranking, made)
    return _ordered(plan, made)


def _ranked(plan: Plan, ranking: Ranking, made: Assembler) -> Plan:
    by = _by(plan, ranking, made)
    if by is None:
        if not any(name == "ranking_without_measure" for name, _ in made.trace.doubts):
            made.trace.doubt("ranking_without_measure", 1.5)
        return plan
    descending = ranking.direction > 0
    if (
        isinstance(by, FieldRef)
        and ranking.concept == "time"
        and plan.base
        and ranking.limit
        and len(plan.dimensions) == 1
    ):
        plan = replace(plan, dimensions=(*_keyed(plan, made), Dimension(by)))
    if isinstance(by, FieldRef) and ranking.concept == "age" and _is_time(by, made):
        descending = not descending
    limit = ranking.limit or made.sketch.limit
    asked = made.sketch.flags
    if limit is None and "rank" not in asked and not plan.order:
        limit = unsaid_limit(ranking, made)
    per = tuple(made.within) if made.within else _limit_per(plan, made)
    far = plan.base is not None and not plan.measures and not isinstance(by, FieldRef)
    named = ranking.by is not None or "selling" in asked
    if far and not isinstance(by, FieldRef) and named and limit is not None and limit > 1:
        plan = replace(plan, base=None, measures=(Measured(by),))
    plan = _with_measure(plan, by, shown=named and (limit is None or limit > 1 or bool(per)))
    if "rank" in asked:
        plan = replace(plan, calculations=(*plan.calculations, Rank(_index(plan, by), descending)))
    times = [d.of for i, d in enumerate(plan.dimensions) if i in per and isinstance(d.of, TimeBucket)]
    return replace(
        plan,
        order=(*plan.order, *(Order(t, False) for t in times if limit), Order(by, descending)),
        limit=limit,
        limit_per=per if limit else (),
        offset=ranking.offset,
    )


def _keyed(plan: Plan, made: Assembler) -> tuple[Dimension, ...]:
    """The columns of a list; with the rows' key where their name recurs ("the 5 latest tickets", by subject)."""
    dataset = made.model.dataset(plan.base or "")
    named = plan.dimensions[0].of
    field = dataset.field(named.field) if dataset is not None and isinstance(named, FieldRef) else None
    if dataset is None or field is None or field.unique or len(dataset.primary_key) != 1:
        return plan.dimensions
    key = Dimension(FieldRef(dataset.name, dataset.primary_key[0]))
    return plan.dimensions if key in plan.dimensions else (key, *plan.dimensions)


def unsaid_limit(ranking: Ranking, made: Assembler) -> int:
    """ "the top customers" are several, "the top customer" and "the highest …" one."""
    noun = ranking.noun.text.lower() if ranking.noun is not None else ""
    if ranking.strict_superlative or not re.search(r"[a-z][^sui\W]s$", noun):
        return 1
    made.trace.doubt("limit_assumed", 0.0)
    return SEVERAL


def _limit_per(plan: Plan, made: Assembler) -> tuple[int, ...]:
    """ "top 3 products in each category": groups said beside the ranked noun limit within themselves."""
    ranked = any(r.noun is not None for r in made.sketch.rankings)
    if not (ranked and made.sketch.groups):
        return ()
    grouped = [group_dimension(made, g) for g in made.sketch.groups]
    return tuple(i for i, d in enumerate(plan.dimensions) if d in grouped and i > 0)


def _by(plan: Plan, ranking: Ranking, made: Assembler) -> Measure | FieldRef | None:
    at_hand = (made.subject.name,) if made.subject else ()
    if ranking.by is not None:
        by = _row_or_group(plan, made.measures.order_measure(ranking.by, None, at_hand), made)
        return _single_best(plan, by, ranking, made)
    if ranking.counting:
        return _count_by(plan, made)
    if ranking.concept and (found := concept_field(ranking, made)) is not None:
        return found
    if ranking.concept in ("age", "price", "time"):
        made.trace.doubt("ranking_without_measure", 1.5)  # "the oldest" of rows whose age nobody knows
    if plan.measures:
        return plan.measures[0].of
    main = main_measure(made)
    if "selling" in made.sketch.flags and main is not None:
        made.trace.doubt("assumed_measure", 0.25)  # what sells best brings in most
        return main
    made.trace.doubt("ranking_without_measure", 1.5)
    return main


def _single_best(
    plan: Plan, by: Measure | FieldRef | None, ranking: Ranking, made: Assembler
) -> Measure | FieldRef | None:
    """ "the employee with the biggest bonus": the biggest single one, not all of them together."""
    said = ranking.by.fns if ranking.by is not None else ()
    lists = plan.base is not None and not plan.measures and made.sketch.limit is None
    if made.sketch.pieces[ranking.at].word("most", "least"):
        return by  # "sold the most packs" adds them up
    if (
        not (lists and ranking.strict_superlative and not (ranking.limit or said) and isinstance(by, Aggregate))
        or by.of is None
    ):
        return by
    summed = by.function in (Fn.SUM, Fn.AVG)
    return replace(by, function=Fn.MAX if ranking.direction > 0 else Fn.MIN) if summed else by


def _row_or_group(plan: Plan, by: Measure | FieldRef | None, made: Assembler) -> Measure | FieldRef | None:
    """A plain field orders rows of a list; in a grouped plan it is aggregated first."""
    if isinstance(by, Aggregate) and plan.base == by.dataset and not plan.measures and isinstance(by.of, FieldRef):
        return by.of if by.function in (Fn.SUM, Fn.AVG) else by
    if not isinstance(by, FieldRef):
        return by
    near = plan.base is not None and by.dataset in reachable(made.model, plan.base)
    if near and not plan.measures:
        return by
    field = made.model.field(by.dataset, by.field)
    if any(d.of == by for d in plan.dimensions):
        return by
    if plan.measures and field is not None and not _orderly(field):
        named = [d.of for d in plan.dimensions if isinstance(d.of, FieldRef)]
        return named[0] if named else None  # "sorted by the names": of the groups, for a text has no mean
    fn = default_aggregate(field)
    if field is not None and field.is_time:
        fn = Fn.MAX
    return Aggregate(fn, by.dataset, by)


def _orderly(field: Field) -> bool:
    return field.is_time or (field.datatype in ("Integer", "Decimal", "Float", "Boolean") and field.kind != "key")


def _count_by(plan: Plan, made: Assembler) -> Measure | None:
    """ "most common city": rows of the dataset that holds the city."""
    if "deed" in made.sketch.flags and made.subject is not None:
        fact = fact_of(made.model, made.binder.metric_homes, made.subject)
        return Aggregate(Fn.COUNT, fact.name) if fact is not None else None
    if plan.measures:
        return plan.measures[0].of
    if plan.base and made.subject is not None and plan.base == made.subject.name and _names_rows(plan, made.subject):
        referring = {r.from_dataset for r in made.model.relationships if r.to_dataset == plan.base} - {plan.base}
        if len(referring) == 1:
            return Aggregate(Fn.COUNT, referring.pop())
        made.trace.doubt("ranking_without_measure", 1.5 if not referring else 0.8)
    for dimension in plan.dimensions:
        if isinstance(dimension.of, FieldRef) and dimension.of.dataset:
            return Aggregate(Fn.COUNT, dimension.of.dataset)
    return Aggregate(Fn.COUNT, made.subject.name) if made.subject else None


def _names_rows(plan: Plan, dataset: Dataset) -> bool:
    """ "the most common type" of a table of types: each row is there once; what refers to it is counted."""
    fields = [dataset.field(d.of.field) for d in plan.dimensions if isinstance(d.of, FieldRef)]
    return any(f is not None and (f.unique or f.name in dataset.primary_key) for f in fields)


def main_measure(made: Assembler) -> Measure | None:
    """When nothing says by what: the model's first money metric that the subject and the groups can have."""
    needed = {d.of.dataset for d in made.dimensions if isinstance(d.of, FieldRef) and d.of.dataset}
    if made.subject is not None:
        needed.add(made.subject.name)
    for metric in made.model.metrics:
        home = made.binder.metric_homes.get(metric.name, "")
        if needed <= set(reachable(made.model, home) if home else ()) or not needed:
            return Metric(metric.name)
    return None


def _with_measure(plan: Plan, by: Measure | FieldRef, *, shown: bool = False) -> Plan:
    """A grouped plan computes what it is ordered by; unless asked for, it stays out of the answer's columns."""
    if isinstance(by, FieldRef) or (plan.base is not None and not plan.measures and not plan.dimensions):
        return plan
    if any(m.of == by for m in plan.measures):
        return plan
    if plan.base is not None and not plan.measures:
        return plan
    index = len(plan.measures)
    hidden = plan.hidden if shown else (*plan.hidden, index)
    return replace(plan, measures=(*plan.measures, Measured(by)), hidden=hidden)


def _index(plan: Plan, by: Measure | FieldRef) -> int:
    return next((i for i, m in enumerate(plan.measures) if m.of == by), 0)


def _ordered(plan: Plan, made: Assembler) -> Plan:
    at_hand = (made.subject.name,) if made.subject else ()
    for said in made.sketch.orders:
        descending = bool(said.descending)
        if said.by is None:
            plan = _order_unnamed(plan, said, made)
            continue
        by = _row_or_group(plan, made.measures.order_measure(said.by, None, at_hand), made)
        if by is None:
            continue
        if said.descending is None:
            descending = not isinstance(by, FieldRef)
        plan = _with_measure(plan, by)
        plan = replace(plan, order=(*plan.order, Order(by, descending)))
    return plan


def _order_unnamed(plan: Plan, said: OrderSaid, made: Assembler) -> Plan:
    """ "from youngest to oldest", "by year", "descending": what it is about follows from the rows or the figures."""
    descending = bool(said.descending)
    if said.concept:
        found = concept_field(Ranking(said.at, 1, concept=said.concept), made)
        if found is None:
            made.trace.doubt("ranking_without_measure", 1.5)
            return plan
        turned = said.concept == "age" and isinstance(found, FieldRef) and _is_time(found, made)
        return replace(plan, order=(*plan.order, Order(found, descending != turned)))
    if said.time and not plan.measures and (when := _listed_time(plan, made)) is not None:
        return replace(plan, order=(*plan.order, Order(when, descending)))
    if plan.order and said.descending is not None:
        return replace(plan, order=tuple(replace(o, descending=descending) for o in plan.order))
    by = _default_order(plan, made.sketch.axis)
    return replace(plan, order=(Order(by, descending),)) if by else plan


def _listed_time(plan: Plan, made: Assembler) -> FieldRef | None:
    """ "ordered by the year": the date of the rows that are listed, or of rows that were named beside them."""
    named = [d for m in made.sketch.mentions if (d := made.binder.dataset_of(m.piece)) is not None]
    for dataset in (*([made.subject] if made.subject else []), *named):
        if plan.base is not None and dataset.name in reachable(made.model, plan.base) and (f := time_of(dataset)):
            return FieldRef(dataset.name, f)
    return None


def _default_order(plan: Plan, axis: str = "") -> Measure | Scalar | None:
    """What "descending" alone is about: the measure, unless the x axis was named."""
    if axis == "x" and plan.dimensions:
        return plan.dimensions[0].of
    if axis == "y" and not plan.measures and len(plan.dimensions) > 1:
        return plan.dimensions[1].of
    if plan.measures:
        return plan.measures[0].of
    first: Dimension | None = plan.dimensions[0] if plan.dimensions else None
    return first.of if first is not None and isinstance(first.of, FieldRef) else None


def _is_time(ref: FieldRef, made: Assembler) -> bool:
    field: Field | None = made.model.field(ref.dataset, ref.field)
    return field is not None and field.is_time
