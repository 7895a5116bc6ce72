"""In: a figure, its base and a mark for each unit and month. Out: how many times as high it is where the mark stands.

The Mantel-Haenszel rate ratio over units (each compared with its own other months), its variance after Greenland and
Robins (1985), widened by the dispersion of the cells around it (quasi-Poisson): amounts vary more than counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bi_chat.values.scenario import Range

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
FEWEST_MARKED, FEWEST_OTHERS = 2, 6
_NORMAL = NormalDist()
_REACH = _NORMAL.inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class RateRatio:
    """The ratio with its 95 % range, the chance of one so far from 1, and the figure in marked cells."""

    ratio: Range
    chance: float
    inside: float
    marked: int

    @property
    def extra(self) -> Range:
        """The part of the figure in marked cells that is beyond what is usual (attributable among the exposed)."""
        value, low, high = (self.inside * (1 - 1 / r) for r in (self.ratio.value, self.ratio.low, self.ratio.high))
        return Range(value, low, high)


def rate_ratio(y: Floats, base: Floats, marked: Marks, unit: NDArray[np.int64]) -> RateRatio | None:
    """All of shape (n,), a row for each unit and month, `y` not below 0; None where there is too little to compare."""
    use = (base > 0) & np.isfinite(y) & (y >= 0)
    y, base, marked, unit = y[use], base[use], marked[use], unit[use]
    if int(marked.sum()) < FEWEST_MARKED or int((~marked).sum()) < FEWEST_OTHERS:
        return None
    units, at = np.unique(unit, return_inverse=True)
    with_mark, without = (
        np.stack([np.bincount(at, v * side, minlength=len(units)) for v in (y, base)]) for side in (marked, ~marked)
    )
    both = (with_mark[1] > 0) & (without[1] > 0)
    whole = np.where(both, with_mark[1] + without[1], 1.0)
    over = float((with_mark[0] * without[1] / whole)[both].sum())
    under = float((without[0] * with_mark[1] / whole)[both].sum())
    if over <= 0 or under <= 0:
        return None
    ratio = over / under
    total = with_mark[0] + without[0]
    spread = float((with_mark[1] * without[1] * total / whole**2)[both].sum()) / (over * under)
    rates = total / np.maximum(ratio * with_mark[1] + without[1], 1e-300)
    kept = both[at]
    expected = (base * rates[at] * np.where(marked, ratio, 1.0))[kept]
    known = expected > 0
    free = max(int(known.sum()) - int(both.sum()) - 1, 1)
    dispersion = float((((y[kept] - expected) ** 2)[known] / expected[known]).sum()) / free
    error = math.sqrt(spread * dispersion)
    if not error > 0:
        return None
    log = math.log(ratio)
    found = Range(ratio, math.exp(log - _REACH * error), math.exp(log + _REACH * error))
    return RateRatio(
        found, 2 * _NORMAL.cdf(-abs(log) / error), float(y[marked & kept].sum()), int((marked & kept).sum())
    )
