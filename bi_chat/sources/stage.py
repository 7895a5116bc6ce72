"""Out: a table of raw text in the scratch database, on its way to become a typed table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bi_chat.sources.report import Message

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Choices:
    """Answers to what a file can't tell. `day_first`: 03/04/2024 is 3 April (True) or 4 March (False)."""

    day_first: bool | None = None
    hidden_sheets: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """Raw text columns `columns` (c0, c1 …) of `table`, headed by `headers`.

    `line` is an SQL expression for the physical line of a row, '' where lines mean nothing. `title` names the table,
    `comma_file` tells that commas delimit the fields (so that a comma inside a number is more likely a thousands mark),
    `midnight_is_date` that the source knows no dates without a time.
    """

    table: str
    columns: tuple[str, ...]
    headers: tuple[str, ...]
    title: str
    file: str
    line: str = ""
    comma_file: bool = False
    midnight_is_date: bool = False
    messages: tuple[Message, ...] = ()

    def without(self, dropped: Sequence[str], *messages: Message) -> Stage:
        """The stage without some columns."""
        kept = [(c, h) for c, h in zip(self.columns, self.headers, strict=True) if c not in set(dropped)]
        return replace(
            self,
            columns=tuple(c for c, _ in kept),
            headers=tuple(h for _, h in kept),
            messages=self.messages + messages,
        )


def fetch_row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    """The single row of a query."""
    # all rows, not one: a result that is not read to its end keeps the connection busy
    rows = con.execute(sql).fetchall()
    return tuple(rows[0]) if rows else ()


def fetch_ints(
    con: duckdb.DuckDBPyConnection, expressions: Sequence[str], table: str, *, batch: int = 200
) -> list[int]:
    """Aggregates of a table as integers (NULL as 0), many of them in few passes."""
    values: list[int] = []
    for start in range(0, len(expressions), batch):
        row = fetch_row(con, f"SELECT {', '.join(expressions[start : start + batch])} FROM {table}")  # noqa: S608
        values.extend(v if isinstance(v, int) else 0 for v in row)
    return values
