"""In: a question, a semantic model and how many tokens there are. Out: the part of the model that the question needs.

Example: 300 tables, and a question about late deliveries. Difficulty: the whole model is too long to send and too long
to read well, and the words of the question are not always its names. Rule: what the lexicon finds in the question
first, then the tables that connect these, then what such tables are grouped, dated and named by, then the rest, as far
as it goes. Names, comments and values are data: they are written as JSON strings, on one line, without signs that
show nothing, and nothing in them can end the block they stand in.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from typing import TypeVar

from bi_chat.language.display import visible
from bi_chat.language.registry import get as language_of
from bi_chat.semantics.lexicon import Lexicon
from bi_chat.semantics.model import MASKED, Dataset, Field, MetricDefinition, SemanticModel
from bi_chat.semantics.nearness import nearest
from bi_chat.semantics.targets import Hit, Kind
from bi_chat.values.exchange import estimate
from bi_chat.values.parts import parts_of
from bi_chat.values.plan import FieldRef, Metric
from bi_chat.values.question import Question

EXAMPLES = 8
_LONGEST = 160
MEANT, USUAL = 0.3, 0.2
K = TypeVar("K")
_ALWAYS = ("time", "category", "measure", "flag", "key")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`text` describes the part of the model in `fields` (dataset, field) and `metrics`; `values`: any were shown."""

    text: str
    fields: frozenset[tuple[str, str]]
    metrics: frozenset[str]
    values: bool


def excerpt(question: Question, model: SemanticModel, lexicon: Lexicon, *, tokens: int, values: bool) -> Excerpt:
    """The part of a model that a question needs, in about `tokens` tokens; with examples of `values` if wanted."""
    wanted = Wanted(model)
    wanted.hear(question, lexicon)
    chosen = _Chosen(model, wanted, tokens, values)
    chosen.take_metrics()
    for least in (MEANT, USUAL, 0.0):  # the fields that are meant in all tables, before others in any
        for name in wanted.tables():
            chosen.take_table(name, least=least)
    return chosen.excerpt()


