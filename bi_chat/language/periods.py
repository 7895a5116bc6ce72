"""In: what a rule about time captured. Out: a period, grain, part or duration; nothing when no such day exists."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

from bi_chat.language.meanings import Duration, GrainSaid, PartIs, PartSaid
from bi_chat.language.said import Builder, Said
from bi_chat.values.holidays import is_holiday
from bi_chat.values.period import (
    DatePart,
    Days,
    Earlier,
    Edge,
    Grain,
    Holding,
    Named,
    PeriodExpr,
    Range,
    Relative,
    Shifted,
    ToDate,
    Weekday,
)

FIRST_YEAR, LAST_YEAR = 1900, 2100
# more than this is no count of time: "2024 years" is a year misread
MOST = {
    Grain.HOUR: 10_000,
    Grain.DAY: 10_000,
    Grain.WEEK: 1_500,
    Grain.MONTH: 1_200,
    Grain.QUARTER: 400,
    Grain.YEAR: 100,
}
LIMITS = {"half": 2, "quarter": 4, "month": 12, "week": 53}


def same(said: Said) -> PeriodExpr:
    """The period itself: a preposition or a filler stood beside it."""
    return said.period("p")


def year(said: Said) -> PeriodExpr | None:
    """A year of four digits, or of two ("'24", FY25, 24年), from `least` to `most`."""
    n = said.whole("n")
    if n < said.whole("least") or n > said.whole("most", LAST_YEAR):
        return None
    if n < 100:
        n += 2000 if n < 70 else 1900
    return Named(n, fiscal=said.flag("fiscal")) if FIRST_YEAR <= n <= LAST_YEAR else None


def part(said: Said) -> PeriodExpr | None:
    """The nth `kind` of a year, or a holiday; of year `year` where the same word says it ("4Q24", "2024-05").

    `upcoming`: the next such; `offset`: of which year from this one.
    """
    kind, n = said.text("kind"), said.whole("n")
    if not (1 <= n <= LIMITS[kind] if kind in LIMITS else is_holiday(kind)):
        return None
    named = Named(
        part=(kind, n),
        fiscal=said.flag("fiscal"),
        year_offset=said.whole("offset") if "offset" in said else None,
        upcoming=said.flag("upcoming"),
    )
    if "year" not in said:
        return named
    of_year = year(Said((), {"n": said.number("year"), "fiscal": said.flag("fiscal")}))
    return _in_year(named, of_year) if of_year else None


def fiscal(said: Said) -> PeriodExpr | None:
    """A part of a year, of the fiscal year."""
    expr = said.period("p")
    return replace(expr, fiscal=True) if isinstance(expr, Named) else None


def joined(said: Said) -> PeriodExpr | None:
    """A part of a year with its year: "May" and "last year", Q4 and 2024, 春节 and 2025年."""
    return _in_year(said.period("part"), said.period("year"))


def shared(said: Said) -> PeriodExpr | None:
    """A part of a year that takes its year from another one ("Q4 2024 vs Q3"); nothing from December to January."""
    expr, other = said.period("part"), said.period("other")
    match expr, other:
        case Named(part=(kind, 1)), Named(part=(same_kind, last)) if kind == same_kind and last == LIMITS.get(kind):
            return None
    return _in_year(expr, said.period("year"))


def _in_year(expr: PeriodExpr, of_year: PeriodExpr) -> PeriodExpr | None:
    match expr, of_year:
        case Range(Named() as first, Named() as last), _:
            start, end = _in_year(first, of_year), _in_year(last, of_year)
            if first.part and last.part and first.part[0] == last.part[0] and first.part[1] > last.part[1]:
                end = end and _next_year(end)  # November 2024 to February
            return Range(start, end) if start and end else None
        case Named(year=None, year_offset=None), Named(year=int() as y, part=None):
            return _dated(replace(expr, year=y, upcoming=False, fiscal=expr.fiscal or of_year.fiscal))
        case Named(year=None, year_offset=None), ToDate(grain=Grain.YEAR, years_back=0, periods_back=0):
            return replace(expr, year_offset=0, upcoming=False, fiscal=expr.fiscal or of_year.fiscal)
        case Named(year=None, year_offset=None), Relative(grain=Grain.YEAR, count=1):
            return replace(expr, year_offset=of_year.offset, upcoming=False, fiscal=expr.fiscal or of_year.fiscal)
    return None


def _next_year(expr: PeriodExpr) -> PeriodExpr | None:
    match expr:
        case Named(year=int() as y):
            return replace(expr, year=y + 1)
        case Named(year_offset=int() as offset):
            return replace(expr, year_offset=offset + 1)
    return None


def _dated(expr: Named) -> PeriodExpr | None:
    """A day of a known year as that day; nothing when the year lacks it (29 February, week 53)."""
    match expr:
        case Named(int() as y, ("day", n)):
            try:
                first = date(y, n // 100, n % 100)
            except ValueError:
                return None
            return Days(first, first + timedelta(days=1))
        case Named(int() as y, ("week", 53)) if date(y, 12, 28).isocalendar().week < 53:
            return None
    return expr


def month_day(said: Said) -> PeriodExpr | None:
    """A day of a month ("May 3rd"); with `last` the days up to it ("May 3-10"), with `to_end` up to the month's."""
    month = said.whole("month")
    first = _day(month, said.whole("day"))
    if first and said.flag("to_end"):
        return Range(first, Named(part=("month", month)))
    if first is None or "last" not in said:
        return first
    last = _day(month, said.whole("last"))
    return Range(first, last) if last and (first.part or ("", 0))[1] < (last.part or ("", 0))[1] else None


