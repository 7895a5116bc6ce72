"""In: a column and the key it may refer to. Out: whether their types and values allow it, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bi_chat.semantics.drafting.shapes import Shape


class Containment(Protocol):
    """Asks the database which share of a column's distinct values occurs in another column."""

    def __call__(self, table: str, column: str, to_table: str, to_column: str) -> float:
        """0 to 1; 1 when every value has its partner."""
        ...


@dataclass(frozen=True)
class Fit:
    """`bonus` is added to the confidence that the names give; `checked` when values were compared at all."""

    bonus: float
    evidence: str
    checked: bool = True


def fit(column: Shape, key: Shape, contains: Containment | None = None) -> Fit | None:
    """What the values say; None when they forbid that `column` refers to `key`."""
    if column.key_family != key.key_family or key.key_family not in ("integer", "text"):
        return None
    if not column.profile or not key.profile or not column.seen or not key.seen:
        return Fit(0.0, "there are no rows to check", checked=False)
    if contains is not None:
        return _from_share(contains(column.table, column.name, key.table, key.name), "of its values")
    too_many = column.profile.distinct > key.profile.distinct
    if too_many and column.profile.distinct > 1.25 * key.profile.distinct + 2 and _whole(key):
        return None
    found = _text_fit(column, key) if column.family == "text" else _number_fit(column, key)
    if found and too_many and _whole(key):
        return Fit(found.bonus - 0.15, found.evidence)
    return found


def contained_values(column: Shape, key: Shape) -> float | None:
    """Share of the column's listed values found among the key's; None when the key's list is not complete."""
    if not column.profile or not key.profile or not key.profile.values_complete or not column.profile.values:
        return None
    return sum(v in key.value_set for v in column.profile.values) / len(column.profile.values)


def _whole(shape: Shape) -> bool:
    """Whether profiling read every row of the table."""
    return bool(shape.profile) and (shape.rows is None or shape.profile is None or shape.profile.sampled >= shape.rows)


def _from_share(share: float, of: str) -> Fit | None:
    if share < 0.5:
        return None
    bonus = 0.08 if share >= 0.98 else -0.05 if share >= 0.9 else -0.2
    return Fit(bonus, f"{share:.0%} {of} occur there")


def _text_fit(column: Shape, key: Shape) -> Fit | None:
    share = contained_values(column, key)
    if share is None:
        return Fit(0.0, "both hold text of the same type")
    return _from_share(share, "of its listed values")


def _number_fit(column: Shape, key: Shape) -> Fit | None:
    assert column.profile is not None
    assert key.profile is not None
    bounds = [column.profile.low, column.profile.high, key.profile.low, key.profile.high]
    low, high, key_low, key_high = (float(b) if isinstance(b, int | float) else None for b in bounds)
    if low is None or high is None or key_low is None or key_high is None:
        return Fit(0.0, "both hold whole numbers")
    if high < key_low or low > key_high:
        return None
    if low >= key_low and high <= key_high:
        return Fit(0.05, f"its values {low:g} to {high:g} lie within {key_low:g} to {key_high:g}")
    # a sample of the key may miss its ends; a whole table that lacks them speaks against the reference
    return Fit(-0.15 if _whole(key) else -0.05, f"some values lie outside {key_low:g} to {key_high:g}")