class Wanted:
    """How much a question seems to need each thing, 0 to 1."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self.datasets: dict[str, float] = {}
        self.fields: dict[tuple[str, str], float] = {}
        self.metrics: dict[str, float] = {}
        self.values: dict[tuple[str, str], list[str]] = {}

    def hear(self, question: Question, lexicon: Lexicon) -> None:
        """Everything that the words may mean, what is near in meaning to those that mean nothing, and the last plan."""
        said = language_of(question.language).tokenize(question.text)
        hits = lexicon.hits(said)
        for hit in hits:
            self._add(hit, 1.0)
        meant = {at for hit in hits if hit.score > 0.5 for at in range(hit.start, hit.end)}
        for at, token in enumerate(said):
            if at not in meant and token.norm.isascii() and len(token.norm) > 2:
                self._hear_alike(token.norm, lexicon)
        for part in parts_of(question.previous):
            if isinstance(part, FieldRef) and part.dataset:
                self._want(part.dataset, part.field, 1.0)
            elif isinstance(part, Metric):
                self._metric(part.name, 1.0)

    def _hear_alike(self, word: str, lexicon: Lexicon) -> None:
        """Names that are spelt nearly so, and names near in meaning."""
        from rapidfuzz import process

        spelt = [
            (w, score / 100) for w, score, _ in process.extract(word, lexicon.name_words, limit=3, score_cutoff=80)
        ]
        for other, nearness in (*spelt, *((w, n * 0.6) for w, n in nearest(word, lexicon.name_words, most=6))):
            for hit in lexicon.without_values.hits(language_of("en").tokenize(other)):
                self._add(hit, nearness)

    def tables(self) -> list[str]:
        """The datasets, those first that are meant or connect what is meant; then their neighbours; then the rest."""
        meant = sorted(self.datasets, key=lambda d: -self.datasets[d])
        beside = _neighbours(self._model)
        ordered = dict.fromkeys(meant[:2])
        for name in meant[:5]:
            ordered.update(dict.fromkeys(_way(beside, meant[0], name)))
        ordered.update(dict.fromkeys(meant))
        for name in tuple(ordered):
            ordered.update(dict.fromkeys(beside.get(name, ())))
        return list(dict.fromkeys([*ordered, *(d.name for d in self._model.datasets)]))

    def _add(self, hit: Hit, weight: float) -> None:
        target, score = hit.target, hit.score * weight
        if target.kind is Kind.METRIC:
            self._metric(target.name, score)
        elif target.kind is Kind.FIELD:
            self._want(target.dataset, target.field, score)
        elif target.kind is Kind.VALUE:
            self.values.setdefault(target.key, []).append(target.name)
            self._want(target.dataset, target.field, score)
        else:
            _raise(self.datasets, target.dataset, score)

    def _metric(self, name: str, score: float) -> None:
        _raise(self.metrics, name, score)
        for dataset, column in metric_fields(self._model.metric(name), self._model):
            self._want(dataset, column, score / 2)

    def _want(self, dataset: str, name: str, score: float) -> None:
        _raise(self.fields, (dataset, name), score)
        _raise(self.datasets, dataset, score * 0.8)


def _raise(scores: dict[K, float], key: K, score: float) -> None:
    scores[key] = max(scores.get(key, 0.0), score)


def metric_fields(metric: MetricDefinition | None, model: SemanticModel) -> tuple[tuple[str, str], ...]:
    """The fields that a metric is made of and dated by."""
    if metric is None:
        return ()
    said = f"{metric.expression} {metric.time}"
    return tuple(
        (d.name, f.name)
        for d in model.datasets
        if re.search(rf"\b{re.escape(d.name)}\b", said, re.IGNORECASE)
        for f in d.fields
        if re.search(rf"\b{re.escape(d.name)}\"?\.\"?{re.escape(f.name)}\b", said, re.IGNORECASE)
    )


def _neighbours(model: SemanticModel) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for r in model.relationships:
        found.setdefault(r.from_dataset, []).append(r.to_dataset)
        found.setdefault(r.to_dataset, []).append(r.from_dataset)
    return found


def _way(beside: dict[str, list[str]], start: str, end: str) -> list[str]:
    """The datasets between two, by the fewest steps; none where nothing connects them."""
    came: dict[str, str] = {start: ""}
    queue = deque([start])
    while queue and end not in came:
        at = queue.popleft()
        for name in beside.get(at, ()):
            if name not in came:
                came[name] = at
                queue.append(name)
    way, at = [], end if end in came else ""
    while at:
        way.append(at)
        at = came[at]
    return way[::-1]


class _Chosen:
    """What goes into the excerpt, as long as there is room."""

    def __init__(self, model: SemanticModel, wanted: Wanted, tokens: int, values: bool) -> None:
        self._model, self._wanted, self._left, self._values = model, wanted, tokens, values
        self._lines: dict[str, list[str]] = {}
        self._metrics: list[str] = []
        self._fields: set[tuple[str, str]] = set()
        self._named: set[str] = set()
        self._shown = False

    def take_metrics(self) -> None:
        """All of them where they fit into a third; else those that are meant first."""
        room = self._left // 3
        order = sorted(self._model.metrics, key=lambda m: -self._wanted.metrics.get(m.name, 0.0))
        for metric in order:
            line = _metric_line(metric)
            meant = self._wanted.metrics.get(metric.name, 0.0) > 0.5
            if (room := room - estimate(line)) < 0 and not meant:
                break
            self._metrics.append(line)
            self._named.add(metric.name)
            self._left -= estimate(line)

    def take_table(self, name: str, *, least: float) -> None:
        """Its line and those of its fields that are needed at least so much and not yet there."""
        dataset = self._model.dataset(name)
        if dataset is None:
            return
        found = [f for f in dataset.fields if f.kind != MASKED and self._need(dataset, f) >= least]
        for one in sorted(found, key=lambda f: -self._need(dataset, f)):
            if (dataset.name, one.name) not in self._fields:
                self._take(dataset, one)

    def _take(self, dataset: Dataset, one: Field) -> None:
        head = [] if dataset.name in self._lines else [_dataset_line(dataset, self._model)]
        line = self._field_line(dataset, one)
        if (cost := estimate(line, *head)) > self._left:
            return
        self._lines.setdefault(dataset.name, head).append(line)
        self._left -= cost
        self._fields.add((dataset.name, one.name))

    def excerpt(self) -> Excerpt:
        """All of it as text."""
        whole = [line for lines in self._lines.values() for line in lines]
        others = [d.name for d in self._model.datasets if d.name not in self._lines]
        if others:
            whole.append(f"other datasets, not described: {', '.join(quoted(o) for o in others[:60])}")
        text = "\n".join([*whole, *self._metrics, *_calendar_line(self._model)])
        return Excerpt(text, frozenset(self._fields), frozenset(self._named), self._shown)

    def _need(self, dataset: Dataset, one: Field) -> float:
        """What the question says of it, and less than that what questions usually turn on."""
        said = self._wanted.fields.get((dataset.name, one.name), 0.0)
        name = one.name in (dataset.display, dataset.default_time)
        kind = _ALWAYS.index(one.kind) if one.kind in _ALWAYS else len(_ALWAYS)
        table = self._wanted.datasets.get(dataset.name, 0.0)
        return max(said, USUAL if name and table > MEANT else 0.0) + (len(_ALWAYS) - kind) / 1_000

    def _field_line(self, dataset: Dataset, one: Field) -> str:
        parts = [f"  {quoted(one.name)}: {one.datatype or 'unknown'} {one.kind}"]
        parts += _called(one)
        if one.unit:
            parts.append(f"in {quoted(one.unit)}")
        if one.description:
            parts.append(quoted(one.description))
        if shown := self._examples(dataset, one):
            self._shown = True
            parts.append(f"values {', '.join(quoted(v) for v in shown)}")
        return "; ".join(parts)

    def _examples(self, dataset: Dataset, one: Field) -> list[str]:
        """Values of a field that may be told: none of what is masked or about a person."""
        if not self._values or one.kind == MASKED or one.sensitivity:
            return []
        said = self._wanted.values.get((dataset.name, one.name), [])
        usual = one.values[:EXAMPLES] if one.kind in ("category", "flag") else ()
        return list(dict.fromkeys([*said, *usual]))[:EXAMPLES]


def quoted(text: str) -> str:
    """A name or value as one JSON string on one line, cut when it is long."""
    plain = " ".join(visible(text).split())
    return json.dumps(plain[:_LONGEST], ensure_ascii=False).replace("<", "\\u003c")


def _called(thing: Dataset | Field | MetricDefinition) -> list[str]:
    """What people call it, where that is not its name."""
    label = [thing.label] if thing.label and thing.label.lower() != thing.name.replace("_", " ").lower() else []
    also = ", ".join(quoted(s) for s in thing.synonyms[:4])
    return [*(f"called {quoted(x)}" for x in label), *([f"also {also}"] if also else [])]


def _dataset_line(dataset: Dataset, model: SemanticModel) -> str:
    parts = [f"dataset {quoted(dataset.name)}"]
    parts += _called(dataset)
    if dataset.source != dataset.name:
        parts.append(f"table {quoted(dataset.source)}")
    if dataset.primary_key:
        parts.append(f"key {', '.join(map(quoted, dataset.primary_key))}")
    if dataset.default_time:
        parts.append(f"dated by {quoted(dataset.default_time)}")
    for r in model.relationships:
        if r.from_dataset == dataset.name:
            role = f" as {quoted(r.role)}" if r.role else ""
            parts.append(
                f"many belong to one {quoted(r.to_dataset)}{role} by {', '.join(r.from_columns)} ({quoted(r.name)})"
            )
    if dataset.description:
        parts.append(quoted(dataset.description))
    return "; ".join(parts)


def _metric_line(metric: MetricDefinition) -> str:
    parts = [f"metric {quoted(metric.name)}: {quoted(metric.expression)}"]
    parts += _called(metric)
    if metric.unit:
        parts.append(f"in {quoted(metric.unit)}")
    if metric.description:
        parts.append(quoted(metric.description))
    return "; ".join(parts)


def _calendar_line(model: SemanticModel) -> list[str]:
    start = model.calendar.fiscal_start_month
    return [] if start == 1 else [f"the fiscal year begins in month {start}"]
