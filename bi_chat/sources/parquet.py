"""In: a Parquet file. Out: a table with the file's own types, read first by a process that may crash without harm."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SourceError
from bi_chat.sources.names import column_names, quote_identifier, quote_literal
from bi_chat.sources.report import INFO, Message, TableReport
from bi_chat.sources.settle import describe_table, size_messages

if TYPE_CHECKING:
    import duckdb

_PROBE_SECONDS = 120
_PROBE = Path(__file__).with_name("parquet_probe.py")


def load_parquet(con: duckdb.DuckDBPyConnection, path: Path, target: str) -> TableReport:
    """Create `target` in `out` from a Parquet file. Raises SourceError when it is damaged."""
    import duckdb

    _check_frame(path)
    _probe(path)
    source = f"read_parquet({quote_literal(str(path))})"
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
        names, messages = column_names([str(r[0]) for r in described])
        selected = ", ".join(
            f"#{i} AS {quote_identifier(n)}" if n != r[0] else quote_identifier(n)
            for i, (n, r) in enumerate(zip(names, described, strict=True), start=1)
        )
        con.execute(f"CREATE TABLE out.main.{quote_identifier(target)} AS SELECT {selected} FROM {source}")  # noqa: S608
    except duckdb.Error as fault:
        raise _damaged(path) from fault
    report = describe_table(con, target, path.name)
    nested = [
        c
        for c, t in zip(report.columns, report.types, strict=True)
        if t.endswith("]") or t.startswith(("STRUCT", "MAP"))
    ]
    if nested:
        text = f"Columns with lists or groups of values were kept as they are: {', '.join(nested[:5])}."
        messages += (Message(INFO, "nested_columns", text),)
    return replace(report, messages=messages + size_messages(report))


def _damaged(path: Path) -> SourceError:
    return SourceError(f"{path.name} is a damaged or incomplete Parquet file. Copy or export it again.")


def _check_frame(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{path.name} is empty.")
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(max(0, size - 4))
        tail = file.read(4)
    if head == b"PARE" or tail == b"PARE":
        raise SourceError(f"{path.name} is an encrypted Parquet file. Export it again without encryption.")
    if head != b"PAR1" or tail != b"PAR1" or size < 12:
        raise _damaged(path)


def _probe(path: Path) -> None:
    """Decode every value in a process of its own: damage inside pages has crashed native readers before."""
    # -P keeps this folder off the module path of the child, -S and -E would hide the installed packages
    command = [sys.executable, "-P", str(_PROBE), str(path.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as fault:
        raise SourceError(f"{path.name} took more than {_PROBE_SECONDS} s to read; it may be damaged.") from fault
    if done.returncode != 0:
        raise _damaged(path)
