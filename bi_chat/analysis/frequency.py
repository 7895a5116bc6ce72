"""In: times. Out: the calendar step they follow, the grid of times from one end to the other, and how it goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice, pairwise

from bi_chat.values.forecast import History
from bi_chat.values.period import BusinessCalendar, Grain
from bi_chat.values.period import floor as floor_day
from bi_chat.values.period import shift as shift_day

_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_ENOUGH = 60  # times that show where a step is anchored
_CALENDAR = BusinessCalendar()
_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Step:
    """`every` grains. `anchor` is a time of the grid; `month_end`: months are stamped with their last day."""

    grain: Grain
    every: int = 1
    anchor: datetime = datetime(1970, 1, 1)
    month_end: bool = False

    def holds(self, at: datetime) -> bool:
        """Whether a time lies on the grid."""
        return self.stamp(self.index(at)) == at

    def floor(self, at: datetime) -> datetime:
        """The grid's time of the period that holds `at`."""
        return self.stamp(self.index(at))

    def after(self, at: datetime) -> datetime:
        """When the period of a grid time is over."""
        if self.month_end:
            return at + _DAY
        return self.stamp(self.index(at) + 1)

    def index(self, at: datetime) -> int:
        """How many steps from the anchor."""
        if self.grain in _MONTHS:
            months = (at.year - self.anchor.year) * 12 + at.month - self.anchor.month
            day = min(self.anchor.day, _month_length(at))
            early = not self.month_end and (at.day, at.time()) < (day, self.anchor.time())
            return (months - early) // (_MONTHS[self.grain] * self.every)
        return (at - self.anchor) // (self._length() * self.every)

    def stamp(self, index: int) -> datetime:
        """The time that many steps from the anchor."""
        if self.grain not in _MONTHS:
            return self.anchor + self._length() * self.every * index
        by = index * self.every
        if not self.month_end:
            return datetime.combine(shift_day(self.anchor.date(), self.grain, by), self.anchor.time())
        first = shift_day(self.anchor.date().replace(day=1), self.grain, by)
        return datetime.combine(shift_day(first, Grain.MONTH, 1) - _DAY, self.anchor.time())

    def _length(self) -> timedelta:
        return {Grain.HOUR: _HOUR, Grain.DAY: _DAY, Grain.WEEK: _WEEK}[self.grain]


def _month_length(at: datetime) -> int:
    return (shift_day(at.date().replace(day=1), Grain.MONTH, 1) - _DAY).day


def anchored(grain: Grain, every: int, times: list[datetime]) -> Step:
    """A step of a given size, with the times' own stamps where they agree, else with the calendar's periods."""
    ordered = sorted(set(times))
    month_end = grain in _MONTHS and all((t + _DAY).day == 1 for t in ordered)
    own = Step(grain, every, ordered[0], month_end)
    if all(own.holds(t) for t in ordered):
        return own
    if grain is Grain.HOUR:
        return Step(grain, every, ordered[0].replace(minute=0, second=0, microsecond=0))
    first: date = floor_day(ordered[0].date(), grain, _CALENDAR)
    return Step(grain, every, datetime.combine(first, datetime.min.time()))


def step_of(times: list[datetime]) -> Step | None:
    """The step that the times follow: the smallest usual distance, in calendar terms; None if they are all one time.

    Times that follow no grid get the grain that holds about one of them in each period.
    """
    ordered = sorted(set(times))
    gaps = [b - a for a, b in pairwise(ordered)]
    if not gaps:
        return None
    usual, often = Counter(gaps).most_common(1)[0]
    if often <= len(gaps) / 2:
        usual = sorted(gaps)[len(gaps) // 2]
    grain, every = _calendar_step(usual)
    made = anchored(grain, every, ordered)
    if every == 1 or all(made.holds(t) for t in ordered):
        return made
    whole = anchored(grain, 1, ordered)
    return whole if all(whole.holds(t) for t in ordered) else replace(made, every=1)


def _calendar_step(gap: timedelta) -> tuple[Grain, int]:
    """The grain and multiple nearest to a distance."""
    days = gap / _DAY
    for grain, low, high in ((Grain.MONTH, 27.5, 31.5), (Grain.QUARTER, 88, 93), (Grain.YEAR, 360, 370)):
        if low <= days <= high:
            return grain, 1
    if days > 31.5:
        return (Grain.YEAR, max(round(days / 365.25), 1)) if days > 370 else (Grain.MONTH, max(round(days / 30.44), 1))
    if days >= 6.5 and round(days) % 7 == 0:
        return Grain.WEEK, round(days / 7)
    if days >= 1:
        return Grain.DAY, int(days)
    return Grain.HOUR, max(int(gap / _HOUR), 1)


def grid(first: datetime, last: datetime, step: Step, *, weekdays_only: bool = False) -> list[datetime]:
    """All times of the step from the first to the last."""
    times = [step.stamp(i) for i in range(step.index(first), step.index(last) + 1)]
    return [t for t in times if t.isoweekday() < 6] if weekdays_only else times


def times_after(history: History, count: int) -> tuple[datetime, ...]:
    """The next `count` times after a history."""
    times = history.times[-_ENOUGH:]
    step = anchored(history.grain, history.every, list(times))
    ahead = (step.stamp(step.index(times[-1]) + i) for i in range(1, 2 * count + 7))
    return tuple(islice((t for t in ahead if not history.weekdays_only or t.isoweekday() < 6), count))
