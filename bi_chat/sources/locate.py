"""In: a path, folder, glob or list of them. Out: the files meant, in a stable order."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from bi_chat.errors import SourceError

SUFFIXES = frozenset({
    ".csv", ".tsv", ".tab", ".txt", ".parquet", ".pq", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xlsb", ".ods",
    ".sqlite", ".sqlite3", ".db",
})  # fmt: skip
MAX_FILES = 2_000


def find_files(spec: str | Path | Sequence[str | Path]) -> tuple[Path, ...]:
    """Existing files. Raises SourceError naming what is missing."""
    if isinstance(spec, str | Path):
        found = _of_one(Path(spec).expanduser())
    else:
        if not spec:
            raise SourceError("No file was given. Point at a CSV, XLSX, Parquet, JSON, SQLite or DuckDB file.")
        found = [path for part in spec for path in _of_one(Path(part).expanduser())]
    unique = tuple(dict.fromkeys(found))
    if len(unique) > MAX_FILES:
        raise SourceError(f"{len(unique):,} files are more than the {MAX_FILES:,} that are read at once. Name fewer.")
    return unique


def _of_one(path: Path) -> list[Path]:
    try:
        if path.is_file():
            return [path]
        if path.is_dir():
            return _of_folder(path)
        exists = path.exists()
    except (OSError, ValueError) as fault:
        raise SourceError(
            "The path can't be used: it is too long or holds characters that no file name has."
        ) from fault
    if exists:
        raise SourceError(f"{path.name} is neither a file nor a folder.")
    if any(sign in str(path) for sign in "*?["):
        matches = sorted(Path(p) for p in glob.glob(str(path), recursive=True))  # noqa: PTH207 (absolute patterns)
        files = [p for p in matches if p.is_file() and not p.name.startswith(".")]
        if files:
            return files
        raise SourceError(f"No file matches {path.name}.")
    raise SourceError(f"There is no file or folder {path.name or path}. Check the path.")


def _of_folder(folder: Path) -> list[Path]:
    files = sorted(
        p
        for p in folder.iterdir()
        if p.is_file() and p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$"))
    )
    if not files:
        raise SourceError(f"The folder {folder.name} holds no CSV, XLSX, Parquet, JSON or SQLite file.")
    return files
