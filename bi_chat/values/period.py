"""In: a spoken period and the moment of asking. Out: a half-open span of dates.

A `PeriodExpr` keeps what was said ("last quarter"), so that a saved plan stays relative; `resolve_period` turns it into
dates. No function here reads a clock: the moment of asking is a parameter.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bi_chat.values.calendar import DAY, BusinessCalendar, DatePart, Grain, Period, floor, shift
from bi_chat.values.holidays import holiday

__all__ = [
    "BusinessCalendar",
    "DatePart",
    "Days",
    "Earlier",
    "Edge",
    "Grain",
    "Holding",
    "Named",
    "Period",
    "PeriodExpr",
    "Range",
    "Relative",
    "Shifted",
    "ToDate",
    "Weekday",
    "floor",
    "resolve_earlier",
    "resolve_period",
    "shift",
]


@dataclass(frozen=True, slots=True)
class Named:
    """A calendar period said by name: a year, or a part of one.

    `part` is None (the whole year), ("half", 1), ("quarter", 1..4), ("month", 1..12), ("week", 1..53),
    ("day", month * 100 + day) or (a name of `values.holidays`, 0). `year` None means the most recent such part that
    lies wholly in the past, or with `upcoming` the first that begins after the day of asking.
    `fiscal` counts in fiscal years; `year_offset` shifts from the year of asking ("March last year" → -1).
    """

    year: int | None = None
    part: tuple[str, int] | None = None
    fiscal: bool = False
    year_offset: int | None = None
    upcoming: bool = False


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
    """The same period, moved back by whole grains ("the same month last year": 1 year).

    `grain` None: by its own length, in whole months where it is made of whole months.
    """

    of: PeriodExpr
    grain: Grain | None
    by: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """The plan's own period, moved back ("the same period last year": YEAR, 1); `grain` None: by its own length.

    It has no dates of its own: `resolve_earlier` puts the plan's period in.
    """

    grain: Grain | None = None
    by: int = 1


@dataclass(frozen=True, slots=True)
class Weekday:
    """`days` days from weekday `first` (1 = Monday) of the week `weeks` from this one ("last weekend": 6, 2, -1).

    `weeks` None: the most recent such days that lie wholly in the past.
    """

    first: int
    days: int = 1
    weeks: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """The whole grain that holds the first day of `of` ("the week of June 2")."""

    grain: Grain
    of: PeriodExpr


@dataclass(frozen=True, slots=True)
class Edge:
    """`count` grains from the `nth` one of a period on ("the first week of May"): 1 is its first, -1 its last.
    Weeks are seven days from the period's first day, or back from its last; what lies outside is cut off."""

    of: PeriodExpr
    grain: Grain
    nth: int = 1
    count: int = 1


PeriodExpr = Edge | Named | Relative | ToDate | Range | Days | Shifted | Earlier | Weekday | Holding


def resolve_period(expr: PeriodExpr, asked_on: date, calendar: BusinessCalendar | None = None) -> Period:
    """Dates of a spoken period, as understood on `asked_on`.

    Raises ValueError when the expression names a day that does not exist, or is an `Earlier` without its plan's period.
    """
    cal = calendar or BusinessCalendar()
    match expr:
        case Days(start, end):
            return Period(start, end)
        case Relative():
            start = shift(floor(asked_on, expr.grain, cal, fiscal=expr.fiscal), expr.grain, expr.offset)
            return Period(start, shift(start, expr.grain, expr.count))
        case ToDate():
            return _to_date(expr, asked_on, cal)
        case Range():
            return _range(expr, asked_on, cal)
        case Edge():
            return _edge(expr, resolve_period(expr.of, asked_on, cal))
        case Shifted(of, grain, by):
            return _moved_back(resolve_period(of, asked_on, cal), grain, by)
        case Named():
            return _named(expr, asked_on, cal)
        case Weekday():
            return _weekday(expr, asked_on)
        case Holding(grain, of):
            return _holding(grain, resolve_period(of, asked_on, cal), cal)
        case Earlier():
            raise ValueError("an earlier period needs the period it is earlier than: resolve_earlier first")


def resolve_earlier(expr: Earlier, base: PeriodExpr) -> PeriodExpr:
    """The period that `expr` means when `base` is the plan's own; symbolic where it can be: a saved plan moves on."""
    year = Grain.YEAR
    match base:
        case ToDate() if expr.grain is year:
            return replace(base, years_back=base.years_back + expr.by)
        case ToDate() if expr.grain in (None, base.grain):
            return replace(base, periods_back=base.periods_back + expr.by)
        case Relative() if expr.grain is base.grain or expr.grain is None:
            return replace(base, offset=base.offset - expr.by * (base.count if expr.grain is None else 1))
        case Relative(grain=Grain.WEEK) if expr.grain is year:
            return replace(base, offset=base.offset - 52 * expr.by)  # whole weeks stay whole weeks
        case Named() if base.year is not None and (expr.grain is year or (expr.grain is None and base.part is None)):
            return replace(base, year=base.year - expr.by)
        case Named() if base.year_offset is not None and (
            expr.grain is year or (expr.grain is None and base.part is None)
        ):
            return replace(base, year_offset=base.year_offset - expr.by)
        case _:
            return Shifted(base, expr.grain, expr.by)


