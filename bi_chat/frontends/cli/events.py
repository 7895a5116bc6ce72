"""In: a calendar file (.ics), or a table of events (.csv, .parquet). Out: the events by name, past and to come."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SourceError
from bi_chat.values.forecast import OwnEvent

if TYPE_CHECKING:
    from icalendar import Component

AHEAD = timedelta(days=5 * 366)  # how far an event that recurs without an end is followed
MOST = 20_000
Spans = dict[str, list[tuple[date, date]]]


def read_events(file: Path) -> tuple[OwnEvent, ...]:
    """Each event with all its times. A table has its columns in this order: name, first day, and perhaps last day.

    Raises SourceError where the file is missing, is no calendar or table, or holds too much.
    """
    if not file.exists():
        raise SourceError(f"There is no file {file}.")
    spans = _calendar(file) if file.suffix.lower() == ".ics" else _table(file)
    if sum(map(len, spans.values())) > MOST:
        raise SourceError(f"{file} holds more than {MOST:,} events.")
    return tuple(OwnEvent(name, tuple(sorted(set(days)))) for name, days in sorted(spans.items()))


def _calendar(file: Path) -> Spans:
    """Every VEVENT by its summary; its DTEND is the day after its last where both are days (RFC 5545)."""
    try:
        from icalendar import Calendar
    except ImportError:
        raise SourceError("Reading .ics files needs icalendar: pip install 'bi_chat[calendar]'.") from None
    try:
        found = Calendar.from_ical(file.read_bytes())
    except (ValueError, OSError) as error:
        raise SourceError(f"{file} can't be read as a calendar.") from error
    spans: Spans = defaultdict(list)
    for event in found.walk("VEVENT"):
        name = " ".join(str(event.get("SUMMARY", "")).split())[:80]
        if name and (first := _day(event.decoded("DTSTART", None))) is not None:
            spans[name] += _times(event, first)
            if sum(map(len, spans.values())) > MOST:
                break
    return spans


def _times(event: Component, first: date) -> list[tuple[date, date]]:
    start, end = event.decoded("DTSTART"), event.decoded("DTEND", None)
    after = _day(end)
    if after is not None and isinstance(end, datetime) and (end.hour or end.minute or after == first):
        after += timedelta(days=1)  # it lasts into that day
    length = max((after - first).days, 1) if after is not None else 1
    days = [first]
    if (rule := event.get("RRULE")) is not None:
        from itertools import islice

        from dateutil.rrule import rrulestr

        begin = datetime(start.year, start.month, start.day)
        try:
            every = rrulestr(rule.to_ical().decode(), dtstart=begin, ignoretz=True)
        except ValueError:
            return [(first, first + timedelta(days=length))]
        end_of_all = datetime.combine(first, datetime.min.time()) + 4 * AHEAD
        days = [d.date() for d in islice(every, MOST) if d <= end_of_all]
    return [(d, d + timedelta(days=length)) for d in days]


def _table(file: Path) -> Spans:
    import polars as pl

    try:
        table = pl.read_parquet(file) if file.suffix.lower() == ".parquet" else pl.read_csv(file, try_parse_dates=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{file} can't be read as a table: {str(error).splitlines()[0]}") from error
    spans: Spans = defaultdict(list)
    for row in table.iter_rows():
        days = [_day(cell) for cell in row[1:3]]
        first = days[0] if days else None
        if first is None:
            raise SourceError(f"{file} should hold a name and a day in each row, then perhaps a last day.")
        last = days[1] if len(days) > 1 and days[1] is not None else first
        if row[0] and last >= first:
            spans[" ".join(str(row[0]).split())[:80]].append((first, last + timedelta(days=1)))
    return spans


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
