"""In: calculation words of a sketch. Out: the plan with shares, changes, running and rolling figures,
or an analysis."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.beside import with_beside
from bi_chat.planners.grammar.measures import counts_rows, only_field, plain_of
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.shares import as_share, of_another, share_at
from bi_chat.planners.grammar.sketch import CalculationSaid, Cond
from bi_chat.planners.grammar.supposing import supposed
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.analyses import Advise, Anomalies, Forecast, Why, WhyApart
from bi_chat.values.period import Earlier, Grain, Relative, resolve_earlier
from bi_chat.values.plan import (
    TIME,
    Aggregate,
    Arithmetic,
    Change,
    Compare,
    Comparison,
    Condition,
    Dimension,
    Exists,
    FieldRef,
    Fn,
    In,
    IsNull,
    Measure,
    Measured,
    Metric,
    Nested,
    Not,
    Order,
    Plan,
    Rolling,
    Running,
    Share,
    TimeBucket,
    Window,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def apply_calculations(plan: Plan, made: Assembler) -> Plan:
    """The plan with its computed figures and its analysis."""
    if "correlation" in made.sketch.flags:
        return _correlation(plan, made)
    if not plan.measures:
        return plan
    for said in made.sketch.calculations:
        match said.kind:
            case "share":
                plan = _share(plan, made)
            case "change":
                plan = _most_changed(_change(plan, said, made), said, made)
            case "running":
                plan = replace(plan, calculations=(*plan.calculations, Running(0)))
            case "rolling":
                plan = _rolling(plan, said)
    return _analysis(plan, made)


def _share(plan: Plan, made: Assembler) -> Plan:
    """Of all groups; "share of orders with a promotion" of the rows that meet the condition, in each group."""
    if (ratio := of_another(plan, made)) is not None:
        return ratio
    judged = bool(plan.where) and all(_judges_rows(c, plan.measures[0].of, made) for c in plan.where)
    plan, parts = _said_apart(plan, made)
    if parts:
        return _share_of_condition(replace(plan, where=parts), made, kept=plan.where)
    if (both := _two_sides(plan, made)) is not None:
        return replace(plan, dimensions=(Dimension(both),), calculations=(*plan.calculations, Share(0)))
    if not plan.dimensions or (judged and counts_rows(plan.measures[0].of, made.model)):
        return _share_of_condition(plan, made)
    if counts_rows(plan.measures[0].of, made.model) and _tells_kind(plan, made):
        made.trace.doubt("share_of_what", 0.6)  # "share of urgent tickets by team": of each team's?
    return replace(plan, calculations=(*plan.calculations, Share(0, tuple(made.within))))


def _judges_rows(condition: Condition, measure: Measure, made: Assembler) -> bool:
    """Whether a condition asks if a row has something, not which rows are meant."""
    if isinstance(condition, Exists | IsNull | Not):
        return True
    home = made.measures.home(measure)
    far = isinstance(condition, In) and isinstance(condition.of, FieldRef) and home is not None
    return far and condition.of.dataset not in reachable(made.model, home.name)  # type: ignore[union-attr]


def _said_apart(plan: Plan, made: Assembler) -> tuple[Plan, tuple[Condition, ...]]:
    """ "% of bookings that were no-shows", 退费率, 差评占比: what is said of the rows after their name, or before the
    word for a share, is the part; all other conditions say which rows are meant."""
    at = share_at(made)
    if not plan.measures or not counts_rows(plan.measures[0].of, made.model):
        return plan, ()
    said = [c for c in made.sketch.conditions if c.kind in ("value", "number", "null") and not c.periods]
    rows = [m.at for m in made.sketch.mentions if m.piece.of(Kind.DATASET)]
    after = [c for c in said if rows and c.at > max(rows) > at and _predicate(c, made)]
    wide = "rate" in made.sketch.flags or as_share(made)
    close = [
        c for c in said if c.at <= at and (wide or (c.kind == "value" and c.at == at - 1))
    ]  # "web share of orders"
    refs = {k for c in (close or after) for v in (*c.values, c.noun) if v is not None for k in _keys_of(v)}
    flags = {k for m in made.flags if "rate" in made.sketch.flags for k in _keys_of(m.piece)}
    parts = tuple(
        c
        for c in plan.where
        if c in made.dated
        or (isinstance(c, In | Compare | IsNull) and _key(c.left if isinstance(c, Compare) else c.of) in refs | flags)
    )
    return replace(plan, where=tuple(c for c in plan.where if c not in parts)), parts


def _tells_kind(plan: Plan, made: Assembler) -> bool:
    """Whether a condition says of what kind the counted rows themselves are."""
    home = made.measures.home(plan.measures[0].of)
    own = [c.of for c in plan.where if isinstance(c, In) and isinstance(c.of, FieldRef)]
    return home is not None and any(ref.dataset == home.name for ref in own)


def _predicate(cond: Cond, made: Assembler) -> bool:
    """Whether a condition is said with a verb: "that were", "are", "have"."""
    before = made.sketch.pieces[max(0, cond.at - 2) : cond.at]
    return any(p.word("that", "is", "with", "verb") for p in before)


def _keys_of(piece: Piece) -> set[tuple[str, str]]:
    return {h.target.key for h in piece.of(Kind.VALUE, Kind.FIELD)}


def _key(of: object) -> tuple[str, str] | None:
    return (of.dataset, of.field) if isinstance(of, FieldRef) else None


def _two_sides(plan: Plan, made: Assembler) -> FieldRef | None:
    """ "the ratio of male to female": both values are asked for, so each has its share."""
    several = [c for c in plan.where if isinstance(c, In) and len(c.values) > 1 and not c.negated]
    apart = sum(c.kind == "value" for c in made.sketch.conditions)
    return (
        several[0].of
        if len(several) == 1 and apart > 1 and not plan.dimensions and isinstance(several[0].of, FieldRef)
        else None
    )


def _share_of_condition(plan: Plan, made: Assembler, *, kept: tuple[Condition, ...] = ()) -> Plan:
    """ "percentage of orders with a promotion": rows that meet the conditions over all rows of the period."""
    measure = plan.measures[0].of
    if isinstance(measure, Metric):
        measure = plain_of(measure, made.model, made.measures.home(measure)) or measure
    if not plan.where or not isinstance(measure, Aggregate):
        made.trace.doubt("share_of_what", 2.0)
        return plan
    ratio = Arithmetic("/", replace(measure, where=(*measure.where, *plan.where)), measure)
    order = tuple(replace(o, by=ratio) if o.by in (measure, plan.measures[0].of) else o for o in plan.order)
    return replace(plan, measures=(Measured(ratio), *plan.measures[1:]), where=kept, order=order)


def _change(plan: Plan, said: CalculationSaid, made: Assembler) -> Plan:
    bucket = next((d.of for d in plan.dimensions if isinstance(d.of, TimeBucket)), None)
    if plan.comparison is not None:
        return plan
    if bucket is not None:
        grain = None if said.grain == bucket.grain else said.grain
        change = Change(0, grain, relative=said.relative)
        return replace(plan, calculations=(*(c for c in plan.calculations if not isinstance(c, Change)), change))
    if plan.window is None:
        if said.grain is None:
            made.trace.doubt("change_without_period" if plan.dimensions else "change_by_month", 0.4)
            return plan if plan.dimensions else replace(plan, dimensions=(Dimension(TimeBucket(TIME, Grain.MONTH)),))
        return replace(
            plan, dimensions=(Dimension(TimeBucket(TIME, said.grain)), *plan.dimensions), calculations=(Change(0),)
        )
    earlier = Earlier(said.grain, 1)
    baseline = resolve_earlier(earlier, plan.window.period)
    return replace(plan, comparison=Comparison(baseline))


def _most_changed(plan: Plan, said: CalculationSaid, made: Assembler) -> Plan:
    """ "the route that gained most": groups in the order of their change, the first one unless more are wanted."""
    at = made.sketch.flags.get("most_changed")
    if at is None or not said.size or plan.comparison is None or not plan.dimensions:
        return plan
    words = made.sketch.pieces[at].text.lower()
    role = "change" if "fast" in words or "快" in words or "幅" in words else "difference"
    return replace(
        plan,
        comparison=replace(plan.comparison, by_change=role),
        order=(Order(plan.measures[0].of, said.size > 0),),
        limit=plan.limit or made.sketch.limit or 1,
    )


def _rolling(plan: Plan, said: CalculationSaid) -> Plan:
    if said.grain is not None:
        dims = tuple(
            Dimension(replace(d.of, grain=said.grain)) if isinstance(d.of, TimeBucket) else d for d in plan.dimensions
        )
        if not any(isinstance(d.of, TimeBucket) for d in dims):
            dims = (Dimension(TimeBucket(TIME, said.grain)), *dims)
        plan = replace(plan, dimensions=dims)
    measures = plan.measures
    first = measures[0].of
    if isinstance(first, Aggregate) and first.function is Fn.AVG and isinstance(first.of, FieldRef):
        measures = (Measured(replace(first, function=Fn.SUM)), *measures[1:])
    return replace(plan, measures=measures, calculations=(*plan.calculations, Rolling(0, max(2, said.size))))


def _correlation(plan: Plan, made: Assembler) -> Plan:
    """Two numbers of one row, or two measures of each group, become the operands of one coefficient."""
    operands = [_row_number(m.of, made) for m in plan.measures[:2]]
    if len(operands) < 2:
        return plan
    one, two = operands
    entity = next((d.of for d in plan.dimensions if isinstance(d.of, FieldRef)), None)
    if one is not None and two is not None and one.dataset == two.dataset and entity is None:
        made_of = Aggregate(Fn.CORRELATION, one.dataset, one.of, other=two.of)
        return replace(plan, measures=(Measured(made_of),), dimensions=())
    by = entity or _shared_entity(made)
    if by is None:
        return plan
    nested = Nested(Fn.CORRELATION, plan.measures[0].of, (by,), other=plan.measures[1].of)
    return replace(plan, measures=(Measured(nested),), dimensions=())


def _row_number(measure: Measure, made: Assembler) -> Aggregate | None:
    """A measure as the plain aggregate of one field, when it is one."""
    if isinstance(measure, Aggregate) and isinstance(measure.of, FieldRef):
        return measure
    if isinstance(measure, Metric):
        home = made.measures.home(measure)
        field = only_field(made.model, measure.name, home) if home is not None else None
        return (
            Aggregate(Fn.SUM, home.name, FieldRef(home.name, field.name))
            if home is not None and field is not None
            else None
        )
    return None


def _shared_entity(made: Assembler) -> FieldRef | None:
    from bi_chat.planners.grammar.listing import naming_field

    return FieldRef(made.subject.name, naming_field(made.subject)) if made.subject is not None else None


def _analysis(plan: Plan, made: Assembler) -> Plan:
    flags = made.sketch.flags
    if made.sketch.lever is not None:
        return supposed(plan, made)
    if made.sketch.advice is not None:
        return Plan(measures=plan.measures[:1], where=plan.where, analysis=Advise(made.sketch.advice))
    if "forecast" in flags:
        return with_beside(_forecast(plan, made), made)
    if "why" in flags:
        return _why(plan, made)
    if "anomaly" in flags:
        has_time = any(isinstance(d.of, TimeBucket) for d in plan.dimensions)
        if not has_time:
            plan = replace(plan, dimensions=(Dimension(TimeBucket(TIME, Grain.DAY)), *plan.dimensions))
        return replace(plan, analysis=Anomalies(Grain.DAY))
    return plan


def _why(plan: Plan, made: Assembler) -> Plan:
    """The change to explain: against what was said, else the period before; no period said: the last whole one."""
    if (apart := _apart(plan, made)) is not None:
        return apart
    grain = next((d.of.grain for d in plan.dimensions if isinstance(d.of, TimeBucket)), Grain.MONTH)
    if plan.window is None:
        made.trace.doubt("assumed_period", 0.3)
        plan = replace(plan, window=Window(Relative(grain, -1)), comparison=None)
    assert plan.window is not None
    baseline = plan.comparison.baseline if plan.comparison else resolve_earlier(Earlier(None, 1), plan.window.period)
    others = tuple(d for d in plan.dimensions if not isinstance(d.of, TimeBucket))
    return replace(plan, dimensions=others, calculations=(), order=(), limit=None, analysis=Why(baseline))


def _apart(plan: Plan, made: Assembler) -> Plan | None:
    """ "why is revenue in Germany lower than in China?": two values of one field, told apart by a comparing word."""
    said = {"gt", "lt", "versus", "compare", "moved"}
    if plan.comparison is not None or not any(p.word(*said) for p in made.sketch.pieces):
        return None
    pairs = [c for c in plan.where if isinstance(c, In) and len(c.values) == 2 and not c.negated]
    pair = pairs[0] if len(pairs) == 1 else None
    if pair is None or not isinstance(pair.of, FieldRef):
        return None
    others = tuple(
        d
        for d in plan.dimensions
        if isinstance(d.of, FieldRef) and (d.of.dataset, d.of.field) != (pair.of.dataset, pair.of.field)
    )
    where = tuple(c for c in plan.where if c is not pair)
    one, other = (str(v) for v in pair.values)
    asked = WhyApart(pair.of, one, other)
    return replace(plan, dimensions=others, where=where, calculations=(), order=(), limit=None, analysis=asked)


def _forecast(plan: Plan, made: Assembler) -> Plan:
    """The series to extend: measure by time (and groups); the future period becomes grain and horizon."""
    from bi_chat.planners.grammar.horizon import forecast_of

    grain, horizon = forecast_of(plan, made)
    others = tuple(d for d in plan.dimensions if not isinstance(d.of, TimeBucket))
    dims = (Dimension(TimeBucket(TIME, grain)), *others)
    return replace(
        plan,
        window=None,
        comparison=None,
        calculations=(),
        dimensions=dims,
        order=(Order(TimeBucket(TIME, grain), False),),
        limit=None,
        analysis=Forecast(grain, horizon),
    )
