"""Out: what a plan shows as chips, and what a click on one offers: the same plan with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bi_chat.narration.phrases import Tongue
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.plan import FieldRef, Plan


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of a plan in the asker's words. `role`: measure, dimension, filter, having, period, comparison, order,
    limit, horizon; `at` counts those of one role."""

    role: str
    said: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Edit:
    """The plan with one thing changed; `chosen`: as it is now."""

    said: str
    plan: Plan
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """What a filter keeps (or leaves out), of the values that its field has."""

    ref: FieldRef
    known: tuple[str, ...]
    kept: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan with what is needed to say and change it."""

    plan: Plan
    model: SemanticModel
    language: str
    asked_on: date

    @property
    def tongue(self) -> Tongue:
        """Words for its parts."""
        return Tongue(self.model, self.language, self.asked_on)
