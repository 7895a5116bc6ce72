"""In: periods of a sketch. Out: a plan's window, its comparison period, conditions on other time fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.bind import Choice
from bi_chat.planners.grammar.deeds import done_then
from bi_chat.planners.grammar.enumerating import beside, grain_of, later, several, year_before
from bi_chat.planners.grammar.measures import measure_home
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import PeriodMention
from bi_chat.semantics.model import Field
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.period import (
    Earlier,
    Grain,
    Named,
    PeriodExpr,
    Range,
    Relative,
    resolve_earlier,
)
from bi_chat.values.plan import (
    TIME,
    Comparison,
    Dimension,
    FieldRef,
    IsNull,
    PartOfDate,
    Plan,
    TimeBucket,
    Window,
    Within,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def apply_time(plan: Plan, made: Assembler) -> Plan:
    """The plan with its periods; the first plain one is the window, one after "versus" the baseline."""
    said = _between_ends(made, plan)
    doubt_fiscal(made)
    if not said:
        return _by_event(_trend(plan, made), made)
    baselines = [p for p in said if p.baseline]
    plain = [p for p in said if not p.baseline]
    for mention in said:
        made.trace.note(made.sketch.pieces[mention.at], "period")
    plan = _conditions(plan, plain, made)
    earlier = [p for p in plain if isinstance(p.said.expr, Earlier)]
    for mention in (*baselines, *earlier):
        plan = _against(plan, mention.said.expr, made)
    return _by_event(_trend(plan, made), made)


def _between_ends(made: Assembler, plan: Plan) -> list[PeriodMention]:
    """ "growth from 2023 to 2024", "between the end of May and the end of June": the last against the first.

    Of whole periods only where no series is wanted.
    """
    changed = {"growth", "change", "grew", "fell"} & set(made.sketch.flags)
    series = any(isinstance(d.of, TimeBucket) for d in plan.dimensions)
    found: list[PeriodMention] = []
    for mention in made.sketch.periods:
        match mention.said.expr:
            case Range(start, end) if mention.said.at_end and start and end and (changed or "why" in made.sketch.flags):
                found += _apart(mention, start, end)
            case Range(Named() as start, Named() as end, True, False) if changed and not series and _alike(start, end):
                found += _apart(mention, start, end)
            case _:
                found.append(mention)
    return found


def _apart(mention: PeriodMention, start: PeriodExpr, end: PeriodExpr) -> list[PeriodMention]:
    later = replace(mention, said=replace(mention.said, expr=end, at_end=False))
    return [later, replace(mention, said=replace(mention.said, expr=start, at_end=False), baseline=True)]


def _alike(start: Named, end: Named) -> bool:
    return grain_of(start) is grain_of(end)


def _by_event(plan: Plan, made: Assembler) -> Plan:
    """ "how many leases end in each quarter": what is counted are the events, so their date is the time."""
    event = made.measures.counted_event
    if event is None:
        return plan
    dims = tuple(
        replace(d, of=replace(d.of, of=event)) if isinstance(d.of, TimeBucket | PartOfDate) and d.of.of == TIME else d
        for d in plan.dimensions
    )
    known = () if plan.window or any(isinstance(c, IsNull) for c in plan.where) else (IsNull(event, True),)
    window = replace(plan.window, field=plan.window.field or event) if plan.window else None
    return replace(plan, dimensions=dims, window=window, where=(*plan.where, *known))


def doubt_fiscal(made: Assembler) -> None:
    """When the fiscal year begins stands in a model; data alone don't tell."""
    said = [p.said.expr for p in made.sketch.periods]
    grains = [g.grain for g in made.sketch.groups if g.grain is not None]
    if made.model.drafted and (any(getattr(x, "fiscal", False) for x in said) or any(g.fiscal for g in grains)):
        made.trace.doubt("fiscal_year_unknown", 2.0)


def _conditions(plan: Plan, said: list[PeriodMention], made: Assembler) -> Plan:
    windows: list[Window] = []
    cut = _cut_field(plan)
    for mention in said:
        if isinstance(mention.said.expr, Earlier):
            continue
        field = _time_field(mention, plan, made)
        if field is None and mention.event is None and windows and _goes_on(mention, made):
            field = windows[-1].field  # "opened after 2013 or before 2008": both tell when it opened
        window = Window(mention.said.expr, field if mention.event is not None or cut is None else cut)
        if mention.negated:
            of = field or TIME
            plan = replace(plan, where=(*plan.where, Within(of, mention.said.expr, negated=True)))
            continue
        windows.append(window)
    if not windows:
        return plan
    same = [w for w in windows if w.field == windows[0].field]
    other = [w for w in windows if w.field != windows[0].field]
    for window in other:
        if window.field is not None:
            plan = replace(plan, where=(*plan.where, Within(window.field, window.period)))
    if len(same) == 1:
        return replace(plan, window=same[0])
    return several(plan, same, made)


def _cut_field(plan: Plan) -> FieldRef | None:
    """ "by arrival month in 2025": the date that is cut is also the one of the period."""
    found = [d.of.of for d in plan.dimensions if isinstance(d.of, TimeBucket) and d.of.of != TIME]
    return found[0] if len(found) == 1 and isinstance(found[0], FieldRef) else None


def _goes_on(mention: PeriodMention, made: Assembler) -> bool:
    before = made.sketch.pieces[mention.at - 1] if mention.at else None
    return before is not None and before.word("or", "and") is not None


