"""In: what each segment was before and after. Out: its part in the change of the total;
the parts add up to the change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class MixAndRate:
    """A segment's part in the change of a ratio: `mix` by its changed weight, `rate` by its own changed ratio."""

    mix: float
    rate: float

    @property
    def contribution(self) -> float:
        """Both together."""
        return self.mix + self.rate


@dataclass(frozen=True, slots=True)
class Ratio:
    """Numerator over denominator of a segment in one period."""

    top: float
    bottom: float

    @property
    def value(self) -> float | None:
        """The ratio; None without a denominator."""
        return self.top / self.bottom if self.bottom else None


def contributions(before: Sequence[float], after: Sequence[float]) -> tuple[float, ...]:
    """What each segment adds to the change of a measure that adds up."""
    return tuple(b - a for a, b in zip(before, after, strict=True))


def mix_and_rate(before: Sequence[Ratio], after: Sequence[Ratio]) -> tuple[MixAndRate, ...]:
    """The change of sum(top) / sum(bottom) split over segments; mix and rate of all add up to it.

    Bennet's symmetric decomposition (1920): weights and ratios of both periods are averaged, and a weight counts
    against the mean of the total, so that a segment as good as the rest moves nothing by growing. A segment of one
    period only is all mix. Raises ValueError where a period has no denominator at all.
    """
    bottoms = math.fsum(r.bottom for r in before), math.fsum(r.bottom for r in after)
    if not bottoms[0] or not bottoms[1]:
        raise ValueError("a ratio without a denominator has no change")
    totals = math.fsum(r.top for r in before) / bottoms[0], math.fsum(r.top for r in after) / bottoms[1]
    middle = (totals[0] + totals[1]) / 2
    return tuple(_of_segment(one, two, bottoms, middle) for one, two in zip(before, after, strict=True))


def _of_segment(one: Ratio, two: Ratio, bottoms: tuple[float, float], middle: float) -> MixAndRate:
    w0, w1 = one.bottom / bottoms[0], two.bottom / bottoms[1]
    r0, r1 = one.value, two.value
    if r0 is None or r1 is None:
        # a numerator without a denominator still belongs to the total
        return MixAndRate(two.top / bottoms[1] - one.top / bottoms[0] - (w1 - w0) * middle, 0.0)
    return MixAndRate((w1 - w0) * ((r0 + r1) / 2 - middle), (w0 + w1) / 2 * (r1 - r0))


def fair_shares(before: Sequence[float], change: float) -> tuple[float, ...]:
    """What each segment would add to the change, had all moved by the same factor;
    zeros where the base is not positive."""
    base = math.fsum(before)
    if base <= 0 or min(before, default=0.0) < 0:
        return tuple(0.0 for _ in before)
    return tuple(change * part / base for part in before)


def deviance(before: float, after: float, before_total: float, after_total: float) -> float:
    """Signed root of twice the log likelihood ratio: did the segment move by another factor than the rest?

    Counts in, standard normal out where nothing happened. The two-sample form of the scan statistic (Kulldorff 1997):
    of nested segments it prefers the one that the change fills, neither the fragment nor the whole around it.
    """
    rest_before, rest_after = before_total - before, after_total - after
    cells = (before, after, rest_before, rest_after)
    if min(cells) < -1e-9 * max(1.0, before_total + after_total):
        raise ValueError("counts can't be negative")
    total = before_total + after_total
    if not total:
        return 0.0
    rows = (before + after, rest_before + rest_after)
    columns = (before_total, after_total)
    terms = (
        _surprise(cell, rows[i // 2] * columns[i % 2] / total) for i, cell in enumerate(max(0.0, c) for c in cells)
    )
    twice = 2 * math.fsum(terms)
    if twice <= _ROUNDING * total:  # the terms cancel where all moved alike; the root would blow up what is left
        return 0.0
    return math.copysign(math.sqrt(twice), after * before_total - before * after_total)


def _surprise(seen: float, expected: float) -> float:
    return seen * math.log(seen / expected) if seen > 0 and expected > 0 else 0.0


def two_sided(score: float) -> float:
    """The chance of a standard normal score at least so far from 0."""
    return 2 * _NORMAL.cdf(-abs(score))


def discoveries(chances: Sequence[float], level: float) -> tuple[bool, ...]:
    """Which of many tests stand out when at most `level` of those named may be false (Benjamini and Hochberg 1995)."""
    ordered = sorted(chances)
    count = len(ordered)
    limit = max((p for i, p in enumerate(ordered, 1) if p <= level * i / count), default=-1.0)
    return tuple(p <= limit for p in chances)


def together(chances: Sequence[float]) -> float:
    """One chance for several tests at once: that none of them has anything to find (Simes 1986)."""
    ordered = sorted(chances)
    return min((p * len(ordered) / i for i, p in enumerate(ordered, 1)), default=1.0)
