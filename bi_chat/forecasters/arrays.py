"""In: a history's values. Out: the arrays that the methods work on, gaps filled; and the types they share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TINY = 1e-12


def filled(values: Sequence[float | None], season: int) -> Floats:
    """Unknown values become the mean of the same phase one season before and after, else a straight line. (n,)"""
    y = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    unknown = np.flatnonzero(~np.isfinite(y))
    if not len(unknown):
        return y
    known = np.isfinite(y)
    line = np.interp(np.arange(len(y)), np.flatnonzero(known), y[known]) if known.any() else np.zeros(len(y))
    made = y.copy()
    for i in unknown:
        near = [y[j] for j in (i - season, i + season) if season > 1 and 0 <= j < len(y) and known[j]]
        made[i] = float(np.mean(near)) if near else line[i]
    return made


def centred_mean(z: Floats, season: int) -> tuple[Floats, int]:
    """Moving mean over one season (ends weigh half when it is even), NaN where it does not fit; its half width."""
    weights = np.ones(season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5]
    half = len(weights) // 2
    out = np.full(len(z), np.nan)
    if len(z) >= len(weights):
        out[half : len(z) - half] = np.convolve(z, weights / weights.sum(), "valid")
    return out, half
