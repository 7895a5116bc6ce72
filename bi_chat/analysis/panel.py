"""In: what was seen of several units over time. Out: by how much one thing moves with others, and how surely.

Each unit (a product, a country) keeps its own level and trend, each time its own level, so that what is left is how a
unit moved beyond its usual way when its lever moved: a regression with two-way fixed effects (Wooldridge, *Econometric
Analysis of Cross Section and Panel Data*, 2nd ed. 2010, ch. 10). With few units the season stands for the times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW_UNITS = 4  # below it, the units' common ups and downs are not told from the lever's
FEWEST_ROWS = 20
FEWEST_FREE = 10
_ROUNDS = 200
_SETTLED = 1e-10


@dataclass(frozen=True, slots=True)
class Panel:
    """y (n,) and x (n, k), each row of one unit at one time; `season` is the part of the year; `weight` of each row."""

    y: Floats
    x: Floats
    unit: Ints
    time: Ints
    season: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Slopes:
    """`slope` (k,) with its covariance (k, k) and the degrees of freedom of Student's t that belongs to it.

    `moved` (k,) is the standard deviation that each lever has left once levels, trends and times are taken out.
    """

    slope: Floats
    covariance: Floats
    freedom: float
    rows: int
    units: int
    times: int
    moved: Floats

    def along(self, direction: Floats) -> Estimate:
        """The sum of slopes times `direction` (k,), with the range that holds it in 95 of 100 such histories."""
        value = float(direction @ self.slope)
        error = math.sqrt(max(float(direction @ self.covariance @ direction), 0.0))
        reach = student_limit(0.95, self.freedom) * error
        return Estimate(value, value - reach, value + reach)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % range."""

    value: float
    low: float
    high: float

    @property
    def surely(self) -> bool:
        """Whether its sign is told from chance."""
        return self.low > 0 or self.high < 0


def student_limit(level: float, freedom: float) -> float:
    """The two-sided limit of Student's t (Fisher's expansion around the normal distribution's; 3 freedoms or more)."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    f = max(freedom, 3.0)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / f + second / f**2 + third / f**3


def slopes(panel: Panel) -> Slopes | None:
    """The regression's slopes; None where there is too little to learn from, or a lever has not moved at all."""
    units, times = len(np.unique(panel.unit)), len(np.unique(panel.time))
    taken = 2 * units + (times if units >= FEW_UNITS else len(np.unique(panel.season)))
    free = len(panel.y) - taken - panel.x.shape[1]
    if len(panel.y) < FEWEST_ROWS or free < FEWEST_FREE:
        return None
    absorbed = _absorbed(panel, np.column_stack([panel.y, panel.x]), few=units < FEW_UNITS)
    y, x = absorbed[:, 0], absorbed[:, 1:]
    weight = panel.weight / panel.weight.mean()
    moved = np.sqrt((weight[:, None] * x**2).mean(0))
    if (moved <= 1e-9 * (np.abs(panel.x).max(0) + 1e-12)).any():
        return None
    bread = np.linalg.pinv((x * weight[:, None]).T @ x)
    slope = bread @ ((x * weight[:, None]).T @ y)
    scores = x * (weight * (y - x @ slope))[:, None]
    spread, freedom = _spread(panel, scores, bread, free, units, times)
    return Slopes(slope, spread, freedom, len(panel.y), units, times, moved)


def _absorbed(panel: Panel, columns: Floats, *, few: bool) -> Floats:
    """The columns without each unit's level and trend and each time's (or season's) level: projected in turn until
    nothing changes (Guimarães & Portugal 2010, Stata Journal 10)."""
    group = panel.season if few else panel.time
    clock = panel.time - panel.time.mean()
    made, size = columns.copy(), np.abs(columns).max() + 1e-12
    for _ in range(_ROUNDS):
        before = made.copy()
        made = _without_lines(made, panel.unit, clock, panel.weight)
        made = _without_means(made, group, panel.weight)
        if np.abs(made - before).max() <= _SETTLED * size:
            break
    return _without_lines(made, panel.unit, clock, panel.weight)


def _means(columns: Floats, group: Ints, weight: Floats) -> Floats:
    """Each row's weighted mean of its group."""
    total = np.bincount(group, weight)
    sums = np.column_stack([np.bincount(group, weight * c) for c in columns.T])
    return np.asarray((sums / np.maximum(total, 1e-300)[:, None])[group])


def _without_means(columns: Floats, group: Ints, weight: Floats) -> Floats:
    return np.asarray(columns - _means(columns, group, weight))


def _without_lines(columns: Floats, unit: Ints, clock: Floats, weight: Floats) -> Floats:
    """Without each unit's straight line in time."""
    centred = _without_means(columns, unit, weight)
    slope_of = _without_means(clock[:, None], unit, weight)[:, 0]
    across = np.bincount(unit, weight * slope_of**2)
    sums = np.column_stack([np.bincount(unit, weight * slope_of * c) for c in centred.T])
    slope = np.where(across[:, None] > 1e-9, sums / np.maximum(across, 1e-300)[:, None], 0.0)
    return np.asarray(centred - slope[unit] * slope_of[:, None])


def _spread(panel: Panel, scores: Floats, bread: Floats, free: int, units: int, times: int) -> tuple[Floats, float]:
    """The widest of three covariances that bear different kinds of likeness between rows, and its freedom.

    Within a unit over time (Newey & West 1987, with the freedom that Lazarus et al. 2018 found right for few times),
    within a unit altogether (Liang & Zeger 1986), and between units at near times (Driscoll & Kraay 1998).
    """
    lags = math.ceil(4 * (times / 100) ** (2 / 9)) + 1
    scale = len(panel.y) / max(free, 1)
    found = [
        (_lagged(panel, scores, lags, by_unit=True) * scale, min(free, 0.4 * times ** (2 / 3) * units)),
        (_lagged(panel, scores, lags, by_unit=False) * scale * times / max(times - lags, 1), float(times - lags)),
    ]
    if units >= 8:
        by_unit = np.column_stack([np.bincount(panel.unit, s) for s in scores.T])
        found.append((by_unit.T @ by_unit * scale * units / (units - 1), float(units - 1)))
    made = [(np.asarray(bread @ meat @ bread), freedom) for meat, freedom in found]
    return max(made, key=lambda m: float(np.trace(m[0])) * student_limit(0.95, m[1]) ** 2)


def _lagged(panel: Panel, scores: Floats, lags: int, *, by_unit: bool) -> Floats:
    """Sums of products of scores up to `lags` steps apart, falling off evenly (Bartlett)."""
    steps = int(panel.time.max()) + 1
    group = panel.unit if by_unit else np.zeros_like(panel.unit)
    grid = np.zeros((int(group.max()) + 1, steps, scores.shape[1]))
    np.add.at(grid, (group, panel.time), scores)
    meat = np.einsum("gtk,gtl->kl", grid, grid)
    for lag in range(1, min(lags, steps - 1) + 1):
        cross = np.einsum("gtk,gtl->kl", grid[:, lag:], grid[:, :-lag])
        meat = meat + (1 - lag / (lags + 1)) * (cross + cross.T)
    return np.asarray(meat)
