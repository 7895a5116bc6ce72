"""Out: forecasts as they were made, kept until what they foretold has come; and how near they came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bi_chat.values.plan import Plan
from bi_chat.values.query import ResultColumn

LEVELS = (80, 95)


@dataclass(frozen=True, slots=True)
class KeptSeries:
    """The forecast of one group ('' where there are none): for each time its value, then low and high of `LEVELS`."""

    name: str
    times: tuple[datetime, ...]
    mean: tuple[float, ...]
    bounds: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class KeptForecast:
    """What a plan foretold when it was asked; `scope` is the fingerprint of the rights it was made under."""

    plan: Plan
    made_at: datetime
    series: tuple[KeptSeries, ...]
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One foretold value beside what came; `naive` is what the value of one season (or step) before would have said."""

    group: str
    at: datetime
    made_at: datetime
    expected: float
    bounds: tuple[float, ...]
    actual: float
    naive: float | None

    def held(self, level: int) -> bool:
        """Whether what came lies inside the range of that level."""
        at = 2 * LEVELS.index(level)
        return self.bounds[at] <= self.actual <= self.bounds[at + 1]


@dataclass(frozen=True, slots=True)
class Hindsight:
    """All that could be checked of the forecasts of one series; `season` says what `naive` repeats.

    `error` and `naive_error` are the sum of absolute errors as a part of the sum of what came (weighted absolute
    percentage error); None where that is 0 or, for the naive one, where there was nothing to repeat.
    """

    plan: Plan
    column: ResultColumn
    outcomes: tuple[Outcome, ...]
    season: bool

    @property
    def error(self) -> float | None:
        """The forecasts' own."""
        return _share([(o.expected, o.actual) for o in self.outcomes])

    @property
    def naive_error(self) -> float | None:
        """That of the values before."""
        known = [(o.naive, o.actual) for o in self.outcomes if o.naive is not None]
        return _share(known) if len(known) == len(self.outcomes) else None

    def held(self, level: int) -> int:
        """How many values lie inside the range of that level."""
        return sum(o.held(level) for o in self.outcomes)


@dataclass(frozen=True, slots=True)
class LookedBack:
    """`checked`, those with most values first; `waiting` forecasts whose first time (`next_at`) is still to come, and
    those that can't be made again (`lost`)."""

    checked: tuple[Hindsight, ...]
    waiting: int = 0
    next_at: datetime | None = None
    lost: int = 0


def _share(pairs: list[tuple[float, float]]) -> float | None:
    size = sum(abs(actual) for _, actual in pairs)
    return sum(abs(made - actual) for made, actual in pairs) / size if size else None
