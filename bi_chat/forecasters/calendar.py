"""In: a daily or weekly history. Out: holidays and shopping days that its own past shows, and what they do ahead.

Example: shops stand still over Chinese New Year, which moves by a month, so that no season of fixed length holds it.
Difficulty: thirty days of a calendar and two to four years of each: some look special by luck. Rule: what is left over
after the usual level and weekday is compared with the same number of usual steps; each time must point the same way,
far beyond the noise; the clearest is taken out first, the next judged by what remains. What a past forecast may use
are the times that were over by then. (Regression on residuals: Hyndman & Athanasopoulos 2021, ch. 7.4 and 10.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bi_chat.forecasters.arrays import Floats, Ints
from bi_chat.values.forecast import OwnEvent
from bi_chat.values.holidays import EASTER, FIXED, LUNAR_DAYS, WEEKDAY_OF_MONTH, holiday
from bi_chat.values.period import Grain

# events whose days before and after may matter as well; those of one week at least also in weeks
_LONG = ("christmas", "new_year", "spring_festival", "national_day")
_SHORT = ("singles_day", "mid_year_sale", "black_friday", "double_twelve", "easter", "thanksgiving", "valentines_day")
_AROUND = {Grain.DAY: 43, Grain.WEEK: 9}  # steps over which the usual level is the median
_CLEAR = 4.0  # standard errors of its mean, and by so many more as it was seen seldom:
_SELDOM = 4.0
_FEWEST = {Grain.DAY: 2, Grain.WEEK: 3}  # times; a week also holds much else
_EACH = 1.0  # standard deviations of every single time
_ASIDE = 0.7  # the days around an event must be that much clearer than the event's own
_LEAST = 0.05  # of the usual level
_MOST = 8
_TESTED = 8
_SHRINK = 0.3  # how many times without effect are put beside the seen ones
_NEAR = {Grain.DAY: 1, Grain.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The steps that one time of an event touches, and how much of it falls into each."""

    steps: Ints
    weights: Floats


@dataclass(frozen=True, slots=True)
class Part:
    """The days before, on or after an event, in every year, in order of time. `doubt`: of one time, in usual levels."""

    event: str
    side: str
    times: tuple[Occurrence, ...]
    doubt: float = 0.0


@dataclass(frozen=True, slots=True)
class Lift:
    """What events do in steps, as parts of the usual level: 0.5 is half more. `doubt`: its standard deviation."""

    size: Floats
    doubt: Floats