def _day(month: int, day: int) -> Named | None:
    try:
        date(2024, month, day)  # a leap year: the most recent 29 February exists
    except ValueError:
        return None
    return Named(part=("day", month * 100 + day))


def months(said: Said) -> PeriodExpr | None:
    """Months by number, first to last (1-5月)."""
    first, last = said.whole("first"), said.whole("last")
    if not (1 <= first <= 12 and 1 <= last <= 12 and first != last):
        return None
    return Range(Named(part=("month", first)), Named(part=("month", last)))


def first_of_year(said: Said) -> PeriodExpr | None:
    """The first n months or quarters of a year, or with `end` its last ("first three months of 2024", 前三季度)."""
    unit, fiscal = said.unit()
    n, limit = said.whole("n"), LIMITS.get(unit.value, 0)
    if unit not in (Grain.MONTH, Grain.QUARTER) or not 1 < n < limit:
        return None
    first, last = (limit - n + 1, limit) if said.flag("end") else (1, n)
    return Range(Named(part=(unit.value, first), fiscal=fiscal), Named(part=(unit.value, last), fiscal=fiscal))


def full_date(said: Said) -> PeriodExpr | None:
    """A date in digits. `order` mdy or dmy says what comes first; the other where only that is a date (25/12/2024)."""
    y, a, b = said.whole("y"), said.whole("a"), said.whole("b")
    y += 2000 if y < 100 else 0
    for month, day in ((a, b), (b, a)) if said.text("order") == "mdy" else ((b, a), (a, b)):
        try:
            first = date(y, month, day)
        except ValueError:
            if said.flag("strict"):
                return None
            continue
        return Days(first, first + timedelta(days=1)) if FIRST_YEAR <= y <= LAST_YEAR else None
    return None


def relative(said: Said) -> PeriodExpr | None:
    """Periods from the one of asking. With a count `n`, `way` says which: back (last 3), ahead (next 3), ago, hence."""
    grain, fiscal = said.unit()
    if "n" not in said:
        return Relative(grain, said.whole("offset"), fiscal=fiscal)
    n, way = said.whole("n"), said.text("way", "back")
    if n > MOST[grain]:
        return None
    if grain is Grain.HOUR:  # periods are made of days
        grain, n = Grain.DAY, math.ceil(n / 24)
    offset = {"back": -n, "ago": -n, "ahead": 1, "hence": n}[way]
    return Relative(grain, offset, n if way in ("back", "ahead") else 1, fiscal)


