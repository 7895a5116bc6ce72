"""In: a series and origins. Out: seasonal views: the series without its season, and the season ahead, for each origin.

Every origin estimates its seasons from what it knew, so that the back-test does not see the future. Classical
decomposition (Hyndman & Athanasopoulos 2021, ch. 3.4) with two changes: the trend is carried to both ends, so that the
latest half season counts too, and later seasons weigh more (three rates side by side).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bi_chat.forecasters.arrays import Floats, Ints, centred_mean

RATES = (1.0, 0.7, 0.4)  # weight of a season against the one after it
_SLOW = 0.98
_LONG = 50  # seasons of more steps than this are smoothed over neighbouring phases
_HOURS_OF_WEEK = 168


@dataclass(frozen=True, slots=True)
class View:
    """`series` (O, n) without season, `ahead` (O, h) the season to come; `log`: both are logarithms."""

    name: str
    series: Floats
    ahead: Floats
    log: bool = False


@dataclass(frozen=True, slots=True)
class _Season:
    """One season's pattern (O, m) from each origin on, its first column the step after the origin."""

    pattern: Floats
    origins: Ints

    def ahead(self, horizon: int) -> Floats:
        return self.pattern[:, np.arange(horizon) % self.pattern.shape[1]]

    def past(self, length: int) -> Floats:
        phase = (np.arange(length)[None, :] - self.origins[:, None]) % self.pattern.shape[1]
        return np.take_along_axis(self.pattern, phase, 1)


def views(y: Floats, seasons: tuple[int, ...], origins: Ints, horizon: int) -> list[View]:
    """All views of y (n,): plain and, where it is positive, logarithmic (multiplicative); without and with seasons."""
    made = _views(y, seasons, origins, horizon, log=False)
    if y.min() > 0:
        made += _views(np.log(y), seasons, origins, horizon, log=True)
    return made


def _views(z: Floats, seasons: tuple[int, ...], origins: Ints, horizon: int, *, log: bool) -> list[View]:
    n = len(z)
    shape = (len(origins), n)
    made = [View("plain", np.broadcast_to(z, shape), np.zeros((len(origins), horizon)), log)]
    usable = [m for m in seasons if n >= 2 * m + 2 and origins[0] >= m + m // 2 + 2]
    for m in usable:
        flat = _detrended(z, m, origins)
        for rate in RATES:
            season = _season(flat, m, origins, rate, smooth=2 if m > _LONG and m != _HOURS_OF_WEEK else 0)
            made.append(View(f"season {m}", z - season.past(n), season.ahead(horizon), log))
    if len(usable) > 1:
        made += _double(z, (usable[0], usable[1]), origins, horizon, log=log)
    return made


def _double(z: Floats, pair: tuple[int, int], origins: Ints, horizon: int, *, log: bool) -> list[View]:
    """The short season first, the long one from what is left, whole and shrunk: few long seasons were seen."""
    short, long = pair
    n = len(z)
    first = _season(_detrended(z, short, origins), short, origins, _SLOW)
    left = _detrended(z, long, origins) - first.past(n)
    second = _season(left, long, origins, _SLOW, smooth=7 if long > 2 * _HOURS_OF_WEEK else 0)
    return [
        View(
            f"seasons {short} and {long}",
            z - first.past(n) - part * second.past(n),
            first.ahead(horizon) + part * second.ahead(horizon),
            log,
        )
        for part in (1.0, 0.6)
    ]


def _detrended(z: Floats, season: int, origins: Ints) -> Floats:
    """z less its trend as each origin sees it (O, n); beyond the moving mean's end the trend goes on as it last did."""
    mean, half = centred_mean(z, season)
    at = np.arange(len(z))
    last = origins - 1 - half
    before = np.maximum(last - season, half)
    slope = (mean[last] - mean[before]) / np.maximum(last - before, 1)
    inside = np.where(at < half, mean[half], mean)[None, :]
    beyond = mean[last][:, None] + slope[:, None] * (at[None, :] - last[:, None])
    return z[None, :] - np.where(at[None, :] <= last[:, None], inside, beyond)


def _season(flat: Floats, season: int, origins: Ints, rate: float, *, smooth: int = 0) -> _Season:
    """Weighted mean of each phase over the seasons before the origin, less its own mean."""
    count = int(origins.max()) // season
    back = np.arange(1, count + 1)[None, :, None]
    index = origins[:, None, None] - season * back + np.arange(season)[None, None, :]
    weight = np.where(index >= 0, rate ** (back - 1.0), 0.0)
    found = np.take_along_axis(flat, np.maximum(index, 0).reshape(len(origins), -1), 1).reshape(index.shape)
    pattern = (found * weight).sum(1) / np.maximum(weight.sum(1), 1e-9)
    if smooth:
        kernel = np.r_[np.arange(1, smooth + 2), np.arange(smooth, 0, -1)] / (smooth + 1) ** 2
        pattern = np.sum([w * np.roll(pattern, i - smooth, 1) for i, w in enumerate(kernel)], axis=0)
    return _Season(pattern - pattern.mean(1, keepdims=True), origins)
