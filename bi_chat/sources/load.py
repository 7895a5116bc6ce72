"""In: anything a user points at. Out: one read-only DuckDB file for the engine, and the report of how it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bi_chat.errors import SourceError
from bi_chat.sources.cache import Entry, files_fingerprint, frames_fingerprint, lookup, new_database, prune, publish
from bi_chat.sources.ingest import Progress, ingest_files, ingest_frames
from bi_chat.sources.locate import find_files
from bi_chat.sources.names import quote_identifier, table_name
from bi_chat.sources.report import ERROR, SourceReport
from bi_chat.sources.stage import Choices

Spec = str | Path | Sequence[str | Path] | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Loaded:
    """`database` is to be attached read-only; `name` is what a person would call the source.

    `signature` is that of the files as they were read (see `signature`).
    """

    database: Path
    report: SourceReport
    name: str
    signature: str = ""


def load(spec: Spec, *, cache_dir: Path, progress: Progress | None = None, choices: Choices | None = None) -> Loaded:
    """Bring a source into one DuckDB file.

    A DuckDB file is used as it is. Everything else is read once into `cache_dir`; the next call with the same
    unchanged files opens what was made before. Raises SourceError when nothing can be loaded.
    """
    chosen = choices or Choices()
    if isinstance(spec, Mapping):
        return _load_frames(spec, cache_dir, progress)
    paths = find_files(spec)
    name = table_name(Path(spec).stem if isinstance(spec, str | Path) else paths[0].stem)
    if len(paths) == 1 and _is_native(paths[0]):
        from bi_chat.sources.native import open_report

        seen = files_fingerprint(paths, chosen)
        return Loaded(paths[0].resolve(), open_report(paths[0]), name, seen)
    fingerprint = files_fingerprint(paths, chosen)
    entry = lookup(cache_dir, fingerprint)
    if entry is None:
        with new_database(cache_dir, fingerprint) as target:
            report = ingest_files(paths, target, choices=chosen, progress=progress)
            entry = _finished(cache_dir, fingerprint, target, report)
    return Loaded(entry.database, entry.report, name, fingerprint)


def signature(spec: Spec, *, choices: Choices | None = None) -> str:
    """Changes when the files behind a source do: another name, size or time, one more or less. Empty for frames.

    Raises SourceError when there are none any more.
    """
    return "" if isinstance(spec, Mapping) else files_fingerprint(find_files(spec), choices or Choices())


def _load_frames(given: Mapping[str, object], cache_dir: Path, progress: Progress | None) -> Loaded:
    """Frames by name; what is named by its path instead is read as ever, and its tables stand beside the frames."""
    from bi_chat.sources.frames import as_frames

    tables: dict[str, object] = {n: f for n, f in given.items() if not isinstance(f, str | Path)}
    for path in (p for p in given.values() if isinstance(p, str | Path)):
        for name, frame in _tables_of(load(path, cache_dir=cache_dir, progress=progress).database).items():
            if name in tables:
                raise SourceError(f"There would be two tables called {name}. Give the frame another name.")
            tables[name] = frame
    frames = as_frames(tables)
    fingerprint = frames_fingerprint(frames)
    entry = lookup(cache_dir, fingerprint)
    if entry is None:
        with new_database(cache_dir, fingerprint) as target:
            report = ingest_frames(frames, target, progress=progress)
            entry = _finished(cache_dir, fingerprint, target, report)
    return Loaded(entry.database, entry.report, table_name(frames[0].title) if len(frames) == 1 else "frames")


def _tables_of(database: Path) -> dict[str, object]:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as at:
        found = at.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
        names = [str(row[0]) for row in found]
        return {name: at.table(quote_identifier(name)).pl() for name in names}


def _finished(cache_dir: Path, fingerprint: str, target: Path, report: SourceReport) -> Entry:
    if report.outcome == "error":
        faults = [m.text for m in report.all_messages if m.level == ERROR]
        raise SourceError(" ".join(faults) or "There is no table to load.")
    entry = publish(cache_dir, fingerprint, target, report)
    prune(cache_dir, entry.database)
    return entry


def _is_native(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[8:12] == b"DUCK" or path.suffix.lower() in (".duckdb", ".ddb")
