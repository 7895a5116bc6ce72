"""In: several periods of a question. Out: one inside the other, one against the other, or all of them side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.values.period import Grain, Named, PeriodExpr, Range, Relative, ToDate, resolve_period
from bi_chat.values.plan import TIME, AnyOf, Comparison, Dimension, Plan, TimeBucket, Window, Within

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def several(plan: Plan, windows: list[Window], made: Assembler) -> Plan:
    """Two periods: a comparison when that is what was asked, the narrower inside the wider, else side by side."""
    first, second = windows[0], windows[1]
    merged = _month_in_year(first.period, second.period)
    if merged is not None:
        return replace(plan, window=Window(merged, first.field))
    first, second = (
        replace(first, period=beside(first.period, second.period, made)),
        replace(second, period=beside(second.period, first.period, made)),
    )
    asked = made.sketch.versus or {"compare", "change", "growth", "grew", "fell"} & set(made.sketch.flags)
    if asked:
        late, early = (second, first) if later(second.period, first.period, made) else (first, second)
        return replace(plan, window=late, comparison=Comparison(early.period))
    listed = side_by_side_periods(made.sketch)
    made.trace.doubt("several_periods", 0.0 if listed else 1.5)
    field = first.field or TIME
    bucket = Dimension(TimeBucket(field, grain_of(first.period)))
    dims = plan.dimensions if any(isinstance(d.of, TimeBucket) for d in plan.dimensions) else (*plan.dimensions, bucket)
    plan = replace(plan, dimensions=dims if plan.measures else plan.dimensions)
    return _over_all(plan, [first, second, *windows[2:]], made)


def _over_all(plan: Plan, windows: list[Window], made: Assembler) -> Plan:
    """From the first of the periods to the last; where they leave gaps, in one of them."""
    ordered = sorted(windows, key=lambda w: _start(w.period, made))
    spans = [resolve_period(w.period, made.asked_on, made.model.calendar) for w in ordered]
    gaps = any(a.end is None or a.end != b.start for a, b in pairwise(spans))
    window = Window(Range(ordered[0].period, ordered[-1].period), windows[0].field)
    if not gaps:
        return replace(plan, window=window)
    either = AnyOf(tuple(Within(windows[0].field or TIME, w.period) for w in windows))
    latest = max((s.end for s in spans if s.end is not None), default=None)
    covered = latest is not None and latest == spans[-1].end and all(s.start is not None for s in spans)
    return replace(plan, where=(*plan.where, either), window=window if covered else plan.window)


def _start(period: PeriodExpr, made: Assembler) -> date:
    return resolve_period(period, made.asked_on, made.model.calendar).start or date.min


def side_by_side_periods(sketch: Sketch) -> bool:
    """Whether periods of one kind stand in one enumeration ("in May, June or July 2024")."""
    said = [p for p in sketch.periods if not p.baseline]
    return len(said) > 1 and len({grain_of(p.said.expr) for p in said}) == 1 and _side_by_side(sketch)


def _side_by_side(sketch: Sketch) -> bool:
    """Whether the periods stand in one enumeration; said far apart, each has a role of its own."""
    places = [p.at for p in sketch.periods if not p.baseline]
    between = sketch.pieces[places[0] + 1 : places[-1]] if len(places) > 1 else ()
    loose = [p for p in between if p.period is None and not p.word("and", "or", "to", "filler", "versus", "for", "in")]
    return not loose


def _month_in_year(one: PeriodExpr, other: PeriodExpr) -> PeriodExpr | None:
    """ "in May … 2024" said apart."""
    for part, year in ((one, other), (other, one)):
        if (
            isinstance(part, Named)
            and isinstance(year, Named)
            and part.year is None
            and part.part
            and year.part is None
        ) and part.year_offset is None:
            return replace(part, year=year.year, year_offset=year.year_offset)
    return None


def beside(period: PeriodExpr, other: PeriodExpr, made: Assembler) -> PeriodExpr:
    """ "January 2025 against December": a part without a year is the nearest one that is over, of the other's time."""
    bare = isinstance(period, Named) and period.part is not None and period.year is None and period.year_offset is None
    if not bare or not isinstance(period, Named) or not (isinstance(other, Named) and other.year is not None):
        return period
    at = resolve_period(other, made.asked_on, made.model.calendar).start
    near: list[tuple[int, int, Named]] = []
    for step in (-1, 0, 1):
        dated = replace(period, year=other.year + step)
        found = resolve_period(dated, made.asked_on, made.model.calendar)
        if at is not None and found.start not in (None, at) and found.start is not None and found.start < made.asked_on:
            near.append((abs((found.start - at).days), -step, dated))
    return min(near, key=lambda n: n[:2])[2] if near else period


def year_before(period: PeriodExpr, other: PeriodExpr, made: Assembler) -> PeriodExpr:
    """ "this May against last May": two that come out as the same days are a year apart."""
    calendar = made.model.calendar
    if resolve_period(period, made.asked_on, calendar) != resolve_period(other, made.asked_on, calendar):
        return other
    if isinstance(other, Named) and other.part is not None and other.year is None:
        return replace(other, year_offset=(other.year_offset or 0) - 1)
    made.trace.doubt("several_periods", 1.5)
    return other


def grain_of(period: PeriodExpr) -> Grain:
    """The grain that a period is one or several of."""
    match period:
        case Named(part=None):
            return Grain.YEAR
        case Named(part=(name, _)):
            return {"quarter": Grain.QUARTER, "month": Grain.MONTH, "week": Grain.WEEK, "day": Grain.DAY}.get(
                name, Grain.YEAR
            )
        case Relative(grain=grain) | ToDate(grain=grain):
            return grain
    return Grain.YEAR


def later(one: PeriodExpr, other: PeriodExpr, made: Assembler) -> bool:
    """Whether a period begins after another: of two that are compared, the later one is looked at."""
    try:
        first, second = (resolve_period(p, made.asked_on, made.model.calendar).start for p in (one, other))
    except ValueError:
        return False
    return first is not None and second is not None and first > second
