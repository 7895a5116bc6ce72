"""In: a DuckDB file. Out: an `Engine` whose queries run in worker processes that are limited, and killed if need be."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from bi_chat.engines.duckdb.frames import as_result
from bi_chat.engines.duckdb.opening import identifier, identity, secret_name
from bi_chat.engines.duckdb.taking import Taken, is_few
from bi_chat.engines.duckdb.watch import as_bytes
from bi_chat.engines.duckdb.workers.call import Call, Progress
from bi_chat.engines.duckdb.workers.channel import Letter
from bi_chat.engines.duckdb.workers.messages import Open, ReadCatalog, ReadProfile, Ready, Rows, Run
from bi_chat.engines.duckdb.workers.pool import Pool, shared_pool
from bi_chat.engines.duckdb.workers.process import WorkerProcess
from bi_chat.engines.duckdb.workers.turns import Place
from bi_chat.errors import DataChanged, EngineError, EngineSpent, SettingsError
from bi_chat.values.catalog import Catalog, TableProfile
from bi_chat.values.query import CheckedQuery
from bi_chat.values.result import Result
from bi_chat.values.view import Views

_OPENING = 60.0
_AT_ONCE = 0.5


@dataclass(slots=True)
class Scope:
    """The tables that may be seen: how a worker opens them, and their catalog once it was read."""

    opening: Open
    catalog: Catalog | None = None


class House:
    """What all seats at one database share: the pool, and what the first worker found when it opened the file."""

    def __init__(self, pool: Pool, opening: Open) -> None:
        self.pool = pool
        self.timeout, self.time_zone = opening.timeout, opening.time_zone
        self._database = Path(opening.database)
        self.lock = threading.Lock()
        self.ready: Ready | None = None

    def perform(self, call: Call, scope: Scope, message: object, seconds: float) -> Letter:
        """The answer of a worker that has the scope open.

        What is known of the data, from the tables to the model, belongs to the file that was opened first. So once
        there is another in its place, nothing more is answered, although some workers may still hold the old one.
        """
        if self.ready is not None and identity(self._database) != self.ready.identity:
            raise _changed()
        try:
            return self._performed(call, scope, message, seconds)
        except EngineSpent:
            if time.monotonic() - call.began > _AT_ONCE:
                raise
        return self._performed(call, scope, message, seconds)  # it was the query before that left no room

    def _performed(self, call: Call, scope: Scope, message: object, seconds: float) -> Letter:
        worker = self.pool.turn(call)
        try:
            if scope.opening.scope not in worker.scopes:
                self._open(worker, call, scope)
            return worker.ask(call, message, seconds=seconds)
        except EngineSpent:
            worker.stop()
            raise
        finally:
            self.pool.give_back(call, worker)

    def _open(self, worker: WorkerProcess, call: Call, scope: Scope) -> None:
        found = worker.ask(call, scope.opening, seconds=_OPENING).message
        if not isinstance(found, Ready):
            worker.stop()
            raise EngineError("The engine gave no answer that can be read.")
        with self.lock:
            first = self.ready = self.ready or found
        if found.identity != first.identity:
            worker.stop()
            raise _changed()
        worker.scopes.add(scope.opening.scope)


class Seat:
    """An engine over one scope for one asker; `above` is the seat that gave it, whose `cancel` reaches it as well.

    `shared` is the asker whom seats given from here belong to; with None each has turns of its own.
    """

    def __init__(self, house: House, scope: Scope, above: Seat | None = None, shared: Hashable | None = None) -> None:
        self._house, self._scope = house, scope
        self._above, self._shared = above, shared
        self._place: Place[Call] = Place(self if shared is None else shared)
        self._asked: set[Call] = set()
        self._closed = False

    def catalog(self) -> Catalog:
        """The tables as they were when the file was opened; the same object each time."""
        with self._house.lock:
            found = self._scope.catalog
        if found is None:
            made = self._perform(ReadCatalog(self._scope.opening.scope), self._house.timeout, None).message
            if not isinstance(made, Catalog):
                raise EngineError("The engine gave no answer that can be read.")
            with self._house.lock:
                found = self._scope.catalog = self._scope.catalog or made
        return found

    def profile(self, table: str, *, sample_rows: int = 100_000, value_limit: int = 50_000) -> TableProfile:
        """Statistics of a table's columns; see `profiling` for what is sampled and what is exact."""
        order = ReadProfile(self._scope.opening.scope, table, sample_rows, value_limit)
        found = self._perform(order, self._house.timeout, None).message
        if not isinstance(found, TableProfile):
            raise EngineError("The engine gave no answer that can be read.")
        return found

    def run(self, query: CheckedQuery, *, timeout: float | None = None, progress: Progress | None = None) -> Result:
        """At most `query.row_limit` rows. Raises QueryTimeout, QueryCancelled, QueryOutOfMemory, ResultTooLarge,
        EngineBusy, DataChanged or EngineError. `timeout` counts from the query's turn."""
        if not isinstance(query, CheckedQuery):
            raise TypeError("Only a CheckedQuery is run: ask bi_chat.sql.guard.check() for one.")
        started = time.perf_counter()
        limit = self._house.timeout if timeout is None else min(timeout, self._house.timeout)
        order = Run(self._scope.opening.scope, query.sql, is_few(query.row_limit), limit)
        taken = _taken(self._perform(order, limit, progress))
        ready = self._house.ready
        assert ready is not None
        as_of = datetime.fromtimestamp(ready.changed, tz=UTC)
        return as_result(taken, query, self._house.time_zone, since=started, as_of=as_of)

    def scoped(self, views: Views) -> Seat:
        """An engine over the same file whose only tables are these views; workers keep it apart from every other."""
        opening, ready = self._scope.opening, self._house.ready
        assert ready is not None
        made = views(lambda table: f"{opening.data}.{identifier(ready.schema)}.{identifier(table)}")
        key = f"{opening.data} {sha256(repr(made).encode()).hexdigest()}"
        return Seat(self._house, Scope(replace(opening, scope=key, views=made)), self)

    def seat(self, asker: str = "") -> Seat:
        """The same for one asker."""
        return Seat(self._house, self._scope, self, asker or self._shared or object())

    def cancel(self) -> None:
        """Stops what was asked here and at the seats given from here."""
        with self._house.lock:
            calls = tuple(self._asked)
        for call in calls:
            call.cancel()

    def close(self) -> None:
        """Stops what was asked here and takes nothing more."""
        self._closed = True
        self.cancel()

    def _perform(self, message: object, seconds: float, progress: Progress | None) -> Letter:
        call = Call(self._place, self._scope.opening.scope, progress)
        seats = tuple(self._upwards())
        with self._house.lock:
            if any(seat._closed for seat in seats):
                raise EngineError("The database has been closed.")
            for seat in seats:
                seat._asked.add(call)
        try:
            return self._house.perform(call, self._scope, message, seconds)
        finally:
            with self._house.lock:
                for seat in seats:
                    seat._asked.discard(call)

    def _upwards(self) -> list[Seat]:
        return [self] if self._above is None else [self, *self._above._upwards()]


