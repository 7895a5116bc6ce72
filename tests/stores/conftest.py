"""A store of each kind: SQLite always, PostgreSQL where its server is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from bi_chat.stores.sqlalchemy import SqlStore, open_store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "bi_chat.sqlite"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, file: Path) -> Iterator[SqlStore]:
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{file}")
    else:
        opened = open_store(request.getfixturevalue("database"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL of our own on a socket of its own; it doesn't run as root."""
    control = shutil.which("pg_ctl") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")), "")
    if not control or find_spec("psycopg") is None:
        pytest.skip("PostgreSQL or psycopg is not installed")
    folder = Path(tempfile.mkdtemp(prefix="bi_chat_postgres_"))  # pytest's own folders are closed to other users
    run = _as_postgres(folder) if os.geteuid() == 0 else []
    if run is None:
        pytest.skip("PostgreSQL doesn't run as root, and there is no user for it")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    data = folder / "data"
    subprocess.run([*run, control, "init", "-s", "-D", data, "-o", "-A trust -U bi_chat"], check=True)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    log = folder / "log"
    subprocess.run([*run, control, "start", "-s", "-w", "-D", data, "-l", log, "-o", options], check=True)
    yield f"postgresql+psycopg://bi_chat@127.0.0.1:{port}"
    subprocess.run([*run, control, "stop", "-s", "-m", "immediate", "-D", data], check=True)
    shutil.rmtree(folder, ignore_errors=True)


def _as_postgres(folder: Path) -> list[str] | None:
    try:
        shutil.chown(folder, "postgres")
    except LookupError:
        return None
    return ["runuser", "-u", "postgres", "--"]


@pytest.fixture
def database(server: str) -> str:
    """An empty database for one test."""
    import psycopg

    name = f"t{time.monotonic_ns()}"
    with psycopg.connect(f"{server}/postgres".replace("+psycopg", ""), autocommit=True) as at:
        at.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"
