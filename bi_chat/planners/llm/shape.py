"""In: a value class of ours. Out: the JSON Schema of its values, and the value of JSON data that keep to it.

A schema for a model must say everything: OpenAI's strict mode wants each property required and no others, so what has
a default may be null instead. Names of fields are written "dataset.field"; a StrEnum is its plain word. What does not
fit is said with its place ("plan.measures[0].of: …"), for the model to mend.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union

from bi_chat.values import analyses, period, plan
from bi_chat.values.plan import FieldRef

Hint = Any
_PLAIN: dict[Hint, dict[str, object]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}
_MOMENTS = (date, datetime)
_DEEPEST = 12


class Misfit(ValueError):
    """Data that are no value of ours: where, and why."""


def _origin(hint: Hint) -> tuple[object, tuple[Hint, ...]]:
    return typing.get_origin(hint), typing.get_args(hint)


@cache
def hints_of(cls: type) -> dict[str, Hint]:
    """The types of a class's fields, names resolved."""
    names = {**vars(plan), **vars(analyses), **vars(period)}
    return typing.get_type_hints(cls, globalns={**vars(_module(cls)), **names})


def _module(cls: type) -> Any:
    return sys.modules[cls.__module__]


def asked_fields(cls: type) -> list[Field[Any]]:
    """The fields that a model may fill."""
    return [f for f in dataclasses.fields(cls) if f.init and not f.name.startswith("_")]


# ------------------------------------------------------------------ the schema
UNIONS: dict[str, Hint] = {
    "Scalar": plan.Scalar,
    "Measure": plan.Measure,
    "Operand": plan.Operand,
    "Condition": plan.Condition,
    "Calculation": plan.Calculation,
    "Analysis": analyses.Analysis,
    "PeriodExpr": period.PeriodExpr,
}
"""Kinds that stand in one another's place; the members of one of them say which they are under "is"."""


@cache
def _members() -> dict[str, frozenset[Hint]]:
    owner = {**vars(plan), **vars(analyses), **vars(period)}
    return {
        name: frozenset(owner[a.__forward_arg__] if isinstance(a, typing.ForwardRef) else a for a in typing.get_args(u))
        for name, u in UNIONS.items()
    }


def schema_of(root: type) -> dict[str, object]:
    """The JSON Schema of a class, with one definition for each class and kind that it holds."""
    found: dict[str, dict[str, object]] = {}
    _define(root, found)
    top = found.pop(root.__name__)
    return {**top, "$defs": dict(sorted(found.items()))}


def _define(cls: type, found: dict[str, dict[str, object]]) -> dict[str, object]:
    """A reference to the definition of a class."""
    if cls.__name__ not in found:
        found[cls.__name__] = {}
        hints, parts = hints_of(cls), _says_what_it_is(cls)
        for item in asked_fields(cls):
            spoken = _schema(hints[item.name], found)
            parts[item.name] = spoken if _needed(item) else _or_null(spoken)
        found[cls.__name__].update(
            {
                "type": "object",
                "description": " ".join((cls.__doc__ or "").split()),
                "properties": parts,
                "required": list(parts),
                "additionalProperties": False,
            }
        )
    return {"$ref": f"#/$defs/{cls.__name__}"}


def _says_what_it_is(cls: type) -> dict[str, object]:
    among = any(cls in members for members in _members().values())
    return {"is": {"type": "string", "const": cls.__name__}} if among else {}


