"""In: two periods. Out: the earlier pairs of periods, equally long and equally far apart, that say what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bi_chat.values.period import BusinessCalendar, Days, Grain, Period, floor, shift

_PAIRS = {Grain.DAY: 42, Grain.WEEK: 26, Grain.MONTH: 12}
_YEAR = {Grain.DAY: 364, Grain.WEEK: 52, Grain.MONTH: 12}


@dataclass(frozen=True, slots=True)
class PastPairs:
    """Buckets of `grain` before the window as (earlier, later); `span` covers them all; `yearly`: a year apart."""

    grain: Grain
    pairs: tuple[tuple[date, date], ...]
    yearly: bool

    @property
    def span(self) -> Days:
        """From the first bucket through the last."""
        return Days(min(a for a, _ in self.pairs), shift(max(b for _, b in self.pairs), self.grain, 1))


def past_pairs(window: Period, baseline: Period, calendar: BusinessCalendar) -> PastPairs | None:
    """Earlier pairs of a day, week or month and a baseline of the same length; None for other shapes."""
    if window.start is None or baseline.start is None or baseline.start >= window.start:
        return None
    for grain, count in _PAIRS.items():
        if all(_is_one(p, grain, calendar) for p in (window, baseline)):
            lag = _steps(baseline.start, window.start, grain)
            later = [shift(window.start, grain, -i) for i in range(1, count + 1)]
            pairs = tuple((shift(day, grain, -lag), day) for day in later)
            return PastPairs(grain, pairs, lag >= _YEAR[grain])
    return None


def _is_one(period: Period, grain: Grain, calendar: BusinessCalendar) -> bool:
    start = period.start
    return start is not None and floor(start, grain, calendar) == start and shift(start, grain, 1) == period.end


def _steps(one: date, two: date, grain: Grain) -> int:
    if grain is Grain.MONTH:
        return (two.year - one.year) * 12 + two.month - one.month
    return (two - one) // timedelta(days=7 if grain is Grain.WEEK else 1)
