"""In: what a question leaves unsaid. Out: the measure, head and ratio that it means all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.dimensions import group_dimension, noun_dimension
from bi_chat.planners.grammar.lifecycle import is_people
from bi_chat.planners.grammar.listing import naming_field, told_later
from bi_chat.planners.grammar.measures import plain_of
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
    from bi_chat.planners.grammar.sketch import Mention

UNITS = "units sold"  # as drafting calls it
SELL = ("sold", "sell", "selling", "卖", "卖了", "卖出", "卖出去", "卖掉")
FEW = 5  # rows that others refer to many times over are no events of their own


def per_entity(made: Assembler) -> None:
    """ "average revenue per customer", "average orders per customer": the total over those who had any part in it."""
    averaged = [
        m for m in made.sketch.mentions if m.fns == (Fn.AVG,) and (m.piece.of(Kind.METRIC) or _rows_of(m, made))
    ]
    counts = [m for m in made.sketch.mentions if m.role == "count" and _rows_of(m, made)]
    mean = made.sketch.flags.get("aggregate_of_count") == list(Fn).index(Fn.AVG)
    each = (mean or "average_of_count" in made.sketch.flags) and len(counts) == 1 and len(made.sketch.groups) == 1
    if each and not averaged:
        averaged, made.measured = counts, []
    said = next(
        (
            g
            for g in made.sketch.groups
            if g.noun is not None and (each or made.sketch.pieces[g.at - 1].word("per_unit"))
        ),
        None,
    )
    if len(averaged) == 1 and said is None and not made.measured:
        made.trace.doubt("unplaced_average", 1.5)  # "average orders by month": over what?
    if len(averaged) != 1 or said is None or said.noun is None or len(made.measured) > 1:
        return
    metrics = averaged[0].piece.of(Kind.METRIC)
    rows = _rows_of(averaged[0], made)
    if bool(made.measured) is not bool(metrics):
        return  # a column's mean is taken as it stands
    total = Metric(metrics[0].target.name) if metrics else Aggregate(Fn.COUNT, rows.name if rows else "")
    entity, home = made.binder.dataset_of(said.noun), made.measures.home(total)
    if entity is None or home is None or not entity.primary_key or entity.name not in reachable(made.model, home.name):
        if not metrics:
            made.trace.doubt("unplaced_average", 2.0)
        return
    counted = Aggregate(Fn.COUNT, home.name, FieldRef(entity.name, entity.primary_key[0]), distinct=True)
    made.measured = [Measured(Arithmetic("/", total, counted))]
    dropped = group_dimension(made, said)
    made.dimensions = [d for d in made.dimensions if d != dropped]


def _rows_of(mention: Mention, made: Assembler) -> Dataset | None:
    """The rows that a noun names outright, where no figure has that name."""
    best = mention.piece.hits[0] if mention.piece.hits else None
    return made.binder.dataset_of(mention.piece) if best is not None and best.target.kind is Kind.DATASET else None


def figure_per_number(made: Assembler) -> None:
    """ "takings per seat by cinema": the last two figures as one ratio, each side taken at its own grain."""
    if "ratio" not in made.sketch.flags or len(made.measured) < 2:
        return
    *others, over, under = made.measured
    home = made.measures.home(under.of)
    divisor = under.of
    standing = home is not None and home.name != getattr(made.measures.home(over.of), "name", "")
    if standing and isinstance(divisor, Aggregate):
        divisor = replace(divisor, standing=True)  # "revenue per seat": the seats are there at all times
    made.measured = [*others, Measured(Arithmetic("/", over.of, divisor))]


def per_rows(made: Assembler) -> None:
    """ "revenue per order by channel": divided by the rows; "revenue per store" alone: for each of them."""
    said = made.sketch.per
    rows = made.binder.dataset_of(said.noun) if said is not None and said.noun is not None else None
    if said is None:
        return
    if rows is not None and not made.measured:  # "visits per member": the visits are counted
        before = [
            d for m in made.sketch.mentions if m.at < said.at and (d := made.binder.dataset_of(m.piece)) is not None
        ]
        made.measured = [Measured(Aggregate(Fn.COUNT, before[-1].name))] if before else []
    if rows is None or not made.measured:
        made.trace.doubt("unplaced_amount", 2.0)
        return
    over = made.measured[-1].of
    home = made.measures.home(over)
    if home is None or not rows.primary_key:
        return
    averaged = isinstance(over, Aggregate) and over.function is Fn.AVG and not any(m.fns for m in made.sketch.mentions)
    if isinstance(over, Aggregate) and averaged:
        over = replace(over, function=Fn.SUM)  # "kilometres per trip": what adds up is divided
    made.trace.note(made.sketch.pieces[said.at + 1], "measure", dataset=rows.name)
    under = Aggregate(Fn.COUNT, rows.name)
    few = is_people(rows) or (rows.rows or 0) * FEW < (home.rows or 0)
    if home.name != rows.name and few and rows.name in reachable(made.model, home.name):
        under = Aggregate(Fn.COUNT, home.name, FieldRef(rows.name, rows.primary_key[0]), distinct=True)
    made.measured = [*made.measured[:-1], Measured(Arithmetic("/", over, under))]


def group_by_rows(made: Assembler) -> None:
    """What a figure can't be divided by is what it is grouped by: nothing else groups it, and it holds many rows."""
    said = made.sketch.per
    if said is None or said.noun is None:
        return
    rows = made.binder.dataset_of(said.noun)
    figures = [m for m in made.sketch.mentions if m.fns or m.piece.of(Kind.METRIC, Kind.FIELD)]
    homes = {
        made.binder.metric_homes.get(m.piece.of(Kind.METRIC)[0].target.name, "") for m in figures if is_metric(made, m)
    }
    parts = rows is not None and any(
        h and rows.name in reachable(made.model, h) and (rows.rows or 0) * FEW < (d.rows or 0)
        for h in homes
        if (d := made.model.dataset(h)) is not None
    )
    if rows is None or (not made.sketch.groups and (parts or not homes)) or "count" in made.sketch.flags:
        made.sketch.groups.append(said)
        made.sketch.per = None


