"""In: errors of the combination in the rolling back-test. Out: how far from the forecast each level's bounds lie.

Conformal prediction (Vovk, Gammerman & Shafer 2005; Lei et al. 2018): the width is a quantile of errors that really
happened. Difficulty: errors of overlapping forecasts are few in truth, and the weights were chosen on them. Rule: the
quantile is blended with that of a heavy-tailed law (or of the group of series forecast together) by how many separate
horizons were tested, and widened by the inverse of that number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from bi_chat.forecasters.arrays import TINY, Floats
from bi_chat.forecasters.backtest import ORIGINS
from bi_chat.forecasters.calendar import Lift

_GROWTH = 0.35  # usual power of the step by which errors grow
_GROWTH_TRUST = 0.5
_PRIOR_HORIZONS = 3.0
_WIDEN = 0.25
_WIDEST = 3.0
_CHOSEN = 2.5
_FEWEST_IN_GROUP = 12
_MOST_LOG = 2.0


@dataclass(frozen=True, slots=True)
class Spread:
    """`by_step` (h,): mean absolute error; `standard`: errors over it, sorted; `horizons`: separate horizons tested,
    from `origins` where these chose a season as well.

    `log`: errors are of logarithms, so that ranges are multiplicative.
    """

    by_step: Floats
    standard: Floats
    horizons: float
    log: bool
    origins: int = ORIGINS


def spread_of(
    made: Floats, actual: Floats, seen: Floats, *, tested: int, log_scale: bool, young: bool = False
) -> Spread:
    """made, actual, seen (O, h); `tested`: values from the first origin to the end of the history; `young`: a season
    was told from less than two of its kind."""
    if log_scale:
        least = TINY * float(actual.max())
        made, actual = np.log(np.maximum(made, least)), np.log(np.maximum(actual, least))
    off = np.abs(actual - made)
    by_step = _profile(off, seen)
    return Spread(
        by_step, np.sort((off / by_step)[seen > 0]), tested / made.shape[1], log_scale, len(made) if young else ORIGINS
    )


def _profile(off: Floats, seen: Floats) -> Floats:
    """Mean absolute error by step as a power of the step, its exponent shrunk to the usual one and never falling."""
    step = np.log(np.arange(1, off.shape[1] + 1))
    count = seen.sum(0)
    mean = (off * seen).sum(0) / np.maximum(count, 1)
    mean = np.maximum(mean, max(1e-6 * float(mean.max()), TINY**2))
    size, weight = np.log(mean), count / count.sum()
    middle, height = float(weight @ step), float(weight @ size)
    spread = float(weight @ (step - middle) ** 2)
    slope = float(weight @ ((step - middle) * (size - height))) / spread if spread > TINY else _GROWTH
    slope = min(max((1 - _GROWTH_TRUST) * slope + _GROWTH_TRUST * _GROWTH, 0.0), 1.0)
    return np.asarray(np.exp(height + slope * (step - middle)))


def usual_factor(level: int) -> float:
    """Half width over mean absolute error under the Laplace law, which fits forecast errors better than the normal."""
    return -log(1 - level / 100)


def group_factor(spreads: Sequence[Spread], level: int) -> float:
    """Half way (geometrically) to the factor that a group of series shows; the usual one where the group is small."""
    if len(spreads) < _FEWEST_IN_GROUP:
        return usual_factor(level)
    found = float(np.median([np.quantile(s.standard, level / 100) for s in spreads]))
    return float(np.sqrt(max(found, TINY) * usual_factor(level)))


def half_width(spread: Spread, level: int, factor: float) -> Floats:
    """Distance of the bounds from the forecast (h,), in the spread's scale."""
    trust = spread.horizons / (spread.horizons + _PRIOR_HORIZONS)
    found = max(float(np.quantile(spread.standard, level / 100)), TINY)
    blended = float(np.exp(trust * np.log(found) + (1 - trust) * np.log(max(factor, TINY))))
    chosen = 1 + _CHOSEN * max(0.0, 1 / spread.origins - 1 / ORIGINS)  # weights fit few origins better than what comes
    return blended * chosen * min(1 + _WIDEN * usual_factor(level) / spread.horizons, _WIDEST) * spread.by_step


def bounds(mean: Floats, spread: Spread, level: int, factor: float) -> tuple[Floats, Floats]:
    """Lower and upper (h,)."""
    wide = half_width(spread, level, factor)
    if not spread.log:
        return mean - wide, mean + wide
    grown = np.exp(np.minimum(wide, _MOST_LOG * usual_factor(level)))
    return mean / grown, mean * grown


def lifted_bounds(mean: Floats, usual: tuple[Floats, Floats], lift: Lift, level: int) -> tuple[Floats, Floats]:
    """Bounds where events lift the forecast of usual steps: both move along, and the event's own doubt is added."""
    doubt = usual_factor(level) * lift.doubt * np.abs(mean)
    middle, part = mean * (1 + lift.size), np.maximum(1 + lift.size, 0.0)
    below, above = (np.hypot((b - mean) * part, doubt) for b in usual)
    return middle - below, middle + above
