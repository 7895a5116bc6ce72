"""Out: segments of people by how lately, how often, for how much they acted; and how a figure is spread over many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell


@dataclass(frozen=True, slots=True)
class Person:
    """One of the people: `key` and `name`, the last day on which they acted, how often, and their amount."""

    key: Cell
    name: str
    last: date
    times: int
    amount: float


@dataclass(frozen=True, slots=True)
class ScoredPerson:
    """A person with scores of 1 (worst) to 5 (best) and the segment that these make."""

    person: Person
    recency: int
    frequency: int
    money: int
    segment: str


@dataclass(frozen=True, slots=True)
class Segmented:
    """Everybody once, largest amount first; `through` is the day that days are counted to. `who` names the people.

    `unknown` is what rows without a person hold, which are in no segment.
    """

    people: tuple[ScoredPerson, ...]
    outcome: ResultColumn
    through: date
    who: str
    unknown: float = 0.0

    @property
    def total(self) -> float:
        """The amount of all people."""
        return sum(p.person.amount for p in self.people)

    def of(self, segment: str) -> tuple[ScoredPerson, ...]:
        """Those of a segment."""
        return tuple(p for p in self.people if p.segment == segment)


@dataclass(frozen=True, slots=True)
class Holder:
    """One value of a field with what it holds of a figure."""

    name: str
    amount: float


@dataclass(frozen=True, slots=True)
class Concentrated:
    """`holders` largest first, none below 0; `left_out` of them hold less than 0, `unknown` is held by no name.

    `wanted` are the two parts that were asked about: of the holders, and of the figure.
    """

    holders: tuple[Holder, ...]
    outcome: ResultColumn
    who: str
    wanted: tuple[float, float]
    left_out: int = 0
    unknown: float = 0.0

    @property
    def total(self) -> float:
        """What all hold."""
        return sum(h.amount for h in self.holders)
