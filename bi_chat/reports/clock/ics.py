"""In: reports with a schedule, and now. Out: a calendar (RFC 5545) of the moments that come, for calendar programs.

Each moment is an event of its own, in UTC: a rule of repetition would need our time zones in programs with their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from bi_chat.language.display import one_line
from bi_chat.reports.report import Report

AHEAD = timedelta(days=92)
MOST = 200  # events of one report
_LONGEST = 73  # octets of a line; a longer one is folded


def calendar(reports: Iterable[Report], now: datetime) -> bytes:
    """The next three months."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bi_chat//reports//EN", "CALSCALE:GREGORIAN"]
    for report in reports:
        lines += _events(report, now)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _events(report: Report, now: datetime) -> Iterator[str]:
    if report.schedule is None:
        return
    moments = report.schedule.cron.between(now, now + AHEAD, report.schedule.zone)
    for _, moment in zip(range(MOST), moments, strict=False):
        yield "BEGIN:VEVENT"
        yield f"UID:{_escaped(report.id)}-{_stamp(moment)}@bi_chat"
        yield f"DTSTAMP:{_stamp(now)}"
        yield f"DTSTART:{_stamp(moment)}"
        yield "DURATION:PT15M"
        yield f"SUMMARY:{_escaped(report.title)}"
        yield f"DESCRIPTION:{_escaped(f'{report.schedule.said} ({report.schedule.zone.key})')}"
        yield "TRANSP:TRANSPARENT"
        yield "END:VEVENT"


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    said = one_line(text, 200).replace("\\", "\\\\")
    return said.replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[bytes]:
    """Pieces that are not too long, none cut inside a letter; all but the first begin with a blank."""
    piece = b""
    for letter in line:
        encoded = letter.encode("utf-8")
        if len(piece) + len(encoded) > _LONGEST:
            yield piece
            piece = b" "
        piece += encoded
    yield piece
