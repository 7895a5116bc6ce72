"""In: a checked statement on a cursor. Out: `Taken`: its rows in a few plain types, not yet a frame, within a size.

What runs a query needs no frame library; `frames` turns what was taken into one, in another process as well. The engine
casts them, so that they mean the same everywhere:
- DECIMAL becomes DOUBLE, always. Fifteen digits stay exact, which is a million million in cents.
- HUGEINT (the sum of integers) and unsigned 64 and 128 bits travel as text; `frames` makes numbers of them.
- INTERVAL, TIME, UUID, ENUM, BIT, BLOB, JSON, lists, structs and maps become their text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bi_chat.engines.duckdb.opening import identifier
from bi_chat.errors import ResultTooLarge

if TYPE_CHECKING:
    import duckdb

Cell = str | int | float | bool | None

ZONED = "TIMESTAMP WITH TIME ZONE"
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_KEPT = frozenset({"BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "DATE", "TIMESTAMP", ZONED})
# Lowest, highest and how it becomes a number. What Python's calendar lacks (infinity, before year 1) comes out as null.
_SPANS = {
    "DATE": ("DATE '0001-01-01'", "DATE '9999-12-31'", "{} - DATE '1970-01-01'"),
    "TIMESTAMP": ("TIMESTAMP '0001-01-01'", "TIMESTAMP '9999-12-31 23:59:59'", "epoch_us({})"),
    ZONED: ("TIMESTAMPTZ '0001-01-02 00:00:00+00'", "TIMESTAMPTZ '9999-12-30 00:00:00+00'", "epoch_us({})"),
}
_STAMPS = frozenset({"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_FEW = 10_000
_AT_ONCE = 1_024
_BATCH = 100_000
_CELL_BYTES = 8


@dataclass(frozen=True, slots=True)
class Taken:
    """Names and engine types of the columns, and their values: as lists, or as an Arrow stream where they are many."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    columns: tuple[list[Cell], ...] = ()
    stream: bytes = b""


def take(cursor: duckdb.DuckDBPyConnection, sql: str, *, few: bool, most_bytes: int) -> Taken:
    """Runs the statement. Raises ResultTooLarge as soon as its rows are more than `most_bytes`.

    `few` rows come as Python values: importing pyarrow would take longer than the question. (Arrow's C interface would
    spare both, but release 2.0 then complains of leaks on stderr when the process ends.)
    """
    relation = cursor.sql(sql)
    kinds = tuple(str(kind) for kind in relation.types)
    names = tuple(relation.columns)
    del relation
    items = ", ".join(_item(name, kind, few=few) for name, kind in zip(names, kinds, strict=True))
    plain = f"SELECT {items} FROM (\n{sql}\n)"  # noqa: S608 (a checked statement, quoted names)
    if few:
        return Taken(names, kinds, columns=_columns(cursor, plain, len(names), most_bytes))
    return Taken(names, kinds, stream=_stream(cursor, plain, most_bytes))


def is_few(rows: int) -> bool:
    """Whether a result of at most so many rows is better taken as Python values."""
    return rows <= _FEW


def plain_type(kind: str) -> str:
    """The one of a few types that values of an engine's type come out as."""
    if kind in _INTEGERS:
        return "BIGINT"
    if kind == "FLOAT" or (kind.startswith("DECIMAL") and not kind.endswith("]")):
        return "DOUBLE"
    if kind in _STAMPS:
        return "TIMESTAMP"
    return kind if kind in _KEPT else "VARCHAR"


def too_large() -> ResultTooLarge:
    """The error of a result beyond its size."""
    return ResultTooLarge("The result holds too much data to hand over. Ask for fewer rows, or leave out long texts.")


def _columns(cursor: duckdb.DuckDBPyConnection, sql: str, width: int, most_bytes: int) -> tuple[list[Cell], ...]:
    columns: tuple[list[Cell], ...] = tuple([] for _ in range(width))
    size = 0
    cursor.execute(sql)
    while rows := cursor.fetchmany(_AT_ONCE):
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            size += sum(len(v) if isinstance(v, str) else _CELL_BYTES for v in values)
            column.extend(values)
        if size > most_bytes:
            raise too_large()
    return columns


def _stream(cursor: duckdb.DuckDBPyConnection, sql: str, most_bytes: int) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    reader = cursor.sql(sql).to_arrow_reader(_BATCH)
    with pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in reader:
            if sink.tell() + batch.nbytes > most_bytes:
                raise too_large()
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def _item(name: str, kind: str, *, few: bool) -> str:
    column, target = identifier(name), plain_type(kind)
    if target in _SPANS:
        low, high, as_number = _SPANS[target]
        same = column if kind == target else f"CAST({column} AS {target})"
        value = as_number.format(same) if few else same
        return f"CASE WHEN {same} BETWEEN {low} AND {high} THEN {value} END AS {column}"
    return column if kind == target else f"CAST({column} AS {target}) AS {column}"
