"""In: a database file and limits. Out: a locked connection in which each visible table is a view of its own name.

The order matters and is the one that held (docs/security.md): the data are attached read-only under a name nobody can
guess; the file system is closed, so that nothing can be opened again, not even the database's own file; then the
views are made (one that the data bring along can no longer open a file while it is bound); then settings are locked.
"""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import EngineError, SourceError
from bi_chat.sql.progress import hide_progress
from bi_chat.values.view import View, Views

if TYPE_CHECKING:
    import duckdb

_LOG = logging.getLogger(__name__)

_CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "python_scan_all_frames": "false",
}


# What is left out of sight still shows in statistics: a condition that the lowest and highest value of all rows rule
# out is never run and so never fails, and the order of rows without ORDER BY follows how many rows there are. Under a
# policy the engine therefore plans without them: it joins in the order that is written.
_TELLING = ("statistics_propagation", "join_order", "build_side_probe_side")
# How two tables are joined, and so the order of rows, follows whether fewer than so many rows are expected: never.
_EXPECTING = ("asof_loop_join_threshold", "nested_loop_join_threshold", "merge_join_threshold")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one engine may use. `temp_directory` None: nothing spills to disk, so large sorts fail instead."""

    memory_limit: str
    threads: int
    timeout: float
    temp_directory: Path | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A locked connection, the random name of the data, and (schema, name) of each table that has a view.

    `scoped`: the views are a policy's, and nothing may be read from behind them.
    """

    connection: duckdb.DuckDBPyConnection
    data: str
    exposed: tuple[tuple[str, str], ...]
    scoped: bool = False

    @property
    def schema(self) -> str:
        """The schema of the data that is served."""
        return self.exposed[0][0] if self.exposed else "main"


def open_database(
    database: Path, limits: Limits, hidden: frozenset[str], scope: Views | None = None, data: str = ""
) -> Opened:
    """Opens, exposes, locks; with a `scope` its views are all that a query sees. `data` is the name nobody can guess,
    where the caller has to know it beforehand.

    Raises SourceError where the file can't be read as a database.
    """

    if not database.is_file():
        raise SourceError(f"There is no database file {database.name}.")
    connection = _connected({**_CLOSED, "memory_limit": limits.memory_limit, "threads": str(limits.threads)})
    try:
        hide_progress(connection)
        connection.execute(f"SET GLOBAL TimeZone={literal(limits.time_zone)}")
        _attach(connection, database, data := data or secret_name())
        _close_files(connection, limits)
        exposed = _expose(connection, data, hidden, scope)
        _set_if_known(connection, "max_execution_time", str(int(limits.timeout * 1000) + 2_000))
        connection.execute("SET lock_configuration=true")
    except BaseException:
        connection.close()
        raise
    return Opened(connection, data, exposed, scope is not None)


def identity(database: Path) -> str:
    """Changes when the file is replaced or written to, or what was written waits in the log beside it."""
    found = []
    for file in (database, database.with_name(f"{database.name}.wal")):
        try:
            stat = file.stat()
        except OSError:
            found.append("none")
        else:
            found.append(f"{stat.st_dev} {stat.st_ino} {stat.st_size} {stat.st_mtime_ns}")
    return ", ".join(found)


def secret_name() -> str:
    """A name for the data that no query can guess."""
    return f"d{secrets.token_hex(16)}"


def identifier(name: str) -> str:
    """A name as SQL, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as SQL, quoted."""
    return "'" + value.replace("'", "''") + "'"


def _connected(config: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """Without the eight threads that release 2.0 starts for reading from a network, which is never done here."""
    import duckdb

    with contextlib.suppress(duckdb.Error):  # release 1.5 doesn't know the setting
        return duckdb.connect(":memory:", config={**config, "async_threads": "1"})
    return duckdb.connect(":memory:", config=dict(config))


def _attach(connection: duckdb.DuckDBPyConnection, database: Path, data: str) -> None:
    import duckdb

    try:
        connection.execute(f"ATTACH {literal(str(database))} AS {data} (READ_ONLY, TYPE duckdb)")
    except duckdb.Error as error:
        _LOG.debug("attach failed", exc_info=True)
        raise SourceError(_why_not(database, str(error))) from None


def _why_not(database: Path, message: str) -> str:
    if re.search(r"\block\b", message.lower()):
        return f"{database.name} is open for writing in another program. Close it there, then try again."
    if "version" in message.lower() or "newer" in message.lower():
        return f"{database.name} was written by another version of DuckDB than this one can read."
    return f"{database.name} can't be read as a DuckDB database."


def _expose(
    connection: duckdb.DuckDBPyConnection, data: str, hidden: frozenset[str], scope: Views | None
) -> tuple[tuple[str, str], ...]:
    """A view for each visible table, in the one schema that is served: main, or the only other one with tables."""
    found = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1 AND NOT internal UNION ALL "
        "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal ORDER BY ALL",
        [data],
    ).fetchall()
    schemas = sorted({schema for schema, _ in found})
    served = "main" if "main" in schemas or len(schemas) != 1 else schemas[0]
    if scope is not None:
        return _scope(connection, scope(lambda table: f"{data}.{identifier(served)}.{identifier(table)}"), served)
    closed = {name.lower() for name in hidden}
    return tuple(
        (schema, name)
        for schema, name in found
        if schema == served
        and not closed & {name.lower(), f"{schema}.{name}".lower()}
        and _view(connection, name, f"SELECT * FROM {data}.{identifier(schema)}.{identifier(name)}")  # noqa: S608
    )


def _scope(connection: duckdb.DuckDBPyConnection, views: tuple[View, ...], served: str) -> tuple[tuple[str, str], ...]:
    """The views of a policy; one that can't be made leaves nobody with a guess of what else holds."""
    for view in views:
        if not _view(connection, view.name, view.sql, quiet=True):
            raise EngineError(f"The policy's view of {view.name} can't be made: see its conditions and masks.")
    if any(view.guarded for view in views):
        connection.execute(f"SET GLOBAL disabled_optimizers={literal(','.join(_TELLING))}")
        for threshold in _EXPECTING:
            _set_if_known(connection, threshold, "0")
    return tuple((served, view.name) for view in views)


def _view(connection: duckdb.DuckDBPyConnection, name: str, sql: str, *, quiet: bool = False) -> bool:
    """The one place that says what a query sees of a table. False where the data's own view is broken."""
    import duckdb

    try:
        connection.execute(f"CREATE VIEW main.{identifier(name)} AS {sql}")
    except duckdb.Error:
        _LOG.debug("view failed", exc_info=True)
        if not quiet:
            _LOG.warning("The view %s of the database doesn't work and is left out.", name)
        return False
    return True


def _close_files(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    folder = str(limits.temp_directory) if limits.temp_directory is not None else ""
    connection.execute(f"SET temp_directory={literal(folder)}")
    connection.execute("SET enable_external_access=false")
    # Spilling needs the file system; external access off still refuses all but the data's and the spill's files.
    if limits.temp_directory is None:
        connection.execute("SET disabled_filesystems='LocalFileSystem'")


def _set_if_known(connection: duckdb.DuckDBPyConnection, setting: str, value: str) -> None:
    """GLOBAL, since a plain SET is lost on cursors; older releases don't know every setting."""
    row = connection.execute("SELECT count(*) FROM duckdb_settings() WHERE name = ?", [setting]).fetchone()
    if row and row[0]:
        connection.execute(f"SET GLOBAL {setting}={value}")
