"""Out: how one thing has gone with another in the data, and what a change of it would have meant: numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bi_chat.values.period import Period
from bi_chat.values.query import Note, ResultColumn


@dataclass(frozen=True, slots=True)
class Range:
    """A value with the range that should hold it in 95 of 100 cases."""

    value: float
    low: float
    high: float

    @property
    def surely(self) -> bool:
        """Whether the whole range lies on one side of 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Relation:
    """What the history says of an outcome and a lever.

    `kind`: price (what is sold against its price), level (a thing that has a value at each time), flow (a spend, which
    works with diminishing returns and over several steps) or move (part of a spend goes elsewhere: `elasticity` is its
    whole effect in percent). `elasticity`: by how many percent the outcome differs where the lever differs by one;
    `by_step` the same for each step after the lever moved. `verdict`: estimated, no_effect (the range holds 0),
    never_varied, too_little, or turned (dearer sold better, more spend less: something else moved with it). `rows` were
    compared, of `compared` units of the fields `units`, `first` to `last` by `grain`.
    """

    kind: str
    verdict: str
    outcome: str
    lever: str
    grain: str = ""
    elasticity: Range | None = None
    by_step: tuple[Range, ...] = ()
    units: tuple[str, ...] = ()
    rows: int = 0
    compared: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """The outcome at one change of the lever (0.05: five percent more): `fixed` where nothing else would react."""

    change: float
    fixed: float | None
    expected: Range | None


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """The outcome of one group as it was, and as it would have been."""

    name: str
    before: float
    expected: Range

    @property
    def change(self) -> float:
        """After less before."""
        return self.expected.value - self.before


@dataclass(frozen=True, slots=True)
class Scenario:
    """The outcome as it was in `window`, and as it would have been.

    `change` is the lever's relative change; `lever_before` and `lever_after` its values, in its own unit. `fixed` is
    plain arithmetic with the sold quantity unchanged (None where there is none). `curve`: the answer at other changes.
    """

    outcome: ResultColumn
    lever: ResultColumn
    window: Period
    before: float
    change: float
    lever_before: float
    lever_after: float
    relation: Relation
    expected: Range | None
    fixed: float | None
    curve: tuple[Point, ...] = ()
    moved: tuple[str, str] | None = None
    notes: tuple[Note, ...] = ()
