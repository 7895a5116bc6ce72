"""In: a declared SQLite type and the values stored under it. Out: the DuckDB type that loses nothing."""

from __future__ import annotations

import sqlite3

from bi_chat.sources.names import quote_identifier

SqliteValue = None | int | float | str | bytes
_ISO_DATE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


def column_type(source: sqlite3.Connection, table: str, column: str, declared: str) -> tuple[str, str]:
    """(DuckDB type, doubt in words or '') from the declaration and the storage classes really found."""
    c, t = quote_identifier(column), quote_identifier(table)
    rows = source.execute(f"SELECT DISTINCT typeof({c}) FROM {t}").fetchall()  # noqa: S608
    stored = {str(r[0]) for r in rows} - {"null"}
    kind = declared.upper()
    if not stored:
        return _declared(kind), ""
    if stored <= {"integer"}:
        if "BOOL" in kind and _only(source, t, c, f"{c} IN (0, 1)"):
            return "BOOLEAN", ""
        return "BIGINT" if not _is_fraction(kind) else "DOUBLE", ""
    if stored <= {"integer", "real"}:
        # SQLite keeps fractions as doubles whatever is declared; a DECIMAL would round what does not fit its scale
        return "DOUBLE", ""
    if stored == {"blob"}:
        return "BLOB", ""
    if stored == {"text"} and _is_time(kind):
        return _time_type(source, t, c, kind)
    if _is_number(kind):
        return "VARCHAR", f"declared {declared}, but some values are no numbers; kept as text."
    return "VARCHAR", "" if stored == {
        "text"
    } or kind == "" else f"holds values of several kinds ({', '.join(sorted(stored))})."


def to_frame_value(value: SqliteValue, kind: str) -> SqliteValue:
    """A value as the frame of that type takes it."""
    if value is None:
        return None
    if kind in ("BIGINT", "BLOB"):
        return value
    if kind == "BOOLEAN":
        return bool(value)
    if kind == "DOUBLE":
        return float(value) if not isinstance(value, bytes) else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").replace("\0", "")
    return str(value)


def _declared(kind: str) -> str:
    if _is_time(kind):
        return "TIMESTAMP" if "TIME" in kind else "DATE"
    if "INT" in kind:
        return "BIGINT"
    return "DOUBLE" if _is_number(kind) else "VARCHAR"


def _is_fraction(kind: str) -> bool:
    return any(w in kind for w in ("REAL", "FLOA", "DOUB", "DECIMAL", "NUMERIC", "MONEY"))


def _is_number(kind: str) -> bool:
    return "INT" in kind or _is_fraction(kind)


def _is_time(kind: str) -> bool:
    return kind.startswith(("DATE", "TIMESTAMP"))


def _only(source: sqlite3.Connection, table: str, column: str, condition: str) -> bool:
    row = source.execute(
        f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL AND NOT ({condition}) LIMIT 1"  # noqa: S608
    ).fetchone()
    return row is None


def _time_type(source: sqlite3.Connection, table: str, column: str, kind: str) -> tuple[str, str]:
    if _only(source, table, column, f"{column} GLOB '{_ISO_DATE}' AND date({column}) IS {column}"):
        return ("TIMESTAMP" if "TIME" in kind else "DATE"), ""
    no_offset = f"substr({column}, 20) NOT GLOB '*[Z+-]*'"
    moment = f"{column} GLOB '{_ISO_DATE}[ T]*' AND datetime({column}) IS NOT NULL AND {no_offset}"
    whole = f"({column} GLOB '{_ISO_DATE}' AND date({column}) IS {column})"
    if _only(source, table, column, f"({moment} AND date({column}) IS substr({column}, 1, 10)) OR {whole}"):
        return "TIMESTAMP", ""
    return "VARCHAR", "declared a date, but some values are no dates in ISO form (YYYY-MM-DD); kept as text."
