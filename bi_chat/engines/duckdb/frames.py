"""In: a checked statement on a cursor. Out: a polars frame of few plain types, and the meaning of its columns.

Every column comes out as Int64, Float64, Boolean, Date, Datetime or String:
- DECIMAL becomes Float64, always. Fifteen digits stay exact, which is a million million in cents.
- HUGEINT (the sum of integers) becomes Int64, or Float64 where it doesn't fit; so do unsigned 64 and 128 bits.
- INTERVAL, TIME, UUID, ENUM, BIT, BLOB, JSON, lists, structs and maps become their text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.engines.duckdb.opening import identifier
from bi_chat.values.query import ResultColumn

if TYPE_CHECKING:
    import duckdb
    import polars as pl

_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_WIDE = frozenset({"HUGEINT", "UBIGINT", "UHUGEINT", "BIGNUM", "VARINT"})
_KEPT = frozenset({"BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})
_STAMPS = frozenset({"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})


def fetch(cursor: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """Runs the statement, its columns cast inside the engine to types that mean the same everywhere."""
    import polars as pl

    relation = cursor.sql(sql)
    kinds = [str(kind) for kind in relation.types]
    names = list(relation.columns)
    if any(kind not in _KEPT for kind in kinds):
        items = ", ".join(_item(name, kind) for name, kind in zip(names, kinds, strict=True))
        relation = cursor.sql(f"SELECT {items} FROM (\n{sql}\n)")  # noqa: S608 (a checked statement, quoted names)
    # Run to the end first, so that every fault is the engine's own and the rows count against its memory limit. The
    # hand-over goes through Arrow's C interface, which needs no pyarrow: its import costs more than most questions.
    run = getattr(relation, "materialize", None) or relation.execute  # release 2, release 1.5
    frame = pl.DataFrame(run())
    wide = [name for name, kind in zip(names, kinds, strict=True) if kind in _WIDE]
    return frame.with_columns(_whole(frame[name]) for name in wide) if wide else frame


def meaning(frame: pl.DataFrame, known: tuple[ResultColumn, ...]) -> tuple[ResultColumn, ...]:
    """The compiler's columns where it gave them; otherwise (a person's SQL) what the types alone say."""
    if len(known) == frame.width:
        return known
    by_name = {column.name: column for column in known}
    return tuple(by_name.get(name) or _by_type(name, str(kind)) for name, kind in frame.schema.items())


def _item(name: str, kind: str) -> str:
    column = identifier(name)
    if kind in _KEPT:
        return column
    return f"CAST({column} AS {_target(kind)}) AS {column}"


def _target(kind: str) -> str:
    if kind in _INTEGERS:
        return "BIGINT"
    if kind in _WIDE:
        return "VARCHAR"
    if kind == "FLOAT" or (kind.startswith("DECIMAL") and not kind.endswith("]")):
        return "DOUBLE"
    return "TIMESTAMP" if kind in _STAMPS else "VARCHAR"


def _whole(column: pl.Series) -> pl.Series:
    """Wide integers travel as text: whole numbers where all fit into 64 bits, else floats."""
    import polars as pl

    whole = column.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == column.null_count() else column.cast(pl.Float64, strict=False)


def _by_type(name: str, kind: str) -> ResultColumn:
    if kind.startswith("Datetime"):
        return ResultColumn(name, "time", label=name, format="text", additive=False)
    if kind == "Date":
        return ResultColumn(name, "time", label=name, format="date", additive=False)
    if kind in ("Int64", "Float64"):
        form = "integer" if kind == "Int64" else "number"
        return ResultColumn(name, "measure", label=name, format=form, additive=False)
    return ResultColumn(name, "dimension", label=name)
