"""Out: true statements about a result, each number bound to the cells it came from."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.result import Cell


@dataclass(frozen=True, slots=True)
class CellRef:
    """Row and column of a result's frame."""

    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Fact:
    """`kind` names the sentence to tell (total, largest, smallest, change, share_of_top, count …);
    `values` its numbers.

    `cells` are the cells that the values were computed from.
    """

    kind: str
    values: tuple[tuple[str, Cell], ...]
    cells: tuple[CellRef, ...] = ()

    def value(self, name: str) -> Cell:
        """A value by name; None when absent."""
        return dict(self.values).get(name)
