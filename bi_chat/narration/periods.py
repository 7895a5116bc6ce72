"""In: a spoken period, the day of asking. Out: it in words with its dates: "last quarter (1 Jan – 31 Mar 2025)"."""

from __future__ import annotations

from datetime import date

from bi_chat.language.display import MONTHS, show_date
from bi_chat.narration.pack import knows, say, spoken
from bi_chat.values.period import (
    BusinessCalendar,
    Days,
    Earlier,
    Edge,
    Grain,
    Holding,
    Named,
    Period,
    PeriodExpr,
    Range,
    Relative,
    Shifted,
    ToDate,
    Weekday,
    floor,
    resolve_period,
)


def period_words(expr: PeriodExpr, asked_on: date, language: str, calendar: BusinessCalendar | None = None) -> str:
    """The period in words; the dates stand in brackets unless the words are the dates already."""
    cal = calendar or BusinessCalendar()
    if isinstance(expr, Earlier):
        return _earlier(expr, language)
    period = resolve_period(expr, asked_on, cal)
    words = _words(expr, asked_on, language, cal)
    span = span_words(period, language)
    if not words or words == span:
        return span
    if _says_its_dates(expr):
        return words
    return say(language, "periods", "with_span", words=words, span=span)


def span_words(period: Period, language: str) -> str:
    """First through last day: "1 Jan – 31 Mar 2025"; an open side is said as such."""
    first, last = period.start, period.last_day
    if first is None and last is None:
        return say(language, "periods", "whole_time")
    if last is None and first is not None:
        return say(language, "periods", "from_day", start=show_date(first, "day", language))
    if first is None and last is not None:
        return say(language, "periods", "to_day", end=show_date(last, "day", language))
    assert first is not None and last is not None
    end = show_date(last, "day", language)
    if first == last:
        return end
    if spoken(language) == "zh":
        return f"{show_date(first, 'day', language)}至{end.removeprefix(f'{first.year}年')}"
    same_year = first.year == last.year
    return f"{first.day} {MONTHS[first.month - 1]}{'' if same_year else f' {first.year}'} – {end}"


def grain_word(grain: Grain, language: str, *, fiscal: bool = False) -> str:
    """A grain by its name: month, fiscal quarter."""
    word = say(language, "words", f"grain.{grain}")
    return say(language, "periods", "fiscal_grain", grain=word) if fiscal else word


def counted(count: int, grain: Grain | None, language: str) -> str:
    """So many grains: 1 month, 3 months; without a grain, periods."""
    key = f"counted.{grain.value if grain else 'period'}"
    one = f"{key}.one"
    return say(language, "words", one if count == 1 and knows(language, "words", one) else key, count=str(count))


def _says_its_dates(expr: PeriodExpr) -> bool:
    """Whole calendar years and months, and days, need no brackets; what depends on the day of asking does."""
    if not isinstance(expr, Named) or expr.fiscal:
        return False
    return expr.part is None or expr.part[0] in ("month", "day")


def _words(expr: PeriodExpr, asked_on: date, language: str, cal: BusinessCalendar) -> str:
    match expr:
        case Named():
            return _named(expr, asked_on, language, cal)
        case Relative():
            return _relative(expr, language)
        case ToDate():
            return _to_date(expr, language)
        case Range():
            return _range(expr, asked_on, language, cal)
        case Shifted(of, grain, by):
            return _shifted(_inner(of, asked_on, language, cal), grain, by, language)
        case Holding(grain, of):
            inner = _inner(of, asked_on, language, cal)
            return say(language, "periods", "holding", of=inner, grain=grain_word(grain, language))
        case Earlier():
            return _earlier(expr, language)
        case Days() | Weekday() | Edge():
            return ""


def _to_date(expr: ToDate, language: str) -> str:
    word = grain_word(expr.grain, language, fiscal=expr.fiscal)
    if expr.years_back:
        back = counted(expr.years_back, Grain.YEAR, language)
        return say(language, "periods", "to_date_years_back", grain=word, counted=back)
    if expr.periods_back:
        back = counted(expr.periods_back, expr.grain, language)
        return say(language, "periods", "to_date_back", grain=word, counted=back)
    return say(language, "periods", "to_date", grain=word)


