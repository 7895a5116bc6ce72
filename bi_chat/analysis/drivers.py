"""In: a measure by several dimensions in two periods. Out: breakdowns ranked by how well they explain the change.

Example: a strike in one region. Difficulty: the region's biggest shop and a rarely bought article fell too, and of a
hundred articles one always moves oddly. Rule: a segment's quality is how much of the change it explains beyond its fair
share, times how surely it moved by another factor than the rest: a likelihood ratio, which of nested segments prefers
the one that the change fills. Kin: Adtributor (explanatory power and surprise, Bhagwan et al. 2014) and the scan
statistic (Kulldorff 1997).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from bi_chat.analysis.contribution import (
    Ratio,
    contributions,
    deviance,
    discoveries,
    fair_shares,
    mix_and_rate,
    together,
    two_sided,
)
from bi_chat.analysis.usual import Usual
from bi_chat.values.drivers import Breakdown, Driver, Segment
from bi_chat.values.plan import FieldRef, Plan
from bi_chat.values.result import Cell

LEVEL = 0.1  # of the segments that are said to stand out, so many may do so by chance
_CHI_MEDIAN = 0.4549  # of a squared standard normal
_FEWEST = 5  # rows below which a segment says nothing about usual variation
_PLAIN = 2.0  # the least score of a segment that is said to stand out
_CERTAIN = 8  # rows of one period that hardly miss the other by chance


@dataclass(frozen=True, slots=True)
class Amounts:
    """A segment (or the total) in both periods: `top` is the amount or numerator, `weight` its rows or denominator."""

    top: tuple[float, float]
    weight: tuple[float, float]

    @property
    def size(self) -> tuple[float, float]:
        """The tops without their signs."""
        return abs(self.top[0]), abs(self.top[1])

    def rest_of(self, total: Amounts) -> Amounts:
        """All but this segment."""
        return Amounts(
            (total.top[0] - self.top[0], total.top[1] - self.top[1]),
            (total.weight[0] - self.weight[0], total.weight[1] - self.weight[1]),
        )

    def ratio(self, side: int) -> Ratio:
        """The ratio of one period."""
        return Ratio(self.top[side], self.weight[side])


@dataclass(frozen=True, slots=True)
class ByDimension:
    """The measure by one dimension in both periods, one row for each value.

    `values`: how many the field has in all; `timed`: they are names of things with a start and an end of their own.
    """

    field: FieldRef
    label: str
    rows: tuple[tuple[Cell, Amounts], ...]
    plan: Plan = Plan()
    values: int = 0
    timed: bool = False


def rank_drivers(
    tables: Sequence[ByDimension],
    total: Amounts,
    *,
    ratio: bool,
    usual: Mapping[FieldRef, Mapping[Cell, Usual]] | None = None,
) -> tuple[Breakdown, ...]:
    """Breakdowns with scored segments, best explanation first. Tables with fewer than two segments are left out.

    `usual`: how the segments of some dimensions moved between earlier periods; it is then expected of them.
    """
    change, base = _change(total, ratio=ratio), _base(total, ratio=ratio)
    way = math.copysign(1.0, change)
    made = [(t, _scored(t, total, ratio=ratio)) for t in tables if len(t.rows) > 1]
    seen = [s.usual for _, found in made for s in found if s.weight >= _FEWEST]
    spread = _Noise(math.sqrt(_spread(seen, least=0.0 if ratio else 1.0)), base, measured=ratio)
    known = usual or {}
    judged = [
        (t, [_judged(s, known.get(t.field, {}).get(s.segment.value), spread) for s in found]) for t, found in made
    ]
    flags = iter(_standing_out([[sure for _, sure in found] for _, found in judged]))
    found = [_breakdown(t, [_flagged(s, way, next(flags)) for s, _ in segments], change) for t, segments in judged]
    return tuple(sorted(found, key=lambda b: (b.periodic, -quality(b.segments[0], change))))


@dataclass(frozen=True, slots=True)
class _Noise:
    """`spread` times chance is the usual variation; `measured`: the size of chance itself is known only from it."""

    spread: float
    base: float
    measured: bool

    def least(self, chance: float) -> float:
        """What no history can go below: chance alone; a part of the usual variation where chance has no size."""
        return chance * self.spread / 4 if self.measured else chance


def _judged(scored: _Scored, usual: Usual | None, noise: _Noise) -> tuple[Segment, float]:
    """The segment with its score among the others of these two periods, and the score by which it may stand out.

    Segments are ranked by the first: a cause may well sit where much moves. Where the segment's own past is known, only
    that says whether it stands out.
    """
    segment, score = scored.segment, scored.raw / noise.spread
    if usual is None or not score or not segment.excess:
        return replace(segment, score=score), score
    chance = abs(segment.excess / scored.raw)
    known = replace(segment, expected=segment.expected + usual.drift * noise.base)
    sure = known.excess / max(noise.least(chance), abs(usual.spread * noise.base))
    return replace(known, score=known.excess / (chance * noise.spread)), sure


def _flagged(segment: Segment, way: float, flag: bool) -> Segment:
    """A dozen earlier pairs tell a spread only roughly: the two periods themselves must show something as well."""
    return replace(segment, score=segment.score * way, stands_out=flag and abs(segment.score) >= _PLAIN)


def _standing_out(scores: Sequence[Sequence[float]]) -> list[bool]:
    """Which segments are more than chance: first which dimensions, by all their segments, then which of these."""
    chances = [[two_sided(s) for s in found] for found in scores]
    dimensions = discoveries([together(c) for c in chances], LEVEL)
    return [
        flag
        for found, named in zip(chances, dimensions, strict=True)
        for flag in (discoveries(found, LEVEL) if named else [False] * len(found))
    ]


def quality(segment: Segment, change: float) -> float:
    """Explanatory power times surprise: the excess as a share of the change, times its score;
    0 if either runs against it."""
    share = segment.excess / change if change else 0.0
    return max(0.0, share) * max(0.0, segment.score)


def headline(breakdowns: Sequence[Breakdown], change: float) -> Driver | None:
    """The one segment to name first: the best named value that moved with the total, of a dimension that lasts.

    Of names for the same rows it takes the one of the dimension with most values: it says most.
    """
    found = [
        (float(f"{quality(s, change):.9g}"), b.values, -i, Driver(b.field, b.label, s))
        for i, b in enumerate(breakdowns)
        for s in b.segments
        if not b.periodic and s.value is not None and quality(s, change) > 0
    ]
    return max(found, key=lambda x: x[:3])[3] if found else None


@dataclass(frozen=True, slots=True)
class _Scored:
    """`raw` is the score by chance alone, `usual` the one against the dimension's middle,
    which one cause can't move."""

    segment: Segment
    raw: float
    usual: float
    weight: float


