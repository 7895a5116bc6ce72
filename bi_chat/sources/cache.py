"""In: what a user points at. Out: a fingerprint, and a folder of finished databases that stays within bounds."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bi_chat.errors import SourceError
from bi_chat.sources.frames import Frame, frame_digest
from bi_chat.sources.report import SourceReport, report_from_json
from bi_chat.sources.stage import Choices

# raise it whenever the same bytes would be read another way
READER_VERSION = "1"
MAX_BYTES = 2 << 30
MAX_AGE_DAYS = 30
_UNWRITTEN = re.compile(r"(?i)could not write|no space left|file too large|read-only file system")
_OURS = re.compile(r"[0-9a-f]{32}(?:\.[0-9a-f]{8}\.new)?\.(?:duckdb|json|duckdb\.wal)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished database and its report."""

    database: Path
    report: SourceReport


def files_fingerprint(paths: Sequence[Path], choices: Choices) -> str:
    """Changes whenever a file's path, size or time of change does, the reader, or a choice."""
    sink = hashlib.blake2b(f"{READER_VERSION}\0{choices}".encode(), digest_size=16)
    for path in paths:
        stat = path.stat()
        sink.update(f"\0{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    return sink.hexdigest()


def frames_fingerprint(frames: Sequence[Frame]) -> str:
    """Changes whenever a frame's name, types or values do."""
    sink = hashlib.blake2b(READER_VERSION.encode(), digest_size=16)
    for frame in frames:
        sink.update(frame_digest(frame).encode())
    return sink.hexdigest()


def lookup(folder: Path, fingerprint: str) -> Entry | None:
    """A database made earlier, or None when there is none or its report is unreadable."""
    database, report = folder / f"{fingerprint}.duckdb", folder / f"{fingerprint}.json"
    try:
        found = report_from_json(report.read_text(encoding="utf-8"))
        database.stat()
        with contextlib.suppress(OSError):  # others may have made it, in a folder that is ours to read only
            os.utime(report)  # what is used stays; the database keeps its time, because its fingerprint holds it
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Entry(database, found)


@contextmanager
def new_database(folder: Path, fingerprint: str) -> Iterator[Path]:
    """A temporary path to build at; removed unless `publish` moved it to its final name.

    Raises SourceError where the folder can't be written to or the disk is full, also for what is done at the path.
    """
    path = folder / f"{fingerprint}.{uuid.uuid4().hex[:8]}.new.duckdb"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield path
    except SourceError:
        raise
    except OSError as fault:
        raise _unwritable(fault.strerror or "") from fault
    except Exception as fault:
        if _UNWRITTEN.search(str(fault)):  # the engine's words; its class is the same for reading
            raise _unwritable("") from fault
        raise
    finally:
        for left in (path, path.with_name(path.name + ".wal")):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def publish(folder: Path, fingerprint: str, built: Path, report: SourceReport) -> Entry:
    """Give a built database its final name: written through to the disk, then renamed, the report first."""
    database, note = folder / f"{fingerprint}.duckdb", folder / f"{fingerprint}.json"
    draft = built.with_suffix(".json")
    draft.write_text(report.to_json(), encoding="utf-8")
    for path in (draft, built):
        _sync(path)
    draft.replace(note)
    built.replace(database)
    return Entry(database, report)


def discard(folder: Path, database: Path) -> bool:
    """Remove a finished database that turned out to be damaged; False when it is none of this folder."""
    if database.parent != folder or not _OURS.fullmatch(database.name):
        return False
    with contextlib.suppress(OSError):
        database.unlink(missing_ok=True)
        database.with_suffix(".json").unlink(missing_ok=True)
    return not database.exists()


def _unwritable(reason: str) -> SourceError:
    why = f" ({reason})" if reason else ""
    return SourceError(
        f"The folder for derived files can't be written to, or the disk is full{why}. "
        "Make room, or name another folder in BI_CHAT_CACHE_DIR. The source itself was not touched."
    )


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _last_used(path: Path, changed: float) -> float:
    note = path.with_suffix(".json")
    return max(changed, note.stat().st_mtime) if note.exists() else changed


def prune(folder: Path, keep: Path, *, max_bytes: int = MAX_BYTES, max_age_days: float = MAX_AGE_DAYS) -> int:
    """Remove databases unused for long, then the longest unused while all together are too large; how many went."""
    now = time.time()
    found: list[tuple[float, int, Path]] = []
    for path in folder.iterdir():
        if not _OURS.fullmatch(path.name) or path.stem == keep.stem:
            continue
        with contextlib.suppress(OSError):
            stat = path.stat()
            found.append((_last_used(path, stat.st_mtime), stat.st_size, path))
    total = sum(size for _, size, _ in found) + (keep.stat().st_size if keep.exists() else 0)
    removed = 0
    for changed, size, path in sorted(found):
        unfinished = ".new." in path.name
        too_old = now - changed > (86_400 if unfinished else max_age_days * 86_400)
        # a file in the making belongs to another process until it is a day old
        if too_old or (total > max_bytes and not unfinished and path.suffix == ".duckdb"):
            with contextlib.suppress(OSError):
                path.unlink()
                path.with_suffix(".json").unlink(missing_ok=True)
                total -= size
                removed += 1
    return removed
