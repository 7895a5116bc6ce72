"""In: a CSV, TSV or TXT file. Out: a stage of raw text in which no row was lost without a message.

The engine's reader takes regular files whole; its rejects and the file's own line count show whether it did. Anything
else is first copied into a regular file, record by record, and then read the same way.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SourceError
from bi_chat.sources.dialect import Dialect, Record, first_records, sniff_dialect
from bi_chat.sources.encoding import DecodedText, decode_text
from bi_chat.sources.layout import Layout, find_layout
from bi_chat.sources.names import quote_literal
from bi_chat.sources.repair import repair
from bi_chat.sources.report import CHANGED, DOUBT, Message, name_lines
from bi_chat.sources.stage import Stage, fetch_ints

if TYPE_CHECKING:
    import duckdb

_MAX_COLUMNS = 20_000


def stage_delimited(con: duckdb.DuckDBPyConnection, path: Path, workdir: Path, table: str) -> Stage:
    """Read a delimited text file into `table`. Raises SourceError when there is no table in it."""
    decoded = decode_text(path, workdir)
    dialect = sniff_dialect(decoded.path)
    records = first_records(decoded.path, dialect)
    hint = int(dialect.hint_line)
    width = _width(records[hint:])
    if width > _MAX_COLUMNS:
        raise SourceError(f"{path.name} has {width:,} columns; at most {_MAX_COLUMNS:,} can be loaded.")
    layout = find_layout([r.cells for r in records[hint:]], width)
    start = hint + layout.body_start
    skip_lines = records[start - 1].last_line if start and len(records) >= start else 0
    columns = tuple(f"c{i}" for i in range(width))
    messages = (*decoded.messages, *_dialect_messages(dialect, path), *layout.messages)
    line, more = _fill(con, decoded, dialect, columns, skip_lines, table, workdir)
    headers = _headers(layout, width)
    return Stage(
        table,
        columns,
        headers,
        path.stem,
        path.name,
        line,
        comma_file=dialect.delimiter == ",",
        messages=(*messages, *more),
    )


def _headers(layout: Layout, width: int) -> tuple[str, ...]:
    if layout.header_rows == 0:
        return tuple(f"column_{i + 1}" for i in range(width))
    return layout.headers


def _dialect_messages(dialect: Dialect, path: Path) -> tuple[Message, ...]:
    expected = {".tsv": "\t", ".tab": "\t"}.get(path.suffix.lower())
    if expected is None or expected == dialect.delimiter:
        return ()
    return (
        Message(CHANGED, "delimiter", f"The file name promises tabs, but the fields are separated by {dialect.label}."),
    )


def _width(records: Sequence[Record]) -> int:
    filled = [r.cells for r in records if any(c.strip() for c in r.cells)]
    if not filled:
        return 1
    mode = Counter(len(c) for c in filled[1:] or filled).most_common(1)[0][0]
    header = len(filled[0])
    if header > 1 and _trailing_blank([c for c in filled[1:] if len(c) > header], header):
        return header
    # the header says how many columns there are, unless it is a lone title or plainly shorter than the rows
    return header if header >= mode or (header > 1 and mode - header == 1 and _some(filled, header)) else mode


def _trailing_blank(longer: Sequence[tuple[str, ...]], width: int) -> bool:
    return bool(longer) and all(not any(x.strip() for x in cells[width:]) for cells in longer)


def _some(filled: Sequence[tuple[str, ...]], width: int) -> bool:
    return sum(len(c) == width for c in filled) > 0.3 * len(filled)


def _fill(
    con: duckdb.DuckDBPyConnection,
    decoded: DecodedText,
    dialect: Dialect,
    columns: tuple[str, ...],
    skip_lines: int,
    table: str,
    workdir: Path,
) -> tuple[str, tuple[Message, ...]]:
    """Fill `table`; the SQL for a row's physical line, and what had to be done."""
    left = decoded.lines - skip_lines
    rows = _read(con, decoded.path, dialect, columns, skip_lines, table)
    if rows is not None and rows == left and (len(columns) > 1 or not _blank_rows(con, columns, table)):
        return f"(rowid + {skip_lines + 1})", ()
    if rows is not None and decoded.quotes and 0 < rows < left and not _swallowed(con, columns, table, dialect):
        cells = f"concat({', '.join(columns)})"
        inside = f"coalesce(sum(strlen({cells}) - strlen(replace({cells}, chr(10), ''))), 0)::BIGINT"
        if rows + fetch_ints(con, [inside], table)[0] == left:
            # cells over several lines account for every line of the file
            return "", ()
    con.execute(f"DROP TABLE IF EXISTS {table}")
    return _fill_by_record(con, decoded, dialect, columns, skip_lines, table, workdir)


