"""Out: what the data point to for a figure, each with the effect that may be expected of it: numbers only."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.period import Period
from bi_chat.values.query import Note, ResultColumn
from bi_chat.values.scenario import Range, Relation


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind`: price or spend (a lever moved by `change`), behind or ahead (a segment against the rest).

    `what` names the lever or the segment's dimension, `value` the segment. `effect` is in the outcome's unit, over
    `window`; `cost` is what the lever's change takes, `paid_in` its format and unit. `sure` is the probability that the
    effect has its sign.
    """

    kind: str
    what: str
    effect: Range
    window: Period
    sure: float
    value: str = ""
    change: float = 0.0
    cost: float | None = None
    paid_in: tuple[str, str] = ("", "")

    @property
    def weight(self) -> float:
        """Expected effect times how sure it is: findings are ranked by it."""
        return abs(self.effect.value) * (2 * self.sure - 1)


@dataclass(frozen=True, slots=True)
class Advice:
    """Findings for an outcome, the weightiest first; `silent` are the relations that told nothing."""

    outcome: ResultColumn
    findings: tuple[Finding, ...]
    silent: tuple[Relation, ...]
    about: str = ""
    notes: tuple[Note, ...] = ()
