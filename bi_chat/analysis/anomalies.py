"""In: a series in order of time. Out: its unusual points, each with what was expected and how far off it is.

Example: a day with three times the usual sales. Difficulty: Saturdays, growth and the season move a series too,
spikes bend whatever is fitted through them, and sales have heavier tails than the normal distribution.
Rule: medians take trend and weekday out, on the scale where the spread is even;
the limit is read off the series' own tail, so that clean data give fewer than two false alarms a year.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from bi_chat.values.drivers import Anomaly
from bi_chat.values.period import Grain

Points = Sequence[tuple[date, float]]
FEWEST = {Grain.DAY: 28, Grain.WEEK: 20, Grain.MONTH: 18}
_WINDOW = {Grain.DAY: 29, Grain.WEEK: 13, Grain.MONTH: 7}
_ALARMS = {Grain.DAY: 1 / 365, Grain.WEEK: 0.5 / 52, Grain.MONTH: 0.5 / 12}  # false ones to be expected of a point
_NORMAL_MAD = 1.4826
_TAIL = 0.1  # the part of the residuals that tells how heavy the tail is
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Unusual:
    """Unusual points in order of time; `scale`: the usual distance from what is expected, in the series' own unit."""

    points: tuple[Anomaly, ...]
    scale: float
    checked: int


@dataclass(frozen=True, slots=True)
class _Scale:
    """A monotone transform and its inverse."""

    there: Callable[[float], float]
    back: Callable[[float], float]


_PLAIN = _Scale(lambda x: x, lambda x: x)
_ROOT = _Scale(lambda x: math.sqrt(x + 0.375), lambda x: max(0.0, max(0.0, x) ** 2 - 0.375))
_LOG = _Scale(math.log, math.exp)


def without_gaps(points: Points, grain: Grain) -> list[tuple[date, float]]:
    """The series with every missing day or week between its ends as 0: for measures that add up, no rows is nothing."""
    if grain not in (Grain.DAY, Grain.WEEK) or not points:
        return list(points)
    known, step = dict(points), timedelta(days=1 if grain is Grain.DAY else 7)
    first, last = min(known), max(known)
    count = (last - first) // step + 1
    return [(day, known.get(day, 0.0)) for day in (first + step * i for i in range(count))]


def find_unusual(points: Points, grain: Grain, *, counts: bool = False) -> Unusual | None:
    """Unusual points of a series without repeated dates, in order; None where it is too short to know what is usual.

    `counts`: the values count things, so that chance alone makes them vary by the root of their mean.
    """
    values = [v for _, v in points]
    if grain not in FEWEST or len(values) < FEWEST[grain] or not all(map(math.isfinite, values)):
        return None
    scale, expected = _evenly(points, grain)
    residuals = [scale.there(v) - e for v, e in zip(values, expected, strict=True)]
    spread = _NORMAL_MAD * median(abs(r) for r in residuals)
    spread = max(spread, 0.5 if counts and scale is _ROOT else 0.0)
    back = [scale.back(e) for e in expected]
    usual = median(abs(v - e) for v, e in zip(values, back, strict=True))
    if spread <= 1e-12 * max(1.0, max(map(abs, residuals))):
        return Unusual((), usual, len(values))
    scores = [r / spread for r in residuals]
    limit = threshold(scores, _ALARMS[grain])
    found = [
        Anomaly(day, value, e, s) for (day, value), e, s in zip(points, back, scores, strict=True) if abs(s) > limit
    ]
    return Unusual(tuple(found), usual, len(values))


def threshold(scores: Sequence[float], alarms: float) -> float:
    """The score that clean data of this tail pass with a chance of `alarms` for a point.

    Peaks over threshold with a generalised Pareto tail (Pickands 1975), fitted by quantiles of the excesses so that the
    unusual points themselves hardly move it; never below what a normal distribution asks for.
    """
    sizes = sorted(abs(s) for s in scores)
    start = sizes[int((1 - _TAIL) * (len(sizes) - 1))]
    over = [s - start for s in sizes if s > start]
    normal = _normal_limit(alarms)
    if len(over) < 4:
        return max(normal, start)
    half, most = over[len(over) // 2], over[(3 * len(over)) // 4]
    shape = math.log2(max(most - half, 1e-9) / half) if half > 0 else 0.0
    shape = min(0.35, max(0.0, shape)) * len(over) / (len(over) + 20)  # few excesses tell little of the shape
    size = half * shape / (2**shape - 1) if shape > 1e-6 else half / math.log(2)
    ratio = _TAIL / alarms
    return max(normal, start + (size * (ratio**shape - 1) / shape if shape > 1e-6 else size * math.log(ratio)))


def _normal_limit(alarms: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - alarms / 2)


# ------------------------------------------------------------------ what is expected
def _evenly(points: Points, grain: Grain) -> tuple[_Scale, list[float]]:
    """The scale on which residuals spread most evenly over low and high levels, with the expected values on it."""
    least = min(v for _, v in points)
    scales = [_PLAIN, *([_ROOT] if least >= 0 else []), *([_LOG] if least > 0 else [])]
    best: tuple[float, _Scale, list[float]] | None = None
    for scale in scales:
        expected = _expected(points, grain, scale)
        sizes = [abs(scale.there(v) - e) for (_, v), e in zip(points, expected, strict=True)]
        uneven = abs(_rank_correlation(sizes, expected))
        if best is None or uneven < best[0] - 0.02:
            best = (uneven, scale, expected)
    assert best is not None
    return best[1], best[2]


def _expected(points: Points, grain: Grain, scale: _Scale) -> list[float]:
    """Running median and the weekday's median around it, each fitted to what the other leaves."""
    values = [scale.there(v) for _, v in points]
    parts = [day.isoweekday() if grain is Grain.DAY else 0 for day, _ in points]
    season = dict.fromkeys(parts, 0.0)
    trend = values
    for _ in range(_ROUNDS):
        trend = _smooth([v - season[p] for v, p in zip(values, parts, strict=True)], _WINDOW[grain])
        if grain is Grain.DAY:
            season = _by_part([v - t for v, t in zip(values, trend, strict=True)], parts)
    return [t + season[p] for t, p in zip(trend, parts, strict=True)]


def _smooth(values: Sequence[float], width: int) -> list[float]:
    """Running median over `width` points, shorter at the ends, then a short mean that takes its steps off."""
    half, count = width // 2, len(values)
    middle = [median(values[max(0, i - half) : i + half + 1]) for i in range(count)]
    near = max(1, half // 4)
    return [math.fsum(part) / len(part) for i in range(count) for part in [middle[max(0, i - near) : i + near + 1]]]


def _by_part(values: Sequence[float], parts: Sequence[int]) -> dict[int, float]:
    found = {p: median(v for v, q in zip(values, parts, strict=True) if q == p) for p in set(parts)}
    centre = math.fsum(found.values()) / len(found)
    return {p: v - centre for p, v in found.items()}


def _rank_correlation(left: Sequence[float], right: Sequence[float]) -> float:
    one, two = _ranks(left), _ranks(right)
    middle = (len(one) - 1) / 2
    top = math.fsum((a - middle) * (b - middle) for a, b in zip(one, two, strict=True))
    size = math.fsum((a - middle) ** 2 for a in one)
    return top / size if size else 0.0


def _ranks(values: Sequence[float]) -> list[int]:
    ranks = [0] * len(values)
    for rank, index in enumerate(sorted(range(len(values)), key=lambda i: values[i])):
        ranks[index] = rank
    return ranks