def _needed(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _or_null(spoken: dict[str, object]) -> dict[str, object]:
    choices = spoken.get("anyOf")
    choices = list(choices) if isinstance(choices, list) else [spoken]
    return {"anyOf": choices if {"type": "null"} in choices else [*choices, {"type": "null"}]}


def _schema(hint: Hint, found: dict[str, dict[str, object]]) -> dict[str, object]:
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, args = _origin(hint)
    if origin in (Union, UnionType):
        return _choice(args, found)
    if origin is tuple:
        return {"type": "array", "items": _choice([a for a in args if a is not Ellipsis], found)}
    if hint in (date, datetime):
        return {"type": "string", "format": "date" if hint is date else "date-time"}
    if hint is FieldRef:
        return {"type": "string", "description": "dataset.field, or @time"}
    if issubclass(hint, Enum):
        return {"type": "string", "enum": [member.value for member in hint]}
    return _define(hint, found)


def _choice(kinds: Sequence[Hint], found: dict[str, dict[str, object]]) -> dict[str, object]:
    """One of several; those that make up a kind of ours are said by its name."""
    left = list(dict.fromkeys(kinds))
    said: list[dict[str, object]] = [_tagged(k) for k in left if k in _MOMENTS and str in left]
    left = [k for k in left if k not in _MOMENTS or str not in left]
    for name, members in sorted(_members().items(), key=lambda m: -len(m[1])):
        if members <= set(left):
            left = [k for k in left if k not in members]
            said.append({"$ref": f"#/$defs/{name}"})
            if name not in found:
                found[name] = {}
                found[name].update({"anyOf": [_schema(m, found) for m in sorted(members, key=lambda m: m.__name__)]})
    said += [_schema(k, found) for k in left]
    said = [s for i, s in enumerate(said) if s not in said[:i]]
    return said[0] if len(said) == 1 else {"anyOf": said}


def _tagged(moment: type) -> dict[str, object]:
    """A date where texts may stand, too, says that it is one."""
    parts = {"is": {"type": "string", "const": moment.__name__}, "value": {"type": "string"}}
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


# ------------------------------------------------------------------ reading
@dataclass(slots=True)
class Reader:
    """Reads data against types; `field_named` finds the field that a text names, or raises Misfit."""

    field_named: Callable[[str], FieldRef]
    deepest: int = _DEEPEST
    _depth: int = field(default=0)

    def read(self, hint: Hint, data: object, at: str) -> Any:
        """The value. Raises Misfit with the place."""
        origin, args = _origin(hint)
        if origin in (Union, UnionType):
            return self._one_of(args, data, at)
        if origin is tuple:
            return self._many(args, data, at)
        if hint in _PLAIN:
            return _plain(hint, data, at)
        if hint in (date, datetime):
            return _moment(hint, data, at)
        if issubclass(hint, Enum):
            return _member(hint, data, at)
        if hint is FieldRef:
            return self._named(data, at)
        return self._object(hint, data, at)

    def _named(self, text: object, at: str) -> FieldRef:
        if not isinstance(text, str):
            raise Misfit(f'{at}: a field is written "dataset.field", not {_shown(text)}')
        try:
            return self.field_named(text)
        except Misfit as misfit:
            raise Misfit(f"{at}: {misfit}") from None

    def _object(self, cls: type, data: object, at: str) -> Any:
        if not isinstance(data, dict):
            raise Misfit(f"{at}: {cls.__name__} is an object, not {_shown(data)}")
        if data.get("is", cls.__name__) != cls.__name__:
            raise Misfit(f"{at}: {cls.__name__} is wanted here, not {_shown(data['is'])}")
        known = {f.name: f for f in asked_fields(cls)}
        if unknown := set(data) - set(known) - {"is"}:
            raise Misfit(f"{at}: {cls.__name__} has no {', '.join(sorted(map(str, unknown)))}")
        if self._depth >= self.deepest:
            raise Misfit(f"{at}: nested too deep")
        self._depth += 1
        try:
            parts = self._parts(cls, known, data, at)
        finally:
            self._depth -= 1
        return cls(**parts)

    def _parts(self, cls: type, known: dict[str, Field[Any]], data: dict[str, object], at: str) -> dict[str, Any]:
        hints, parts = hints_of(cls), {}
        for name, item in known.items():
            given = data.get(name)
            if given is None and not _needed(item):
                continue  # null stands for the default
            if name not in data:
                raise Misfit(f"{at}: {cls.__name__} needs {name}")
            parts[name] = self.read(hints[name], given, f"{at}.{name}")
        return parts

    def _many(self, args: tuple[Hint, ...], data: object, at: str) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise Misfit(f"{at}: a list is wanted here, not {_shown(data)}")
        if args[-1:] == (Ellipsis,):
            return tuple(self.read(args[0], item, f"{at}[{i}]") for i, item in enumerate(data))
        if len(data) != len(args):
            raise Misfit(f"{at}: {len(args)} parts are wanted here, not {len(data)}")
        return tuple(self.read(a, item, f"{at}[{i}]") for i, (a, item) in enumerate(zip(args, data, strict=True)))

    def _one_of(self, choices: tuple[Hint, ...], data: object, at: str) -> Any:
        """The class that the data name; else the first kind that takes them."""
        if isinstance(data, dict):
            classes = [c for c in choices if isinstance(c, type) and (dataclasses.is_dataclass(c) or c in _MOMENTS)]
            named = classes if len(classes) == 1 else [c for c in classes if c.__name__ == data.get("is")]
            if not named:
                kinds = ", ".join(c.__name__ for c in classes)
                raise Misfit(f"{at}: there is no kind {_shown(data.get('is'))} here; it is one of {kinds}")
            return self.read(named[0], data, at)
        if isinstance(data, str) and FieldRef in choices:
            return self._named(data, at)
        for choice in sorted(
            choices, key=lambda c: (bool, int, float, str).index(c) if c in (bool, int, float, str) else 9
        ):
            try:
                return self.read(choice, data, at)
            except Misfit:
                continue
        raise Misfit(f"{at}: {_shown(data)} fits nothing that may stand here")


def _plain(hint: Hint, data: object, at: str) -> Any:
    fits = type(data) is hint or (hint is float and type(data) is int)
    if not fits:
        raise Misfit(f"{at}: {getattr(hint, '__name__', 'nothing')} is wanted here, not {_shown(data)}")
    return float(data) if hint is float else data  # type: ignore[arg-type]


def _moment(hint: Hint, data: object, at: str) -> Any:
    text = data.get("value") if isinstance(data, dict) and data.get("is") in ("date", "datetime") else data
    try:
        return hint.fromisoformat(text)
    except (TypeError, ValueError):
        raise Misfit(f"{at}: {_shown(data)} is no {hint.__name__}; write 2024-12-31") from None


def _member(hint: type[Enum], data: object, at: str) -> Enum:
    text = data.get("value") if isinstance(data, dict) else data
    for member in hint:
        if member.value == text:
            return member
    raise Misfit(f"{at}: {_shown(data)} is none of {', '.join(str(m.value) for m in hint)}")


def _shown(data: object) -> str:
    return repr(data)[:60]


# ------------------------------------------------------------------ writing
def written(value: object, hint: Hint = None) -> object:
    """A value as a model reads and writes it: parts equal to their default are left out."""
    if isinstance(value, FieldRef):
        name = f"{value.dataset}.{value.field}" if value.dataset else value.field
        return f"{name} via {', '.join(value.via)}" if value.via else name
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        among_texts = str in _origin(hint)[1]
        return {"is": type(value).__name__, "value": value.isoformat()} if among_texts else value.isoformat()
    if isinstance(value, tuple):
        return [written(v, next(iter(_origin(hint)[1]), None)) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        cls, hints = type(value), hints_of(type(value))
        parts: dict[str, object] = dict.fromkeys(_says_what_it_is(cls), cls.__name__)
        for item in asked_fields(cls):
            part = getattr(value, item.name)
            if _needed(item) or part != item.default:
                parts[item.name] = written(part, hints[item.name])
        return parts
    return value
