"""In: nothing. Out: what a plan may ask beyond figures: what is to come, how near that came, why, what is
unusual, what if, what people say, who they are, how much few of them hold.

One class for each kind; `conversation.analyses` carries each out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bi_chat.values.period import Grain, PeriodExpr

if TYPE_CHECKING:
    from bi_chat.values.plan import Condition, FieldRef, Measure


@dataclass(frozen=True, slots=True)
class Forecast:
    """Ask for future values: `horizon` periods of `grain`.

    The figures `beside` and the rows of the dataset `events` may be known to it, where a back-test says that it helps.
    """

    grain: Grain
    horizon: int
    beside: tuple[Measure, ...] = ()
    events: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Ask for the drivers of the change between the plan's window and `baseline`.

    `depth`: how many times to look again inside the segment that is named first.
    """

    baseline: PeriodExpr
    depth: int = 0


@dataclass(frozen=True, slots=True)
class WhyApart:
    """Ask why the plan's measure differs between two values of a field: the first against the second."""

    of: FieldRef
    one: str
    other: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Anomalies:
    """Ask which buckets of the plan's time series are unusual."""

    grain: Grain


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Ask what the plan's measure would have been in its window had `lever` been `factor` times as much plus `amount`,
    or at `level`.

    With `moved` (a field, from which value, to which), the part 1 - `factor` goes from one value to the other. `where`
    restricts the lever alone ("spend on search").
    """

    lever: Measure
    factor: float = 1.0
    amount: float = 0.0
    moved: tuple[FieldRef, str, str] | None = None
    where: tuple[Condition, ...] = ()
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Influence:
    """Ask how the plan's measure has gone with `lever`, at once and later. `where` restricts the lever alone."""

    lever: Measure
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Advise:
    """Ask what to do for the plan's measure; `about` "spend": only where money works."""

    about: str = ""


@dataclass(frozen=True, slots=True)
class Themes:
    """Ask what people write about in a text field of a dataset.

    `side` is negative (complaints), positive (praise) or '' (anything).
    `rating`: the field of stars beside the text, '' where there is none. `most`: how many themes are wanted.
    """

    dataset: str
    text: str
    side: str = ""
    rating: str = ""
    most: int = 8


@dataclass(frozen=True, slots=True)
class LookBack:
    """Ask how near earlier forecasts came: those of the plan's measures, all where it has none."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Ask for segments of the rows of `people` by how lately, how often and for how much they acted.

    What they did are rows of `deeds`, each at its `time`; "how much" is the plan's measure. `listed`: the people of
    that segment are wanted, each by name.
    """

    people: str
    deeds: str
    time: FieldRef
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Concentration:
    """Ask how the plan's measure is spread over its dimensions' values: what the largest `holders` (a part of them)
    hold, and how many it takes to hold the part `held`."""

    holders: float = 0.2
    held: float = 0.8


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Ask how the plan's measure differs where texts of a dataset mention `word`; '': each theme of their complaints.

    `rating`: the field of stars beside the text, '' where there is none.
    """

    dataset: str
    text: str
    word: str = ""
    rating: str = ""


Analysis = (
    Forecast
    | LookBack
    | Segments
    | Concentration
    | Why
    | WhyApart
    | Anomalies
    | WhatIf
    | Influence
    | Advise
    | Themes
    | Mentioned
)
