"""In: a frozen value. Out: plain JSON data, and back. A dataclass becomes an object with its class name under "is".

Only classes that were registered can be read back, so a file can't make anything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class SerialError(ValueError):
    """The data are not a value of ours."""


class Codec:
    """Reads and writes the dataclasses and enums of some modules."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._classes: dict[str, type[Any]] = {}
        for module in modules:
            for name, thing in vars(module).items():
                if isinstance(thing, type) and (is_dataclass(thing) or issubclass(thing, Enum)):
                    self._classes.setdefault(name, thing)

    def dumps(self, value: object) -> str:
        """JSON text of a value."""
        return json.dumps(self.to_data(value), ensure_ascii=False)

    def loads(self, text: str) -> object:
        """The value of a JSON text. Raises SerialError."""
        try:
            return self.from_data(json.loads(text))
        except (json.JSONDecodeError, TypeError, KeyError) as error:
            raise SerialError(str(error)) from error

    def to_data(self, value: object) -> Json:
        """Plain data of a value; parts equal to their default are left out."""
        if isinstance(value, Enum):
            return {"is": type(value).__name__, "value": value.value}
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, datetime):
            return {"is": "datetime", "value": value.isoformat()}
        if isinstance(value, date):
            return {"is": "date", "value": value.isoformat()}
        if isinstance(value, (tuple, list)):
            return [self.to_data(v) for v in value]
        if is_dataclass(value) and not isinstance(value, type):
            out: dict[str, Json] = {"is": type(value).__name__}
            for item in fields(value):
                part = getattr(value, item.name)
                if item.init and not item.name.startswith("_") and not _is_default(item, part):
                    out[item.name] = self.to_data(part)
            return out
        raise SerialError(f"{type(value).__name__} is not a value that can be saved")

    def from_data(self, data: Json) -> object:
        """The value of plain data. Raises SerialError."""
        if isinstance(data, list):
            return tuple(self.from_data(v) for v in data)
        if not isinstance(data, dict):
            return data
        name = data.get("is")
        if name in ("date", "datetime"):
            kind = datetime if name == "datetime" else date
            return kind.fromisoformat(str(data["value"]))
        found = self._classes.get(str(name))
        if found is None:
            raise SerialError(f"unknown kind of value: {name}")
        if issubclass(found, Enum):
            return found(data["value"])
        known = {f.name for f in fields(found) if f.init}
        parts = {k: self.from_data(v) for k, v in data.items() if k != "is"}
        if unknown := set(parts) - known:
            raise SerialError(f"{name} has no {', '.join(sorted(unknown))}")
        return found(**parts)


def _is_default(item: Field[object], part: object) -> bool:
    return item.default is not MISSING and part == item.default and type(part) is type(item.default)


@cache
def plan_codec() -> Codec:
    """For plans, periods and readings."""
    from bi_chat.values import analyses, board, chart, foretold, issue, period, plan, query, reading

    return Codec((plan, analyses, board, foretold, period, reading, query, issue, chart))
