"""In: a locked connection. Out: the Catalog: tables, columns, comments, declared keys, row counts, fingerprint."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.engines.duckdb.opening import Opened, identifier
from bi_chat.values.catalog import Catalog, Column, ForeignKey, Table

if TYPE_CHECKING:
    import duckdb

_COLUMNS = """
    SELECT v.table_name, v.column_name, v.data_type, coalesce(t.is_nullable, true), coalesce(t.comment, '')
    FROM duckdb_columns() v
    LEFT JOIN duckdb_columns() t
      ON t.database_name = $data AND t.schema_name = $schema AND t.table_name = v.table_name
     AND t.column_index = v.column_index
    WHERE v.database_name = 'memory' AND v.schema_name = 'main' AND NOT v.internal
    ORDER BY v.table_name, v.column_index
"""
_VIEWED = """
    SELECT table_name, column_name, data_type FROM duckdb_columns()
    WHERE database_name = 'memory' AND schema_name = 'main' AND NOT internal ORDER BY table_name, column_index
"""
_COMMENTS = """
    SELECT table_name, coalesce(comment, ''), true FROM duckdb_tables()
    WHERE database_name = $data AND schema_name = $schema
    UNION ALL
    SELECT view_name, coalesce(comment, ''), false FROM duckdb_views()
    WHERE database_name = $data AND schema_name = $schema AND NOT internal
"""
_KEYS = """
    SELECT table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
    FROM duckdb_constraints()
    WHERE database_name = $data AND schema_name = $schema
      AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
    ORDER BY table_name, constraint_index
"""


def read_catalog(opened: Opened, database: Path) -> Catalog:
    """Metadata only, and one count of rows for each stored table (which the engine keeps; views stay uncounted)."""
    cursor = opened.connection.cursor()
    try:
        return _read(cursor, opened, database)
    finally:
        cursor.close()


def fingerprint(database: Path, tables: tuple[Table, ...]) -> str:
    """Changes with the file's size or time, or with any table, column or count; not with the file's place."""
    stat = database.stat()
    hashed = hashlib.sha256(f"{stat.st_size} {stat.st_mtime_ns}".encode())
    for table in tables:
        hashed.update(repr((table.name, table.rows, [(c.name, c.type) for c in table.columns])).encode())
    return hashed.hexdigest()[:32]


def _read(cursor: duckdb.DuckDBPyConnection, opened: Opened, database: Path) -> Catalog:
    if opened.scoped:
        return _read_views(cursor, opened, database)
    schema = opened.exposed[0][0] if opened.exposed else "main"
    bound = {"data": opened.data, "schema": schema}
    columns: dict[str, list[Column]] = {name: [] for _, name in opened.exposed}
    for table, name, kind, nullable, comment in cursor.execute(_COLUMNS, bound).fetchall():
        columns[table].append(Column(name, kind, bool(nullable), comment))
    described = {name: (text, stored) for name, text, stored in cursor.execute(_COMMENTS, bound).fetchall()}
    counts = _counts(cursor, opened, [n for _, n in opened.exposed if described.get(n, ("", False))[1]])
    primary: dict[str, tuple[str, ...]] = {}
    unique: dict[str, list[tuple[str, ...]]] = {}
    foreign: list[ForeignKey] = []
    for table, kind, names, to_table, to_names in cursor.execute(_KEYS, bound).fetchall():
        if kind == "PRIMARY KEY":
            primary[table] = tuple(names)
        elif kind == "UNIQUE":
            unique.setdefault(table, []).append(tuple(names))
        elif table in columns and to_table in columns:
            foreign.append(ForeignKey(table, tuple(names), to_table, tuple(to_names)))
    tables = tuple(
        Table(
            name,
            tuple(columns[name]),
            primary_key=primary.get(name, ()),
            unique_keys=tuple(unique.get(name, ())),
            rows=counts.get(name),
            comment=described.get(name, ("", False))[0],
        )
        for name in columns
    )
    return Catalog(tables, tuple(foreign), fingerprint(database, tables), database.stem)


def _read_views(cursor: duckdb.DuckDBPyConnection, opened: Opened, database: Path) -> Catalog:
    """What a policy's views themselves show: columns, types, and as many rows as they give. No word of the data."""
    columns: dict[str, list[Column]] = {name: [] for _, name in opened.exposed}
    for table, name, kind in cursor.execute(_VIEWED).fetchall():
        columns[table].append(Column(name, kind))
    items = ", ".join(f"(SELECT count(*) FROM main.{identifier(name)})" for name in columns)  # noqa: S608
    counts = cursor.execute(f"SELECT {items}").fetchone() if items else ()
    tables = tuple(
        Table(name, tuple(found), rows=rows) for (name, found), rows in zip(columns.items(), counts or (), strict=True)
    )
    return Catalog(tables, (), fingerprint(database, tables), database.stem)


def _counts(cursor: duckdb.DuckDBPyConnection, opened: Opened, names: list[str]) -> dict[str, int]:
    if not names:
        return {}
    schema = identifier(opened.exposed[0][0])
    counts = ", ".join(f"(SELECT count(*) FROM {opened.data}.{schema}.{identifier(name)})" for name in names)  # noqa: S608
    row = cursor.execute(f"SELECT {counts}").fetchone()
    return dict(zip(names, row or (), strict=True))
