"""Out: one thing that is asked of the workers, with a box in which all that happens to it arrives in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue

from bi_chat.engines.duckdb.workers.channel import Letter
from bi_chat.engines.duckdb.workers.turns import Place

Progress = Callable[[str], None]


class Nudge(Enum):
    """Something has changed: look again."""

    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Ended:
    """The process that worked on it is gone; `status` as `subprocess` tells it."""

    status: int


class Call:
    """`place` is where it waits for its turn; `scope` says which tables it may see. One thread waits for it.

    `began` is when its turn came, of `time.monotonic`.
    """

    def __init__(self, place: Place[Call], scope: str, progress: Progress | None = None) -> None:
        self.place, self.scope = place, scope
        self.cancelled = False
        self.began = 0.0
        self._progress = progress
        self._box: SimpleQueue[Letter | Ended | Nudge] = SimpleQueue()

    def put(self, event: Letter | Ended | Nudge) -> None:
        """From any thread."""
        self._box.put(event)

    def cancel(self) -> None:
        """From any thread: whoever waits for it stops it."""
        self.cancelled = True
        self.wake()

    def wake(self) -> None:
        """From any thread: whoever waits for it looks again."""
        self._box.put(Nudge.AGAIN)

    def next(self, until: float) -> Letter | Ended | Nudge | None:
        """What happens next, or None at the moment `until` of `time.monotonic`."""
        try:
            return self._box.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return None

    def tell(self, stage: str) -> None:
        """The asker hears how far it is; what is raised there ends the call."""
        if self._progress is not None:
            self._progress(stage)
