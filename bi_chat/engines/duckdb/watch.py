"""In: a cursor at work. Out: it is interrupted when time, memory or patience ends, and the reason is kept.

An interrupt that comes before the query has started is lost, so it is repeated until the query is gone. The engine
doesn't count long texts against its own memory limit, so the process's memory is looked at as well (on Linux). Within
one long call of a function no interrupt is heard: a process that is there for queries alone then ends itself.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_STATM = Path("/proc/self/statm")
_LOOK = 0.05
_REPEAT = 0.01
# Seconds until the last resort; memory grows by gigabytes in one.
_PATIENCE = {"memory": 0.2}
_ELSE = 0.8

LastResort = Callable[[str], None]


class Watch:
    """A context manager around one call; `reason` is '' or why it was interrupted: timeout, cancelled, memory.

    `ceiling` is in bytes of the whole process. `last_resort` is called with the reason when interrupts aren't heard.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        *,
        timeout: float,
        ceiling: int,
        last_resort: LastResort | None = None,
    ) -> None:
        self.cursor = cursor
        self.deadline = time.monotonic() + timeout
        self.ceiling = ceiling
        self.reason = ""
        self._last_resort = last_resort
        self._done = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._look, name="bi_chat query watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._wake.set()
        self._thread.join()

    def cancel(self) -> None:
        """Interrupts from another thread."""
        self.reason = self.reason or "cancelled"
        self._wake.set()

    def _look(self) -> None:
        while not self._done.is_set() and not self.reason:
            self._wake.wait(min(_LOOK, max(0.0, self.deadline - time.monotonic())))
            self.reason = self.reason or self._ended()
        patience = time.monotonic() + _PATIENCE.get(self.reason, _ELSE)
        while not self._done.is_set():
            self.cursor.interrupt()
            self._done.wait(_REPEAT)
            if self._last_resort is not None and time.monotonic() > patience and not self._done.is_set():
                self._last_resort(self.reason)

    def _ended(self) -> str:
        if self._done.is_set():
            return ""
        if time.monotonic() >= self.deadline:
            return "timeout"
        return "memory" if resident() > self.ceiling else ""


def resident() -> int:
    """Bytes of memory this process holds; 0 where the system doesn't say."""
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def as_bytes(size: str) -> int:
    """'2GB' or '512 MiB' in bytes."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?\s*", size.upper())
    if found is None:
        raise ValueError(f"{size!r} is not a size such as 2GB or 512MB.")
    number, unit, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** " KMGT".index(unit or " "))
