"""In: a measure by several dimensions in two periods. Out: breakdowns ranked by how well they explain the change.

Example: a strike in one region. Difficulty: the region's biggest shop and a rarely bought article fell too, and of a
hundred articles one always moves oddly. Rule: a segment scores by how surely it moved by another factor than the rest
(a likelihood ratio, which of nested segments prefers the one that the change fills), less what it costs to pick one of
so many. Kin: Adtributor (Bhagwan et al. 2014: explanatory power, surprise, succinctness) and the scan statistic
(Kulldorff 1997).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from bi_chat.analysis.contribution import (
    Ratio,
    contributions,
    deviance,
    discoveries,
    fair_shares,
    mix_and_rate,
    two_sided,
)
from bi_chat.values.drivers import Breakdown, Driver, Segment
from bi_chat.values.plan import FieldRef, Plan
from bi_chat.values.result import Cell

LEVEL = 0.05
_CHI_MEDIAN = 0.4549  # of a squared standard normal
_FEWEST = 5  # rows below which a segment says nothing about usual variation


@dataclass(frozen=True, slots=True)
class Amounts:
    """A segment (or the total) in both periods: `top` is the amount or numerator, `weight` its rows or denominator.

    `typical` marks measures like a median, whose top is the value times its rows.
    """

    top: tuple[float, float]
    weight: tuple[float, float]

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
    """The measure by one dimension in both periods, one row for each value."""

    field: FieldRef
    label: str
    rows: tuple[tuple[Cell, Amounts], ...]
    plan: Plan = Plan()


def rank_drivers(tables: Sequence[ByDimension], total: Amounts, *, ratio: bool) -> tuple[Breakdown, ...]:
    """Breakdowns with scored segments, best explanation first. Tables with fewer than two segments are left out."""
    made = [(t, _scored(t, total, ratio=ratio)) for t in tables if len(t.rows) > 1]
    spread = max(1.0, _spread([s for _, found in made for s in found]))
    made = [(t, [replace(s, raw=s.raw / math.sqrt(spread)) for s in found]) for t, found in made]
    flags = iter(discoveries([two_sided(s.raw) for _, found in made for s in found], LEVEL))
    way = math.copysign(1.0, _change(total, ratio=ratio))
    found = []
    for table, scored in made:
        segments = [replace(s.segment, score=s.raw * way, stands_out=next(flags)) for s in scored]
        found.append(_breakdown(table, segments, _change(total, ratio=ratio)))
    return tuple(sorted(found, key=lambda b: (b.periodic, -quality(b.segments[0], b))))


def quality(segment: Segment, of: Breakdown) -> float:
    """How well a segment explains the change: evidence less the price of picking it among its like; signed."""
    return math.copysign(segment.score**2, segment.score) - 2 * math.log(len(of.segments))


def headline(breakdowns: Sequence[Breakdown]) -> Driver | None:
    """The one segment to name first: the best named value that moved with the total, of a dimension that lasts."""
    found = [
        (quality(s, b), -i, Driver(b.field, b.label, s))
        for i, b in enumerate(breakdowns)
        for s in b.segments
        if not b.periodic and s.value is not None and s.score > 0
    ]
    return max(found, key=lambda x: x[:2])[2] if found else None


@dataclass(frozen=True, slots=True)
class _Scored:
    segment: Segment
    raw: float
    weight: float


def _change(total: Amounts, *, ratio: bool) -> float:
    if not ratio:
        return total.top[1] - total.top[0]
    before, after = total.ratio(0).value, total.ratio(1).value
    return (after or 0.0) - (before or 0.0)


def _spread(scored: Sequence[_Scored]) -> float:
    """How much more than by chance segments usually vary: the median of squared scores, which few causes can't move."""
    usual = [s.raw**2 for s in scored if s.weight >= _FEWEST]
    return median(usual) / _CHI_MEDIAN if len(usual) > 3 else 1.0


