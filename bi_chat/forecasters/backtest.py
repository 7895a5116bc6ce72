"""In: a series. Out: the origins of a rolling back-test, what came after each, and errors against it.

Source: Hyndman & Athanasopoulos (2021), ch. 5.10, time series cross-validation with forecasts of several steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bi_chat.forecasters.arrays import Floats, Ints

ORIGINS = 24
FEWEST = 4  # values known at the first origin


@dataclass(frozen=True, slots=True)
class Actual:
    """What came after each origin (O, h), 0 where nothing is known yet; `seen` is 1.0 where something is."""

    values: Floats
    seen: Floats

    @classmethod
    def after(cls, y: Floats, origins: Ints, horizon: int) -> Actual:
        """The next `horizon` values of y (n,) from each origin on."""
        index = origins[:, None] + np.arange(horizon)[None, :]
        seen = (index < len(y)).astype(np.float64)
        return cls(y[np.minimum(index, len(y) - 1)] * seen, seen)


def origins_of(length: int, horizon: int, season: int, *, count: int = ORIGINS) -> Ints:
    """Origins (counts of known values), evenly over the last three horizons or two seasons; the last is `length`.

    Later origins see only part of the horizon: they tell about the near steps. A first origin knows two seasons where
    the series has three, else one and a half, so that seasonal methods are judged on what they can do.
    """
    last = length - 1
    if season > 1 and length >= 3 * season + 2:
        first = 2 * season + 2
    elif season > 1 and length >= max(2 * season + 2, season + season // 2 + 2 + FEWEST):
        first = season + season // 2 + 2  # the least that a season can be told from: half of it was seen twice
    elif season > 1 and length >= 2 * season:
        first = season + 2
    else:
        first = FEWEST if season > 1 else 2 * FEWEST
    first = max(FEWEST, min(first, length - 2), length // 4)
    span = max(min(last - first, max(3 * horizon, 2 * season, ORIGINS)), 0)
    tested = np.round(np.linspace(last - span, last, max(min(count, span + 1), 1)))
    return np.append(np.unique(tested.astype(np.int64)), length).astype(np.int64)


def mean_errors(made: Floats, actual: Actual) -> Floats:
    """Mean absolute error by step. made (O, K, h) → (K, h); 0 for steps that no origin saw."""
    off = np.abs(made - actual.values[:, None, :])
    summed = np.einsum("okh,oh->kh", off, actual.seen)
    return np.asarray(summed / np.maximum(actual.seen.sum(0), 1.0))
