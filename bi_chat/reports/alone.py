"""In: a folder. Out: this process is the only scheduler over it; the system lets go of the lock when a process dies."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """True inside where nobody else holds it; False otherwise."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "schedule.lock").open("a+b") as file:
        held = _locked(file)
        try:
            yield held
        finally:
            if held and sys.platform == "win32":
                _unlock(file)


if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _locked(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
