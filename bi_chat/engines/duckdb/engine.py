"""In: a DuckDB file. Out: an `Engine`: its catalog, profiles of its tables, and rows of checked queries."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bi_chat.engines.duckdb.faults import is_fatal, translated
from bi_chat.engines.duckdb.frames import fetch, meaning
from bi_chat.engines.duckdb.opening import Limits, Opened, open_database
from bi_chat.engines.duckdb.profiling import profile_table
from bi_chat.engines.duckdb.reading import read_catalog
from bi_chat.engines.duckdb.watch import Watch, as_bytes
from bi_chat.errors import BiChatError, EngineError, SettingsError
from bi_chat.values.catalog import Catalog, TableProfile
from bi_chat.values.query import CheckedQuery
from bi_chat.values.result import Result
from bi_chat.values.view import Views

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

_FEW = 10_000
_PATIENCE = 5.0


class DuckDBEngine:
    """Serves one DuckDB file, read-only, to many threads; each call has a cursor of its own.

    `hidden` names tables that don't exist for a query (also as schema.table). `timeout` is the longest any call may
    take, in seconds. With a `temp_directory` large sorts may spill there; without one they fail as out of memory.
    """

    def __init__(
        self,
        database: Path,
        *,
        memory_limit: str = "2GB",
        threads: int = 2,
        timeout: float = 30.0,
        temp_directory: Path | None = None,
        hidden: frozenset[str] = frozenset(),
        time_zone: str = "UTC",
        scope: Views | None = None,
    ) -> None:
        self.database = Path(database)
        try:
            self._memory = as_bytes(memory_limit)
        except ValueError as error:
            raise SettingsError(str(error)) from None
        self._limits = Limits(memory_limit, threads, timeout, temp_directory, time_zone)
        self._hidden = hidden
        self._scope = scope
        self._idle = threading.Condition()
        self._running: set[Watch] = set()
        self._catalog: Catalog | None = None
        self._closed = False
        self._opened = self._open()

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

    def run(self, query: CheckedQuery, *, timeout: float | None = None) -> Result:
        """At most `query.row_limit` rows. Raises QueryTimeout, QueryCancelled, QueryOutOfMemory or EngineError."""
        if not isinstance(query, CheckedQuery):
            raise TypeError("Only a CheckedQuery is run: ask bi_chat.sql.guard.check() for one.")
        started = time.perf_counter()
        few, zone = query.row_limit <= _FEW, self._limits.time_zone
        frame = self._call(lambda cursor: fetch(cursor, query.sql, few=few, time_zone=zone), timeout)
        cut = query.row_limit if frame.height > query.row_limit else None
        if cut is not None:
            frame = frame.head(cut)
        return Result(frame, meaning(frame, query.columns), cut, time.perf_counter() - started, self._as_of)

    def scoped(self, views: Views) -> DuckDBEngine:
        """An engine of its own over the same file, whose only tables are these views."""
        limits = self._limits
        return DuckDBEngine(
            self.database,
            memory_limit=limits.memory_limit,
            threads=limits.threads,
            timeout=limits.timeout,
            temp_directory=limits.temp_directory,
            time_zone=limits.time_zone,
            scope=views,
        )

    def cancel(self) -> None:
        """Stops all that runs now, from another thread; the engine stays usable."""
        with self._idle:
            running = tuple(self._running)
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

    def _open(self) -> Opened:
        opened = open_database(self.database, self._limits, self._hidden, self._scope)
        self._as_of = datetime.fromtimestamp(self.database.stat().st_mtime, tz=UTC)
        return opened

    def _live(self) -> Opened:
        with self._idle:
            return self._usable()

    def _usable(self) -> Opened:
        if self._closed:
            raise EngineError("The database has been closed.")
        return self._opened

    def _call(self, work: Callable[[duckdb.DuckDBPyConnection], T], timeout: float | None) -> T:
        """Runs `work` on a cursor of its own under a watch; after any failure the engine is usable again."""
        limit = self._limits.timeout if timeout is None else min(timeout, self._limits.timeout)
        with self._idle:
            opened = self._usable()
            cursor = opened.connection.cursor()
            watch = Watch(cursor, timeout=limit, memory=self._memory + self._memory // 4)
            self._running.add(watch)
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
                self._idle.notify_all()

    def _reopen(self, broken: Opened) -> None:
        with self._idle:
            if self._opened is broken and not self._closed:
                self._opened = self._open()
                self._catalog = None
        with contextlib.suppress(Exception):  # others may still be at work on it; it ends with the last of them
            broken.connection.close()
