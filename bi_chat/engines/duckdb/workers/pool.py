"""In: calls that want a worker process. Out: one after another gets its turn; idle processes end after a while."""

from __future__ import annotations

import os
import threading
import time

from bi_chat.engines.duckdb.workers.call import Call
from bi_chat.engines.duckdb.workers.process import TICK, WorkerProcess
from bi_chat.engines.duckdb.workers.turns import Turns
from bi_chat.errors import EngineBusy, EngineError, QueryCancelled

_SOON = 0.2
_MOST_SCOPES = 32

_lock = threading.Lock()
_shared: dict[tuple[int, int, float, int], Pool] = {}


class Pool:
    """At most `size` processes. `wait` is the longest in seconds that a call waits for its turn, `idle` how long a
    process stays without work, `memory` what one may hold in bytes: one that keeps too much of it is replaced."""

    def __init__(self, size: int, *, wait: float, memory: int, idle: float = 300.0) -> None:
        self._size, self._wait, self._memory, self._keep = size, wait, memory, idle
        self._turns: Turns[Call] = Turns(size)
        self._state = threading.Condition()
        self._idle: list[tuple[float, WorkerProcess]] = []
        self._granted: dict[Call, WorkerProcess | None] = {}
        self._busy: set[WorkerProcess] = set()
        self._retiring: set[WorkerProcess] = set()
        self._used = 0
        self._closed = False
        self._owner = os.getpid()
        self._keeper: threading.Thread | None = None

    def turn(self, call: Call) -> WorkerProcess:
        """A process for this call alone, as soon as it is its turn.

        Raises EngineBusy after waiting too long, QueryCancelled, and EngineError when the pool is closed.
        """
        if os.getpid() != self._owner:
            raise EngineError("These data were opened by another process. Open them again in this one.")
        try:
            self._queue(call)
            worker = self._granted_to(call)
        except BaseException:
            self._withdraw(call)
            raise
        return worker

    def give_back(self, call: Call, worker: WorkerProcess) -> None:
        """The call is over; a process that is dead or holds too much goes."""
        # One database connection keeps what it has read within its own limit; several together might not.
        most = self._memory // 2 if len(worker.scopes) > 1 else self._memory * 7 // 8
        with self._state:
            full = len(worker.scopes) > _MOST_SCOPES or worker.resident > most or worker in self._retiring
            self._retiring.discard(worker)
            now = time.monotonic()
            self._turns.done(call.place, now=now, took=now - call.began)
            self._busy.discard(worker)
            kept = worker.alive and not full and not self._closed
            if kept:
                self._idle.append((time.monotonic(), worker))
                self._watch_idle()
            else:
                self._used -= 1
            self._deal()
        if not kept:
            worker.stop()

    def retire(self, house: str) -> None:
        """End the processes that hold a database open which is closed now; one at work ends after its query."""
        with self._state:
            ending = [worker for _, worker in self._idle if _holds(worker, house)]
            self._idle = [(since, worker) for since, worker in self._idle if worker not in ending]
            self._used -= len(ending)
            self._retiring.update(worker for worker in self._busy if _holds(worker, house))
            self._deal()
        for worker in ending:
            worker.stop()

    def close(self) -> None:
        """Ends all processes; who waits is told so."""
        with self._state:
            self._closed = True
            ending = [worker for _, worker in self._idle] + list(self._busy)
            self._idle.clear()
            self._state.notify_all()
        for worker in ending:
            worker.stop()

    def pids(self) -> tuple[int, ...]:
        """The system's numbers of the living processes."""
        with self._state:
            return tuple(w.pid for w in (*(worker for _, worker in self._idle), *self._busy) if w.alive)

    def _queue(self, call: Call) -> None:
        with self._state:
            if self._closed:
                raise EngineError("The database has been closed.")
            self._turns.join(call.place, call, now=time.monotonic())
            self._deal()

    def _granted_to(self, call: Call) -> WorkerProcess:
        until = time.monotonic() + self._wait
        pause = 0.0
        while True:
            if call.cancelled:
                raise QueryCancelled("The query was stopped.")
            with self._state:
                if call in self._granted:
                    worker = self._granted[call] or self._new()
                    del self._granted[call]
                    return worker
            if time.monotonic() >= until:
                raise EngineBusy("Other queries are running, and this one found no turn. Ask again in a moment.")
            if pause:
                call.tell("waiting")
            pause = TICK if pause else _SOON
            call.next(min(until, time.monotonic() + pause))

    def _new(self) -> WorkerProcess:
        worker = WorkerProcess()
        self._busy.add(worker)
        return worker

    def _withdraw(self, call: Call) -> None:
        with self._state:
            if call in self._granted:
                worker = self._granted.pop(call)
                self._turns.done(call.place, now=time.monotonic())
                if worker is None:
                    self._used -= 1
                else:
                    self._busy.discard(worker)
                    self._idle.append((time.monotonic(), worker))
            else:
                self._turns.leave(call.place, call)
            self._deal()

    def _deal(self) -> None:
        """Gives turns as long as there are places."""
        alive = [(since, worker) for since, worker in self._idle if worker.alive]
        self._used -= len(self._idle) - len(alive)
        self._idle = alive
        while (self._idle or self._used < self._size) and (call := self._turns.next()) is not None:
            worker = self._choose(call.scope)
            if worker is None:
                self._used += 1
            else:
                self._busy.add(worker)
            self._granted[call] = worker
            call.began = time.monotonic()
            call.wake()

    def _choose(self, scope: str) -> WorkerProcess | None:
        """An idle process that has the scope open, else the one used last; None: start another."""
        if not self._idle:
            return None
        at = next((i for i, (_, w) in enumerate(self._idle) if scope in w.scopes), len(self._idle) - 1)
        return self._idle.pop(at)[1]

    def _watch_idle(self) -> None:
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._end_idle, name="bi_chat idle workers", daemon=True)
            self._keeper.start()

    def _end_idle(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._closed, timeout=self._keep / 4)
                limit = time.monotonic() - self._keep
                late = [worker for since, worker in self._idle if since < limit]
                self._idle = [(since, worker) for since, worker in self._idle if since >= limit]
                self._used -= len(late)
                done = self._closed or not (self._idle or self._busy)
                if done:
                    self._keeper = None
            for worker in late:
                worker.stop()
            if done:
                return


def shared_pool(size: int, *, wait: float, memory: int) -> Pool:
    """The pool of all databases that this program opens with these limits: so many processes and no more."""
    with _lock:
        key = (os.getpid(), size, wait, memory)
        if key not in _shared:
            _shared[key] = Pool(size, wait=wait, memory=memory)
        return _shared[key]


def _holds(worker: WorkerProcess, house: str) -> bool:
    return any(scope.startswith(house) for scope in worker.scopes)
