"""In: a history. Out: the times of the steps after it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bi_chat.values.forecast import History
from bi_chat.values.period import Grain, shift

_SATURDAY = 6


def times_after(history: History, count: int) -> tuple[datetime, ...]:
    """The next `count` times. Months that were stamped with their last day stay so."""
    if history.weekdays_only:
        return _weekdays(history.times[-1], count)
    last = history.times[-1]
    if history.grain is Grain.HOUR:
        return tuple(last + timedelta(hours=history.every * i) for i in range(1, count + 1))
    ends = history.grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR) and _all_month_ends(history.times)
    made = []
    for i in range(1, count + 1):
        # from the first day of the month, else the 31st would shrink to the 28th and stay there
        base = shift(last.date().replace(day=1), history.grain, history.every * i) if ends else None
        day = shift(base, Grain.MONTH, 1) - timedelta(days=1) if base else shift(last.date(), history.grain, history.every * i)
        made.append(datetime.combine(day, last.time()))
    return tuple(made)


def _all_month_ends(times: tuple[datetime, ...]) -> bool:
    return all((t + timedelta(days=1)).day == 1 for t in times[-24:])


def _weekdays(last: datetime, count: int) -> tuple[datetime, ...]:
    made, day = [], last
    while len(made) < count:
        day += timedelta(days=1)
        if day.isoweekday() < _SATURDAY:
            made.append(day)
    return tuple(made)
