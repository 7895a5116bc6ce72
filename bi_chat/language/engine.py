"""In: a language's rules, as data. Out: `Language`, which cuts a text into tokens and finds what its words may mean.

A rule sees what the rules above it found, and adds to it; so the order of the files is the order of reading, and every
text is read in one pass. Nothing is chosen here: rival meanings all come out, the planner chooses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import Protocol

from bi_chat.language import amounts, periods
from bi_chat.language.meanings import (
    Amount,
    Duration,
    GrainSaid,
    Match,
    Meaning,
    PartIs,
    PartSaid,
    PeriodSaid,
    Token,
)
from bi_chat.language.patterns import Capture, Captured, Chart, Node, Pattern, Value, Words
from bi_chat.language.said import Builder, Said
from bi_chat.language.tokens import Tokenizer
from bi_chat.values.period import PeriodExpr

BUILDERS: dict[str, Builder] = {**amounts.BUILDERS, **periods.BUILDERS}


class Language(Protocol):
    """What the rest of the house knows of a language."""

    @property
    def code(self) -> str:
        """The language's code, as in `en`."""
        ...

    @property
    def words(self) -> frozenset[str]:
        """Words of the tables, for finding what a misspelt one may be."""
        ...

    def tokenize(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text, with spans into it as written."""
        ...

    def matches(self, tokens: Sequence[Token]) -> tuple[Match, ...]:
        """Every amount, period, grain, part and duration that tokens may mean; longest first, overlapping allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """`patterns` (or `token`, for the text of a single token) say when; `builder` makes the value of a `kind` node.

    `covers`: the finding takes only that capture's place (the Q1 of "Q1 and Q2 2024", with the year that follows).
    `not_after`, `not_before`: words that must not stand beside it, # for any number. `vague`: it may be no period.
    """

    name: str
    kind: str
    builder: Builder
    constants: tuple[tuple[str, Value], ...] = ()
    patterns: tuple[Pattern, ...] = ()
    token: re.Pattern[str] | None = None
    vague: bool = False
    at_end: bool = False
    covers: str = ""
    score: float = 1.0
    not_after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()

    def read(self, chart: Chart) -> None:
        """Add to the chart all that the rule finds in it."""
        for pattern in self.patterns:
            if not pattern.starts.isdisjoint(chart.places):
                for start, end, captured in list(pattern.matches(chart)):
                    self._add(chart, start, end, captured)
        if self.token is not None:
            for i, norm in enumerate(chart.norms):
                if match := self.token.fullmatch(norm):
                    captured = tuple(Capture(k, v, i, i + 1) for k, v in match.groupdict().items() if v is not None)
                    self._add(chart, i, i + 1, captured)

    def _add(self, chart: Chart, start: int, end: int, captured: Captured) -> None:
        norms = chart.norms
        if start and norms[start - 1] in self.not_after:
            return
        if end < len(norms) and (norms[end] in self.not_before or ("#" in self.not_before and norms[end][0].isdigit())):
            return
        value = self.builder(Said(captured, dict(self.constants)))
        if value is None:
            return
        score = self.score * prod(c.score for c in captured)
        for part in captured:
            if part.name == self.covers:
                start, end = part.start, part.end
        chart.add(Node(start, end, self.kind, value, self.name, not self.vague, score, self.at_end))


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or phrase of a table: it is a `kind`, with `value`."""

    words: Words
    kind: str
    value: Value


class RuleLanguage:
    """A language made of tables of words and an ordered list of rules."""

    def __init__(
        self, code: str, tokenizer: Tokenizer, *, entries: Mapping[str, tuple[Entry, ...]], rules: Sequence[Rule]
    ) -> None:
        self._code = code
        self._tokenizer = tokenizer
        self._entries = entries
        self.rules = tuple(rules)
        self._read = lru_cache(maxsize=256)(self._matches)

    @property
    def code(self) -> str:
        """The language's code."""
        return self._code

    @property
    def words(self) -> frozenset[str]:
        """Words of the tables (units, months, numbers …), for finding what a misspelt one may be."""
        return frozenset(w for entries in self._entries.values() for e in entries for w in e.words)

    def tokenize(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text, with spans into it as written."""
        return self._tokenizer(text)

    def matches(self, tokens: Sequence[Token]) -> tuple[Match, ...]:
        """Every amount, period, grain, part and duration that tokens may mean; longest first, overlapping allowed."""
        return self._read(tuple(tokens))

    def _matches(self, tokens: tuple[Token, ...]) -> tuple[Match, ...]:
        chart = self.chart(tokens)
        best: dict[tuple[int, int, Meaning], Match] = {}
        for node in chart.nodes:
            meaning = _meaning(node)
            if meaning is None:
                continue
            key = (node.start, node.end, meaning)
            if key not in best or best[key].score < node.score:
                best[key] = Match(node.start, node.end, meaning, node.rule, node.score)
        found = [match for match in best.values() if not _doubled(match, best)]
        return tuple(sorted(found, key=lambda m: (m.start - m.end, m.start, -m.score)))

    def chart(self, tokens: Sequence[Token]) -> Chart:
        """All that the tables and rules find in tokens, building blocks too."""
        chart = Chart(tokens)
        for i, norm in enumerate(chart.norms):
            for entry in self._entries.get(norm, ()):
                if chart.norms[i : i + len(entry.words)] == entry.words:
                    chart.add(Node(i, i + len(entry.words), entry.kind, entry.value, entry.kind))
        for rule in self.rules:
            rule.read(chart)
        return chart


def _doubled(match: Match, best: Mapping[tuple[int, int, Meaning], Match]) -> bool:
    """Whether a doubtful period is found there as a sure one too."""
    said = match.meaning
    if not isinstance(said, PeriodSaid) or said.specific:
        return False
    return (match.start, match.end, replace(said, specific=True)) in best


def _meaning(node: Node) -> Meaning | None:
    """What a finding means to the planner; None for building blocks: values of no meaning, and kinds named "_…"."""
    value = node.value
    if node.kind.startswith("_"):
        return None
    if isinstance(value, Amount | GrainSaid | PartSaid | PartIs | Duration):
        return value
    if isinstance(value, PeriodExpr):
        return PeriodSaid(value, node.specific, node.at_end)
    return None
