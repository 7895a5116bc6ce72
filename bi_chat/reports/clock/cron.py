"""In: five cron fields. Out: the moments that they name, in a time zone, right where clocks are put forward or back.

Example: "30 2 * * *" on the night when 02:30 does not exist. Difficulty: a job must run once a day, an hourly one once
an hour. Rule (as Debian's cron): a job at fixed hours runs once, at the end of a gap, and the first time where an hour
comes twice; one for every hour follows the hours as they really pass.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RANGES = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")
LAST = 32  # "L": the last day of the month
FURTHEST = timedelta(days=366 * 9)  # 29 February may be eight years away


class CronError(ValueError):
    """The fields name no moments; the text says why."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes, hours, days of the month (LAST is the last), months and weekdays (0 is Sunday), each in order.

    `every_hour`: the hours were not chosen (a star, or a star with a step). `any_day`, `any_weekday`: that field was a
    star; where neither was, a day counts that meets either.
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    every_hour: bool = False
    any_day: bool = True
    any_weekday: bool = True

    def on(self, day: date) -> bool:
        """Whether it is due on a day."""
        if day.month not in self.months:
            return False
        last = calendar.monthrange(day.year, day.month)[1]
        by_day = day.day in self.days or (LAST in self.days and day.day == last)
        by_weekday = day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday

    def between(self, after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """The moments after one and up to another, as UTC, in order; both moments know their time zone."""
        day, last = after.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date()
        while day <= last:
            if self.on(day):
                for moment in sorted(set(self._moments(day, zone))):
                    if after < moment <= until:
                        yield moment
            day += timedelta(days=1)

    def following(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """The first moment after one; None where there is none ("30 February")."""
        return next(self.between(after, after + FURTHEST, zone), None)

    def _moments(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                first = local.astimezone(UTC)
                exists = first.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
                if exists:
                    yield first
                    second = local.replace(fold=1).astimezone(UTC)
                    if self.every_hour and second != first:
                        yield second
                elif not self.every_hour:
                    yield _end_of_gap(local)


def _end_of_gap(local: datetime) -> datetime:
    """The moment at which clocks are put forward over a time that doesn't exist."""
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    assert before is not None and after is not None
    low = (local.replace(tzinfo=None) - max(before, after)).replace(tzinfo=UTC)
    moment = low.replace(second=0)
    zone = local.tzinfo
    while moment.astimezone(zone).utcoffset() == min(before, after):
        moment += timedelta(minutes=1)
    return moment


def parse_cron(text: str) -> Cron:
    """Fields as crontab(5) has them: lists, ranges, steps, names; L for the last day. Raises CronError."""
    fields = text.lower().split()
    if len(fields) != len(_RANGES):
        raise CronError(f"cron has five fields (minute hour day month weekday), not {len(fields)}")
    found = [_field(f, *r) for f, r in zip(fields, _RANGES, strict=True)]
    weekdays = tuple(sorted({d % 7 for d in found[4]}))
    every_hour, any_day, any_weekday = (fields[i].startswith("*") for i in (1, 2, 4))
    made = Cron(text, found[0], found[1], found[2], found[3], weekdays, every_hour, any_day, any_weekday)
    if made.following(datetime(2024, 1, 1, tzinfo=UTC), ZoneInfo("UTC")) is None:
        raise CronError("no day is like that")
    return made


def _field(text: str, name: str, low: int, high: int) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(","):
        if name == "day" and part == "l":
            found.add(LAST)
            continue
        made = _PART.fullmatch(part)
        if made is None:
            raise CronError(f"{part!r} is no {name}")
        start, end, step = made.groups()
        first = low if start == "*" else _number(start, name, low, high)
        last = _number(end, name, low, high) if end else high if start == "*" or step else first
        if last < first or (step and int(step) < 1):
            raise CronError(f"{part!r} is no range of {name}s")
        found.update(range(first, last + 1, int(step or 1)))
    return tuple(sorted(found))


def _number(text: str, name: str, low: int, high: int) -> int:
    names = {"month": _MONTHS, "weekday": _DAYS}.get(name, ())
    number = (
        names.index(text[:3]) + low if text[:3] in names else int(text) if text.isascii() and text.isdigit() else -1
    )
    if not low <= number <= high:
        raise CronError(f"the {name} is {low} to {high}, not {text!r}")
    return number
