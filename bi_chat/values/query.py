"""In: a compiled plan, or a person's SQL. Out: `Query`, and `CheckedQuery`, which only the guard makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """What a column of the result means.

    role: dimension, time, measure, baseline, difference, change, share, running, rolling, rank, attribute (of a list).
    unit: '' or a currency code, '%', 'days' …; format: number, currency, percent, integer, date, text.
    grain: of a time column. `measure`: index of the measure a computed column derives from.
    """

    name: str
    role: str
    label: str = ""
    unit: str = ""
    format: str = "text"
    grain: str = ""
    additive: bool = True
    measure: int | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A statement as a sqlglot tree, with the meaning of its columns and what the compiler had to assume or warn of."""

    tree: exp.Expression = field(repr=False)
    columns: tuple[ResultColumn, ...] = ()
    tables: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    written_by: str = "compiler"

    @property
    def sql(self) -> str:
        """DuckDB text of the statement."""
        return self.tree.sql(dialect="duckdb", pretty=True)


@dataclass(frozen=True, slots=True)
class Note:
    """An assumption or warning with a code and its arguments;
    narration turns it into a sentence of the asker's language."""

    code: str
    args: tuple[tuple[str, str], ...] = ()
    warning: bool = False


_KEY = object()


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A statement that passed the guard. Only `sql.guard` can make one."""

    sql: str
    columns: tuple[ResultColumn, ...]
    tables: tuple[str, ...]
    row_limit: int
    key: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.key is not _KEY:
            raise TypeError("A CheckedQuery is made by the guard only: call bi_chat.sql.guard.check().")


def _checked(sql: str, columns: tuple[ResultColumn, ...], tables: tuple[str, ...], row_limit: int) -> CheckedQuery:
    """For `sql.guard` alone (kept so by an import test)."""
    return CheckedQuery(sql, columns, tables, row_limit, _KEY)
