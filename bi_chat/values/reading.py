"""Out: what the words of a question may mean: ranked, each with its clues."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.exchange import Sent
from bi_chat.values.issue import Issue
from bi_chat.values.plan import Plan
from bi_chat.values.query import Note


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a piece of the question was read. `role` is measure, dimension, filter, period, order,
    limit, chart, calculation, dataset.

    `span` are character offsets in the question; `meaning` is a finished phrase in the asker's language.
    """

    span: tuple[int, int]
    text: str
    role: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a question. `confidence` 0..1; `label` tells it apart from its rivals when we ask back."""

    plan: Plan
    confidence: float
    phrases: tuple[Phrase, ...] = ()
    unexplained: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    label: str = ""
    is_follow_up: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a planner gives: readings best first, or issues; `about` answers a question about the data itself (topic,
    name). `sql` is a statement that a language model wrote where no plan says it; `sent` is what it was told.
    """

    readings: tuple[Reading, ...] = ()
    issues: tuple[Issue, ...] = ()
    about: tuple[str, str] | None = None
    sql: str = ""
    notes: tuple[Note, ...] = ()
    sent: Sent | None = None
