"""Out: why a measure moved, and which points of a series are unusual:
values only, every number of a sentence is here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

from bi_chat.values.period import Period
from bi_chat.values.plan import FieldRef, Plan
from bi_chat.values.query import Note
from bi_chat.values.result import Cell


@dataclass(frozen=True, slots=True)
class Segment:
    """One value of a dimension and its part in the change, in the measure's own unit.

    `contribution` of all segments and the residual add up to the change. `mix` is the part of it that comes from
    the segment's changed weight, the rest is its own rate (None for measures that simply add up). `expected` is what
    the segment would have contributed had it moved like everything else. `score` is the distance from that in units
    of usual variation, positive in the direction of the total change; `stands_out` says that it is more than chance.
    """

    value: Cell
    before: float | None
    after: float | None
    contribution: float
    expected: float = 0.0
    mix: float | None = None
    score: float = 0.0
    stands_out: bool = False

    @property
    def excess(self) -> float:
        """The contribution beyond the segment's fair share of the change."""
        return self.contribution - self.expected

    @property
    def rate(self) -> float | None:
        """The part of the contribution that comes from the segment's own value."""
        return None if self.mix is None else self.contribution - self.mix


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A change by one dimension: segments, best explanation first; `plan` gives these rows when run.

    `values`: how many the field has in all; `periodic`: they belong to the periods themselves, so none is named first.
    """

    field: FieldRef
    label: str
    segments: tuple[Segment, ...]
    residual: float
    plan: Plan
    values: int = 0
    periodic: bool = False


@dataclass(frozen=True, slots=True)
class Driver:
    """A segment named as a cause's place; `overlap` is the share of the headline's change that lies in it as well."""

    field: FieldRef
    label: str
    segment: Segment
    overlap: float = 1.0


@dataclass(frozen=True, slots=True)
class PairDriver:
    """Two values that moved together as neither does alone: `segment` is theirs, its `expected` follows from the two.

    The contributions of all `cells` (the pairs of both fields) and the residual add up to the change.
    """

    fields: tuple[FieldRef, FieldRef]
    labels: tuple[str, str]
    values: tuple[Cell, Cell]
    segment: Segment
    cells: tuple[Segment, ...]
    residual: float
    plan: Plan


@dataclass(frozen=True, slots=True)
class Split:
    """A change by what it is made of: `parts` (name, amount) add up to it.

    `kind`: price_volume (volume, price, mix, arrived, gone; `of` names the fields of a product) or customers (new,
    lost, kept, unknown; `counts` are the first three's numbers, `of` what they are called).
    """

    kind: str
    parts: tuple[tuple[str, float], ...]
    of: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return math.fsum(amount for _, amount in self.parts)


@dataclass(frozen=True, slots=True)
class Drivers:
    """Why a measure moved between two periods.

    `kind`: sum (segments add up), ratio (mix and rate) or typical (a median or the like, split approximately).
    `before`, `after` are the totals; None where a period has no value. `breakdowns` come best explanation first.
    `also` holds other names of the headline and segments that share its change. `sides`: two values of one field were
    compared in one period, the first (after) against the second (before). `inside`: the segments looked into.
    `pair` comes first where no segment stands out alone.
    """

    measure: str
    unit: str
    format: str
    kind: str
    window: Period
    baseline: Period
    before: float | None
    after: float | None
    breakdowns: tuple[Breakdown, ...]
    headline: Driver | None = None
    also: tuple[Driver, ...] = ()
    deeper: Driver | None = None
    notes: tuple[Note, ...] = ()
    sides: tuple[str, str] | None = None
    inside: tuple[Driver, ...] = ()
    splits: tuple[Split, ...] = ()
    pair: PairDriver | None = None

    @property
    def pair_first(self) -> bool:
        """Whether two values together say more than any alone."""
        return self.pair is not None and not (self.headline is not None and self.headline.segment.stands_out)

    @property
    def change(self) -> float:
        """After less before; a period without a value counts as 0."""
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """An unusual point: its value, what was expected there, and the distance in units of usual variation (signed)."""

    at: date | datetime
    value: float
    expected: float
    score: float

    @property
    def size(self) -> float:
        """Value less what was expected."""
        return self.value - self.expected


@dataclass(frozen=True, slots=True)
class UnusualPoints:
    """Unusual points of a series, in order of time; `checked` points were looked at,
    `scale` is their usual variation."""

    measure: str
    unit: str
    format: str
    grain: str
    points: tuple[Anomaly, ...]
    checked: int
    scale: float
    plan: Plan
    notes: tuple[Note, ...] = ()
