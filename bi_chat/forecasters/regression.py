"""In: a history and that of another figure. Out: the forecast that knows the other one, where a back-test is for it.

A regression with errors that the usual combination forecasts (Hyndman & Athanasopoulos 2021, ch. 10): the slopes are
learnt from differences against the season before (else the step before), so that what both have in common by trend and
season is no relation; the rest is forecast as ever, and so is the other figure, whose future nobody knows either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from bi_chat.forecasters.arrays import Floats, filled
from bi_chat.values.forecast import Band, Forecast, History

LAGS = 3  # steps after which the other figure may still work
_FEWEST = 20  # values of both
_ORIGINS = 8
_BETTER = 0.95  # part of the plain error that must not be exceeded
_LEAST_WIDTH = 0.5
_RIDGE = 0.05

Forecaster = Callable[[History, int], Forecast]


@dataclass(frozen=True, slots=True)
class Beside:
    """`made` is the forecast to use; `error` and `plain` the back-test's mean absolute errors with and without."""

    made: Forecast
    helps: bool
    error: float
    plain: float


def forecast_beside(history: History, other: History, plain: Forecast, horizon: int, by: Forecaster) -> Beside | None:
    """None where there is too little of both, or where they don't end together."""
    shared = min(len(history.values), len(other.values))
    if shared < _FEWEST + horizon or history.times[-1] != other.times[-1]:
        return None
    y, x = (_cut(h, len(h.values) - shared, len(h.values)) for h in (history, other))
    last = shared - max(1, horizon // 2)
    origins = np.unique(np.linspace(max(_FEWEST, shared - 3 * horizon), last, _ORIGINS).astype(int))
    errors, plains = [], []
    actual = filled(y.values, 0)
    for at in origins:
        seen = actual[at : at + horizon]
        past = (_cut(y, 0, int(at)), _cut(x, 0, int(at)))
        if np.ptp(filled(past[1].values, 0)) <= 0:
            return None
        errors.append(float(np.abs(_with(*past, horizon, by)[: len(seen)] - seen).mean()))
        plains.append(float(np.abs(np.array(by(past[0], horizon).mean)[: len(seen)] - seen).mean()))
    error, without = float(np.mean(errors)), float(np.mean(plains))
    if not error < _BETTER * without:
        return Beside(plain, helps=False, error=error, plain=without)
    mean = _with(y, x, horizon, by)
    return Beside(_moved(plain, mean, max(error / without, _LEAST_WIDTH)), helps=True, error=error, plain=without)


def _cut(history: History, first: int, end: int) -> History:
    return replace(history, times=history.times[first:end], values=history.values[first:end], notes=())


def _with(history: History, other: History, horizon: int, by: Forecaster) -> Floats:
    """The rest as it goes on, and what the other figure adds to it."""
    y, x = filled(history.values, 0), filled(other.values, 0)
    ahead = np.array(by(other, horizon).mean)
    columns = _lagged(np.append(x, ahead))
    slopes = _slopes(y, columns[: len(y)], history.season[0] if history.season else 1)
    rest = y - columns[: len(y)] @ slopes
    made = by(replace(history, values=tuple(map(float, rest)), counts=False), horizon)
    return np.asarray(np.array(made.mean) + columns[len(y) :] @ slopes)


def _lagged(x: Floats) -> Floats:
    """x (n,) → (n, LAGS + 1): now and the steps before; before the first value its first."""
    return np.stack([np.concatenate([np.full(lag, x[0]), x[: len(x) - lag]]) for lag in range(LAGS + 1)], axis=1)


def _slopes(y: Floats, columns: Floats, season: int) -> Floats:
    """Least squares on differences, drawn a little towards none."""
    step = season if len(y) >= 2 * season + _FEWEST // 2 else 1
    dy, dx = y[step:] - y[:-step], columns[step:] - columns[:-step]
    dy, dx = dy - dy.mean(), dx - dx.mean(0)
    gram = dx.T @ dx
    return np.asarray(
        np.linalg.solve(gram + (_RIDGE * np.trace(gram) / len(gram) + 1e-12) * np.eye(len(gram)), dx.T @ dy)
    )


def _moved(plain: Forecast, mean: Floats, narrower: float) -> Forecast:
    """The new means inside the plain ranges, which are narrowed as the errors were."""
    least = 0.0 if all(low >= 0 for band in plain.bands for low in band.lower) else -np.inf
    mean = np.maximum(mean, least)
    bands = tuple(
        Band(
            band.level,
            *(
                tuple(float(max(m + narrower * (b - p), least)) for m, b, p in zip(mean, side, plain.mean, strict=True))
                for side in (band.lower, band.upper)
            ),
        )
        for band in plain.bands
    )
    return replace(plain, mean=tuple(map(float, mean)), bands=bands)
