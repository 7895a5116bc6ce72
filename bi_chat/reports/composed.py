"""Out: a report that was composed: its summary, its parts in order, and every answer behind them, numbered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bi_chat.values.answer import AnswerValue


@dataclass(frozen=True, slots=True)
class Source:
    """An answer that figures of the report come from; `number` is how pages refer to it, from 1."""

    number: int
    title: str
    answer: AnswerValue


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the summary. `kind`: moved, changed, why, expected or advice; `source` numbers its answer; `careful`
    are the warnings of that answer."""

    kind: str
    sentences: tuple[str, ...]
    source: int
    careful: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, a text (its facts filled in, `sources` numbers where they come from), or an answer to `show`."""

    heading: str = ""
    text: str = ""
    sources: tuple[int, ...] = ()
    answer: Source | None = None
    show: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """What pages are made of. `at`: the moment that questions counted from; `period` in words, '' for none;
    `unanswered` are the titles of questions without an answer."""

    id: str
    title: str
    language: str
    at: datetime
    period: str
    summary: tuple[Line, ...]
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    paper: str = "a4"
    appendix: bool = True
    unanswered: tuple[str, ...] = ()

    @property
    def as_of(self) -> datetime | None:
        """How fresh the oldest of its data are."""
        known = [s.answer.result.as_of for s in self.sources if s.answer.result and s.answer.result.as_of]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Withheld:
    """No condition of the report held, so there is nothing to send; `said` tells what was found instead."""

    said: tuple[str, ...]