def _fill_by_record(
    con: duckdb.DuckDBPyConnection,
    decoded: DecodedText,
    dialect: Dialect,
    columns: tuple[str, ...],
    skip_lines: int,
    table: str,
    workdir: Path,
) -> tuple[str, tuple[Message, ...]]:
    copy = workdir / f"{table.rpartition('.')[2]}.csv"
    try:
        done = repair(decoded.path, copy, dialect=dialect, width=len(columns), skip_lines=skip_lines)
    except csv.Error as fault:
        raise SourceError(f"The file can't be read as a table ({fault}).") from fault
    rows = _read(con, copy, Dialect(","), (*columns, "line"), 0, table)
    copy.unlink(missing_ok=True)
    if rows != done.rows:
        raise SourceError(f"Only {rows or 0:,} of {done.rows:,} rows could be read; the file may hold a damaged line.")
    swallowed = _swallowed(con, columns, table, dialect)
    messages = done.messages()
    if swallowed:
        text = (
            f"A quoted cell runs over several lines that look like rows of their own: {name_lines(swallowed)}. "
            "A quote may be missing or too many."
        )
        messages = (*messages, Message(DOUBT, "rows_inside_cell", text, line=swallowed[0]))
    return "line", messages


def _blank_rows(con: duckdb.DuckDBPyConnection, columns: tuple[str, ...], table: str) -> int:
    return fetch_ints(con, [f"count(*) - count({columns[0]})"], table)[0]


def _read(
    con: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, columns: tuple[str, ...], skip: int, table: str
) -> int | None:
    """Rows that the engine's reader took, or None when it rejected any."""
    import duckdb

    types = ", ".join(f"'{c}': '{'BIGINT' if c == 'line' else 'VARCHAR'}'" for c in columns)
    sql = (
        f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM read_csv({quote_literal(str(path))}, auto_detect=false, "  # noqa: S608
        f"delim={quote_literal(dialect.delimiter)}, quote='\"', escape={quote_literal(dialect.escape)}, header=false, "
        f"skip={skip}, columns={{{types}}}, store_rejects=true, max_line_size={_line_limit(path)})"
    )
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    try:
        con.execute(sql)
        rejected = fetch_ints(con, ["count(*)"], "reject_errors")[0]
    except duckdb.Error:
        return None
    return None if rejected else fetch_ints(con, ["count(*)"], table)[0]


def _line_limit(path: Path) -> int:
    return (
        max(2_097_152, min(path.stat().st_size + 1024, 40_000_000)) if path.stat().st_size < 40_000_000 else 8_000_000
    )


def _swallowed(con: duckdb.DuckDBPyConnection, columns: tuple[str, ...], table: str, dialect: Dialect) -> list[int]:
    """Lines of rows with a cell over several lines of which one has the delimiters of a whole row; -1 without lines."""
    if len(columns) - (columns[-1] == "line") < 2:
        return []
    d = quote_literal(dialect.delimiter)
    need = len(columns) - 1
    whole = (
        f"list_max(list_transform(string_split({{c}}, chr(10)), LAMBDA x : len(string_split(x, {d})) - 1)) >= {need}"
    )
    condition = " OR ".join(f"(contains({c}, chr(10)) AND {whole.format(c=c)})" for c in columns)
    names = {str(r[0]) for r in con.execute(f"DESCRIBE {table}").fetchall()}
    line = "line" if "line" in names else "-1"
    return [int(r[0]) for r in con.execute(f"SELECT {line} FROM {table} WHERE {condition} LIMIT 20").fetchall()]  # noqa: S608