def money_of_rows(made: Assembler) -> None:
    """ "how much did we refund": the money of the rows that were named, where there is one figure of it."""
    if made.sketch.intent != "how_much" or made.measured or made.subject is None:
        return
    metrics = [Metric(m.name) for m in made.model.metrics]
    plain = {m: plain_of(m, made.model, made.measures.home(m)) for m in metrics}
    sums = [m for m, a in plain.items() if a and a.function is Fn.SUM and a.dataset == made.subject.name]
    if len(sums) == 1:
        made.trace.doubt("assumed_measure", 0.25)
        made.measured = [Measured(sums[0])]


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
    if "rate" in sketch.flags:
        return _rows_of_rate(made, conditions)
    earns = sketch.intent == "how_much" or any(p.word("verb") and not p.hits for p in sketch.pieces)
    entity = any(m.piece.of(Kind.DATASET) for m in sketch.mentions if m.role in ("select", "subject"))
    if sketch.intent == "how_much" and made.subject is not None and is_people(made.subject) and not sketch.groups:
        entity = False  # "how much did members from Leeds spend": nobody counts them
    if entity and {"grew", "fell", "most_changed"} & set(sketch.flags) and sketch.intent in ("which", "who"):
        entity = False  # "which client grew most": by what it brings in, not by how many clients it is
    if not (earns or entity) and (spread := _rows_of_shares(made)) is not None:
        made.trace.doubt("assumed_measure", 0.25)
        return made.measures.count_of_subject(spread)
    if (earns or sketch.calculations) and not entity:
        main = (
            _count_of_deeds(made)
            or _units_sold(made)
            or main_measure(made)
            or (_money_of_groups(made) if earns else None)
        )
        if main is not None:
            told = (
                sketch.intent or sketch.conditions or sketch.periods or sketch.groups or sketch.flags or sketch.rankings
            )
            if told or len(made.model.metrics) < 2:
                made.trace.doubt("assumed_measure", 0.25)
            else:
                made.trace.doubt("measure_unsaid", 1.0)
            return Measured(main)
    if not entity and (deeds := _count_of_deeds(made)) is not None:
        return Measured(deeds)
    if not entity and (units := _units_sold(made)) is not None:
        return Measured(units)
    implied = made.subject or conditions.dataset_of_values() or _spread_over(made)
    if made.subject is None and implied is not None and (main := _done_by(made, implied.name)) is not None:
        made.trace.doubt("assumed_measure", 0.25)
        return Measured(main)
    return made.measures.count_of_subject(implied)


