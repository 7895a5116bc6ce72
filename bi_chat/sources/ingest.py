"""In: files or frames. Out: one new DuckDB file with their tables, and the report of how each was read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SourceError
from bi_chat.sources.frames import Frame, load_frame
from bi_chat.sources.names import quote_literal, table_name
from bi_chat.sources.report import ERROR, Message, SourceReport, TableReport, make_report
from bi_chat.sources.signature import file_kind
from bi_chat.sources.stage import Choices, Stage
from bi_chat.sql.progress import hide_progress

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[str], None]


@dataclass(slots=True)
class _Build:
    """One ingestion in progress."""

    con: duckdb.DuckDBPyConnection
    workdir: Path
    choices: Choices
    taken: set[str] = field(default_factory=set)
    tables: list[TableReport] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def ingest_files(
    paths: Sequence[Path], target: Path, *, choices: Choices | None = None, progress: Progress | None = None
) -> SourceReport:
    """Read files into a new DuckDB file at `target`. Faults of a file become messages, never exceptions."""
    with _building(target, choices or Choices()) as build:
        for number, path in enumerate(paths, start=1):
            if progress is not None:
                progress(f"Reading {path.name} ({number} of {len(paths)})")
            _guarded(build, path.name, lambda path=path, number=number: _read_file(build, path, number))  # type: ignore[misc]
    return make_report(tuple(build.tables), tuple(build.messages))


def ingest_frames(frames: Sequence[Frame], target: Path, *, progress: Progress | None = None) -> SourceReport:
    """Write frames into a new DuckDB file at `target`."""
    with _building(target, Choices()) as build:
        for frame in frames:
            if progress is not None:
                progress(f"Taking over {frame.title}")
            _guarded(build, frame.title, lambda frame=frame: [load_frame(build.con, frame, build.taken)])  # type: ignore[misc]
    return make_report(tuple(build.tables), tuple(build.messages))


@contextmanager
def _building(target: Path, choices: Choices) -> Iterator[_Build]:
    import duckdb

    with tempfile.TemporaryDirectory(prefix="bi_chat_", ignore_cleanup_errors=True) as folder:
        workdir = Path(folder)
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "320MB", "threads": "2"}
        con = duckdb.connect(":memory:", config=config)
        try:
            hide_progress(con)
            con.execute("SET TimeZone='UTC'")
            con.execute(f"SET temp_directory={quote_literal(str(workdir / 'spill'))}")
            con.execute(f"ATTACH {quote_literal(str(workdir / 'scratch.duckdb'))} AS scratch")
            con.execute(f"ATTACH {quote_literal(str(target))} AS out")
            yield _Build(con, workdir, choices)
            con.execute("CHECKPOINT out")
            con.execute("DETACH out")
        finally:
            con.close()


def _guarded(build: _Build, name: str, read: Callable[[], list[TableReport]]) -> None:
    import duckdb

    try:
        build.tables.extend(read())
    except SourceError as fault:
        build.messages.append(Message(ERROR, "unreadable", str(fault)))
    except MemoryError:
        build.messages.append(
            Message(ERROR, "too_large", f"{name} needs more memory than is allowed. Split it or save it as Parquet.")
        )
    except duckdb.Error as fault:
        # the engine's own words may quote data and paths: the class of the fault is enough
        kind = type(fault).__name__.removesuffix("Exception")
        text = f"{name} could not be read ({kind}). Save it again as UTF-8 CSV or Parquet."
        build.messages.append(Message(ERROR, "engine", text))
    except (OSError, ValueError, RecursionError, OverflowError) as fault:
        text = f"{name} could not be read ({type(fault).__name__}). Save it again as UTF-8 CSV or Parquet."
        build.messages.append(Message(ERROR, "unexpected", text))


def _read_file(build: _Build, path: Path, number: int) -> list[TableReport]:
    kind = file_kind(path)
    if kind == "duckdb":
        raise SourceError(f"{path.name} is a DuckDB database. Point at it alone, not together with other files.")
    if kind == "parquet":
        from bi_chat.sources.parquet import load_parquet

        return [load_parquet(build.con, path, _claim(build, path.stem))]
    if kind == "sqlite":
        from bi_chat.sources.sqlite import load_sqlite

        return list(load_sqlite(build.con, path, build.taken))
    return _settled(build, _stages(build, path, kind, f"scratch.main.stage_{number}"))


def _stages(build: _Build, path: Path, kind: str, table: str) -> Iterator[Stage]:
    if kind == "workbook":
        from bi_chat.sources.excel import stage_workbook

        sheets = stage_workbook(build.con, path, table, build.choices)
        build.messages.extend(sheets.messages)
        yield from sheets.stages
    elif kind == "json":
        from bi_chat.sources.json_lines import stage_json

        yield from stage_json(build.con, path, build.workdir, table)
    else:
        from bi_chat.sources.delimited import stage_delimited

        yield stage_delimited(build.con, path, build.workdir, table)


def _settled(build: _Build, stages: Iterator[Stage]) -> list[TableReport]:
    from bi_chat.sources.settle import settle

    return [settle(build.con, s, target=_claim(build, s.title), choices=build.choices) for s in stages]


def _claim(build: _Build, title: str) -> str:
    name = table_name(title, build.taken)
    build.taken.add(name)
    return name