@dataclass(frozen=True, slots=True)
class Calendar:
    """`parts` clearest first; `usual` (n,) the level without events; `left` (n,) what is left over, in parts of it."""

    parts: tuple[Part, ...]
    usual: Floats
    left: Floats

    def lift(self, known: int, first: int, count: int) -> Lift:
        """Effects in the `count` steps from `first` on, learnt from the first `known` values alone."""
        left = self.left[:known].copy()
        size, variance = np.zeros(count), np.zeros(count)
        for part in self.parts:
            found, seen = _effect(part, left)
            for time in part.times:
                past = time.steps < known
                left[time.steps[past]] -= found * time.weights[past]
                inside = (time.steps >= first) & (time.steps < first + count)
                size[time.steps[inside] - first] += found * time.weights[inside]
                if seen:
                    variance[time.steps[inside] - first] += (1 + 1 / seen) * (part.doubt * time.weights[inside]) ** 2
        return Lift(np.maximum(size, -1.0), np.sqrt(variance))

    def without(self, y: Floats) -> Floats:
        """The history (n,) as it would have been on usual days; positive where it was."""
        kept = y - self.usual * self.lift(len(y), 0, len(y)).size
        return np.asarray(np.maximum(kept, float(y.min())))

    def origins(self, horizon: int, least: int) -> Ints:
        """Where to test it: at half a horizon before each time that has another before it, the latest eight."""
        known = len(self.left)
        at = [int(t.steps[0]) - horizon // 2 for p in self.parts for t in p.times[1:] if int(t.steps[-1]) < known]
        return np.unique([a for a in at if least <= a < known]).astype(np.int64)[-_TESTED:]

    def effects(self) -> list[tuple[Part, float, int]]:
        """Each part with its mean effect and how often it was seen."""
        left, found = self.left.copy(), []
        for part in self.parts:
            size, seen = _effect(part, left)
            _take(part, size, left)
            found.append((part, size * (seen + _SHRINK) / seen, seen))
        return found


def calendar_of(
    y: Floats,
    times: tuple[datetime, ...],
    ahead: tuple[datetime, ...],
    grain: Grain,
    own: tuple[OwnEvent, ...] = (),
) -> Calendar | None:
    """The events that y (n,) at `times` shows; None without any that concerns the steps ahead or the latest ones."""
    width = _AROUND.get(grain, 0)
    if not width or len(y) < 3 * width or float(y.min()) < 0 or (y == 0).mean() > 0.2:
        return None
    usual = _usual(y, times, width, grain)
    if usual.min() <= 0:
        return None
    left = y / usual - 1
    seen = (p for p in _parts(times, ahead, grain, own) if len(_each(p, left)) >= _FEWEST[grain])
    parts = tuple(_chosen(list(seen), left))
    return Calendar(parts, usual, left) if any(_concerns(p, len(y), width) for p in parts) else None


def _concerns(part: Part, known: int, width: int) -> bool:
    return any(int(t.steps[-1]) >= known - width // 2 for t in part.times)


def _usual(y: Floats, times: tuple[datetime, ...], width: int, grain: Grain) -> Floats:
    """Running median, times that of each weekday's part of it."""
    level = np.pad(np.median(sliding_window_view(y, width), axis=-1), width // 2, mode="edge")
    level = np.maximum(level, 1e-3 * float(y.mean()))
    if grain is not Grain.DAY:
        return np.asarray(level)
    day = np.array([t.isoweekday() for t in times])
    ratio = y / level
    return np.asarray(level * np.array([0, *(_median(ratio[day == d]) for d in range(1, 8))])[day])


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else 1.0


def _parts(
    times: tuple[datetime, ...], ahead: tuple[datetime, ...], grain: Grain, own: tuple[OwnEvent, ...]
) -> Iterator[Part]:
    """Every known event around the history and the steps ahead."""
    every = (*times, *ahead)
    starts = np.array([t.date().toordinal() for t in every])
    years = range(every[0].year - 1, every[-1].year + 2)
    for event in chain(FIXED, WEEKDAY_OF_MONTH, EASTER, LUNAR_DAYS):
        spans = [span for year in years if (span := _span(event, year)) is not None]
        wide = event in _LONG or (event in _SHORT and grain is Grain.DAY)
        for side in ("before", "on", "after") if wide else ("on",):
            met = [_met(_side(span, side, grain), starts, _NEAR[grain]) for span in spans]
            yield Part(event, side, tuple(m for m in met if m is not None))

    for mine in own:
        met = [_met(span, starts, _NEAR[grain]) for span in sorted(mine.spans)]
        yield Part(mine.name, "on", tuple(m for m in met if m is not None))


def _span(event: str, year: int) -> tuple[date, date] | None:
    try:
        return holiday(event, year)
    except ValueError:
        return None


def _side(span: tuple[date, date], side: str, grain: Grain) -> tuple[date, date]:
    """The days before and after are as many as the event's, two at least; for weeks seven."""
    first, end = span
    around = timedelta(days=7 if grain is Grain.WEEK else min(max((end - first).days, 2), 7))
    return {"before": (first - around, first), "on": span, "after": (end, end + around)}[side]


def _met(span: tuple[date, date], starts: Ints, length: int) -> Occurrence | None:
    """The steps of `length` days that a span of days touches."""
    first, end = (d.toordinal() for d in span)
    shared = np.minimum(starts + length, end) - np.maximum(starts, first)
    steps = np.flatnonzero(shared > 0)
    if not len(steps) or (steps[0] == 0 and starts[0] > first):
        return None
    return Occurrence(steps, shared[steps] / min(length, end - first))


def _chosen(parts: list[Part], left: Floats) -> Iterator[Part]:
    """The clearest part first, then the clearest in what it leaves over."""
    left = left.copy()
    for _ in range(_MOST):
        noise: dict[int, float] = {}
        judged = [(_clearness(p, left, noise), p) for p in parts]
        best, part = max(judged, key=lambda j: j[0], default=(0.0, None))
        if part is None or best < 1.0:
            return
        found, _ = _effect(part, left)
        _take(part, found, left)
        parts.remove(part)
        yield Part(part.event, part.side, part.times, noise[len(part.times[0].steps)])


def _clearness(part: Part, left: Floats, noise: dict[int, float]) -> float:
    """Standard errors of the mean effect against what is asked for; 0 where the times disagree."""
    each = _each(part, left)
    width = len(part.times[0].steps)
    if width not in noise:
        blocks = sliding_window_view(left, width).mean(axis=-1)
        noise[width] = 1.4826 * float(np.median(np.abs(blocks - np.median(blocks)))) + 1e-6
    mean = float(each.mean())
    together = bool((each * np.sign(mean) > _EACH * noise[width]).all())
    if not together or abs(mean) < _LEAST:
        return 0.0
    errors = abs(mean) / noise[width] * float(np.sqrt(len(each))) * (1.0 if part.side == "on" else _ASIDE)
    return errors / (_CLEAR + _SELDOM / len(each))


def _each(part: Part, left: Floats) -> Floats:
    """The effect of each time that is over."""
    over = [t for t in part.times if int(t.steps[-1]) < len(left)]
    return np.array([float(t.weights @ left[t.steps] / (t.weights @ t.weights)) for t in over])


def _effect(part: Part, left: Floats) -> tuple[float, int]:
    """Mean effect, drawn a little towards none, and of how many times."""
    each = _each(part, left)
    return float(each.sum()) / (len(each) + _SHRINK), len(each)


def _take(part: Part, size: float, left: Floats) -> None:
    for time in part.times:
        past = time.steps < len(left)
        left[time.steps[past]] -= size * time.weights[past]
