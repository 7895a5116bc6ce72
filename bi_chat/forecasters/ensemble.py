"""In: forecasts of many methods from many origins. Out: their combination, weighted by the rolling back-test.

Not a single winner: on a short back-test the best of hundreds is best by luck. Every method weighs by how near its
error is to the best one's, by horizon, blended with its error over all steps because each single step saw few origins.
Combinations beat selection: Makridakis et al. (2020), The M4 competition; Hyndman & Athanasopoulos (2021), ch. 13.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bi_chat.forecasters.arrays import TINY, Floats
from bi_chat.forecasters.backtest import Actual, mean_errors

SHARPNESS = 8.0  # a method with twice the best error has 1/256 of its weight
BY_STEP = 0.5  # part of a step's own errors in the weight at that step
# How far a family is trusted before any error is seen: Theta carries on half a trend and is hard to beat; an undamped
# trend does harm at long horizons (Gardner 1985; Fiorucci et al. 2016).
TRUST = {"theta": 3.0, "trend": 0.5}


@dataclass(frozen=True, slots=True)
class Member:
    """What a column of the forecasts is: the method's family and the view it ran on."""

    family: str
    view: str
    log: bool = False


@dataclass(frozen=True, slots=True)
class Combination:
    """`made` (O, h): the combination from every origin, the last one being the forecast; `weights` (K,) sum to 1."""

    made: Floats
    weights: Floats


def combine(made: Floats, actual: Actual, members: list[Member]) -> Combination:
    """Combine made (O, K, h), whose last origin has nothing to be judged by."""
    weights = _weights(made[:-1], actual, np.array([TRUST.get(m.family, 1.0) for m in members]))
    return Combination(np.einsum("okh,kh->oh", made, weights), weights.mean(1))


def _weights(made: Floats, actual: Actual, trust: Floats) -> Floats:
    """(K, h), each step summing to 1."""
    by_step = mean_errors(made, actual)
    counts = actual.seen.sum(0)
    overall = (by_step * counts).sum(1) / max(counts.sum(), 1.0)
    floor = TINY * max(float(np.abs(actual.values).max()), TINY)
    overall, by_step = overall + floor, by_step + floor
    ratio = (1 - BY_STEP) * (overall / overall.mean())[:, None] + BY_STEP * by_step / by_step.mean(0)
    weights = (ratio.min(0) / ratio) ** SHARPNESS * trust[:, None]
    return np.asarray(weights / weights.sum(0))
