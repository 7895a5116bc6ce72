"""Out: a history made right, and what comes next with its ranges and how far to trust it. Plain tuples, no arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from bi_chat.values.period import Grain
from bi_chat.values.query import Note

if TYPE_CHECKING:
    from bi_chat.values.serial import Codec


class SeriesKind(StrEnum):
    """What a missing time means, and how several values of one time become one."""

    SUM = "sum"  # no rows means nothing happened: 0
    LEVEL = "level"  # a price, a stock, a rate: no rows means unknown


@dataclass(frozen=True, slots=True)
class History:
    """A regular series: one value for each `every` grains from the first time on; None means unknown.

    `season` holds the lengths of its seasons in steps, shortest first (may be empty). `weekdays_only`: Saturdays and
    Sundays are no steps. `counts`: every value is a whole number. `left_out`: the incomplete last period, if any.
    `events` are looked at beside the known holidays.
    """

    times: tuple[datetime, ...]
    values: tuple[float | None, ...]
    grain: Grain
    season: tuple[int, ...] = ()
    every: int = 1
    kind: SeriesKind = SeriesKind.LEVEL
    name: str = ""
    counts: bool = False
    weekdays_only: bool = False
    left_out: tuple[datetime, float] | None = None
    notes: tuple[Note, ...] = ()
    events: tuple[OwnEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An event of the asker's own, past and to come: each time from its first day to the day after its last."""

    name: str
    spans: tuple[tuple[date, date], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no forecast can be made: a code with arguments, among them `have` and `need` where a number is missing."""

    note: Note
    name: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """The range that should hold `level` percent of what comes, one lower and upper bound for each step."""

    level: int
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """How the same method would have done on the last part of the history, and a naive forecast beside it.

    `origins` forecasts were made from `first` on, each knowing only what came before. `error` and `naive_error` are
    mean absolute errors in the series' unit; `share` and `naive_share` the same as a part of the mean absolute value
    (None where that is 0). `naive` is "naive" (the last value) or "seasonal_naive" (the value one season before).
    """

    origins: int
    first: datetime
    error: float
    naive_error: float
    share: float | None = None
    naive_share: float | None = None
    naive: str = "naive"


@dataclass(frozen=True, slots=True)
class Weight:
    """The part that a family of methods has in the combination, 0 to 1."""

    method: str
    share: float


@dataclass(frozen=True, slots=True)
class CalendarEffect:
    """What a holiday or shopping day did: `share` of the usual level (-0.4: 40 % less), the mean of `seen` times.

    `event` is a name of `values.holidays`; `side`: before, on or after it. `ahead`: the first step of the forecast that
    it touches; None where it only served to make the history usual.
    """

    event: str
    side: str
    share: float
    seen: int
    ahead: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected values with their bands. `method`: combination, intermittent, short, constant or prophet.

    `notes` say what was done to the history; those with `warning` say when not to trust the numbers.
    """

    times: tuple[datetime, ...]
    mean: tuple[float, ...]
    bands: tuple[Band, ...]
    method: str
    name: str = ""
    counts: bool = False
    backtest: Backtest | None = None
    weights: tuple[Weight, ...] = ()
    notes: tuple[Note, ...] = ()
    events: tuple[CalendarEffect, ...] = ()

    @property
    def warnings(self) -> tuple[Note, ...]:
        """The notes that ask for caution."""
        return tuple(n for n in self.notes if n.warning)

    def band(self, level: int) -> Band | None:
        """The band of a level; None when it was not asked for."""
        return next((b for b in self.bands if b.level == level), None)

    def shown(self, value: float) -> float:
        """A value as it should be printed: whole for counts (the sums of unrounded values stay right)."""
        return float(round(value)) if self.counts else value


@cache
def forecast_codec() -> Codec:
    """For histories and forecasts."""
    import sys

    from bi_chat.values import period, query
    from bi_chat.values.serial import Codec

    return Codec((sys.modules[__name__], period, query))
