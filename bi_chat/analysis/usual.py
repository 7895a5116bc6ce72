"""In: a measure by a dimension over earlier periods. Out: how each segment usually drifts and varies between two.

Example: newcomers start in the lowest club level, so its share grows every year. Difficulty: each year it "explains"
growth best. Rule: what a segment did between earlier periods equally far apart is expected of it now.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from bi_chat.analysis.contribution import Ratio, fair_shares, mix_and_rate
from bi_chat.values.result import Cell

FEWEST_PAIRS = 4
_NORMAL_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Usual:
    """Median and spread of a segment's excess between earlier periods, as parts of the earlier total."""

    drift: float
    spread: float


@dataclass(frozen=True, slots=True)
class Past:
    """One row of the history: a period's start, the segment, its top (amount or numerator) and weight."""

    at: date
    value: Cell
    top: float
    weight: float


def usual_moves(
    past: Sequence[Past], pairs: Sequence[tuple[date, date]], *, ratio: bool, drifts: bool
) -> Mapping[Cell, Usual]:
    """How each segment moved between the earlier and the later period of each pair; empty where too few have data.

    `drifts` False leaves the drift at 0: between neighbouring months it is small beside the noise of its estimate,
    from year to year it is not.
    """
    by_period: dict[date, dict[Cell, Past]] = {}
    for row in past:
        by_period.setdefault(row.at, {})[row.value] = row
    moves = [
        m
        for before, after in pairs
        if before in by_period and after in by_period
        for m in [_excesses(by_period[before], by_period[after], ratio=ratio)]
        if m
    ]
    if len(moves) < FEWEST_PAIRS:
        return {}
    values = {v for m in moves for v in m}
    return {v: _usual([m.get(v, 0.0) for m in moves], drifts=drifts) for v in values}


def _usual(found: Sequence[float], *, drifts: bool) -> Usual:
    middle = median(found)
    return Usual(middle if drifts else 0.0, _NORMAL_MAD * median(abs(x - middle) for x in found))


def _excesses(before: Mapping[Cell, Past], after: Mapping[Cell, Past], *, ratio: bool) -> dict[Cell, float]:
    """Each segment's contribution beyond its fair share, over the total before; nothing where there is no total."""
    values = list(dict.fromkeys([*before, *after]))
    one = [before[v].top if v in before else 0.0 for v in values]
    two = [after[v].top if v in after else 0.0 for v in values]
    if not ratio:
        total, later = math.fsum(one), math.fsum(two)
        if total <= 0:
            return {}
        fair = fair_shares(one, later - total)
        return {v: (b - a - f) / total for v, a, b, f in zip(values, one, two, fair, strict=True)}
    ratios = (
        [Ratio(top, side[v].weight if v in side else 0.0) for v, top in zip(values, tops, strict=True)]
        for side, tops in ((before, one), (after, two))
    )
    was, now = ratios
    weights = math.fsum(r.bottom for r in was), math.fsum(r.bottom for r in now)
    if not all(weights) or not math.fsum(one):
        return {}
    total, later = math.fsum(one) / weights[0], math.fsum(two) / weights[1]
    parts = mix_and_rate(was, now)
    fair = fair_shares(one, later - total)
    return {v: (p.contribution - f) / total for v, p, f in zip(values, parts, fair, strict=True)}
