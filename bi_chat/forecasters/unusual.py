"""In: a series. Out: the same without its single extreme values and level shifts, and which they are.

Example: one day of a thousand times the usual sales. Difficulty: Christmas is extreme as well, but comes every year,
and the last value may be a spike or the start of something. Rule: only what is far beyond the series' own spread, does
not recur a season away, and is followed by usual values, is replaced; a shift must be abrupt and last. Everything that
is replaced is named. Medians throughout (Hampel 1974), because spikes bend means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bi_chat.forecasters.arrays import Floats

_FAR = 10.0  # robust standard deviations
_RECURS = 4.0
_SHIFT = 6.0
_ABRUPT = 0.7
_MOST = 0.01
_ABOVE = 3.0
_MAD = 1.4826
_FEWEST = 15


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`values` (n,) to fit on; positions of `spikes` replaced and of a `shift`'s first value; is the last unusual."""

    values: Floats
    spikes: tuple[int, ...] = ()
    shift: int | None = None
    last_unusual: bool = False


@dataclass(frozen=True, slots=True)
class _Expected:
    values: Floats
    adjusted: Floats
    off: Floats
    sigma: float


def clean(y: Floats, seasons: tuple[int, ...]) -> Cleaned:
    """Replace single extremes, then lift what lies before a level shift. y (n,)."""
    season = max(seasons[:1], default=1)
    if len(y) < max(_FEWEST, 2 * season):
        return Cleaned(y)
    expected = _expected(y, seasons)
    spikes, last = _spikes(expected, seasons)
    values = y.copy()
    values[list(spikes)] = expected.values[list(spikes)]
    shift = _shift(values, season)
    if shift is not None:
        values = _lifted(values, shift, max(_FEWEST // 2, season))
    return Cleaned(values, spikes, shift, last)


def _running_median(y: Floats, width: int) -> Floats:
    """Median of each window (odd width); beyond the last whole window it goes on as steeply as before."""
    inside = np.median(sliding_window_view(y, width), axis=-1)
    lag, half = min(width, len(inside) - 1), np.arange(1, width // 2 + 1)
    first, last = (inside[lag] - inside[0]) / max(lag, 1), (inside[-1] - inside[-1 - lag]) / max(lag, 1)
    return np.concatenate([inside[0] - first * half[::-1], inside, inside[-1] + last * half])


def _pattern(off: Floats, season: int) -> Floats:
    """The median of each phase where at least three seasons are known, else 0."""
    if season <= 1 or len(off) < 3 * season:
        return np.zeros(len(off))
    median = np.array([np.median(off[p::season]) for p in range(season)])
    return median[np.arange(len(off)) % season]


def _expected(y: Floats, seasons: tuple[int, ...]) -> _Expected:
    values = _running_median(y, max(7, 2 * (min(max(seasons[:1], default=1), 25) // 2) + 1))
    level = values
    for season in seasons:
        values = values + _pattern(y - values, season)
    off = y - values
    spread = np.abs(off - np.median(off))
    sigma = _MAD * float(np.median(spread))
    return _Expected(values, y - (values - level), off, sigma or float(spread.mean()))


def _spikes(expected: _Expected, seasons: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
    """Replaceable positions, and whether the last value is extreme (what it starts is not known yet)."""
    z = expected.off / (expected.sigma or 1.0)
    n = len(z)
    far = [int(i) for i in np.flatnonzero(np.abs(z) > _FAR)]
    step = np.diff(expected.adjusted)
    usual = step - np.median(step[:-1])
    last = bool(abs(usual[-1]) > _FAR * (_MAD * float(np.median(np.abs(usual))) or float(np.abs(usual).mean()) or 1.0))
    single = [i for i in far if i < n - 1 and not _recurs(z, i, seasons)]
    single.sort(key=lambda i: -abs(z[i]))
    most = max(1, round(_MOST * n))
    if len(single) > most:  # a heavy tail is no outlier: only what stands far above the next ones is
        single = [i for i in single[:most] if abs(z[i]) > _ABOVE * abs(z[single[most]])]
    return tuple(sorted(single)), last


def _recurs(z: Floats, i: int, seasons: tuple[int, ...]) -> bool:
    """The same direction, far out as well, one of the seasons before or after, give or take a step."""
    near = [j + d for s in seasons for j in (i - s, i + s) for d in (-1, 0, 1)]
    return any(0 <= j < len(z) and z[j] * np.sign(z[i]) > _RECURS for j in near)


def _shift(y: Floats, season: int) -> int | None:
    """The clearest lasting, abrupt change of level; None if there is none."""
    side = max(_FEWEST // 2, season)
    if len(y) < 3 * side:
        return None
    # differences over the season are blind to it, and a shift stays in them for a whole season
    at = np.arange(side, len(y) - side + 1)
    blocks = np.median(sliding_window_view(y, side), axis=-1)
    change = blocks[at] - blocks[at - side]
    best = int(at[np.argmax(np.abs(change))])
    size = float(blocks[best] - blocks[best - side])
    around = np.r_[y[best - side : best] - blocks[best - side], y[best : best + side] - blocks[best]]
    sigma = _MAD * float(np.median(np.abs(around))) + 1e-9 * float(np.abs(y).mean())
    return best if abs(size) > _SHIFT * sigma and _lasting(y, best, side, size) else None


def _lasting(y: Floats, at: int, side: int, size: float) -> bool:
    """Abrupt: the step itself is most of the change; lasting: hardly a value falls back to the other side."""
    step = float(np.median(y[at : at + 3]) - np.median(y[at - 3 : at]))
    middle = float(np.median(y[at - side : at])) + size / 2
    new, old = (y[at:] - middle) * np.sign(size), (y[:at] - middle) * np.sign(size)
    return step * np.sign(size) > _ABRUPT * abs(size) and bool((new > 0).mean() > 0.95 and (old < 0).mean() > 0.95)


def _lifted(y: Floats, at: int, side: int) -> Floats:
    before, after = y[max(0, at - side) : at], y[at : at + side]
    out = y.copy()
    if y.min() > 0:
        out[:at] *= float(np.median(after) / np.median(before))
    else:
        out[:at] += float(np.median(after) - np.median(before))
    return out
