"""In: what stands before the cursor after %ask. Out: options, and names and values of the data that go on there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bi_chat.semantics.model import MASKED, SemanticModel
from bi_chat.values.chart import CHART_TYPES

OPTIONS = ("--data", "--model", "--today", "--into", "--chart", "--sql", "--plan", "--explain")
MOST = 60
_MOST_VALUES = 200


def completions(line: str, symbol: str, model: SemanticModel | None, data: Iterable[str]) -> list[str]:
    """What may stand in place of `symbol`, the word at the cursor. `data`: names that --data takes."""
    before = line[: len(line) - len(symbol)].split()
    if symbol.startswith("-"):
        return [o for o in OPTIONS if o.startswith(symbol)]
    if before[-1:] == ["--chart"]:
        return [c for c in CHART_TYPES if c.startswith(symbol)]
    if before[-1:] == ["--data"]:
        return sorted(n for n in data if n.startswith(symbol))
    if model is None:
        return []
    found = (rest for name in _names(model) if (rest := _rest(name, before, symbol)) is not None)
    return list(dict.fromkeys(found))[:MOST]


def _rest(name: str, before: list[str], symbol: str) -> str | None:
    """The part of a name of several words that is not written yet, from the word at the cursor on."""
    words = name.split()
    for said in range(min(len(words) - 1, len(before)), -1, -1):
        written = [w.lower() for w in before[len(before) - said :]]
        if [w.lower() for w in words[:said]] == written and words[said].lower().startswith(symbol.lower()):
            return " ".join(words[said:]) if symbol or said else None
    return None


def _names(model: SemanticModel) -> Iterator[str]:
    """As people call them; what is masked has no values to offer."""
    for metric in model.metrics:
        yield metric.label or metric.name.replace("_", " ")
        yield from metric.synonyms
    for dataset in model.datasets:
        yield dataset.label or dataset.name.replace("_", " ")
        for one in dataset.fields:
            yield one.label or one.name.replace("_", " ")
            yield from one.synonyms
    for dataset in model.datasets:
        for one in dataset.fields:
            if one.kind != MASKED and not one.sensitivity:
                yield from one.values[:_MOST_VALUES]
