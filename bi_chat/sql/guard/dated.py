"""In: the arguments of range() or generate_series() over dates. Out: how many values the list holds, where plain.

`generate_series(DATE '0001-01-01', DATE '9999-12-31', INTERVAL 1 DAY)` is thirty megabytes for each row, and the engine
makes them two thousand rows at a time. Stored dates are trusted, written ones counted, worked-out ones refused.
"""

from __future__ import annotations

from datetime import datetime

from bi_chat.sql.guard.parse import Node
from bi_chat.sql.guard.tree import arguments, constant, node, texts

GUESS = 100.0  # what a list between two stored dates counts as

_DAYS = {
    "to_hours": 1 / 24,
    "to_days": 1.0,
    "to_weeks": 7.0,
    "to_months": 28.0,
    "to_quarters": 90.0,
    "to_years": 365.0,
    "to_decades": 3652.0,
}
_KEEPING = ("min", "max", "date_trunc")  # what they give lies near what they are given
_USUAL_YEARS = range(1900, 2101)


def is_series(args: list[Node]) -> bool:
    """Whether the step is a written interval of an hour or more."""
    return len(args) == 3 and _step(args[2]) is not None


def steps(args: list[Node]) -> float | None:
    """The number of values; None where it can't be known. See `bounds` for what has still to be looked at."""
    days = _step(args[2])
    if days is None:
        return None
    first, last = _date(args[0]), _date(args[1])
    if first is not None and last is not None:
        return abs((last - first).total_seconds()) / 86_400 / days
    return GUESS if days >= 1 and bounds(args) else None


def bounds(args: list[Node]) -> list[str]:
    """The columns that bound the list, as they stand; empty where a bound is worked out, or a year is unusual."""
    found: list[str] = []
    for bound in args[:2]:
        column, date = _column(bound), _date(bound)
        if column:
            found.append(column)
        elif date is None or date.year not in _USUAL_YEARS:
            return []
    return found


def _column(bound: Node) -> str:
    inner: Node | None = bound
    while inner is not None and inner.get("class") in ("FUNCTION", "CAST"):
        if inner.get("class") == "FUNCTION" and inner.get("function_name") not in _KEEPING:
            return ""
        inner = arguments(inner)[-1] if arguments(inner) else node(inner.get("child"))
    return texts(inner.get("column_names"))[-1] if inner is not None and inner.get("class") == "COLUMN_REF" else ""


def _date(bound: Node) -> datetime | None:
    try:
        return datetime.fromisoformat(str(constant(bound))).replace(tzinfo=None)
    except ValueError:
        return None


def _step(interval: Node) -> float | None:
    """Days in an INTERVAL that is a written number of a known unit."""
    unit = _DAYS.get(str(interval.get("function_name")))
    inner: Node | None = interval
    while inner is not None and inner.get("class") in ("FUNCTION", "CAST"):
        inner = arguments(inner)[0] if arguments(inner) else node(inner.get("child"))
    try:
        count = abs(float(constant(inner) or 0))
    except ValueError:
        return None
    return unit * count if unit is not None and count >= 1 else None
