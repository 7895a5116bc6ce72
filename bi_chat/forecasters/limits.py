"""In: a history's values. Out: what its forecasts may never cross: 0 for what was never negative, 1 for a share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bi_chat.forecasters.arrays import Floats


@dataclass(frozen=True, slots=True)
class Limits:
    """Lowest and highest value that makes sense."""

    low: float
    high: float

    @classmethod
    def of(cls, y: Floats) -> Limits:
        """A share lies in 0..1 and reaches a tenth at least, so that tiny amounts are no shares."""
        negative = bool(y.min() < 0)
        share = not negative and 0.1 < float(y.max()) <= 1.0 and bool((y != np.round(y)).any())
        return cls(-np.inf if negative else 0.0, 1.0 if share else np.inf)

    def kept(self, values: Floats) -> Floats:
        """The values inside the limits, any shape."""
        return np.clip(values, self.low, self.high)