def _change(total: Amounts, *, ratio: bool) -> float:
    if not ratio:
        return total.top[1] - total.top[0]
    before, after = total.ratio(0).value, total.ratio(1).value
    return (after or 0.0) - (before or 0.0)


def _base(total: Amounts, *, ratio: bool) -> float:
    return (total.ratio(0).value or 0.0) if ratio else total.top[0]


def _spread(usual: Sequence[float], *, least: float) -> float:
    """How much more than by chance segments vary: from the median of squared scores, which few causes can't move.

    Where most segments did not move at all (shares of rare things) the median is 0; a part of the mean then stands in.
    """
    squares = [u**2 for u in usual]
    if len(squares) < 4:
        return 1.0
    return max(least, median(squares) / _CHI_MEDIAN, math.fsum(squares) / len(squares) / 20) or 1.0


def _breakdown(table: ByDimension, segments: Sequence[Segment], change: float) -> Breakdown:
    residual = change - math.fsum(s.contribution for s in segments)
    ordered = tuple(sorted(segments, key=lambda s: (-quality(s, change), -s.contribution * change, str(s.value))))
    values = table.values or len(ordered)
    return Breakdown(table.field, table.label, ordered, residual, table.plan, values, _is_periodic(table))


def _is_periodic(table: ByDimension) -> bool:
    """Whether the values belong to the periods themselves (campaigns, month names): they explain by definition.

    Then some end where others begin, or all have a start and an end; a shop that shut is a reason like any other. A
    value of few rows is missing from one period by chance, which says nothing.
    """
    named = [a for value, a in table.rows if value is not None]
    total = math.fsum(sum(a.size) for a in named)
    one_sided = [a.size for a in named if not all(a.size) and sum(a.weight) >= _CERTAIN]
    ended, begun = (math.fsum(s[side] for s in one_sided) for side in (0, 1))
    replaced = table.timed or min(ended, begun) > total / 10
    return total > 0 and replaced and ended + begun > total / 2


