"""In: orders on standard input. Out: answers on standard output; this is all that a worker process does.

A thread listens, so that a cancel is heard while a query runs and the process ends when the program does.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from pathlib import Path
from queue import SimpleQueue

from bi_chat.engines.duckdb.engine import Confinement, DuckDBEngine
from bi_chat.engines.duckdb.faults import EXITS
from bi_chat.engines.duckdb.opening import identity
from bi_chat.engines.duckdb.taking import too_large
from bi_chat.engines.duckdb.watch import resident
from bi_chat.engines.duckdb.workers import confine
from bi_chat.engines.duckdb.workers.channel import Channel, Letter
from bi_chat.engines.duckdb.workers.messages import (
    Cancel,
    Failed,
    Logged,
    Open,
    ReadCatalog,
    ReadProfile,
    Ready,
    Rows,
    Run,
)
from bi_chat.errors import BiChatError, DataChanged, EngineError

_LOG = logging.getLogger(__name__)
_MOST_LOGGED = 4_000
_MOST_ORDERED = 16 << 20
_AGAIN = 0.02
_TRIES = 3


def main(parent: int) -> None:
    """Serve until the program ends; never returns."""
    channel = _own_streams()
    confine.give_up_rights()
    confine.die_with(parent)
    import duckdb  # noqa: F401 (here, so that it is loaded before the first order comes)

    Server(channel).serve()


class Server:
    """One query at a time; each scope has a database connection that shares nothing with another's."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._orders: SimpleQueue[Letter] = SimpleQueue()
        self._engines: dict[str, DuckDBEngine] = {}
        self._most_bytes = 0
        self._reserved = 0
        self._unfinished = 0

    def serve(self) -> None:
        """Answer one order after another."""
        logger = logging.getLogger("bi_chat")
        logger.addHandler(_Sent(self))
        logger.setLevel(logging.DEBUG)
        threading.Thread(target=self._listen, name="bi_chat orders", daemon=True).start()
        while True:
            order = self._orders.get()
            message, body = self._answered(order.message)
            self._unfinished = 0
            self._channel.send(Letter(order.number, message, body, resident()))

    def log(self, level: int, text: str) -> None:
        """For the program's log: this process has none."""
        self._channel.send(Letter(self._unfinished, Logged(level, text[:_MOST_LOGGED])))

    def _listen(self) -> None:
        try:
            while (letter := self._channel.receive()) is not None:
                if isinstance(letter.message, Cancel):
                    self._cancel(letter.number)
                else:
                    self._unfinished = letter.number
                    self._orders.put(letter)
        finally:
            os._exit(0)

    def _cancel(self, number: int) -> None:
        # The order may not have begun yet, so it is told again until it is gone; the watch ends what doesn't listen.
        while self._unfinished == number:
            for engine in tuple(self._engines.values()):
                engine.cancel()
            time.sleep(_AGAIN)

    def _answered(self, order: object) -> tuple[object, bytes]:
        try:
            return self._done(order)
        except BiChatError as error:
            return Failed(type(error).__name__, str(error)), b""
        except MemoryError:
            return Failed("QueryOutOfMemory", "The query needs more memory than it may use."), b""
        except Exception:
            _LOG.debug("an order failed", exc_info=True)
            return Failed("EngineError", "The engine failed on this query."), b""

    def _done(self, order: object) -> tuple[object, bytes]:
        if isinstance(order, Open):
            return self._open(order), b""
        if isinstance(order, Run):
            return self._run(order)
        if isinstance(order, ReadCatalog):
            return self._engines[order.scope].catalog(), b""
        if isinstance(order, ReadProfile):
            engine = self._engines[order.scope]
            return engine.profile(order.table, sample_rows=order.sample_rows, value_limit=order.value_limit), b""
        raise EngineError("The engine doesn't know this order.")

    def _open(self, order: Open) -> Ready:
        if not self._engines:
            confine.limit_memory(order.memory)
        before_opening = confine.reserved()
        self._most_bytes = order.result_bytes
        file = Path(order.database)
        for _ in range(_TRIES):
            before = identity(file)
            engine = _engine(order, file)
            if identity(file) == before:
                self._engines[order.scope] = engine
                # Stacks of its threads are reserved and hardly used: they must not take a later query's room.
                self._reserved += confine.reserved() - before_opening
                confine.limit_memory(order.memory + self._reserved)
                return Ready(engine.schema, before, file.stat().st_mtime)
            engine.close()
        raise DataChanged("The database is being changed at this moment. Try again in a while.")

    def _run(self, order: Run) -> tuple[Rows, bytes]:
        taken = self._engines[order.scope].take(order.sql, few=order.few, timeout=order.timeout)
        body = taken.stream or json.dumps(taken.columns).encode()
        if len(body) > 2 * self._most_bytes:
            raise too_large()
        return Rows(taken.names, taken.kinds, bool(taken.stream)), body


class _Sent(logging.Handler):
    """Hands what is logged here to the program."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server

    def emit(self, record: logging.LogRecord) -> None:
        """With the traceback, which names what the engine said."""
        self._server.log(record.levelno, self.format(record))


def _engine(order: Open, file: Path) -> DuckDBEngine:
    views = order.views
    return DuckDBEngine(
        file,
        memory_limit=f"{order.memory * 3 // 4_000}KB",
        threads=order.threads,
        timeout=order.timeout,
        result_limit=str(order.result_bytes),
        hidden=frozenset(order.hidden),
        time_zone=order.time_zone,
        scope=None if views is None else lambda _: views,
        confinement=Confinement(order.data, order.memory * 15 // 16, _end),
    )


def _end(reason: str) -> None:
    os._exit(EXITS.get(reason, 1))


def _own_streams() -> Channel:
    """The pipes under numbers of their own: what a library prints must not get between the answers."""
    channel = Channel(os.dup(0), os.dup(1), most=_MOST_ORDERED)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return channel
