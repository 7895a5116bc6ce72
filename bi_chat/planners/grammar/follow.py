"""In: a previous plan and a follow-up's sketch. Out: the edited plan.

Example: "only for Europe" adds a filter, "and by month?" a dimension, "top 5 instead" changes the limit.
Difficulty: the words alone often read as a poor question. Rule: a question that names no measure or subject of its own,
or begins with a follow-up word, edits; each kind of thing said replaces or joins what the plan had of that kind.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.customers import other_holders
from bi_chat.planners.grammar.deeds import claim_periods
from bi_chat.planners.grammar.derive import apply_calculations
from bi_chat.planners.grammar.dimensions import group_dimension, noun_dimension
from bi_chat.planners.grammar.judging import groups_judged
from bi_chat.planners.grammar.listing import naming_field
from bi_chat.planners.grammar.opinions import after_themes, asks_anew, asks_of_them, narrowed_to_side
from bi_chat.planners.grammar.ranks import rank_plan, unsaid_limit
from bi_chat.planners.grammar.removing import keys_of, removed
from bi_chat.planners.grammar.sketch import Mention, Ranking, Sketch
from bi_chat.planners.grammar.supposing import supposed_again
from bi_chat.planners.grammar.timing import apply_time
from bi_chat.planners.grammar.topics import themes_again
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.analyses import Advise, Influence, Themes, WhatIf, Why, WhyApart
from bi_chat.values.period import Earlier, resolve_earlier
from bi_chat.values.plan import (
    Aggregate,
    Comparison,
    Dimension,
    FieldRef,
    Fn,
    IsNull,
    Measured,
    Metric,
    Order,
    Plan,
    TimeBucket,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

ASKING = ("why", "forecast", "compare", "yoy", "mom", "qoq", "chart", "chart_any", "order_by", "anomaly")
OPENERS = (
    "follow",
    "only",
    "add",
    "just",
    "versus",
    "drill",
    "ascending",
    "descending",
    "go_back",
    "and",
    "filter_word",
)


def is_follow_up(sketch: Sketch, previous: Plan, made: Assembler) -> bool:
    """Whether the words edit the previous plan rather than ask anew."""
    first = next((p for p in sketch.pieces if not p.word("filler")), None)
    if isinstance(previous.analysis, Why | WhyApart) and any(p.word("deeper") for p in sketch.pieces):
        return True
    if first is None:
        return (sketch.lever is not None or sketch.advice is not None) and bool(previous.measures)
    own_measure = any(m.fns or m.piece.of(Kind.METRIC) for m in sketch.mentions) or asks_anew(sketch)
    if sketch.lever is not None or sketch.advice is not None:
        return bool(previous.measures) and not sketch.mentions
    if asks_of_them(sketch):
        return bool(previous.measures)
    own_subject = any(m.piece.of(Kind.DATASET) for m in sketch.mentions)
    if any(r.noun is not None and r.by is not None and r.by.piece.of(Kind.METRIC) for r in sketch.rankings):
        own_measure = own_subject = True  # "top 5 customers by revenue" lacks nothing
    if first.word("order_by") and previous.dimensions and not (sketch.groups or own_subject):
        return True
    if first.word("remove") or any(p.word("that_ref", "instead", "add", "does_each_have") for p in sketch.pieces):
        return True
    opens = first.of(Kind.METRIC, Kind.DATASET) == ()
    if opens and first.word(*ASKING):
        return not own_measure and not own_subject
    if opens and first.word(*OPENERS):
        rounded = bool(sketch.groups or sketch.periods) and len(sketch.pieces) > 6
        return not (own_measure and (rounded or sketch.intent or "count" in sketch.flags))
    if sketch.chart and not (sketch.groups or sketch.rankings or sketch.periods) and previous.dimensions:
        return _shown_before(sketch, previous, made)
    if not own_measure and not own_subject:
        said = (sketch.mentions, sketch.groups, sketch.periods, sketch.conditions, sketch.rankings, sketch.chart)
        return any(said) or bool(sketch.orders or sketch.calculations or sketch.flags)
    return first.word("by", "in", "for") is not None and len(sketch.pieces) <= 4


def _shown_before(sketch: Sketch, previous: Plan, made: Assembler) -> bool:
    """ "show the weight as bars" after weight and price by crate: the same figure, drawn."""
    metrics = {m.of.name for m in previous.measures if isinstance(m.of, Metric)}
    fields = {(m.of.of.dataset, m.of.of.field) for m in previous.measures if _sums_field(m)}  # type: ignore[union-attr]
    said = [made.choose(m) for m in sketch.mentions]
    return all(c is None or c.target.name in metrics or c.target.key in fields for c in said)


def _sums_field(measured: Measured) -> bool:
    return isinstance(measured.of, Aggregate) and isinstance(measured.of.of, FieldRef)


def edit(previous: Plan, sketch: Sketch, made: Assembler) -> Plan | None:
    """The previous plan with what was said changed in it."""
    asked = previous.analysis
    if isinstance(asked, Why | WhyApart) and any(p.word("deeper") for p in sketch.pieces):
        sketch.unused[:] = [p for p in sketch.unused if not p.word("deeper")]
        previous = replace(previous, analysis=replace(asked, depth=asked.depth + 1))
    if (again := supposed_again(previous, sketch)) is not None:
        previous = again
    if (told := themes_again(previous, made)) is not None:
        return told
    removing = any(p.word("remove") for p in sketch.pieces)
    if removing and "why" not in sketch.flags:
        return removed(previous, sketch)
    if "count_rows" in sketch.flags and _how_many(previous) is not None:
        return _how_many(_narrowed(previous, sketch, made))
    plan = _shown_instead(previous, sketch, made)
    adding = any(p.word("add", "and") for p in sketch.pieces[:2]) or any(p.word("add") for p in sketch.pieces)
    plan = _measures(plan, sketch, made, adding)
    plan = _groups(plan, sketch, made)
    plan = _conditions(plan, sketch, made)
    plan = _time(plan, sketch, made)
    plan = after_themes(_order(plan, sketch, made), made)
    plan = apply_calculations(plan, made)
    if sketch.chart:
        plan = replace(plan, chart=sketch.chart)
    if isinstance(plan.analysis, Influence | Advise) and plan.dimensions:
        plan = replace(plan, analysis=None)  # groups are asked of the figure itself
    if isinstance(plan.analysis, WhatIf) and not all(isinstance(d.of, FieldRef) for d in plan.dimensions):
        plan = replace(plan, analysis=None)
    return other_holders(plan, previous)


def _how_many(plan: Plan) -> Plan | None:
    """ "How many are there?" after a list: its rows are counted."""
    if plan.base is None or plan.measures or plan.having or plan.limit is not None:
        return None
    counted = Measured(Aggregate(Fn.COUNT, plan.base))
    return replace(plan, measures=(counted,), dimensions=(), base=None, order=(), distinct=False)


def _narrowed(plan: Plan, sketch: Sketch, made: Assembler) -> Plan:
    """ "How many of them bought tea in 2024?": the listed rows, under one more condition."""
    made.subject = made.model.dataset(plan.base) if plan.base else None
    claim_periods(made)
    return _time(_conditions(plan, sketch, made), sketch, made)


def _shown_instead(plan: Plan, sketch: Sketch, made: Assembler) -> Plan:
    """ "What are their ages?" after a list: the ages of the same rows, in place of what was shown."""
    theirs = any(p.word("their") or p.text.lower() in ("its", "it") for p in sketch.pieces)
    columns = [m for m in sketch.mentions if not m.fns and m.piece.of(Kind.FIELD)]
    if (theirs and columns) or (sketch.intent in ("which", "who", "list") and sketch.conditions):
        plan = _rows_again(plan, made)
    if plan.base is None or plan.measures or not theirs or not columns:
        return plan
    if any(p.word("add", "order_by", "filter_word") for p in sketch.pieces) or sketch.conditions or sketch.groups:
        return plan
    made.subject = made.model.dataset(plan.base)
    return replace(plan, dimensions=())


def _rows_again(plan: Plan, made: Assembler) -> Plan:
    """ "Which of those …" after "how many": the rows that were counted."""
    counted = plan.measures[0].of if len(plan.measures) == 1 and not plan.dimensions else None
    rows = made.model.dataset(counted.dataset) if isinstance(counted, Aggregate) else None
    if not isinstance(counted, Aggregate) or counted != Aggregate(Fn.COUNT, counted.dataset) or rows is None:
        return plan
    return replace(plan, measures=(), base=rows.name, dimensions=(Dimension(FieldRef(rows.name, naming_field(rows))),))


def _measures(plan: Plan, sketch: Sketch, made: Assembler, adding: bool) -> Plan:
    """A measure said takes the place of the old one, or stands beside it."""
    found = _reordered(plan, sketch, made)
    ranked = {id(r.by.piece) for r in sketch.rankings if r.by} | {id(o.by.piece) for o in sketch.orders if o.by}
    for mention in sketch.mentions:
        if id(mention.piece) not in ranked:
            plan = _noun(plan, mention, made, found)
    if not found:
        return plan
    if isinstance(plan.analysis, Themes):
        plan, adding = replace(plan, analysis=None), False
    measures = (*plan.measures, *(m for m in found if m not in plan.measures)) if adding else tuple(found)
    kept = tuple(h for h in plan.hidden if h < len(plan.measures)) if adding else ()
    order = plan.order
    if not adding:
        order = (Order(found[0].of, order[0].descending),) if order and plan.limit is not None else ()
    return replace(plan, measures=measures, hidden=kept, order=order)


def _reordered(plan: Plan, sketch: Sketch, made: Assembler) -> list[Measured]:
    """ "by revenue" after a ranking by units: the measure changes with the order."""
    said = sketch.orders[0].by if len(sketch.orders) == 1 and not sketch.mentions and plan.measures else None
    by = made.measures.order_measure(said, None, ()) if said is not None else None
    if by is None or isinstance(by, FieldRef) or any(m.of == by for m in plan.measures):
        return []
    sketch.orders.clear()
    return [Measured(by)]


def _noun(plan: Plan, mention: Mention, made: Assembler, found: list[Measured]) -> Plan:
    """One noun of a follow-up: a measure (added to `found`), a flag, or a dimension of the plan."""
    if mention.fns:
        found.extend(made.measures.aggregates(mention, made.owner(mention), ()))
        return plan
    choice = made.choose(mention)
    if choice is None:
        return plan
    if choice.target.kind is Kind.METRIC:
        found.append(made.measures.metric(mention.piece, choice))
        return plan
    if choice.target.kind is Kind.DATASET:
        home = made.measures.home(plan.measures[0].of) if plan.measures else None
        asked = made.sketch.intent in ("who", "which") and home is not None and home.name != choice.target.dataset
        if asked and home is not None and choice.target.dataset in reachable(made.model, home.name):
            dimension = noun_dimension(made, mention.piece)  # "and who is its broker?"
            return _with_dimension(plan, dimension) if dimension is not None else plan
        counted = _counted(plan, choice.target.dataset, made)
        if counted is not None and plan.measures and not made.sketch.conditions:
            made.trace.choice(mention.piece, "measure", choice)
            found.append(counted)
        return plan
    field = made.binder.field(choice.target)
    if field is not None and field.kind == "flag":
        made.flags.append(mention)
    elif field is not None and field.kind == "measure" and plan.measures:
        found.append(made.measures.bare_field(mention.piece, choice))
    elif (dimension := _as_before(plan, mention) or noun_dimension(made, mention.piece)) is not None:
        return _with_dimension(plan, dimension)
    return plan


def _as_before(plan: Plan, mention: Mention) -> Dimension | None:
    """ "which harbour …" after ships by home harbour: the grouping that is on the table."""
    named = {h.target.key for h in mention.piece.of(Kind.FIELD)}
    return next(
        (d for d in plan.dimensions if isinstance(d.of, FieldRef) and (d.of.dataset, d.of.field) in named), None
    )


def _counted(plan: Plan, dataset: str, made: Assembler) -> Measured | None:
    """ "distinct users instead" of events: the users of those events; else the rows of the dataset itself."""
    found = made.model.dataset(dataset)
    home = made.measures.home(plan.measures[0].of) if plan.measures else None
    referred = home is not None and home.name != dataset and dataset in reachable(made.model, home.name)
    if made.sketch.distinct and referred and found is not None and home is not None and found.primary_key:
        key = FieldRef(dataset, found.primary_key[0])
        return Measured(Aggregate(Fn.COUNT, home.name, key, distinct=True))
    return made.measures.count_of_subject(found)


def _groups(plan: Plan, sketch: Sketch, made: Assembler) -> Plan:
    if sketch.groups and any(p.word("instead") for p in sketch.pieces):
        times = tuple(d for d in plan.dimensions if isinstance(d.of, TimeBucket))
        plan = replace(plan, dimensions=times, order=(), limit_per=())
    for said in (*sketch.groups, *([sketch.per] if sketch.per is not None else [])):
        dimension = group_dimension(made, said)
        if dimension is not None:
            plan = _with_dimension(plan, dimension)
    if any(p.word("just") for p in sketch.pieces) and any(
        p.word("total") or "total" in p.text.lower() for p in sketch.pieces
    ):
        plan = replace(plan, dimensions=(), order=(), limit=None, limit_per=())
    return plan


def _with_dimension(plan: Plan, dimension: Dimension) -> Plan:
    if dimension in plan.dimensions:
        return plan
    if isinstance(dimension.of, TimeBucket):
        others = tuple(d for d in plan.dimensions if not isinstance(d.of, TimeBucket))
        return replace(plan, dimensions=(*others, dimension), order=(), limit=None)
    return replace(plan, dimensions=(*plan.dimensions, dimension))


def _conditions(plan: Plan, sketch: Sketch, made: Assembler) -> Plan:
    """A value of a field that is filtered already swaps the filter; others join."""
    plan = groups_judged(plan, sketch, made)
    subject = made.model.dataset(plan.base) if plan.base else None
    conditions = Conditions(made.model, sketch, made.binder, made.trace, subject)
    conditions.where.extend(("and", c) for c in narrowed_to_side(made))
    added = conditions.apply(Plan(measures=plan.measures, dimensions=plan.dimensions), made.flags)
    new_keys = set().union(*(keys_of(c) for c in added.where)) if added.where else set()
    kept = tuple(c for c in plan.where if not (keys_of(c) & new_keys))
    return replace(plan, where=(*kept, *added.where), having=(*plan.having, *added.having))


def _time(plan: Plan, sketch: Sketch, made: Assembler) -> Plan:
    """A period said takes the place of the old one; one said as earlier than it does so after "what about"."""
    if not sketch.periods:
        return plan
    said = sketch.periods[-1].said.expr
    if "compare" in sketch.flags and plan.window is not None and len(sketch.periods) == 1:
        return apply_time(plan, made) if isinstance(said, Earlier) else replace(plan, comparison=Comparison(said))
    if isinstance(said, Earlier) and plan.window is not None and not sketch.versus and _goes_on(sketch):
        return replace(plan, window=replace(plan.window, period=resolve_earlier(said, plan.window.period)))
    field = plan.window.field if plan.window else None
    edited = apply_time(plan, made)
    if edited.window is not None and edited.window.field is None and field is not None:
        edited = replace(edited, window=replace(edited.window, field=field))
    return edited


def _goes_on(sketch: Sketch) -> bool:
    return any(p.word("follow") for p in sketch.pieces) and not ({"compare", "change"} & set(sketch.flags))


def _order(plan: Plan, sketch: Sketch, made: Assembler) -> Plan:
    if not (sketch.rankings or sketch.orders):
        return plan
    if sketch.rankings and all(r.by is None and not r.counting and not r.concept for r in sketch.rankings):
        first = sketch.rankings[0]
        plan = _other_things(plan, first, made)
        by = plan.order[0].by if plan.order else plan.measures[0].of if plan.measures else None
        if by is not None:
            return replace(
                plan,
                order=(Order(by, first.direction > 0),),
                limit=first.limit or plan.limit or unsaid_limit(first, made),
            )
    for ranking in sketch.rankings:
        plan = _other_things(plan, ranking, made)
    return rank_plan(replace(plan, order=()), made)


def _other_things(plan: Plan, ranking: Ranking, made: Assembler) -> Plan:
    """ "the top products" after a ranking of customers: products take their place, and their filters go with them."""
    dimension = noun_dimension(made, ranking.noun) if ranking.noun is not None and plan.measures else None
    if dimension is None or dimension in plan.dimensions:
        return plan
    before = {d.of for d in plan.dimensions}
    where = tuple(c for c in plan.where if not (isinstance(c, IsNull) and c.negated and c.of in before))
    return replace(plan, dimensions=(dimension,), where=where, limit_per=())
