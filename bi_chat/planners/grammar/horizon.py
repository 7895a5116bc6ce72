"""In: a forecast's words. Out: its grain and its number of steps."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bi_chat.values.calendar import BusinessCalendar
from bi_chat.values.period import Grain, Named, PeriodExpr, Range, Relative, ToDate, floor, resolve_period, shift
from bi_chat.values.plan import Plan, TimeBucket

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

FINER = {Grain.YEAR: Grain.MONTH, Grain.QUARTER: Grain.MONTH, Grain.MONTH: Grain.WEEK, Grain.WEEK: Grain.DAY}
DEFAULT_STEPS = {Grain.DAY: 14, Grain.WEEK: 8, Grain.MONTH: 6, Grain.QUARTER: 4, Grain.YEAR: 2, Grain.HOUR: 24}


def forecast_of(plan: Plan, made: Assembler) -> tuple[Grain, int]:
    """ "next 3 months" is (month, 3); "daily … for the next two weeks" (day, 14); nothing said: six months."""
    said = next((d.of.grain for d in plan.dimensions if isinstance(d.of, TimeBucket)), None)
    if made.sketch.horizon is not None:
        count, unit = made.sketch.horizon
        return (said, _steps(said, unit, count, made.asked_on)) if said else (unit, count)
    period = plan.window.period if plan.window else None
    if isinstance(period, Relative) and period.offset > 0:
        grain = said or period.grain
        return grain, _steps(grain, period.grain, period.count, made.asked_on)
    end = _end(plan.window.period, made.asked_on, made.model.calendar) if plan.window else None
    if end is not None and end > made.asked_on:
        grain = said or _grain_until(end, made.asked_on)
        return grain, max(1, _between(floor(made.asked_on, grain, made.model.calendar), end, grain))
    made.trace.doubt("assumed_horizon", 0.3)
    grain = said or Grain.MONTH
    return grain, DEFAULT_STEPS[grain]


def _end(period: PeriodExpr, asked_on: date, calendar: BusinessCalendar) -> date | None:
    """The first day after the period: of the whole of a running one, of the next one of a name without a year."""
    if isinstance(period, Range) and period.end is not None:
        return _end(period.end, asked_on, calendar)
    if isinstance(period, ToDate) or (isinstance(period, Relative) and period.offset == 0):
        return shift(floor(asked_on, period.grain, calendar, fiscal=period.fiscal), period.grain, 1)
    end = resolve_period(period, asked_on, calendar).end
    if isinstance(period, Named) and period.year is None and period.year_offset is None and end is not None:
        return end if end > asked_on else shift(end, Grain.YEAR, 1)
    return end


def _grain_until(end: date, asked_on: date) -> Grain:
    """Months; days or weeks where the end is near."""
    days = (end - asked_on).days
    return Grain.DAY if days <= 14 else Grain.WEEK if days <= 45 else Grain.MONTH


def _steps(grain: Grain, unit: Grain, count: int, asked_on: date) -> int:
    if grain is unit:
        return count
    per_unit = {
        (Grain.DAY, Grain.WEEK): 7,
        (Grain.MONTH, Grain.QUARTER): 3,
        (Grain.MONTH, Grain.YEAR): 12,
        (Grain.QUARTER, Grain.YEAR): 4,
    }
    if (grain, unit) in per_unit:
        return per_unit[grain, unit] * count
    return max(1, (shift(asked_on, unit, count) - asked_on).days // {Grain.DAY: 1, Grain.WEEK: 7}.get(grain, 30))


def _between(start: date, end: date, grain: Grain) -> int:
    steps = 0
    while start < end and steps < 500:
        start, steps = shift(start, grain, 1), steps + 1
    return steps
