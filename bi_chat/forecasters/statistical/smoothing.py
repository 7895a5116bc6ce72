"""In: deseasonalised series as seen from many origins. Out: the forecasts of a whole grid of smoothing methods.

Example: level and trend of 110 methods from 25 origins on 8 seasonal views are 22 000 runs over the series.
Difficulty: a run is a loop over time, slow in numpy. Rule: with fixed parameters every one of these methods is a linear
filter, so its state is a weighted sum over lags. The weights depend on the parameters alone: they are computed once for
all series, and a whole rolling back-test is one matrix product.

Sources: simple, Holt and damped smoothing: Gardner (1985), Exponential smoothing: the state of the art. Theta:
Assimakopoulos & Nikolopoulos (2000); with a free level and a free part of the drift: Fiorucci et al. (2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bi_chat.forecasters.arrays import TINY, Floats, Ints

LAGS = 300  # older values have no weight left in any method but the slowest
_START = 10  # the first values, whose line is the starting state


@dataclass(frozen=True, slots=True)
class Method:
    """One setting. `family`: level, theta, damped or trend; `drift`: the part of the long slope Theta carries on."""

    family: str
    alpha: float
    beta: float = 0.0
    phi: float = 1.0
    drift: float = 0.0


@dataclass(frozen=True, slots=True)
class Origins:
    """Where forecasts start: `at` (O,) counts the known values; `lags` (O, L) indexes them, newest first."""

    at: Ints
    lags: Ints
    known: Floats
    used: Ints

    @classmethod
    def of(cls, at: Ints) -> Origins:
        """The lag indices of each origin."""
        lags = at[:, None] - 1 - np.arange(min(int(at.max()), LAGS))[None, :]
        return cls(at, np.maximum(lags, 0), (lags >= 0).astype(np.float64), np.minimum(at, lags.shape[1]))


@dataclass(frozen=True, slots=True)
class _Filter:
    """`lag` (L, 2K): weight of each lag in level and slope; `carry` (L + 1, K, 4): what is left of the start."""

    lag: Floats
    carry: Floats


def _grid() -> tuple[Method, ...]:
    flat = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0)
    made = [Method("level", a) for a in flat]
    made += [Method("theta", a, drift=d) for a in flat for d in (0.5, 1.0)]
    for a in flat[1:-1]:
        made += [Method("damped", a, b, phi) for b in (0.02, 0.1, 0.3) for phi in (0.8, 0.9, 0.97)]
        made += [Method("trend", a, b) for b in (0.02, 0.1)]
    return tuple(made)


METHODS = _grid()
_ALPHA = np.array([m.alpha for m in METHODS])
_BETA = np.array([m.beta for m in METHODS])
_PHI = np.array([m.phi for m in METHODS])
_DRIFT = np.array([m.drift for m in METHODS])
_TREND = _BETA > 0


@lru_cache(maxsize=8)
def _filter(lags: int) -> _Filter:
    """Run the recursions once on a unit impulse and on unit starting states."""
    count = len(METHODS)
    lag, carry = np.zeros((lags, 2 * count)), np.zeros((lags + 1, count, 4))
    # columns: response to a value, to a starting level, to a starting slope
    level = np.stack([_ALPHA, np.ones(count), np.zeros(count)])
    slope = np.stack([_ALPHA * _BETA, np.zeros(count), np.where(_TREND, 1.0, 0.0)])
    for s in range(lags + 1):
        if s < lags:
            lag[s] = np.r_[level[0], slope[0]]
        carry[s] = np.stack([level[1], level[2], slope[1], slope[2]], axis=1)
        ahead = level + _PHI * slope
        level, slope = (1 - _ALPHA) * ahead, np.where(_TREND, _PHI * slope - _ALPHA * _BETA * ahead, 0.0)
    return _Filter(lag, carry)


def smooth(view: Floats, origins: Origins, horizon: int) -> Floats:
    """Forecasts of every method from every origin. view (O, n): the series as each origin sees it → (O, K, horizon)."""
    made, count = _filter(origins.lags.shape[1]), len(METHODS)
    seen = np.take_along_axis(view, origins.lags, 1) * origins.known
    level0, slope0 = _starts(view, origins)
    state, carry = seen @ made.lag, made.carry[origins.used]
    level = state[:, :count] + carry[:, :, 0] * level0 + carry[:, :, 1] * slope0
    slope = state[:, count:] + carry[:, :, 2] * level0 + carry[:, :, 3] * slope0
    ahead = np.arange(1, horizon + 1)
    damping = np.cumsum(_PHI[:, None] ** ahead, axis=1)
    return np.asarray(level[:, :, None] + slope[:, :, None] * damping + _drifts(seen, origins, ahead))


def _starts(view: Floats, origins: Origins) -> tuple[Floats, Floats]:
    """Starting level and slope (O, K): the line through the first values; their mean where a method has no trend."""
    count = np.minimum(origins.used, _START)[:, None]
    at = np.arange(_START)[None, :]
    inside = at < count
    first = np.take_along_axis(view, np.minimum((origins.at - origins.used)[:, None] + at, view.shape[1] - 1), 1)
    middle = (count - 1) / 2
    mean = (first * inside).sum(1, keepdims=True) / count
    spread = np.maximum((((at - middle) ** 2) * inside).sum(1, keepdims=True), TINY)
    slope = (((at - middle) * first) * inside).sum(1, keepdims=True) / spread
    level = mean - slope * (middle + 1)
    return np.where(_TREND, level, mean), np.where(_TREND, slope, 0.0)


def _drifts(seen: Floats, origins: Origins, ahead: Ints) -> Floats:
    """What Theta adds (O, K, h): half the least-squares slope, also over the lag by which its level trails a trend."""
    back = np.arange(seen.shape[1])[None, :]
    off = ((origins.used[:, None] - 1) / 2 - back) * origins.known
    slope = (off * seen).sum(1) / np.maximum((off**2).sum(1), TINY)
    trailing = (1 - (1 - _ALPHA[None, :]) ** origins.used[:, None]) / _ALPHA[None, :]
    return np.asarray(0.5 * slope[:, None, None] * _DRIFT[None, :, None] * (ahead - 1 + trailing[:, :, None]))