class WorkerEngine(Seat):
    """Serves one DuckDB file, read-only, to many threads; at most `workers` queries run at once.

    `memory_limit` is for each worker process as a whole. `timeout` is the longest any call may take in seconds, `wait`
    the longest it waits for its turn, `idle` how long a process stays without work. With `shared` the processes are
    those of all engines of this program that share. `hidden` names tables that don't exist for a query. Nothing spills
    to disk.
    """

    def __init__(
        self,
        database: Path,
        *,
        memory_limit: str = "2GB",
        threads: int = 2,
        timeout: float = 30.0,
        result_limit: str = "64MB",
        workers: int = 2,
        wait: float = 30.0,
        idle: float = 300.0,
        shared: bool = False,
        hidden: frozenset[str] = frozenset(),
        time_zone: str = "UTC",
    ) -> None:
        """Raises SettingsError, and SourceError where the file can't be read as a database."""
        try:
            memory, most = as_bytes(memory_limit), as_bytes(result_limit)
        except ValueError as error:
            raise SettingsError(str(error)) from None
        self.database = Path(database)
        file, data = str(self.database.resolve()), secret_name()
        opening = Open(data, file, data, memory, threads, timeout, time_zone, most, tuple(sorted(hidden)))
        self._shared_pool = shared
        own = None if shared else Pool(workers, wait=wait, memory=memory, idle=idle)
        pool = own or shared_pool(workers, wait=wait, memory=memory)
        super().__init__(House(pool, opening), Scope(opening))
        try:
            self.catalog()
        except BaseException:
            self.close()
            raise

    @property
    def pids(self) -> tuple[int, ...]:
        """The system's numbers of the worker processes that live now, of all engines that share them."""
        return self._house.pool.pids()

    def close(self) -> None:
        """Stops what runs, ends the processes and frees the file."""
        super().close()
        if self._shared_pool:
            self._house.pool.retire(self._scope.opening.data)
        else:
            self._house.pool.close()


def _changed() -> DataChanged:
    return DataChanged("The data have changed since they were opened. Open them again to see the new ones.")


def _taken(letter: Letter) -> Taken:
    rows = letter.message
    if not isinstance(rows, Rows):
        raise EngineError("The engine gave no answer that can be read.")
    if rows.streamed:
        return Taken(rows.names, rows.kinds, stream=letter.body)
    return Taken(rows.names, rows.kinds, columns=tuple(json.loads(letter.body)))
