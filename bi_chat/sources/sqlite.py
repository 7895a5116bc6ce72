"""In: a SQLite file. Out: its tables with declared types, keys and foreign keys carried over.

SQLite lets any value stand in any column; a declared type holds here only where every stored value bears it out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SourceError
from bi_chat.sources.names import column_names, quote_identifier, table_name
from bi_chat.sources.report import CHANGED, DOUBT, Message, TableReport
from bi_chat.sources.settle import describe_table, size_messages
from bi_chat.sources.sqlite_types import column_type, to_frame_value

if TYPE_CHECKING:
    import duckdb
    import polars as pl

_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class _Reference:
    columns: tuple[str, ...]
    table: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    source: str
    target: str
    source_columns: tuple[str, ...]
    columns: tuple[str, ...]
    types: tuple[str, ...]
    primary_key: tuple[str, ...]
    references: tuple[_Reference, ...]
    messages: tuple[Message, ...]


def load_sqlite(con: duckdb.DuckDBPyConnection, path: Path, taken: set[str]) -> tuple[TableReport, ...]:
    """Create every table of the file in `out`; names join `taken`. Raises SourceError when the file is damaged."""
    try:
        source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as fault:
        raise SourceError(f"{path.name} can't be opened as a SQLite database.") from fault
    # text that is no UTF-8 must not stop the whole table
    source.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        tables = _in_order(_describe(source, taken))
        return tuple(_copy(con, source, t, path.name, tables) for t in tables)
    except sqlite3.Error as fault:
        raise SourceError(f"{path.name} is a damaged, locked or protected SQLite database.") from fault
    finally:
        source.close()


def _describe(source: sqlite3.Connection, taken: set[str]) -> list[_Table]:
    listed = source.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    tables = []
    for (name,) in listed.fetchall():
        target = table_name(str(name), taken)
        taken.add(target)
        tables.append(_describe_table(source, str(name), target))
    return tables


def _describe_table(source: sqlite3.Connection, name: str, target: str) -> _Table:
    info = source.execute(f"PRAGMA table_info({quote_identifier(name)})").fetchall()
    raw = tuple(str(r[1]) for r in info)
    columns, name_messages = column_names(raw)
    renamed = dict(zip((r.casefold() for r in raw), columns, strict=True))
    types, messages = [], list(name_messages)
    for row, column in zip(info, columns, strict=True):
        kind, doubt = column_type(source, name, str(row[1]), str(row[2] or ""))
        types.append(kind)
        if doubt:
            messages.append(Message(DOUBT, "declared_type", f'"{column}": {doubt}', column=column))
    key = tuple(renamed[str(r[1]).casefold()] for r in sorted(info, key=lambda r: r[5]) if r[5])
    return _Table(name, target, raw, columns, tuple(types), key, _references(source, name, renamed), tuple(messages))


def _references(source: sqlite3.Connection, name: str, renamed: dict[str, str]) -> tuple[_Reference, ...]:
    rows = source.execute(f"PRAGMA foreign_key_list({quote_identifier(name)})").fetchall()
    found = []
    for number in sorted({r[0] for r in rows}):
        parts = sorted((r for r in rows if r[0] == number), key=lambda r: r[1])
        columns = tuple(renamed.get(str(r[3]).casefold(), str(r[3])) for r in parts)
        to = tuple(str(r[4]) for r in parts if r[4] is not None)
        found.append(_Reference(columns, str(parts[0][2]), to))
    return tuple(found)


def _in_order(tables: list[_Table]) -> list[_Table]:
    """Tables after those that they refer to, as far as there is no circle."""
    left, ordered = list(tables), list[_Table]()
    while left:
        names = {t.source.casefold() for t in left}
        ready = [t for t in left if not {r.table.casefold() for r in t.references} & (names - {t.source.casefold()})]
        step = ready or left[:1]
        ordered += step
        left = [t for t in left if t not in step]
    return ordered


def _copy(
    con: duckdb.DuckDBPyConnection, source: sqlite3.Connection, table: _Table, file: str, tables: Sequence[_Table]
) -> TableReport:
    from dataclasses import replace

    import duckdb

    staged = f"scratch.main.{quote_identifier('sqlite_' + table.target)}"
    definitions = [f"{quote_identifier(c)} {t}" for c, t in zip(table.columns, table.types, strict=True)]
    con.execute(f"CREATE OR REPLACE TABLE {staged} ({', '.join(definitions)})")
    _fill(con, source, table, staged)
    target = f"out.main.{quote_identifier(table.target)}"
    messages = table.messages
    for constraints in _attempts(table, tables):
        try:
            con.execute(f"CREATE TABLE {target} ({', '.join([*definitions, *constraints.sql])})")
            con.execute(f"INSERT INTO {target} SELECT * FROM {staged}")  # noqa: S608
        except duckdb.Error:
            con.execute(f"DROP TABLE IF EXISTS {target}")
            continue
        messages += constraints.messages
        break
    con.execute(f"DROP TABLE {staged}")
    report = describe_table(con, table.target, file)
    return replace(report, messages=messages + size_messages(report))


def _fill(con: duckdb.DuckDBPyConnection, source: sqlite3.Connection, table: _Table, staged: str) -> None:
    import polars as pl

    listed = ", ".join(quote_identifier(c) for c in table.source_columns)
    cursor = source.execute(f"SELECT {listed} FROM {quote_identifier(table.source)}")  # noqa: S608
    names = [f"c{i}" for i in range(len(table.columns))]
    while rows := cursor.fetchmany(_BATCH):
        series = [
            pl.Series(n, [to_frame_value(v, t) for v in values], dtype=_frame_type(t))
            for n, values, t in zip(names, zip(*rows, strict=True), table.types, strict=True)
        ]
        con.register("incoming", pl.DataFrame(series).to_arrow())
        con.execute(f"INSERT INTO {staged} SELECT * FROM incoming")  # noqa: S608
        con.unregister("incoming")


def _frame_type(kind: str) -> type[pl.DataType]:
    import polars as pl

    types: dict[str, type[pl.DataType]] = {
        "BIGINT": pl.Int64,
        "DOUBLE": pl.Float64,
        "BLOB": pl.Binary,
        "BOOLEAN": pl.Boolean,
    }
    return types.get(kind, pl.String)


@dataclass(frozen=True, slots=True)
class _Constraints:
    sql: tuple[str, ...]
    messages: tuple[Message, ...] = ()


def _attempts(table: _Table, tables: Sequence[_Table]) -> list[_Constraints]:
    """Keys and references; keys alone; none. What the data break is left off with a doubt."""
    key = (f"PRIMARY KEY ({_listed(table.primary_key)})",) if table.primary_key else ()
    references = tuple(sql for r in table.references if (sql := _reference_sql(r, tables)))
    lost = len(table.references) - len(references)
    circular = (
        (Message(CHANGED, "foreign_keys", f"{lost} foreign keys lead nowhere and were left off."),) if lost else ()
    )
    broken = Message(
        DOUBT, "foreign_keys", "Foreign keys are declared but could not be kept: rows may refer to nothing."
    )
    no_key = Message(DOUBT, "primary_key", "A primary key is declared but its values are empty or repeated.")
    return [
        _Constraints(key + references, circular),
        _Constraints(key, (broken,)),
        _Constraints((), (no_key,) if key else (broken,)),
    ]


def _reference_sql(reference: _Reference, tables: Sequence[_Table]) -> str:
    to = next((t for t in tables if t.source.casefold() == reference.table.casefold()), None)
    if to is None:
        return ""
    renamed = dict(zip((c.casefold() for c in to.source_columns), to.columns, strict=True))
    columns = tuple(renamed.get(c.casefold(), c) for c in reference.to_columns) or to.primary_key
    if len(columns) != len(reference.columns):
        return ""
    return f"FOREIGN KEY ({_listed(reference.columns)}) REFERENCES {quote_identifier(to.target)} ({_listed(columns)})"


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(quote_identifier(c) for c in columns)
