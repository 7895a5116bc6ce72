"""In: a table. Out: its TableProfile: one pass over a sample, plus what a sample can't say, from all rows.

A table with more rows than the sample is read in evenly spread blocks of 2,048 rows, so old and new rows are both
there. Nulls, distinct counts and values refer to the sample. Lowest and highest values come from all rows (the end of
the data must not depend on luck), and so does `unique`, since a join may rest on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.engines.duckdb.opening import Opened, identifier
from bi_chat.values.catalog import Column, ColumnProfile, Table, TableProfile

if TYPE_CHECKING:
    import duckdb

Cell = str | int | float | bool | None
Row = tuple[Cell, ...]

_BLOCK = 2_048
_TEXT_LIMIT = 200
_SMALL = 1_000
_EXACT_DISTINCT = 500_000
_COUNTED = 10_000_000
_SIGNED = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"})
_WHOLE = _SIGNED | {f"U{kind}" for kind in _SIGNED}
_NUMBERS = _WHOLE | {"FLOAT", "DOUBLE", "DECIMAL"}
_LISTED = frozenset({"VARCHAR", "ENUM", "BOOLEAN"})
_TIMES = frozenset({"DATE", "TIME", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_KEYS = _WHOLE | {"VARCHAR", "UUID"}


def profile_table(
    cursor: duckdb.DuckDBPyConnection, opened: Opened, table: Table, *, sample_rows: int, value_limit: int
) -> TableProfile:
    """Statistics of every column; nested and binary columns get nulls only."""
    cursor.execute(f"CREATE TEMP TABLE sample AS {_sampled(opened, table, sample_rows)}")
    sampled = _count(cursor.execute("SELECT count(*) FROM sample").fetchone())
    whole = table.rows is not None and sampled == table.rows
    counts = _sample_counts(cursor, table, exact=sampled <= _EXACT_DISTINCT)
    bounds = _bounds(cursor, "sample" if whole else f"main.{identifier(table.name)}", table)
    unique = _unique_columns(cursor, table, whole, counts)
    profiles = tuple(
        _profile(cursor, column, sampled, whole, column.name in unique, counts[i], bounds[i], value_limit)
        for i, column in enumerate(table.columns)
    )
    return TableProfile(table.name, profiles)


def _sampled(opened: Opened, table: Table, sample_rows: int) -> str:
    name = identifier(table.name)
    if table.rows is None:
        return f"SELECT * FROM main.{name} USING SAMPLE reservoir({sample_rows} ROWS) REPEATABLE (1)"  # noqa: S608
    if table.rows <= sample_rows:
        return f"SELECT * FROM main.{name}"  # noqa: S608
    if opened.scoped:
        return f"SELECT * FROM main.{name} USING SAMPLE reservoir({sample_rows} ROWS) REPEATABLE (1)"  # noqa: S608
    stride = -(-table.rows // max(_BLOCK, sample_rows))
    schema = next(schema for schema, exposed in opened.exposed if exposed == table.name)
    source = f"{opened.data}.{identifier(schema)}.{name}"
    return f"SELECT * FROM {source} WHERE (rowid // {_BLOCK}) % {stride} = 0 LIMIT {sample_rows}"  # noqa: S608


def _sample_counts(cursor: duckdb.DuckDBPyConnection, table: Table, *, exact: bool) -> list[tuple[int, int, float]]:
    """(not null, distinct, mean length as text) of each column."""
    items = []
    for column in table.columns:
        name, kind = identifier(column.name), _kind(column)
        distinct = f"count(DISTINCT {name})" if exact else f"approx_count_distinct({name})"
        length = f"coalesce(avg(length({name})), 0)" if kind == "VARCHAR" else "0"
        items += [f"count({name})", distinct if kind != "OTHER" else "0", length]
    row = cursor.execute(f"SELECT {', '.join(items)} FROM sample").fetchone() or ()  # noqa: S608
    return [(int(row[i]), int(row[i + 1]), float(row[i + 2])) for i in range(0, len(row), 3)]


def _bounds(cursor: duckdb.DuckDBPyConnection, source: str, table: Table) -> list[tuple[Cell, Cell]]:
    items = []
    for column in table.columns:
        spelt = _bound(column)
        items += [spelt.format(f"min({identifier(column.name)})"), spelt.format(f"max({identifier(column.name)})")]
    row = cursor.execute(f"SELECT {', '.join(items)} FROM {source}").fetchone() or ()  # noqa: S608
    return [(row[i], row[i + 1]) for i in range(0, len(row), 2)]


def _bound(column: Column) -> str:
    """How a column's lowest or highest value is written; texts of the whole table aren't scanned for it."""
    kind = _kind(column)
    if kind in _WHOLE:
        return "{}"
    if kind in _NUMBERS:
        return "CAST({} AS DOUBLE)"
    if kind in _TIMES or column.type.startswith("TIMESTAMP"):
        return "CAST({} AS VARCHAR)"
    return "NULL" if kind in ("OTHER", "BOOLEAN", "ENUM", "VARCHAR", "UUID") else "CAST({} AS VARCHAR)"


def _profile(
    cursor: duckdb.DuckDBPyConnection,
    column: Column,
    sampled: int,
    whole: bool,
    unique: bool,
    counts: tuple[int, int, float],
    bounds: tuple[Cell, Cell],
    value_limit: int,
) -> ColumnProfile:
    filled, distinct, length = counts
    listed = _kind(column) in _LISTED or (_kind(column) in _WHOLE and distinct <= _SMALL)
    values = _values(cursor, column, value_limit) if listed and value_limit else ()
    low, high = bounds
    if _kind(column) in _LISTED and filled:
        low, high = _text_bounds(cursor, column)
    return ColumnProfile(
        column.name,
        sampled=sampled,
        nulls=sampled - filled,
        distinct=distinct,
        unique=unique,
        low=low,
        high=high,
        values=values[:value_limit],
        values_complete=whole and listed and len(values) <= value_limit,
        mean_length=length,
    )


def _values(cursor: duckdb.DuckDBPyConnection, column: Column, limit: int) -> tuple[str, ...]:
    """Distinct values as text, most frequent first, one more than the limit where there are more."""
    name = identifier(column.name)
    rows = cursor.execute(
        f"SELECT CAST({name} AS VARCHAR) FROM sample WHERE {name} IS NOT NULL "  # noqa: S608
        f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {limit + 1}"
    ).fetchall()
    return tuple(row[0] for row in rows)


def _text_bounds(cursor: duckdb.DuckDBPyConnection, column: Column) -> tuple[str | None, str | None]:
    text = f"left(CAST({identifier(column.name)} AS VARCHAR), {_TEXT_LIMIT})"
    row = cursor.execute(f"SELECT min({text}), max({text}) FROM sample").fetchone()  # noqa: S608
    return (row[0], row[1]) if row else (None, None)


def _unique_columns(
    cursor: duckdb.DuckDBPyConnection, table: Table, whole: bool, counts: list[tuple[int, int, float]]
) -> frozenset[str]:
    """The columns in which no value comes twice, in all rows. Declared keys are believed, others are counted.

    At most `_COUNTED` values of a table are counted (one column may have twice as many), whole numbers first; what is
    left over is taken as not unique, the safe side.
    """
    found = {key[0] for key in (table.primary_key, *table.unique_keys) if len(key) == 1}
    left = 2 * _COUNTED
    for column, (filled, distinct, _) in sorted(
        zip(table.columns, counts, strict=True), key=lambda pair: _kind(pair[0]) not in _WHOLE
    ):
        # An approximate count may be a little short of the truth.
        likely = filled and distinct >= filled * (1.0 if filled <= _EXACT_DISTINCT else 0.9)
        if column.name in found or not likely:
            continue
        if whole and filled <= _EXACT_DISTINCT:
            found.add(column.name)
        elif _kind(column) in _KEYS and (table.rows or 0) <= left:
            left = min(left, _COUNTED) - (table.rows or 0)
            if _never_repeats(cursor, table, column):
                found.add(column.name)
    return frozenset(found)


def _never_repeats(cursor: duckdb.DuckDBPyConnection, table: Table, column: Column) -> bool:
    # Grouped by hash, with an early end: half the time and memory of a distinct count. Two values of one hash would
    # make a unique column look repeated, the safe side, and once in a million tables of ten million rows.
    name = identifier(column.name)
    row = cursor.execute(
        f"SELECT count(*) = 0 FROM (SELECT 1 FROM main.{identifier(table.name)} WHERE {name} IS NOT NULL "  # noqa: S608
        f"GROUP BY hash({name}) HAVING count(*) > 1 LIMIT 1)"
    ).fetchone()
    return bool(row and row[0])


def _kind(column: Column) -> str:
    """DuckDB's type without its parameters; OTHER for nested, binary and rare types."""
    kind = column.type.upper()
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "JSON", "BLOB", "BIT", "VARIANT", "GEOMETRY")):
        return "OTHER"
    return kind.split("(")[0]


def _count(row: tuple[int, ...] | None) -> int:
    return int(row[0]) if row else 0
