"""In: an order for a worker process. Out: its answer, or one of our errors; the process is killed if it must be."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import threading
import time
from itertools import count
from typing import IO

from bi_chat import errors
from bi_chat.engines.duckdb.faults import ended, translated
from bi_chat.engines.duckdb.workers import launch
from bi_chat.engines.duckdb.workers.call import Call, Ended, Nudge
from bi_chat.engines.duckdb.workers.channel import BrokenLetter, Channel, Letter
from bi_chat.engines.duckdb.workers.messages import Cancel, Failed, Logged
from bi_chat.errors import EngineError

_LOG = logging.getLogger(__name__)
# A worker that heeds no interrupt ends itself after 0.8 s; this is for one that can't even do that.
GRACE = 1.2
TICK = 0.5
_MOST_ANSWERED = 1 << 29
_PATIENCE = 2.0
_KNOWN = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.BiChatError)
}

_living: set[WorkerProcess] = set()


class WorkerProcess:
    """One order at a time. `scopes` are those it has opened, `resident` its memory in bytes at its last answer."""

    def __init__(self) -> None:
        """Starts the process and doesn't wait for it. Raises EngineError where the system refuses."""
        self.scopes: set[str] = set()
        self.resident = 0
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._current: tuple[int, Call] | None = None
        try:
            self._process = launch.start()
        except OSError:
            raise EngineError("The system has no room for another process to run queries in.") from None
        self._channel = Channel(_taken(self._process.stdout), _taken(self._process.stdin), most=_MOST_ANSWERED)
        self._reader = threading.Thread(target=self._listen, name="bi_chat answers", daemon=True)
        self._reader.start()
        self._owner = os.getpid()
        _living.add(self)

    @property
    def pid(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be given an order."""
        return self._process.poll() is None and self._reader.is_alive()

    def ask(self, call: Call, message: object, *, seconds: float) -> Letter:
        """The answer within `seconds` and a moment more; otherwise the process is gone and one of our errors raised."""
        number = next(self._numbers)
        with self._lock:
            self._current = (number, call)
        try:
            self._send(call, number, message)
            letter = self._wait(call, number, time.monotonic() + seconds + GRACE)
        except EngineError:
            raise
        except BaseException:  # Ctrl-C, or a page that is drawn anew: nobody waits for the answer any more
            self._abandon(call, number)
            raise
        finally:
            with self._lock:
                self._current = None
        self.resident = letter.resident
        if isinstance(letter.message, Failed):
            raise _KNOWN.get(letter.message.error, EngineError)(letter.message.text)
        return letter

    def stop(self) -> None:
        """Kills it and leaves nothing behind."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        self._reader.join(timeout=_PATIENCE)
        if not self._reader.is_alive():
            self._channel.close()
        _living.discard(self)

    def _send(self, call: Call, number: int, message: object) -> None:
        try:
            self._channel.send(Letter(number, message))
        except OSError:
            self.stop()
            raise ended(self._process.returncode, cancelled=call.cancelled) from None

    def _wait(self, call: Call, number: int, until: float) -> Letter:
        told = False
        while True:
            if call.cancelled and not told:
                told, until = True, min(until, time.monotonic() + GRACE)
                self._send(call, number, Cancel())
            event = call.next(min(until, time.monotonic() + TICK))
            if isinstance(event, Letter):
                return event
            if isinstance(event, Ended):
                self.stop()
                raise ended(event.status, cancelled=call.cancelled)
            if event is Nudge.AGAIN:
                continue
            if time.monotonic() >= until:
                self.stop()
                raise translated(TimeoutError(), "cancelled" if call.cancelled else "timeout")
            call.tell("running")

    def _abandon(self, call: Call, number: int) -> None:
        """Stops what runs for somebody who has left; the process stays if it heeds that."""
        call.cancelled = True
        until = time.monotonic() + GRACE
        with contextlib.suppress(EngineError):
            self._send(call, number, Cancel())
            while (event := call.next(until)) is not None and not isinstance(event, Ended):
                if isinstance(event, Letter):
                    return
        self.stop()

    def _listen(self) -> None:
        try:
            while (letter := self._channel.receive()) is not None:
                with self._lock:
                    current = self._current
                if current is None or current[0] != letter.number:
                    break
                if isinstance(letter.message, Logged):
                    _LOG.log(letter.message.level, letter.message.text)
                    continue
                current[1].put(letter)
        except BrokenLetter:
            pass
        with contextlib.suppress(OSError):
            self._process.kill()  # gone already, or no longer to be trusted
        status = self._process.wait()
        with self._lock:
            current = self._current
        if current is not None:
            current[1].put(Ended(status))


def _taken(pipe: IO[bytes] | None) -> int:
    """The pipe's number, which from now on is the channel's to close."""
    if pipe is None:
        raise EngineError("The process to run queries in has no pipe.")
    number = os.dup(pipe.fileno())
    pipe.close()
    return number


@atexit.register
def _stop_all() -> None:
    for worker in tuple(_living):
        if worker._owner == os.getpid():
            worker.stop()
