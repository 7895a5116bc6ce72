"""In: the text of a model file, and what a person calls or means by a part of it. Out: the text with that part changed.

Comments, order and what other vendors wrote stay. A part that a person has edited is a guess no longer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, MutableMapping, MutableSequence
from typing import cast

from bi_chat.semantics.model import Dataset, Field, MetricDefinition
from bi_chat.semantics.ossie.document import Document, parse, write
from bi_chat.semantics.ossie.expressions import chosen, read_expression
from bi_chat.semantics.ossie.extension import VENDOR, entry, said

Node = MutableMapping[str, object]
_ODD = re.compile(r"\W+")
_MODEL = ("semantic_model", 0)


def with_dataset(text: str, dataset: Dataset) -> str:
    """Label, synonyms and description of the dataset of that name."""

    def change(model: Node) -> None:
        node = _named(model, "datasets", dataset.name)
        if node is not None:
            _say(node, dataset.synonyms, dataset.description)
            _extend(node, label=dataset.label, guess=None)

    return _changed(text, change)


def with_field(text: str, dataset: str, field: Field) -> str:
    """Label, synonyms, description, kind and unit of a field of a dataset."""

    def change(model: Node) -> None:
        owner = _named(model, "datasets", dataset)
        node = _named(owner, "fields", field.name) if owner is not None else None
        if node is not None:
            _put(node, "label", field.label)
            _say(node, field.synonyms, field.description)
            _extend(node, kind="" if field.kind == "other" else field.kind, unit=field.unit, guess=None)

    return _changed(text, change)


def with_metric(text: str, metric: MetricDefinition) -> str:
    """The metric of that name as it is given, or a new one."""

    def change(model: Node) -> None:
        node = _named(model, "metrics", metric.name)
        if node is None:
            node = _listed(model, "metrics")
            node["name"] = metric.name
        if _expression(node) != metric.expression:
            node["expression"] = {"dialects": [{"dialect": "ANSI_SQL", "expression": metric.expression}]}
        _say(node, metric.synonyms, metric.description)
        label = "" if metric.label == metric.name else metric.label
        _extend(node, label=label, unit=metric.unit, format=metric.format, guess=None)

    return _changed(text, change)


def without_metric(text: str, name: str) -> str:
    """The metric of that name is gone."""

    def change(model: Node) -> None:
        found = model.get("metrics")
        if isinstance(found, MutableSequence):
            kept = [n for n in found if not (isinstance(n, MutableMapping) and _is(n, name))]
            found[:] = kept
            if not kept:
                del model["metrics"]

    return _changed(text, change)


def metric_name(label: str, taken: frozenset[str]) -> str:
    """A name for a new metric, from what people call it; none of those that are taken, in lower case."""
    plain = _ODD.sub("_", label.strip().lower()).strip("_") or "metric"
    name, count = plain, 2
    while name in taken:
        name, count = f"{plain}_{count}", count + 1
    return name


def _changed(text: str, change: Callable[[Node], None]) -> str:
    document, faults = parse(text)
    model = document.at(_MODEL) if not faults else None
    if not isinstance(model, MutableMapping):
        return text
    change(cast(Node, model))
    return write(Document(text, "", document.root))


def _named(parent: Node, part: str, name: str) -> Node | None:
    found = parent.get(part)
    nodes = found if isinstance(found, MutableSequence) else ()
    return next((cast(Node, n) for n in nodes if isinstance(n, MutableMapping) and _is(n, name)), None)


def _is(node: MutableMapping[str, object], name: str) -> bool:
    return str(node.get("name", "")).lower() == name.lower()


def _listed(parent: Node, part: str) -> Node:
    """A new node at the end of a list."""
    if not isinstance(parent.get(part), MutableSequence):
        parent[part] = []
    made: Node = {}
    nodes = cast(MutableSequence[Node], parent[part])
    nodes.append(made)
    return nodes[-1]


def _put(node: Node, key: str, value: object) -> None:
    if value:
        node[key] = value
    else:
        node.pop(key, None)


def _say(node: Node, synonyms: tuple[str, ...], description: str) -> None:
    _put(node, "description", description)
    context = node.get("ai_context")
    if isinstance(context, str):
        context = {"instructions": context}
    told = cast(Node, context) if isinstance(context, MutableMapping) else {}
    _put(told, "synonyms", list(synonyms))
    _put(node, "ai_context", told)


def _expression(node: Node) -> str:
    dialect, text, _ = chosen(node.get("expression"))
    return read_expression(text, dialect).text.strip() if text else ""


def _extend(node: Node, **entries: object) -> None:
    """What Ossie has no place for; an entry without a value goes."""
    data = {k: v for k, v in {**said(node), **entries}.items() if v not in ("", None)}
    text, found = json.dumps(data, ensure_ascii=False), entry(node)
    extensions = node.get("custom_extensions")
    if found is not None and isinstance(extensions, MutableSequence):
        if data:
            extensions[found[0]]["data"] = text
        else:
            del extensions[found[0]]
            _put(node, "custom_extensions", extensions)
    elif data:
        others = list(extensions) if isinstance(extensions, MutableSequence) else []
        node["custom_extensions"] = [*others, {"vendor_name": VENDOR, "data": text}]
