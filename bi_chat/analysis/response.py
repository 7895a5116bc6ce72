"""In: outcome and levers in each cell of a panel. Out: by how much the outcome goes with the levers.

Logarithms throughout, so that slopes are elasticities: ln(pieces) on ln(price) is the constant-elasticity demand of
Houthakker & Taylor (1970), as Bijmolt, van Heerde & Pieters (2005, Journal of Marketing Research 42) compare them. A
spend enters as ln(1 + spend / its median): returns fall as it grows, and zero is allowed; it works over several steps,
each with a slope of its own (a finite distributed lag: Almon 1965; Clarke 1976, Journal of Marketing Research 13).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bi_chat.analysis.panel import Estimate, Floats, Ints, Panel, Slopes, slopes

LAGS = {"day": 7, "week": 4, "month": 2}
LEAST_MOVED = 0.004  # of a logarithm: a price that moved less has not moved
LEAST_CELLS = 0.03  # part of the cells in which a price must differ from its unit's usual one


@dataclass(frozen=True, slots=True)
class Observed:
    """`outcome` (n,) and `levers` (n, m) of a panel's rows; `kind` as in `values.scenario.Relation`."""

    outcome: Floats
    levers: Floats
    unit: Ints
    step: Ints
    season: Ints
    kind: str
    grain: str


@dataclass(frozen=True, slots=True)
class Response:
    """The regression over the rows `kept` of what was observed; column j * (lags + 1) + l is lever j, l steps ago.

    `size` (m,) is what a flow's lever is measured by.
    """

    slopes: Slopes
    lags: int
    size: Floats
    kept: Ints

    def total(self, change: Floats) -> Estimate:
        """What changes (m,) of the levers' logarithms add to the outcome's, once all their steps have worked."""
        return self.slopes.along(np.repeat(change, self.lags + 1))

    def step(self, lever: int, lag: int) -> Estimate:
        """The slope of one lever some steps ago."""
        at = np.zeros(len(self.slopes.slope))
        at[lever * (self.lags + 1) + lag] = 1.0
        return self.slopes.along(at)


def respond(seen: Observed) -> Response | str:
    """The response, or the verdict why there is none: too_little or never_varied."""
    flow = seen.kind == "flow"
    levers = np.nan_to_num(seen.levers) if flow else seen.levers
    size = np.array([_size(c) for c in levers.T]) if flow else np.ones(levers.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log1p(levers / size) if flow else np.log(levers)
    if flow and not (np.isfinite(logs).all(axis=0) & (np.ptp(logs, axis=0) > 0)).all():
        return "never_varied"
    lags = 0 if seen.kind == "price" else LAGS.get(seen.grain, 0)
    x = _lagged(logs, seen.unit, seen.step, lags)
    kept = np.flatnonzero((seen.outcome > 0) & np.isfinite(x).all(axis=1))
    if len(kept) < 2:
        return "too_little"
    if seen.kind != "flow" and not _varied(logs[kept], seen.unit[kept]):
        return "never_varied"
    found = slopes(_panel(seen, x, kept))
    if found is None:
        return "too_little"
    if found.moved.min() < LEAST_MOVED * (1 if seen.kind != "flow" else 5):
        return "never_varied"
    return Response(found, lags, size, kept)


def weights_of(outcome: Floats, unit: Ints) -> Floats:
    """Large units say more than small ones, but none more than ten times as much as the middle one."""
    mean = np.bincount(unit, outcome) / np.maximum(np.bincount(unit), 1)
    limit = 10 * float(np.median(mean[mean > 0]))
    return np.asarray(np.clip(mean, limit / 1000, limit)[unit])


def _panel(seen: Observed, x: Floats, kept: Ints) -> Panel:
    steps = np.unique(seen.step[kept], return_inverse=True)
    first = int(steps[0][0]) if len(steps[0]) else 0
    outcome = seen.outcome[kept]
    unit = np.unique(seen.unit[kept], return_inverse=True)[1]
    return Panel(np.log(outcome), x[kept], unit, seen.step[kept] - first, seen.season[kept], weights_of(outcome, unit))


def _lagged(logs: Floats, unit: Ints, step: Ints, lags: int) -> Floats:
    """Each lever now and 1 to `lags` steps ago; NaN where that is not known."""
    if not lags:
        return logs
    grid = np.full((int(unit.max()) + 1, int(step.max()) + 1 + lags, logs.shape[1]), np.nan)
    grid[unit, step + lags] = logs
    columns = [grid[unit, step + lags - lag] for lag in range(lags + 1)]
    return np.asarray(np.stack(columns, axis=2).reshape(len(logs), -1))


def _size(values: Floats) -> float:
    known = values[values > 0]
    return float(np.median(known)) if len(known) else 1.0


def _varied(logs: Floats, unit: Ints) -> bool:
    """Whether enough of a level's values differ from their unit's middle one."""
    for column in logs.T:
        middle = {u: float(np.median(column[unit == u])) for u in np.unique(unit)}
        off = np.abs(column - np.array([middle[u] for u in unit])) > 0.01
        if off.mean() < LEAST_CELLS:
            return False
    return True