def _inner(expr: PeriodExpr, asked_on: date, language: str, cal: BusinessCalendar) -> str:
    """A period inside another: its words, else its dates."""
    return _words(expr, asked_on, language, cal) or span_words(resolve_period(expr, asked_on, cal), language)


def _shifted(of: str, grain: Grain | None, by: int, language: str) -> str:
    if grain is None:
        return say(language, "periods", "just_before", of=of)
    key = "shifted" if by >= 0 else "shifted_later"
    return say(language, "periods", key, of=of, counted=counted(abs(by), grain, language))


def _earlier(expr: Earlier, language: str) -> str:
    if expr.grain is None:
        return say(language, "periods", "period_before")
    return say(language, "periods", "same_period", counted=counted(expr.by, expr.grain, language))


def _named(expr: Named, asked_on: date, language: str, cal: BusinessCalendar) -> str:
    start = resolve_period(expr, asked_on, cal).start
    assert start is not None
    year = str(_year_said(expr, start, asked_on, cal))
    match expr.part:
        case None:
            return say(language, "periods", "fiscal_year" if expr.fiscal else "year", year=year)
        case (("half" | "quarter") as part, number):
            key = f"fiscal_{part}" if expr.fiscal else part
            return say(language, "periods", key, number=str(number), year=year)
        case ("month" | "day") as part, _:
            return show_date(start, part, language)
        case ("week", number):
            return say(language, "periods", "week", number=str(number), year=year)
    return ""  # a holiday: its dates say it in every language


def _year_said(expr: Named, start: date, asked_on: date, cal: BusinessCalendar) -> int:
    if expr.year is not None:
        return expr.year
    if not expr.fiscal:
        return start.isocalendar().year if expr.part and expr.part[0] == "week" else start.year
    first = floor(start, Grain.YEAR, cal, fiscal=True)
    return first.year + (1 if cal.fiscal_named_by_end and cal.fiscal_start_month > 1 else 0)


def _relative(expr: Relative, language: str) -> str:
    word, many = grain_word(expr.grain, language, fiscal=expr.fiscal), counted(expr.count, expr.grain, language)
    if expr.count == 1:
        days = {0: "today", -1: "yesterday", 1: "tomorrow"}
        if expr.grain is Grain.DAY and expr.offset in days:
            return say(language, "periods", days[expr.offset])
        key = {0: "this", -1: "last", 1: "next"}.get(expr.offset, "ago" if expr.offset < 0 else "")
        return (
            say(language, "periods", key, grain=word, counted=counted(-expr.offset, expr.grain, language))
            if key
            else ""
        )
    ends = {0: "last_many", 1: "last_many_with_this"}
    if expr.offset < 0 and expr.offset + expr.count in ends:
        this = say(language, "periods", "today" if expr.grain is Grain.DAY else "this", grain=word)
        return say(language, "periods", ends[expr.offset + expr.count], counted=many, this=this)
    if expr.offset == 1:
        return say(language, "periods", "next_many", counted=many, grain=word)
    return say(language, "periods", "some", counted=many, grain=word)


def _range(expr: Range, asked_on: date, language: str, cal: BusinessCalendar) -> str:
    def side(of: PeriodExpr) -> str:
        return _inner(of, asked_on, language, cal)

    if expr.start and expr.end:
        resolved = resolve_period(expr, asked_on, cal)
        if isinstance(expr.start, Named) and expr.start.year is None and resolved.start is not None:
            # the year of "September to February 2025" comes from the other end, so the dates must speak
            return ""
        key = "range" if expr.end_inclusive else "range_before"
        return say(language, "periods", key, start=side(expr.start), end=side(expr.end))
    if expr.start:
        return say(language, "periods", "after" if expr.start_exclusive else "since", start=side(expr.start))
    if expr.end:
        return say(language, "periods", "until" if expr.end_inclusive else "before", end=side(expr.end))
    return say(language, "periods", "whole_time")
