"""In: the address of a store. Out: a database engine over tables of the latest form.

SQLite: write-ahead log, a sync at each commit, and write transactions that take their lock at once: what has been
acknowledged survives a kill, and two writers wait for each other instead of failing half way (docs/security.md).
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from bi_chat.errors import StoreError
from bi_chat.stores.sqlalchemy.tables import LATEST

_LOG = logging.getLogger(__name__)
_WAIT_SECONDS = 10
_VERSION = "alembic_version"


def opened(address: str) -> Engine:
    """Opens, makes or upgrades. Raises StoreError."""
    try:
        url = make_url(address)
        if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
            _make_private(Path(str(url.database)))
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (ArgumentError, NoSuchModuleError, ImportError):
        raise StoreError(
            "The address of the store can't be used. Write BI_CHAT_STORE like sqlite:////folder/bi_chat.sqlite or "
            "postgresql+psycopg://user@host/database (which needs psycopg)."
        ) from None
    if url.get_backend_name() == "sqlite":
        _as_sqlite(engine)
    with told():
        _bring_up_to_date(engine)
    return engine


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What the database says, as our own sentence: its text may hold what was being written."""
    try:
        yield
    except SQLAlchemyError as error:
        _LOG.debug("the store failed", exc_info=True)
        raise StoreError(_sentence(error)) from None


def _sentence(error: SQLAlchemyError) -> str:
    said = str(getattr(error, "orig", error)).lower() if isinstance(error, DBAPIError) else ""
    if "locked" in said:
        return "The store is busy with another program. Nothing was lost; try again in a moment."
    if "full" in said or "disk" in said:
        return "There is no room left where the store lies, or it can't be read there. Make room, then try again."
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return "The store can't be written. Check the rights of its folder (BI_CHAT_STATE_DIR)."
    if "malformed" in said or "not a database" in said:
        return (
            "The store's file is damaged or is no store. It was left as it is; bring back a copy with "
            "`bi-chat store restore FILE`, or move it away to begin anew."
        )
    return "The store can't be reached. `bi-chat doctor` says more."


def _make_private(file: Path) -> None:
    """The folder and the file are the owner's alone."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError:
        raise StoreError(f"The folder {file.parent.name} for the store can't be made. Set BI_CHAT_STATE_DIR.") from None


def _as_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for setting in (
            f"busy_timeout={_WAIT_SECONDS * 1000}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        found = None
        if inspect(connection).has_table(_VERSION):
            found = cast(str | None, connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar())  # noqa: S608
    if found == LATEST:
        return
    if found is not None and found > LATEST:
        raise StoreError("The store was written by a newer bi_chat. Update this one; nothing was changed.")
    _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    """One transaction: another program that does the same waits, and finds it done."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