def _rows_of_rate(made: Assembler, conditions: Conditions) -> Measured | None:
    """ "no-show rate": the rows that are or are not so are counted, never their money."""
    rows = made.model.dataset(_home_of_flags(made)) or conditions.dataset_of_values()
    if rows is None and any(c.kind == "late" for c in made.sketch.conditions):
        rows = made.subject
    if rows is None:
        made.trace.doubt("share_of_what", 2.0)
        return None
    return Measured(Aggregate(Fn.COUNT, rows.name))


def _home_of_flags(made: Assembler) -> str:
    choices = (made.binder.choose(m.piece, (Kind.FIELD,)) for m in made.flags)
    return next((c.target.dataset for c in choices if c is not None), "")


def _money_of_groups(made: Assembler) -> Measure | None:
    """ "how much did each workshop spend": the only money of the rows that have the workshop."""
    homes = {d.of.dataset for d in made.dimensions if isinstance(d.of, FieldRef)}
    dataset = made.model.dataset(next(iter(homes))) if len(homes) == 1 else None
    money = [f for f in dataset.fields if f.kind == "measure" and f.format == "currency"] if dataset else []
    if dataset is None or len(money) != 1:
        return None
    return Aggregate(Fn.SUM, dataset.name, FieldRef(dataset.name, money[0].name))


def _count_of_deeds(made: Assembler) -> Measure | None:
    """ "一共下了多少单": the rows of what was done are counted, where they are the main figure's own or its heads."""
    drawn = made.sketch.chart == "heatmap" or "distribution" in made.sketch.flags
    if "deed" not in made.sketch.flags or not ("count_rows" in made.sketch.flags or drawn):
        return None
    home = next((h for m in made.model.metrics if (h := made.binder.metric_homes.get(m.name, ""))), "")
    dataset = made.model.dataset(home)
    if dataset is None:
        return None
    whole = dataset.default_time.partition(".")[0] if "." in dataset.default_time else home
    return Aggregate(Fn.COUNT, whole)


def _spread_over(made: Assembler) -> Dataset | None:
    """ "distribution of refund causes": the rows that have the cause are counted."""
    named = {d.of.dataset for d in made.dimensions if isinstance(d.of, FieldRef)}
    spread = "distribution" in made.sketch.flags or any(c.kind == "share" for c in made.sketch.calculations)
    finest = [d for d in named if named <= set(reachable(made.model, d))]
    return made.model.dataset(finest[0]) if spread and finest else None


def _rows_of_shares(made: Assembler) -> Dataset | None:
    """ "mix of ticket types" where the money is that of other rows: the tickets are counted."""
    rows = _spread_over(made) if any(c.kind == "share" for c in made.sketch.calculations) else None
    main = main_measure(made)
    home = made.measures.home(main) if main is not None else None
    return rows if made.model.drafted and (home is None or rows is None or home.name != rows.name) else None


def _units_sold(made: Assembler) -> Measure | None:
    """ "how many brake pads were sold": what was sold adds up, where the sales say how many."""
    asked = "count_rows" in made.sketch.flags or "count" in made.sketch.flags
    sold = any(p.text.lower().replace(" ", "") in SELL for p in made.sketch.pieces)
    named = {h.target.dataset for c in made.sketch.conditions for p in c.values for h in p.of(Kind.VALUE)[:1]}
    home = made.binder.metric_homes.get(UNITS, "")
    if not (asked and sold and home and named) or home in named or not named <= set(reachable(made.model, home)):
        return None
    return Metric(UNITS)


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
