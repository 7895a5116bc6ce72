"""In: a DuckDB file. Out: an `Engine` in this process: its catalog, profiles of its tables, rows of checked queries."""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bi_chat.engines.duckdb.faults import is_fatal, translated
from bi_chat.engines.duckdb.frames import as_result
from bi_chat.engines.duckdb.hearing import listens, teach
from bi_chat.engines.duckdb.opening import Limits, Opened, open_database
from bi_chat.engines.duckdb.profiling import profile_table
from bi_chat.engines.duckdb.reading import read_catalog
from bi_chat.engines.duckdb.taking import Taken, is_few, take
from bi_chat.engines.duckdb.watch import LastResort, Watch, as_bytes, resident
from bi_chat.errors import BiChatError, EngineError, SettingsError
from bi_chat.values.catalog import Catalog, TableProfile
from bi_chat.values.query import CheckedQuery
from bi_chat.values.result import Result
from bi_chat.values.view import Views

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")
Progress = Callable[[str], None]

_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Confinement:
    """For an engine in a process of its own: the name of the data, bytes of the whole process, and how it ends."""

    data: str
    ceiling: int
    last_resort: LastResort


class DuckDBEngine:
    """Serves one DuckDB file, read-only, to many threads; each call has a cursor of its own.

    `hidden` names tables that don't exist for a query (also as schema.table). `timeout` is the longest any call may
    take, in seconds; `result_limit` the most data that one query may give. With a `temp_directory` large sorts may
    spill there; without one they fail as out of memory.
    """

    def __init__(
        self,
        database: Path,
        *,
        memory_limit: str = "2GB",
        threads: int = 2,
        timeout: float = 30.0,
        result_limit: str = "64MB",
        temp_directory: Path | None = None,
        hidden: frozenset[str] = frozenset(),
        time_zone: str = "UTC",
        scope: Views | None = None,
        confinement: Confinement | None = None,
    ) -> None:
        self.database = Path(database)
        try:
            self._memory, self._most_bytes = as_bytes(memory_limit), as_bytes(result_limit)
        except ValueError as error:
            raise SettingsError(str(error)) from None
        self._limits = Limits(memory_limit, threads, timeout, temp_directory, time_zone)
        self._result_limit = result_limit
        self._hidden = hidden
        self._scope = scope
        self._confinement = confinement
        self._idle = threading.Condition()
        self._running: set[Watch] = set()
        self._catalog: Catalog | None = None
        self._closed = False
        self._taught: Opened | None = None
        self._opened = self._open()

    @property
    def schema(self) -> str:
        """The schema of the data that is served."""
        return self._opened.schema

    def catalog(self) -> Catalog:
        """The tables as they were when the file was opened; the same object each time."""
        if self._catalog is None:
            self._catalog = read_catalog(self._live(), self.database)
        return self._catalog

    def profile(self, table: str, *, sample_rows: int = 100_000, value_limit: int = 50_000) -> TableProfile:
        """Statistics of a table's columns; see `profiling` for what is sampled and what is exact."""
        found = self.catalog().table(table)
        if found is None:
            raise EngineError(f"There is no table {table!r} to profile.")
        opened = self._live()
        return self._call(
            lambda cursor: profile_table(cursor, opened, found, sample_rows=sample_rows, value_limit=value_limit), None
        )

    def run(self, query: CheckedQuery, *, timeout: float | None = None, progress: Progress | None = None) -> Result:
        """At most `query.row_limit` rows. Raises QueryTimeout, QueryCancelled, QueryOutOfMemory or EngineError."""
        return self.run_for(set(), query, timeout=timeout, progress=progress)

    def run_for(
        self, asked: set[Watch], query: CheckedQuery, *, timeout: float | None, progress: Progress | None
    ) -> Result:
        """As `run`; while it runs, its watch is among those `asked` for by someone who may cancel it."""
        if not isinstance(query, CheckedQuery):
            raise TypeError("Only a CheckedQuery is run: ask bi_chat.sql.guard.check() for one.")
        if progress is not None:
            progress("running")
        started = time.perf_counter()
        taken = self.take(query.sql, few=is_few(query.row_limit), timeout=timeout, asked=asked)
        return as_result(taken, query, self._limits.time_zone, since=started, as_of=self._as_of)

    def take(self, sql: str, *, few: bool, timeout: float | None = None, asked: set[Watch] | None = None) -> Taken:
        """What a checked statement gives, not yet a frame."""
        if listens(sql):
            self._teach()
        return self._call(lambda cursor: take(cursor, sql, few=few, most_bytes=self._most_bytes), timeout, asked)

    def scoped(self, views: Views) -> DuckDBEngine:
        """An engine of its own over the same file, whose only tables are these views."""
        limits = self._limits
        return DuckDBEngine(
            self.database,
            memory_limit=limits.memory_limit,
            threads=limits.threads,
            timeout=limits.timeout,
            result_limit=self._result_limit,
            temp_directory=limits.temp_directory,
            time_zone=limits.time_zone,
            scope=views,
        )

    def seat(self, asker: str = "") -> DuckDBSeat:
        """The engine for one asker; nobody waits for a turn here."""
        return DuckDBSeat(self)

    def cancel(self) -> None:
        """Stops all that runs now, from another thread; the engine stays usable."""
        self.stop(self._running)

    def stop(self, watches: set[Watch]) -> None:
        """Stops some of what runs now."""
        with self._idle:
            running = tuple(watches)
        for watch in running:
            watch.cancel()

    def close(self) -> None:
        """Stops what runs and frees the file."""
        with self._idle:
            already, self._closed = self._closed, True
        self.cancel()
        with self._idle:
            # A connection at work can't be closed; what doesn't heed an interrupt is left to end by itself.
            idle = self._idle.wait_for(lambda: not self._running, timeout=_PATIENCE)
        if not already and idle:
            self._opened.connection.close()

    def _teach(self) -> None:
        with self._idle:
            opened = self._usable()
            if self._taught is not opened:
                teach(opened.connection)
                self._taught = opened
                # the library complains on stderr where such a connection is still open when the process ends
                weakref.finalize(self, opened.connection.close)

    def _open(self) -> Opened:
        data = self._confinement.data if self._confinement is not None else ""
        opened = open_database(self.database, self._limits, self._hidden, self._scope, data)
        self._as_of = datetime.fromtimestamp(self.database.stat().st_mtime, tz=UTC)
        return opened

    def _live(self) -> Opened:
        with self._idle:
            return self._usable()

    def _usable(self) -> Opened:
        if self._closed:
            raise EngineError("The database has been closed.")
        return self._opened

    def _watch(self, cursor: duckdb.DuckDBPyConnection, timeout: float | None) -> Watch:
        limit = self._limits.timeout if timeout is None else min(timeout, self._limits.timeout)
        own = self._confinement
        if own is None:
            return Watch(cursor, timeout=limit, ceiling=resident() + self._memory + self._memory // 4)
        return Watch(cursor, timeout=limit, ceiling=own.ceiling, last_resort=own.last_resort)

    def _call(
        self, work: Callable[[duckdb.DuckDBPyConnection], T], timeout: float | None, asked: set[Watch] | None = None
    ) -> T:
        """Runs `work` on a cursor of its own under a watch; after any failure the engine is usable again."""
        mine: set[Watch] = set() if asked is None else asked
        with self._idle:
            opened = self._usable()
            cursor = opened.connection.cursor()
            watch = self._watch(cursor, timeout)
            self._running.add(watch)
            mine.add(watch)
        try:
            with watch:
                return work(cursor)
        except BiChatError:
            raise
        except Exception as error:  # whatever it is, its text may hold values
            if is_fatal(error):
                self._reopen(opened)
            raise translated(error, watch.reason) from None
        finally:
            cursor.close()
            with self._idle:
                self._running.discard(watch)
                mine.discard(watch)
                self._idle.notify_all()

    def _reopen(self, broken: Opened) -> None:
        with self._idle:
            if self._opened is broken and not self._closed:
                self._opened = self._open()
                self._catalog = None
        with contextlib.suppress(Exception):  # others may still be at work on it; it ends with the last of them
            broken.connection.close()


class DuckDBSeat:
    """One asker's seat at an engine; what it stops is its own."""

    def __init__(self, engine: DuckDBEngine, asked: set[Watch] | None = None) -> None:
        self._engine = engine
        self._asked: set[Watch] = set() if asked is None else asked
        self._closed = False

    def catalog(self) -> Catalog:
        """The engine's."""
        return self._engine.catalog()

    def profile(self, table: str, *, sample_rows: int = 100_000, value_limit: int = 50_000) -> TableProfile:
        """The engine's."""
        return self._engine.profile(table, sample_rows=sample_rows, value_limit=value_limit)

    def run(self, query: CheckedQuery, *, timeout: float | None = None, progress: Progress | None = None) -> Result:
        """As the engine runs it."""
        if self._closed:
            raise EngineError("This conversation has been closed.")
        return self._engine.run_for(self._asked, query, timeout=timeout, progress=progress)

    def scoped(self, views: Views) -> DuckDBEngine:
        """An engine of its own."""
        return self._engine.scoped(views)

    def seat(self, asker: str = "") -> DuckDBSeat:
        """The same for one answer: what is asked there is stopped from here as well."""
        return DuckDBSeat(self._engine, self._asked)

    def cancel(self) -> None:
        """Stops what was asked here."""
        self._engine.stop(self._asked)

    def close(self) -> None:
        """Stops what was asked here; the engine stays open."""
        self._closed = True
        self.cancel()