# ------------------------------------------------------------------ scores
def _scored(table: ByDimension, total: Amounts, *, ratio: bool) -> list[_Scored]:
    amounts = [a for _, a in table.rows]
    own = Amounts(
        (math.fsum(a.top[0] for a in amounts), math.fsum(a.top[1] for a in amounts)),
        (math.fsum(a.weight[0] for a in amounts), math.fsum(a.weight[1] for a in amounts)),
    )
    if ratio:
        return _ratio_scores(table, own)
    parts = contributions([a.top[0] for a in amounts], [a.top[1] for a in amounts])
    fair = fair_shares([a.top[0] for a in amounts], own.top[1] - own.top[0])
    factor = _middle_factor(amounts)
    return [
        _Scored(Segment(value, a.top[0], a.top[1], part, share), _sum_score(a, own), _beside(a, factor), sum(a.weight))
        for (value, a), part, share in zip(table.rows, parts, fair, strict=True)
    ]


def _ticket(a: Amounts) -> float:
    """The mean amount of a row: so large are the steps in which the segment moves."""
    rows = sum(a.weight)
    return sum(a.size) / rows if rows else 0.0


def _sum_score(a: Amounts, total: Amounts) -> float:
    """The deviance in rows: an amount counts as often as its mean row goes into it."""
    ticket = _ticket(a)
    if not ticket:
        return 0.0
    if min(*a.top, *a.rest_of(total).top) >= -1e-9 * sum(total.size):
        return deviance(a.top[0], a.top[1], total.top[0], total.top[1]) / math.sqrt(ticket)
    return (a.top[1] - a.top[0]) / math.sqrt(ticket * sum(a.size))  # with negative amounts there are no shares


def _middle_factor(amounts: Sequence[Amounts], *, ratio: bool = False) -> float:
    """The factor by which the middle of the amount moved (a median weighted by the amount before)."""
    pairs = [(a.top[0], a.top[1], a.top[0]) for a in amounts]
    if ratio:
        pairs = [(a.top[0] / a.weight[0], a.top[1] / a.weight[1], a.weight[0]) for a in amounts if min(a.weight) > 0]
    known = sorted((after / before, weight) for before, after, weight in pairs if before > 0 and after >= 0)
    half, passed = math.fsum(w for _, w in known) / 2, 0.0
    for factor, weight in known:
        passed += weight
        if passed >= half:
            return factor
    return 1.0


def _beside(a: Amounts, factor: float) -> float:
    before, after = a.size
    variance = _ticket(a) * (after + factor**2 * before)
    return (a.top[1] - factor * a.top[0]) / math.sqrt(variance) if variance > 0 else 0.0


def _ratio_scores(table: ByDimension, total: Amounts) -> list[_Scored]:
    amounts = [a for _, a in table.rows]
    split = mix_and_rate([a.ratio(0) for a in amounts], [a.ratio(1) for a in amounts])
    fair = fair_shares([a.top[0] for a in amounts], _change(total, ratio=True))
    factor = _middle_factor(amounts, ratio=True)
    found = []
    for (value, a), s, share in zip(table.rows, split, fair, strict=True):
        segment = Segment(value, a.ratio(0).value, a.ratio(1).value, s.contribution, share, s.mix)
        deviation = math.sqrt(_rate_variance(a, total, factor))
        rows = sum(a.weight) if deviation else 0.0
        gap = (a.top[1] / a.weight[1] - factor * a.top[0] / a.weight[0]) / deviation if deviation else 0.0
        found.append(_Scored(segment, _ratio_score(a, total, segment, deviation), gap, rows))
    return found


def _rate_variance(a: Amounts, total: Amounts, factor: float) -> float:
    """Variance of `after - factor * before` of the segment's ratio, in units that `_spread` finds the size of.

    A row's variance is taken to grow with its segment's ratio: right for shares, and midway between ratings (which vary
    alike everywhere) and durations or amounts (whose deviation grows with the mean).
    """
    if min(a.weight) <= 0:
        return 0.0
    level = math.sqrt(abs(a.top[0] + a.top[1]) / sum(a.weight) * (abs(sum(total.top)) / sum(total.weight)))
    return level**2 * (1 / a.weight[1] + factor**2 / a.weight[0])


def _ratio_score(a: Amounts, total: Amounts, segment: Segment, deviation: float) -> float:
    """The excess over its usual variation, which both the rate and the mix have."""
    weights = total.weight
    share = sum(a.weight) / sum(weights)
    shift = (1 / weights[0] + 1 / weights[1]) * share * max(0.0, 1 - share)
    moved = a.weight[1] / weights[1] - a.weight[0] / weights[0]
    lever = (segment.mix or 0.0) / moved if moved else 0.0
    variance = (share * deviation) ** 2 + lever**2 * shift
    return segment.excess / math.sqrt(variance) if variance > 0 else 0.0
