"""Opens engines in worker processes; each is closed when its test ends, and none of its processes may be left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from bi_chat.engines.duckdb.workers.engine import WorkerEngine

WorkerOpening = Callable[..., WorkerEngine]
SMALL = "CREATE TABLE t AS SELECT range AS id, range % 7 AS k, 'word ' || range AS w FROM range(10000)"


def living(pids: tuple[int, ...]) -> list[int]:
    """Those that still are processes, zombies too."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def gone(pids: tuple[int, ...], within: float) -> bool:
    """Whether all end within so many seconds."""
    until = time.monotonic() + within
    while living(pids) and time.monotonic() < until:
        time.sleep(0.02)
    return not living(pids)


@pytest.fixture()
def worked(tmp_path: Path) -> Iterator[WorkerOpening]:
    """`worked(sql, **settings)`: an engine over a new database that the SQL fills."""
    engines: list[WorkerEngine] = []

    def make(sql: str = SMALL, **settings: object) -> WorkerEngine:
        path = tmp_path / f"data{len(engines)}.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(sql)
        engine = WorkerEngine(path, **settings)  # type: ignore[arg-type]
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        pids = engine.pids
        engine.close()
        assert living(pids) == []
