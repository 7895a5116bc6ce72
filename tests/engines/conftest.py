"""Makes databases out of SQL and opens engines on them; each is closed when its test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.sql.guard import check
from bi_chat.values.query import CheckedQuery
from bi_chat.values.result import Result

Opening = Callable[..., DuckDBEngine]


@pytest.fixture()
def opened(tmp_path: Path) -> Iterator[Opening]:
    """`opened(sql, **settings)`: an engine over a new database that the SQL fills."""
    engines: list[DuckDBEngine] = []

    def make(sql: str, **settings: object) -> DuckDBEngine:
        path = tmp_path / f"data{len(engines)}.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(sql)
        engine = DuckDBEngine(path, **settings)  # type: ignore[arg-type]
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture()
def ask() -> Callable[..., Result]:
    """`ask(engine, sql)`: the way a person's SQL goes, through the guard."""

    def run(engine: DuckDBEngine, sql: str, *, row_limit: int = 10_000, timeout: float | None = None) -> Result:
        checked = check(sql, engine.catalog(), row_limit=row_limit)
        assert isinstance(checked, CheckedQuery), checked
        return engine.run(checked, timeout=timeout)

    return run
