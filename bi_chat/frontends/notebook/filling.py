"""In: a question with {names} of the notebook's variables. Out: the question with their values; nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from bi_chat.errors import SettingsError

_NAME = re.compile(r"\{\s*([A-Za-z_]\w*)\s*\}")
_LONGEST = 200
_MOST = 20
_SAYABLE = (str, int, float, date, list, tuple)


def filled(text: str, variables: Mapping[str, object]) -> str:
    """Texts, numbers, dates and short lists of them stand for themselves. Raises SettingsError for anything else."""
    return _NAME.sub(lambda found: _value(found[1], variables), text)


def _value(name: str, variables: Mapping[str, object]) -> str:
    if name not in variables:
        known = ", ".join(n for n, v in variables.items() if not n.startswith("_") and isinstance(v, _SAYABLE))
        raise SettingsError(f"There is no variable {name} in this notebook. There are: {known[:_LONGEST] or 'none'}.")
    value = variables[name]
    if isinstance(value, list | tuple | set | frozenset):
        parts = [_plain(v) for v in list(value)[: _MOST + 1]]
        if not parts or len(parts) > _MOST or None in parts:
            raise SettingsError(f"{name} should hold 1 to {_MOST} texts, numbers or dates.")
        return _listed(p for p in parts if p is not None)
    said = _plain(value)
    if said is None:
        raise SettingsError(
            f"{name} is a {type(value).__name__}; a text, a number, a date or a list of these can be said."
        )
    return said


def _listed(parts: Iterable[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} or {last}" if most else last


def _plain(value: object) -> str | None:
    """As one would say it; None for what one can't."""
    if isinstance(value, str):
        return " ".join(value.split()) if 0 < len(value) <= _LONGEST else None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value)