def _edge(expr: Edge, whole: Period) -> Period:
    if whole.start is None or whole.end is None:
        raise ValueError("an open period has no first or last part")
    start = shift(whole.start, expr.grain, expr.nth - 1) if expr.nth > 0 else shift(whole.end, expr.grain, -expr.count)
    end = shift(start, expr.grain, expr.count)
    if start >= whole.end or end <= whole.start:
        raise ValueError("the period has no such part")
    return Period(max(start, whole.start), min(end, whole.end))


def _moved_back(period: Period, grain: Grain | None, by: int) -> Period:
    start, end = period.start, period.end
    if grain is None:
        if start is None or end is None:
            raise ValueError("an open period has no length to move back by")
        if start.day == end.day == 1:  # whole months go back by whole months
            grain, by = Grain.MONTH, by * ((end.year - start.year) * 12 + end.month - start.month)
        else:
            grain, by = Grain.DAY, by * (end - start).days
    return Period(start and shift(start, grain, -by), end and _shift_end(end, grain, -by))


def _shift_end(end: date, grain: Grain, by: int) -> date:
    """A half-open end moved: the last day moves (30 March a month back: 28 February), or the whole month it ends."""
    return shift(end, grain, by) if end.day == 1 else shift(end - DAY, grain, by) + DAY


def _to_date(expr: ToDate, asked_on: date, cal: BusinessCalendar) -> Period:
    start = floor(asked_on, expr.grain, cal, fiscal=expr.fiscal)
    whole = shift(start, expr.grain, 1) == asked_on + DAY  # on its last day it is compared with whole periods
    years = (Grain.WEEK, 52) if expr.grain is Grain.WEEK else (Grain.YEAR, 1)  # whole weeks stay whole weeks
    last = asked_on
    for grain, by in ((expr.grain, expr.periods_back), (years[0], years[1] * expr.years_back)):
        start, last = shift(start, grain, -by), shift(last, grain, -by)
    return Period(start, shift(start, expr.grain, 1) if whole else last + DAY)


def _holding(grain: Grain, period: Period, cal: BusinessCalendar) -> Period:
    if period.start is None:
        raise ValueError("a period without a first day lies in no single calendar unit")
    start = floor(period.start, grain, cal)
    return Period(start, shift(start, grain, 1))


def _weekday(expr: Weekday, asked_on: date) -> Period:
    monday = asked_on - timedelta(days=asked_on.isoweekday() - 1)
    start = monday + timedelta(days=expr.first - 1, weeks=expr.weeks or 0)
    if expr.weeks is None and start + timedelta(days=expr.days) > asked_on:
        start -= timedelta(weeks=1)
    return Period(start, start + timedelta(days=expr.days))


def _range(expr: Range, asked_on: date, cal: BusinessCalendar) -> Period:
    first, last = _share_year(expr.start, expr.end)
    end = resolve_period(last, asked_on, cal) if last else Period(None, None)
    if isinstance(first, Named) and not isinstance(last, Named):
        start = _named(first, asked_on, cal, begun=True)  # "since March", asked in March, is this March
    else:
        start = resolve_period(first, asked_on, cal) if first else Period(None, None)
    if start.start and end.end and start.start >= end.end:
        if _yearless(expr.end) and isinstance(first, Named) and not _yearless(first):
            end = _moved_back(end, Grain.YEAR, -1)  # "November 2024 to February"
        elif _yearless(expr.start):
            start = _moved_back(start, Grain.YEAR, 1)  # "September to February 2025"
        elif not (expr.start_exclusive or not expr.end_inclusive):
            start, end = end, start  # said the wrong way round
    return Period(start.end if expr.start_exclusive else start.start, end.end if expr.end_inclusive else end.start)


def _yearless(expr: PeriodExpr | None) -> bool:
    return isinstance(expr, Named) and expr.year is None and expr.year_offset is None


def _share_year(first: PeriodExpr | None, last: PeriodExpr | None) -> tuple[PeriodExpr | None, PeriodExpr | None]:
    """Both ends of a range, the year of one given to the other where only one was said."""
    if isinstance(first, Named) and isinstance(last, Named) and _yearless(first) != _yearless(last):
        if _yearless(first):
            first = replace(first, year=last.year, year_offset=last.year_offset, fiscal=first.fiscal or last.fiscal)
        else:
            last = replace(last, year=first.year, year_offset=first.year_offset, fiscal=first.fiscal or last.fiscal)
    return first, last


def _named(expr: Named, asked_on: date, cal: BusinessCalendar, *, begun: bool = False) -> Period:
    """Dates of a named period; `begun`: without a year, the most recent one that has begun, not the last whole one."""
    if expr.year is not None:
        return _in_year(expr, expr.year, cal)
    this_year = _year_of(asked_on, cal) if expr.fiscal else asked_on.year
    if expr.year_offset is not None:
        return _in_year(expr, this_year + expr.year_offset, cal)
    found: list[Period] = []
    for year in range(this_year + 9, this_year - 10, -1):
        # 29 February and week 53 come only in some years: eight years always hold one
        with suppress(ValueError):
            found.append(_in_year(expr, year, cal))
    if expr.upcoming:
        return _first([p for p in reversed(found) if p.start is not None and p.start > asked_on], expr)
    if begun:
        return _first([p for p in found if p.start is not None and p.start <= asked_on], expr)
    return _first([p for p in found if p.end is not None and p.end <= asked_on], expr)


def _first(periods: list[Period], expr: Named) -> Period:
    if not periods:
        raise ValueError(f"no such day: {expr.part}")
    return periods[0]


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
            return Period(start, start + DAY)
        case (name, _):
            return Period(*holiday(name, year))
