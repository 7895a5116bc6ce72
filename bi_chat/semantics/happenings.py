"""In: a dataset. Out: whether its rows are events that have a day and a name, such as holidays or campaigns."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.semantics.model import Dataset

MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Happenings:
    """The fields that hold an event's first day, its name, and its last day ('' where it has one day)."""

    first: str
    name: str
    last: str = ""


def happenings_in(dataset: Dataset) -> Happenings | None:
    """None where rows have figures or words of their own, no day, or no name that could recur."""
    days = [f.name for f in dataset.fields if f.is_time or f.kind == "time"]
    names = [f for f in dataset.fields if f.kind == "category" and f.datatype == "String"]
    names = [f for f in names if (f.distinct or 2) <= MOST_NAMES]
    if not 1 <= len(days) <= 2 or not names or any(f.kind in ("measure", "text") for f in dataset.fields):
        return None
    name = max(names, key=lambda f: f.distinct or 0).name
    return Happenings(days[0], name, days[1] if len(days) == 2 else "")
