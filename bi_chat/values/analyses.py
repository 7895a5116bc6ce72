"""In: nothing. Out: what a plan may ask beyond figures: what is to come, why, what is unusual.

One class for each kind; `conversation.analyses` carries each out.
"""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.period import Grain, PeriodExpr


@dataclass(frozen=True, slots=True)
class Forecast:
    """Ask for future values: `horizon` periods of `grain`."""

    grain: Grain
    horizon: int


@dataclass(frozen=True, slots=True)
class Why:
    """Ask for the drivers of the change between the plan's window and `baseline`."""

    baseline: PeriodExpr


@dataclass(frozen=True, slots=True)
class Anomalies:
    """Ask which buckets of the plan's time series are unusual."""

    grain: Grain


Analysis = Forecast | Why | Anomalies
