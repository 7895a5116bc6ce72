"""In: a node and the schema it should follow. Out: each place where it does not, in plain words with a suggestion.

It reads the part of JSON Schema that the files in `schemas/` use. A library's messages name rules; these name what
to do, point to the misspelled key and offer the nearest one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from bi_chat.semantics.ossie.document import Path
from bi_chat.semantics.ossie.fault import listed, nearest

Schema = Mapping[str, object]
_TYPES: Mapping[str, tuple[str, tuple[type, ...]]] = {
    "string": ("text", (str,)),
    "integer": ("a whole number", (int,)),
    "number": ("a number", (int, float)),
    "boolean": ("true or false", (bool,)),
    "array": ("a list", (list,)),
    "object": ("a mapping of keys to values", (dict,)),
    "null": ("null", (type(None),)),
}


@dataclass(frozen=True)
class Misfit:
    """A fault before it knows its line."""

    path: Path
    problem: str
    suggestion: str = ""


@lru_cache(maxsize=4)
def schema(name: str) -> Schema:
    """A schema of this package by its file name without .json."""
    text = resources.files("bi_chat.semantics").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    loaded: Schema = json.loads(text)
    return loaded


def definition(name: str, root: Schema) -> Schema:
    """One of a schema's $defs."""
    return _mapping(_mapping(root.get("$defs")).get(name))


def misfits(node: object, rule: Schema, root: Schema, path: Path = ()) -> Iterator[Misfit]:
    """Every place where `node` breaks `rule`, outermost first."""
    if "$ref" in rule:
        rule = definition(str(rule["$ref"]).rsplit("/", 1)[-1], root)
    wrong = _wrong_type(node, rule)
    if wrong:
        yield Misfit(path, f"{_place(path)} must be {wrong}, not {_seen(node)}.")
        return
    yield from _wrong_value(node, rule, path)
    if isinstance(node, Mapping):
        yield from _wrong_keys(node, rule, root, path)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        if len(node) < _number(rule.get("minItems"), 0):
            yield Misfit(path, f"{_place(path)} must hold at least one entry.")
        for i, item in enumerate(node):
            yield from misfits(item, _mapping(rule.get("items")), root, (*path, i))


def _wrong_type(node: object, rule: Schema) -> str:
    """What it should be, '' when it is."""
    wanted = rule.get("type")
    names = [wanted] if isinstance(wanted, str) else list(wanted) if isinstance(wanted, list) else []
    if not names or any(_is(node, name) for name in names):
        return ""
    return " or ".join(_TYPES[name][0] for name in names)


def _is(node: object, name: str) -> bool:
    if name == "array":
        return isinstance(node, Sequence) and not isinstance(node, str)
    if name == "object":
        return isinstance(node, Mapping)
    if isinstance(node, bool) and name != "boolean":
        return False
    return isinstance(node, _TYPES[name][1])


def _wrong_value(node: object, rule: Schema, path: Path) -> Iterator[Misfit]:
    allowed = rule.get("enum")
    if isinstance(allowed, list) and node not in allowed:
        words = [str(a) for a in allowed]
        hint = nearest(str(node), words) or f"Known are {listed(words, 12)}."
        yield Misfit(path, f"{_place(path)} can't be {node}.", hint)
    if isinstance(node, str) and len(node.strip()) < _number(rule.get("minLength"), 0):
        yield Misfit(path, f"{_place(path)} is empty.")
    if isinstance(node, int | float) and not isinstance(node, bool):
        low, high = _number(rule.get("minimum"), float("-inf")), _number(rule.get("maximum"), float("inf"))
        if not low <= node <= high:
            yield Misfit(path, f"{_place(path)} must lie between {low:g} and {high:g}, not {node}.")


def _wrong_keys(node: Mapping[object, object], rule: Schema, root: Schema, path: Path) -> Iterator[Misfit]:
    known = _mapping(rule.get("properties"))
    required = rule.get("required")
    for key in required if isinstance(required, list) else ():
        if key not in node:
            yield Misfit(path, f"{_place(path)} has no {key}.", f"Add {key}: to it.")
    others = rule.get("additionalProperties", True)
    for key, value in node.items():
        name = str(key)
        if name in known:
            yield from misfits(value, _mapping(known[name]), root, (*path, name))
        elif isinstance(others, Mapping):
            yield from misfits(value, others, root, (*path, name))
        elif others is False:
            hint = nearest(name, known) or f"Known here are {listed(known, 12)}."
            yield Misfit((*path, name), f"{_place(path)} has an unknown key {name}.", hint)


def _place(path: Path) -> str:
    """A path in words: datasets 2 › fields 1 › label."""
    steps: list[str] = []
    for step in path:
        if isinstance(step, int) and steps:
            steps[-1] += f" {step + 1}"
        else:
            steps.append(str(step))
    return " › ".join(s for s in steps if not s.startswith("semantic_model")) or "The file"


def _seen(node: object) -> str:
    if node is None:
        return "empty"
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence) and not isinstance(node, str):
        return "a list"
    return f"{'true' if node is True else 'false' if node is False else node}"


def _mapping(value: object) -> Schema:
    return value if isinstance(value, Mapping) else {}


def _number(value: object, default: float) -> float:
    return value if isinstance(value, int | float) else default
