"""In: a series that is mostly zero. Out: forecasts of the mean demand a step, from every origin.

Sources: Croston (1972); the bias correction of Syntetos & Boylan (2005); temporal aggregation (ADIDA):
Nikolopoulos et al. (2011).
"""

from __future__ import annotations

import numpy as np

from bi_chat.forecasters.arrays import Floats, Ints
from bi_chat.forecasters.ensemble import Member

MOSTLY_ZERO = 0.5
_ALPHAS = (0.05, 0.1, 0.2)


def is_intermittent(y: Floats) -> bool:
    """Nothing negative, and more than half of the values are 0."""
    return bool(y.min() >= 0 and (y == 0).mean() > MOSTLY_ZERO)


def rare_demand_forecasts(y: Floats, at: Ints, horizon: int) -> tuple[Floats, list[Member]]:
    """y (n,), origins (O,) → (O, K, horizon) and what each of the K is. Flat: when demand comes is unknown."""
    made, members = [], []
    for alpha in _ALPHAS:
        made.append([croston(y[:t], alpha) for t in at])
        members.append(Member("croston", "plain"))
        made.append([aggregated(y[:t], alpha) for t in at])
        members.append(Member("aggregated", "plain"))
    made.append([float(y[:t].mean()) for t in at])
    members.append(Member("level", "plain"))
    return np.repeat(np.array(made).T[:, :, None], horizon, axis=2), members


def croston(y: Floats, alpha: float) -> float:
    """Smoothed size over smoothed interval of demands, less the bias of that ratio."""
    when = np.flatnonzero(y > 0)
    if not len(when):
        return 0.0
    size, gap = float(y[when].mean()), float(when[-1] + 1) / len(when)
    for i, previous in zip(when[1:], when[:-1], strict=True):
        size += alpha * (float(y[i]) - size)
        gap += alpha * (float(i - previous) - gap)
    # demand that has stopped for longer than usual is rarer than its past
    gap = max(gap, (1 - alpha) * gap + alpha * float(len(y) - when[-1]))
    return (1 - alpha / 2) * size / gap


def aggregated(y: Floats, alpha: float) -> float:
    """Smoothing of sums over blocks as long as the mean interval between demands, spread evenly again."""
    when = np.flatnonzero(y > 0)
    block = max(round(len(y) / max(len(when), 1)), 1)
    sums = y[len(y) % block :].reshape(-1, block).sum(1)
    level = float(sums.mean())
    for value in sums:
        level += alpha * (float(value) - level)
    return level / block


def rare_demand_bounds(y: Floats, mean: Floats, level: int, recent: int) -> tuple[Floats, Floats]:
    """Quantiles of what single steps brought lately, moved with the mean: the law of rare demand has no symmetry."""
    seen = y[-recent:] if (y[-recent:] > 0).any() else y
    ratio = mean / max(float(seen.mean()), 1e-300)
    low, high = (float(np.quantile(seen, q)) for q in ((1 - level / 100) / 2, (1 + level / 100) / 2))
    return np.minimum(low * ratio, mean), np.maximum(high * np.maximum(ratio, 1.0), mean)