def _breakdown(table: ByDimension, segments: Sequence[Segment], change: float) -> Breakdown:
    residual = change - math.fsum(s.contribution for s in segments)
    ordered = tuple(sorted(segments, key=lambda s: (-s.score, str(s.value))))
    return Breakdown(table.field, table.label, ordered, residual, table.plan, _is_periodic(table))


def _is_periodic(table: ByDimension) -> bool:
    """Whether the values belong to the periods themselves (campaigns, month names): they explain by definition."""
    both = [(abs(a.top[0]), abs(a.top[1])) for value, a in table.rows if value is not None]
    total = math.fsum(x + y for x, y in both)
    return total > 0 and math.fsum(x + y for x, y in both if not x or not y) > total / 2


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
    return [
        _Scored(Segment(value, a.top[0], a.top[1], part, share), _sum_score(a, own), sum(a.weight))
        for (value, a), part, share in zip(table.rows, parts, fair, strict=True)
    ]


def _sum_score(a: Amounts, total: Amounts) -> float:
    """The deviance in rows: an amount counts as often as its mean row goes into it."""
    rows, size = sum(a.weight), abs(a.top[0]) + abs(a.top[1])
    if not rows or not size:
        return 0.0
    ticket = size / rows
    rest = a.rest_of(total)
    if min(*a.top, *rest.top) >= 0:
        return deviance(a.top[0], a.top[1], total.top[0], total.top[1]) / math.sqrt(ticket)
    return (a.top[1] - a.top[0]) / math.sqrt(ticket * size)  # with negative amounts there are no shares


def _ratio_scores(table: ByDimension, total: Amounts) -> list[_Scored]:
    amounts = [a for _, a in table.rows]
    split = mix_and_rate([a.ratio(0) for a in amounts], [a.ratio(1) for a in amounts])
    change = _change(total, ratio=True)
    fair = fair_shares([a.top[0] for a in amounts], change)
    noise = _ratio_noise(amounts, total)
    return [
        _Scored(
            Segment(value, a.ratio(0).value, a.ratio(1).value, s.contribution, share, s.mix),
            _ratio_score(a, total, s.mix, noise),
            sum(a.weight),
        )
        for (value, a), s, share in zip(table.rows, split, fair, strict=True)
    ]


def _rate_gap(a: Amounts, total: Amounts) -> tuple[float, float] | None:
    """How far the segment's ratio moved beyond the rest's factor, and the variance of that for rows of variance 1."""
    rest = a.rest_of(total)
    before, after = a.ratio(0).value, a.ratio(1).value
    was, now = rest.ratio(0).value, rest.ratio(1).value
    if before is None or after is None or not was or now is None or min(a.weight) <= 0:
        return None
    factor = now / was
    return after - before * factor, 1 / a.weight[1] + factor**2 / a.weight[0]


def _ratio_noise(amounts: Sequence[Amounts], total: Amounts) -> float:
    """Variance of one row's ratio, from how segments usually move."""
    gaps = [g for a in amounts if (g := _rate_gap(a, total)) is not None]
    found = median([gap**2 / size for gap, size in gaps]) / _CHI_MEDIAN if gaps else 0.0
    return found or 1e-12


def _ratio_score(a: Amounts, total: Amounts, mix: float, noise: float) -> float:
    """Rate and mix beyond the usual, over the variation of both."""
    weights = total.weight
    share = sum(a.weight) / sum(weights)
    shift = (1 / weights[0] + 1 / weights[1]) * share * max(0.0, 1 - share)
    moved = a.weight[1] / weights[1] - a.weight[0] / weights[0]
    lever = mix / moved if moved else 0.0
    gap = _rate_gap(a, total)
    rate, size = gap if gap is not None else (0.0, 0.0)
    variance = share**2 * noise * size + lever**2 * shift
    return (share * rate + mix) / math.sqrt(variance) if variance > 0 else 0.0
