"""In: a filled history. Out: the forecasts that every other method has to beat: last value, last season, drift, Naive2.

Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed., 2021), ch. 5.2; Naive2 and its
90 % test as in Makridakis et al., The M4 competition (2020).
"""

from __future__ import annotations

import numpy as np

from bi_chat.forecasters.arrays import Floats, centred_mean


def naive(y: Floats, horizon: int) -> Floats:
    """The last value, repeated. y (n,) → (horizon,)."""
    return np.full(horizon, y[-1])


def seasonal_naive(y: Floats, horizon: int, season: int) -> Floats:
    """The last season, repeated; the last value where there is less than one season."""
    if season <= 1 or len(y) < season:
        return naive(y, horizon)
    return y[len(y) - season + np.arange(horizon) % season]


def drift(y: Floats, horizon: int) -> Floats:
    """The line through the first and the last value, carried on."""
    slope = (y[-1] - y[0]) / max(len(y) - 1, 1)
    return np.asarray(y[-1] + slope * np.arange(1, horizon + 1), dtype=np.float64)


def is_seasonal(y: Floats, season: int) -> bool:
    """Whether the autocorrelation at the season's lag passes a 90 % test; it needs three whole seasons."""
    if season <= 1 or len(y) < 3 * season:
        return False
    d = y - y.mean()
    power = float((d * d).sum())
    if power <= 0:
        return False
    r = np.array([(d[k:] * d[: len(y) - k]).sum() / power for k in range(1, season + 1)])
    return bool(abs(r[-1]) > 1.645 / np.sqrt(len(y)) * np.sqrt(1 + 2 * (r[:-1] ** 2).sum()))


def naive2(y: Floats, horizon: int, season: int) -> Floats:
    """The last value in terms of the season, with multiplicative indices where the series is positive and seasonal."""
    if not (y > 0).all() or not is_seasonal(y, season):
        return naive(y, horizon)
    n = len(y)
    ratio = y / centred_mean(y, season)[0]
    index = np.array([np.nanmean(ratio[phase::season]) for phase in range(season)])
    index /= index.mean()
    return np.asarray(y[-1] / index[(n - 1) % season] * index[(n + np.arange(horizon)) % season], dtype=np.float64)