def _against(plan: Plan, period: PeriodExpr, made: Assembler) -> Plan:
    """A baseline: beside the window when there is one; an earlier period needs the window to be earlier than."""
    if isinstance(period, Earlier):
        if plan.window is None:
            made.trace.doubt("earlier_than_what", 1.0)
            return plan
        period = resolve_earlier(period, plan.window.period)
    if plan.window is None:
        return replace(plan, window=Window(period))
    first, second = beside(plan.window.period, period, made), beside(period, plan.window.period, made)
    second = year_before(first, second, made)
    if later(second, first, made):
        return replace(plan, window=Window(second, plan.window.field), comparison=Comparison(first))
    plan = replace(plan, window=replace(plan.window, period=first))
    return replace(plan, comparison=Comparison(second))


def _time_field(mention: PeriodMention, plan: Plan, made: Assembler) -> FieldRef | None:
    """The time field a period is about: the event named beside it, else None for each measure's own."""
    if mention.event is not None:
        choice = made.binder.choose(mention.event, (Kind.FIELD,), prefer=made.at_hand(), fits=_is_time)
        if choice is not None and choice.score >= 0.75 and not _names_figure(mention.event, choice, made):
            made.trace.choice(mention.event, "period", choice)
            return FieldRef(choice.target.dataset, choice.target.field)
    if mention.event is None and (after := _event_after(mention, made)) is not None:
        return after
    homes = {measure_home(m.of, made.binder.metric_homes) for m in plan.measures}
    if (done := done_then(made, mention, homes or {plan.base or ""})) is not None:
        return done
    if plan.measures:
        if len(homes) == 1:
            return fallback_time(next(iter(homes)), plan, made)
        return None
    return fallback_time(plan.base or "", plan, made)


def _names_figure(piece: Piece, choice: Choice, made: Assembler) -> bool:
    """ "revenue in June": the noun names a figure more surely than a date of other rows ("rev_date" of reviews)."""
    figure = next((h for h in piece.hits if h.target.kind is Kind.METRIC), None)
    date = next((h for h in piece.hits if h.target == choice.target), None)
    if figure is None or date is None or figure.score <= date.score:
        return False
    return made.binder.metric_homes.get(figure.target.name, "") != choice.target.dataset


def _event_after(mention: PeriodMention, made: Assembler) -> FieldRef | None:
    """ "昨天出院的病人": where no blanks part the words, the event stands between its period and 的."""
    pieces = made.sketch.pieces[mention.at + 1 : mention.at + 3]
    if len(pieces) < 2 or pieces[1].text != "的" or pieces[0].word("deed"):
        return None
    choice = made.binder.choose(pieces[0], (Kind.FIELD,), prefer=made.at_hand(), fits=_is_time)
    if choice is None or choice.how != "event" or choice.score < 0.75:
        return None
    made.trace.choice(pieces[0], "period", choice)
    return FieldRef(*choice.target.key)


def fallback_time(home: str, plan: Plan, made: Assembler) -> FieldRef | None:
    """A dataset without a time of its own borrows one: of what it refers to, of the conditions' datasets."""
    dataset = made.model.dataset(home)
    if dataset is None or dataset.default_time:
        return None
    if any(f.is_time for f in dataset.fields):
        name = next(f.name for f in dataset.fields if f.is_time)
        return FieldRef(home, name)
    for other in sorted(reachable(made.model, home), key=lambda d: (made.binder.distances.between(home, d), d)):
        near = made.model.dataset(other)
        if near is not None and other != home and near.default_time and "." not in near.default_time:
            return FieldRef(other, near.default_time)
    return None


def _is_time(field: Field | None) -> bool:
    return field is not None and (field.is_time or field.kind == "time" or "year" in field.name.lower())


def _trend(plan: Plan, made: Assembler) -> Plan:
    """ "trend" without a grain: months, or days within one month."""
    flags = made.sketch.flags
    wants_series = "trend" in flags or any(c.kind in ("running", "rolling") for c in made.sketch.calculations)
    change = next(
        (c for c in made.sketch.calculations if c.kind == "change" and c.grain not in (None, Grain.YEAR)), None
    )
    has_time = any(isinstance(d.of, TimeBucket) for d in plan.dimensions)
    if not plan.measures or has_time:
        return plan
    if change is not None and change.grain is not None and _spans_several(plan, change.grain):
        return replace(plan, dimensions=(Dimension(TimeBucket(TIME, change.grain)), *plan.dimensions))
    if not wants_series:
        return plan
    grain = Grain.MONTH
    if plan.window is not None and grain_of(plan.window.period) in (Grain.MONTH, Grain.WEEK, Grain.DAY):
        single = not isinstance(plan.window.period, Relative) or plan.window.period.count == 1
        grain = Grain.DAY if single else grain_of(plan.window.period)
    made.trace.doubt("assumed_grain", 0.2)
    return replace(plan, dimensions=(Dimension(TimeBucket(TIME, grain)), *plan.dimensions))


def _spans_several(plan: Plan, grain: Grain) -> bool:
    if plan.window is None:
        return True
    period = plan.window.period
    if isinstance(period, Range):
        return True
    order = list(Grain)
    return order.index(grain_of(period)) > order.index(grain) or (isinstance(period, Relative) and period.count > 1)
