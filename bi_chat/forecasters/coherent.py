"""In: forecasts of parts and of their whole. Out: both made to agree, so that the parts add up to the whole.

The difference is spread by how uncertain each forecast is: the minimum-trace reconciliation of Wickramasuriya,
Athanasopoulos & Hyndman (2019, JASA 114) with the errors' variances on the diagonal, which for one whole and its parts
has a closed form. Where the parts are good together, the whole gives way, and the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from bi_chat.values.forecast import Band, Forecast

_LEAST = 1e-12


def coherent(parts: Sequence[Forecast], whole: Forecast) -> tuple[tuple[Forecast, ...], Forecast]:
    """Parts and whole of the same steps, the parts adding up to the whole to the last digit.

    No part falls below 0 where its forecast did not. A forecast without a back-test counts by its width.
    """
    errors = [_variance(p) for p in parts]
    own = _variance(whole)
    total = math.fsum(errors) + own
    shares = [e / total if total > 0 else 1 / len(parts) for e in errors]
    steps = range(len(whole.mean))
    gaps = [whole.mean[h] - math.fsum(p.mean[h] for p in parts) for h in steps]
    made = tuple(_moved(p, [s * g for g in gaps]) for p, s in zip(parts, shares, strict=True))
    sums = [math.fsum(p.mean[h] for p in made) for h in steps]
    moved = _moved(whole, [s - m for s, m in zip(sums, whole.mean, strict=True)])
    return made, replace(moved, mean=tuple(sums))


def _variance(made: Forecast) -> float:
    if made.backtest is not None and made.backtest.error > 0:
        return made.backtest.error**2
    band = made.bands[0] if made.bands else None
    width = (band.upper[0] - band.lower[0]) / 2 if band is not None else 0.0
    return max(width**2, _LEAST)


def _moved(made: Forecast, by: Sequence[float]) -> Forecast:
    """The forecast and its ranges moved together, kept at 0 where they did not go below."""
    floor = 0.0 if min(made.mean, default=0.0) >= 0 else -math.inf
    mean = tuple(max(m + d, floor) for m, d in zip(made.mean, by, strict=True))
    bands = tuple(_band(b, made.mean, mean) for b in made.bands)
    return replace(made, mean=mean, bands=bands)


def _band(band: Band, before: Sequence[float], after: Sequence[float]) -> Band:
    floor = 0.0 if min(band.lower, default=0.0) >= 0 else -math.inf
    moved = [a - b for a, b in zip(after, before, strict=True)]
    lower = tuple(max(v + d, floor) for v, d in zip(band.lower, moved, strict=True))
    return Band(band.level, lower, tuple(v + d for v, d in zip(band.upper, moved, strict=True)))
