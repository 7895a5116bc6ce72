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

Cell = str | int | float | bool | None

_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_WIDE = frozenset({"HUGEINT", "UBIGINT", "UHUGEINT", "BIGNUM", "VARINT"})
_ZONED = "TIMESTAMP WITH TIME ZONE"
_KEPT = frozenset({"BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "DATE", "TIMESTAMP", _ZONED})
# Lowest, highest and how it becomes a number. What Python's calendar lacks (infinity, before year 1) comes out as null.
_SPANS = {
    "DATE": ("DATE '0001-01-01'", "DATE '9999-12-31'", "{} - DATE '1970-01-01'"),
    "TIMESTAMP": ("TIMESTAMP '0001-01-01'", "TIMESTAMP '9999-12-31 23:59:59'", "epoch_us({})"),
    _ZONED: ("TIMESTAMPTZ '0001-01-02 00:00:00+00'", "TIMESTAMPTZ '9999-12-30 00:00:00+00'", "epoch_us({})"),
}
_STAMPS = frozenset({"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})


def fetch(cursor: duckdb.DuckDBPyConnection, sql: str, *, few: bool, time_zone: str) -> pl.DataFrame:
    """Runs the statement, its columns cast inside the engine to types that mean the same everywhere.

    `few` rows come as Python values: importing pyarrow would take longer than the question. (Arrow's C interface would
    spare both, but release 2.0 then complains of leaks on stderr when the process ends.)
    """
    relation = cursor.sql(sql)
    kinds = [str(kind) for kind in relation.types]
    names = list(relation.columns)
    del relation
    items = ", ".join(_item(name, kind, few=few) for name, kind in zip(names, kinds, strict=True))
    plain = f"SELECT {items} FROM (\n{sql}\n)"  # noqa: S608 (a checked statement, quoted names)
    frame = _from_rows(cursor, plain, names, kinds, time_zone) if few else _from_arrow(cursor, plain, time_zone)
    wide = [name for name, kind in zip(names, kinds, strict=True) if kind in _WIDE]
    return frame.with_columns(_whole(frame[name]) for name in wide) if wide else frame


def _from_rows(
    cursor: duckdb.DuckDBPyConnection, sql: str, names: list[str], kinds: list[str], time_zone: str
) -> pl.DataFrame:
    import polars as pl

    rows = cursor.execute(sql).fetchall()
    columns = [[row[i] for row in rows] for i in range(len(names))]
    return pl.DataFrame(
        [
            _series(name, column, _target(kind), time_zone)
            for name, column, kind in zip(names, columns, kinds, strict=True)
        ]
    )


def _series(name: str, column: list[Cell], kind: str, time_zone: str) -> pl.Series:
    """Days and microseconds arrive as whole numbers: Python's own dates cost more and need a time zone library."""
    import polars as pl

    if kind == "DATE":
        return pl.Series(name, column, pl.Int32).cast(pl.Date)
    if kind == "TIMESTAMP":
        return pl.Series(name, column, pl.Int64).cast(pl.Datetime("us"))
    if kind == _ZONED:
        return pl.Series(name, column, pl.Int64).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(time_zone)
    kinds = {"BIGINT": pl.Int64(), "DOUBLE": pl.Float64(), "BOOLEAN": pl.Boolean()}
    return pl.Series(name, column, kinds.get(kind, pl.String()))


def _from_arrow(cursor: duckdb.DuckDBPyConnection, sql: str, time_zone: str) -> pl.DataFrame:
    import polars as pl

    frame = pl.from_arrow(cursor.sql(sql).to_arrow_table())
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("A table was expected.")
    # Arrow gives the zone under the engine's name for it (Etc/UTC).
    return frame.with_columns(pl.col(pl.Datetime("us", "*")).dt.convert_time_zone(time_zone))


def meaning(frame: pl.DataFrame, known: tuple[ResultColumn, ...]) -> tuple[ResultColumn, ...]:
    """The compiler's columns where it gave them; otherwise (a person's SQL) what the types alone say."""
    if len(known) == frame.width:
        return known
    by_name = {column.name: column for column in known}
    return tuple(by_name.get(name) or _by_type(name, str(kind)) for name, kind in frame.schema.items())


def _item(name: str, kind: str, *, few: bool) -> str:
    column, target = identifier(name), _target(kind)
    if target in _SPANS:
        low, high, as_number = _SPANS[target]
        same = column if kind == target else f"CAST({column} AS {target})"
        value = as_number.format(same) if few else same
        return f"CASE WHEN {same} BETWEEN {low} AND {high} THEN {value} END AS {column}"
    return column if kind == target else f"CAST({column} AS {target}) AS {column}"


def _target(kind: str) -> str:
    if kind in _INTEGERS:
        return "BIGINT"
    if kind == "FLOAT" or (kind.startswith("DECIMAL") and not kind.endswith("]")):
        return "DOUBLE"
    if kind in _STAMPS:
        return "TIMESTAMP"
    return kind if kind in _KEPT else "VARCHAR"


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
