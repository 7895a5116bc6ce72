"""In: a spoken period and the moment of asking. Out: a half-open span of dates.

A `PeriodExpr` keeps what was said ("last quarter"), so that a saved plan stays relative; `resolve_period` turns it into
dates. No function here reads a clock: the moment of asking is a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Grain(StrEnum):
    """A calendar unit, finest first."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class DatePart(StrEnum):
    """A recurring part of a date: it folds many periods into one group."""

    HOUR_OF_DAY = "hour_of_day"
    DAY_OF_WEEK = "day_of_week"
    DAY_OF_MONTH = "day_of_month"
    WEEK_OF_YEAR = "week_of_year"
    MONTH_OF_YEAR = "month_of_year"
    QUARTER_OF_YEAR = "quarter_of_year"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """How a business cuts its years and weeks.

    `fiscal_start_month` 1 to 12; `fiscal_named_by_end`: FY2025 is the year that ends in 2025; `week_start` 1 = Monday.
    """

    fiscal_start_month: int = 1
    fiscal_named_by_end: bool = True
    week_start: int = 1


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open [start, end); `None` means unbounded on that side."""

    start: date | None
    end: date | None

    @property
    def last_day(self) -> date | None:
        """The last day that belongs to the period."""
        return None if self.end is None else self.end - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Named:
    """A calendar period said by name: a year, or a part of one.

    `part` is None (the whole year), ("half", 1), ("quarter", 1..4), ("month", 1..12), ("week", 1..53) or
    ("day", month * 100 + day). `year` None means the most recent such part that lies wholly in the past.
    `fiscal` counts in fiscal years; `year_offset` shifts from the year of asking ("March last year" → -1).
    """

    year: int | None = None
    part: tuple[str, int] | None = None
    fiscal: bool = False
    year_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Relative:
    """`count` whole periods of `grain`, `offset` grains from the one that holds the moment of asking.

    offset 0, count 1: this month. offset -1, count 1: last month. offset -3, count 3: the last three full months.
    offset 1: next month. `fiscal` counts in fiscal quarters or years.
    """

    grain: Grain
    offset: int = 0
    count: int = 1
    fiscal: bool = False


@dataclass(frozen=True, slots=True)
class ToDate:
    """From the first day of the period that holds the moment of asking through that day (MTD, QTD, YTD).

    `years_back` or `periods_back` shift both ends ("the same days of the previous quarter": periods_back=1).
    """

    grain: Grain
    fiscal: bool = False
    years_back: int = 0
    periods_back: int = 0


@dataclass(frozen=True, slots=True)
class Range:
    """From the first day of `start` through the last day of `end`; either may be open."""

    start: PeriodExpr | None = None
    end: PeriodExpr | None = None
    end_inclusive: bool = True
    start_exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """Exact dates, half-open."""

    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Shifted:
    """The same period, moved back by whole grains ("the same month last year": 1 year)."""

    of: PeriodExpr
    grain: Grain
    by: int


PeriodExpr = Named | Relative | ToDate | Range | Days | Shifted


def resolve_period(expr: PeriodExpr, asked_on: date, calendar: BusinessCalendar | None = None) -> Period:
    """Dates of a spoken period, as understood on `asked_on`.

    Raises ValueError when the expression names a day that does not exist.
    """
    cal = calendar or BusinessCalendar()
    match expr:
        case Days(start, end):
            return Period(start, end)
        case Relative():
            start = shift(floor(asked_on, expr.grain, cal, fiscal=expr.fiscal), expr.grain, expr.offset)
            return Period(start, shift(start, expr.grain, expr.count))
        case ToDate():
            start = floor(asked_on, expr.grain, cal, fiscal=expr.fiscal)
            end = asked_on + timedelta(days=1)
            if expr.periods_back:
                start, end = (shift(d, expr.grain, -expr.periods_back) for d in (start, end))
            if expr.years_back:
                start, end = (shift(d, Grain.YEAR, -expr.years_back) for d in (start, end))
            return Period(start, end)
        case Range():
            return _range(expr, asked_on, cal)
        case Shifted(of, grain, by):
            inner = resolve_period(of, asked_on, cal)
            return Period(
                None if inner.start is None else shift(inner.start, grain, -by),
                None if inner.end is None else shift(inner.end, grain, -by),
            )
        case Named():
            return _named(expr, asked_on, cal)


def _range(expr: Range, asked_on: date, cal: BusinessCalendar) -> Period:
    start = resolve_period(expr.start, asked_on, cal) if expr.start else Period(None, None)
    end = resolve_period(expr.end, asked_on, cal) if expr.end else Period(None, None)
    if (
        isinstance(expr.start, Named)
        and isinstance(expr.end, Named)
        and expr.start.year is None
        and expr.start.year_offset is None
        and expr.end.year is not None
    ):
        # "September to February 2025": the first month takes its year from the second
        start = _named(Named(expr.end.year, expr.start.part, expr.start.fiscal), asked_on, cal)
        if start.start and end.start and start.start > end.start:
            start = Period(shift(start.start, Grain.YEAR, -1), start.end and shift(start.end, Grain.YEAR, -1))
    elif (
        isinstance(expr.start, Named)
        and isinstance(expr.end, Named)
        and expr.start.year is not None
        and expr.end.year is None
        and expr.end.year_offset is None
    ):
        end = _named(Named(expr.start.year, expr.end.part, expr.end.fiscal), asked_on, cal)
        if start.start and end.start and end.start < start.start:
            end = _named(Named(expr.start.year + 1, expr.end.part, expr.end.fiscal), asked_on, cal)
    elif start.start and end.start and start.start > end.start:
        start = Period(shift(start.start, Grain.YEAR, -1), start.end and shift(start.end, Grain.YEAR, -1))
    first = start.end if expr.start_exclusive else start.start
    return Period(first, end.end if expr.end_inclusive else end.start)


def _named(expr: Named, asked_on: date, cal: BusinessCalendar) -> Period:
    if expr.year is not None:
        return _in_year(expr, expr.year, cal)
    this_year = _year_of(asked_on, cal) if expr.fiscal else asked_on.year
    if expr.year_offset is not None:
        return _in_year(expr, this_year + expr.year_offset, cal)
    for year in (this_year, this_year - 1):
        found = _in_year(expr, year, cal)
        if found.end is not None and found.end <= asked_on:
            return found
    return _in_year(expr, this_year - 1, cal)


def _year_of(day: date, cal: BusinessCalendar) -> int:
    """The fiscal year that holds a day."""
    start = floor(day, Grain.YEAR, cal, fiscal=True)
    return start.year + (1 if cal.fiscal_named_by_end and cal.fiscal_start_month > 1 else 0)


def _in_year(expr: Named, year: int, cal: BusinessCalendar) -> Period:
    month0 = 1
    if expr.fiscal and cal.fiscal_start_month > 1:
        month0, year = cal.fiscal_start_month, year - (1 if cal.fiscal_named_by_end else 0)
    first = date(year, month0, 1)
    match expr.part:
        case None:
            return Period(first, shift(first, Grain.YEAR, 1))
        case ("half", n):
            start = shift(first, Grain.MONTH, 6 * (n - 1))
            return Period(start, shift(start, Grain.MONTH, 6))
        case ("quarter", n):
            start = shift(first, Grain.QUARTER, n - 1)
            return Period(start, shift(start, Grain.QUARTER, 1))
        case ("month", n):
            start = date(year if not expr.fiscal or n >= month0 else year + 1, n, 1)
            return Period(start, shift(start, Grain.MONTH, 1))
        case ("week", n):
            start = date.fromisocalendar(year, n, 1)
            return Period(start, start + timedelta(days=7))
        case ("day", n):
            start = date(year, n // 100, n % 100)
            return Period(start, start + timedelta(days=1))
    raise ValueError(f"unknown part of a year: {expr.part}")


def floor(day: date, grain: Grain, cal: BusinessCalendar, *, fiscal: bool = False) -> date:
    """First day of the grain that holds `day`."""
    match grain:
        case Grain.HOUR | Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=(day.isoweekday() - cal.week_start) % 7)
        case Grain.MONTH:
            return day.replace(day=1)
    first_month = cal.fiscal_start_month if fiscal else 1
    months = (day.month - first_month) % 12
    size = 3 if grain is Grain.QUARTER else 12
    return shift(day.replace(day=1), Grain.MONTH, -(months % size))


def shift(day: date, grain: Grain, by: int) -> date:
    """`day` moved by whole grains; a day that the target month lacks becomes that month's last."""
    if grain in (Grain.HOUR, Grain.DAY):
        return day + timedelta(days=by)
    if grain is Grain.WEEK:
        return day + timedelta(weeks=by)
    months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[grain] * by
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
