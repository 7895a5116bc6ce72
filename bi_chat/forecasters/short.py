"""In: a history of 3 to 7 values. Out: a level with a cautious drift, and wide ranges; no season is claimed."""

from __future__ import annotations

import numpy as np

from bi_chat.forecasters.arrays import Floats
from bi_chat.forecasters.baseline import drift, naive
from bi_chat.forecasters.intervals import usual_factor

SHORT = 8
_DRIFT_FROM = 5  # values; below that, two differences or three would decide the direction
_DRIFT = 0.25  # the part of the drift that is carried on


def short_forecast(y: Floats, horizon: int) -> Floats:
    """Between the last value and the mean, with a part of the drift from five values on. y (n,) → (horizon,)."""
    level = 0.7 * naive(y, horizon) + 0.3 * y.mean()
    if len(y) >= _DRIFT_FROM:
        level = level + _DRIFT * (drift(y, horizon) - y[-1])
    return np.asarray(level, dtype=np.float64)


def short_bounds(y: Floats, mean: Floats, level: int) -> tuple[Floats, Floats]:
    """Grows with the root of the step, as a random walk does; the fewer differences, the wider."""
    size = float(np.abs(np.diff(y)).mean())
    wide = size * usual_factor(level) * (1 + 3 / (len(y) - 1)) * np.sqrt(np.arange(1, len(mean) + 1))
    return mean - wide, mean + wide
