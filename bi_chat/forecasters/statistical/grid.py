"""In: a series, its seasons and origins. Out: forecasts of every smoothing method on every seasonal view of it."""

from __future__ import annotations

import numpy as np

from bi_chat.forecasters.arrays import Floats, Ints
from bi_chat.forecasters.ensemble import Member
from bi_chat.forecasters.statistical.seasonal import View, views
from bi_chat.forecasters.statistical.smoothing import METHODS, Origins, smooth

_BEYOND = 3.0  # a multiplicative forecast goes at most this far (e-fold) beyond the highest value


def grid_forecasts(y: Floats, seasons: tuple[int, ...], at: Ints, horizon: int) -> tuple[Floats, list[Member]]:
    """y (n,), origins (O,) → (O, K, horizon) and what each of the K is."""
    origins = Origins.of(at)
    seen = views(y, seasons, at, horizon)
    made = [_one(view, origins, horizon, float(y.max())) for view in seen]
    members = [Member(m.family, v.name, v.log) for v in seen for m in METHODS]
    return np.concatenate(made, axis=1), members


def _one(view: View, origins: Origins, horizon: int, highest: float) -> Floats:
    made = smooth(view.series, origins, horizon) + view.ahead[:, None, :]
    return np.asarray(np.exp(np.minimum(made, np.log(highest) + _BEYOND))) if view.log else made
