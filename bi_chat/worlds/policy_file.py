"""In: a policy's file. Out: the policy as the file says now; a change that has faults changes nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from bi_chat.errors import PolicyError
from bi_chat.values.policy import Policy

_LOG = logging.getLogger("bi_chat")
_STILL = 0.5  # seconds without a change: a file may be looked at while it is being written
_MOST_LOOKS = 20

Stamp = tuple[int, int, int]


class PolicyFile:
    """Reads the file again when it has changed. `sound` reads and checks it, and raises PolicyError."""

    def __init__(self, source: Path | str, sound: Callable[[Path | str], Policy]) -> None:
        self._file = None if isinstance(source, str) and "\n" in source else Path(source)
        self._sound = sound
        self._seen = self._stamp()
        self._policy = sound(source)

    def policy(self) -> Policy:
        """The policy in force. Never raises: a new file that is not sound is told to the log, once."""
        if self._file is None or self._stamp() == self._seen:
            return self._policy
        seen = self._at_rest()
        try:
            self._policy = self._sound(self._file)
            _LOG.info("The policy %s has changed and is in force.", self._file.name)
        except PolicyError as error:
            _LOG.error("The policy as it was stays in force: %s", error)
        self._seen = seen
        return self._policy

    def _at_rest(self) -> Stamp | None:
        """Its stamp once nobody has written to it for a moment."""
        stamp = self._stamp()
        for _ in range(_MOST_LOOKS):
            if stamp is None or not 0 <= time.time() - stamp[0] / 1e9 < _STILL:
                break
            time.sleep(_STILL / 5)
            stamp = self._stamp()
        return stamp

    def _stamp(self) -> Stamp | None:
        try:
            found = self._file.stat() if self._file is not None else None
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino) if found is not None else None