def to_date(said: Said) -> PeriodExpr | None:
    """From the start of the current period to the day of asking; `back` years or units earlier."""
    grain, fiscal = said.unit()
    if grain in (Grain.HOUR, Grain.DAY):
        return Relative(Grain.DAY)
    if grain is Grain.YEAR:
        return ToDate(grain, fiscal, years_back=said.whole("back"))
    return ToDate(grain, fiscal, periods_back=said.whole("back"))


def span(said: Said) -> PeriodExpr | None:
    """From `start` to `end`, either open. `before`, `after`: the named period itself is left out."""
    start = said.period("start") if "start" in said else None
    end = said.period("end") if "end" in said else None
    if end is None and isinstance(start, ToDate):
        return start
    if any(isinstance(p, Range | Earlier) for p in (start, end)):
        return None
    match start, end:
        case Named(int() as a, None), Named(int() as b, None) if a >= b:
            return None
    return Range(start, end, end_inclusive=not said.flag("before"), start_exclusive=said.flag("after"))


def earlier(said: Said) -> PeriodExpr:
    """The plan's own period moved back, by a unit or by its own length."""
    return Earlier(said.unit()[0] if "unit" in said else None, said.whole("n", 1))


def holding(said: Said) -> PeriodExpr | None:
    """The unit that holds a day; `by` units before it ("the week before Christmas")."""
    unit, inside, by = said.unit()[0], said.period("p"), said.whole("by")
    if not by and isinstance(inside, Named) and (inside.part or ("year",))[0] in ("year", "half", "quarter", "month"):
        return None  # which week of May?
    return Shifted(Holding(unit, inside), unit, by) if by else Holding(unit, inside)


def edge(said: Said) -> PeriodExpr | None:
    """The first, second … or last (`nth` -1) day, week or month of a period; `n` of them ("first 10 days of May")."""
    unit, inside = said.unit()[0], said.period("p")
    nth = said.whole("nth", 1)
    wide = isinstance(inside, Range | Earlier | Edge) or unit not in (Grain.DAY, Grain.WEEK, Grain.MONTH)
    most = {Grain.DAY: 31, Grain.WEEK: 5, Grain.MONTH: 12}.get(unit, 0)
    if wide or not -1 <= nth <= most or nth == 0 or said.whole("n", 1) > most:
        return None
    return Edge(inside, unit, nth, said.whole("n", 1))


def weekday(said: Said) -> PeriodExpr:
    """Days of a week by name; `weeks` from this one, the most recent past ones when not said."""
    return Weekday(said.whole("first"), said.whole("days", 1), said.whole("weeks") if "weeks" in said else None)


def grain(said: Said) -> GrainSaid:
    """A grain as a grouping; `bare` when only the noun stood there."""
    unit, fiscal = said.unit()
    return GrainSaid(unit, fiscal, said.flag("bare"))


def part_of_date(said: Said) -> PartSaid:
    """A recurring part as a grouping."""
    return PartSaid(DatePart(said.text("part")), said.flag("bare"))


def part_is(said: Said) -> PartIs:
    """Only some days of the week."""
    first = said.whole("first")
    return PartIs(DatePart.DAY_OF_WEEK, tuple(range(first, first + said.whole("days", 1))))


def duration(said: Said) -> Duration | None:
    """A length of time."""
    n, unit = said.whole("n", 1), said.unit()[0]
    return Duration(n, unit) if n <= MOST[unit] else None


BUILDERS: dict[str, Builder] = {
    f.__name__: f
    for f in (
        *(
            same,
            year,
            part,
            fiscal,
            joined,
            shared,
            month_day,
            months,
            first_of_year,
            full_date,
            relative,
            to_date,
            span,
            earlier,
            holding,
            edge,
            weekday,
        ),
        *(grain, part_of_date, part_is, duration),
    )
}
