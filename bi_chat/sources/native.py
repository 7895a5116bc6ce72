"""In: a DuckDB file. Out: proof that it opens read-only, and its tables; it is neither copied nor written."""

from __future__ import annotations

from pathlib import Path

from bi_chat.errors import SourceError
from bi_chat.sources.names import quote_identifier, quote_literal
from bi_chat.sources.report import DOUBT, Message, SourceReport, TableReport, make_report
from bi_chat.sql.progress import hide_progress


def open_report(path: Path) -> SourceReport:
    """Tables of a DuckDB file; nulls are not counted. Raises SourceError when it can't be opened."""
    import duckdb

    con = duckdb.connect(":memory:")
    try:
        hide_progress(con)
        con.execute(f"ATTACH {quote_literal(str(path))} AS source (READ_ONLY)")
        found = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'source' UNION ALL "
            "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'source' AND NOT internal "
            "ORDER BY 1, 2"
        ).fetchall()
        tables, messages = [], []
        for schema, name in found:
            try:
                tables.append(_table(con, str(schema), str(name), path.name))
            except duckdb.Error:
                text = f'The view "{name}" no longer works (what it reads is gone or unreachable); left out.'
                messages.append(Message(DOUBT, "broken_view", text))
    except duckdb.Error as fault:
        raise SourceError(_reason(path, str(fault))) from fault
    finally:
        con.close()
    if not tables:
        raise SourceError(f"{path.name} is a DuckDB database without any table.")
    return make_report(tuple(tables), tuple(messages))


def _table(con: object, schema: str, name: str, file: str) -> TableReport:
    import duckdb

    assert isinstance(con, duckdb.DuckDBPyConnection)
    full = f"source.{quote_identifier(schema)}.{quote_identifier(name)}"
    described = con.execute(f"DESCRIBE {full}").fetchall()
    row = con.execute(f"SELECT count(*) FROM {full}").fetchall()  # noqa: S608
    columns, types = tuple(str(r[0]) for r in described), tuple(str(r[1]) for r in described)
    title = name if schema == "main" else f"{schema}.{name}"
    return TableReport(title, file, int(row[0][0]), columns, types, ())


def _reason(path: Path, told: str) -> str:
    lower = told.lower()
    if "set lock" in lower or "conflicting lock" in lower or "used by another process" in lower:
        return (
            f"{path.name} is locked: another program has it open for writing. Close that program, or point at a copy."
        )
    if "version" in lower or "serializ" in lower or "newer" in lower or "older" in lower:
        return (
            f"{path.name} was written by another version of DuckDB that this one can't open. Export it with that "
            "version (EXPORT DATABASE, or Parquet) or update DuckDB."
        )
    if "encrypt" in lower:
        return f"{path.name} is an encrypted DuckDB database. Point at an unencrypted copy."
    if "permission" in lower:
        return f"{path.name} can't be read: permission denied."
    return f"{path.name} is not a DuckDB database, or it is damaged."
