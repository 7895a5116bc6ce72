"""Out: what a name or value in a question may point to in the semantic model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a target is."""

    METRIC = "metric"
    FIELD = "field"
    DATASET = "dataset"
    VALUE = "value"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Target:
    """A metric, field, dataset, value of a field, or a relationship's role. Unused parts are ''."""

    kind: Kind
    dataset: str = ""
    field: str = ""
    name: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Dataset and field."""
        return self.dataset, self.field


@dataclass(frozen=True, slots=True)
class Hit:
    """Tokens [start, end) may mean `target`. score 0..1; how: name, synonym, own, event, general, near, part, value.

    `said` is the full phrase of the target that was matched, `for_word` the word that a near one was taken for.
    """

    start: int
    end: int
    target: Target
    score: float
    how: str
    said: str = ""
    for_word: str = ""
