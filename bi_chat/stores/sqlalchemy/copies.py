"""In: the file of a SQLite store. Out: a copy made while others write, or a checked copy in its place."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from bi_chat.errors import StoreError

_SIDES = ("-wal", "-shm")


def backup(database: Path, target: Path) -> None:
    """SQLite's own online backup; the target appears only when it is whole. Raises StoreError."""
    if not database.is_file():
        raise StoreError("There is no store yet, so there is nothing to copy.")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with contextlib.closing(_open(database)) as source, contextlib.closing(sqlite3.connect(part)) as copy:
            source.backup(copy, pages=256)
            copy.execute("PRAGMA journal_mode=DELETE")
        _sync(part)
        part.replace(target)
    except (OSError, sqlite3.Error):
        part.unlink(missing_ok=True)
        raise StoreError(f"{target.name} could not be written, or the store could not be read.") from None


def restore(copy: Path, database: Path) -> Path | None:
    """Checks the copy, sets the store as it was aside, and puts the copy there; where the old one lies.

    Raises StoreError when the copy is no sound store, or while another program writes to the store.
    """
    if not _is_sound(copy):
        raise StoreError(f"{copy.name} is no store of bi_chat, or it is damaged. Nothing was changed.")
    kept: Path | None = None
    try:
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = database.with_name(f"{database.name}.restored")
        backup(copy, fresh)
        if database.exists():
            kept = database.with_name(f"{database.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}{database.suffix}")
            _settle(database)
            database.replace(kept)
            for side in _SIDES:
                database.with_name(database.name + side).unlink(missing_ok=True)
        fresh.replace(database)
    except OSError:
        raise StoreError("The store's folder can't be written. Nothing was lost.") from None
    return kept


def _settle(database: Path) -> None:
    """What stands in the log goes into the file. A damaged store has nothing to settle."""
    with contextlib.closing(sqlite3.connect(database, timeout=5)) as at, contextlib.suppress(sqlite3.DatabaseError):
        busy = at.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy and busy[0]:
            raise StoreError("Another program is using the store. Stop it, then restore.")


def _is_sound(file: Path) -> bool:
    if not file.is_file():
        return False
    try:
        with contextlib.closing(_open(file)) as at:
            tables = {r[0] for r in at.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            sound = at.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error:
        return False
    return {"conversation", "turn", "audit"} <= tables and sound == ("ok",)


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=10)


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
