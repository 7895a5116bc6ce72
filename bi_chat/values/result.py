"""Out: rows with the meaning of their columns, how fresh they are, and whether they were cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from bi_chat.values.query import ResultColumn

if TYPE_CHECKING:
    import polars as pl

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """`frame` holds the visible rows; `columns` describe its columns in order;
    `cut_at` is the row limit that was hit."""

    frame: pl.DataFrame
    columns: tuple[ResultColumn, ...]
    cut_at: int | None = None
    seconds: float = 0.0
    as_of: datetime | None = None

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        """Rows as tuples, in order."""
        return self.frame.rows()

    def role(self, *roles: str) -> tuple[ResultColumn, ...]:
        """The columns of these roles, in order."""
        return tuple(c for c in self.columns if c.role in roles)
