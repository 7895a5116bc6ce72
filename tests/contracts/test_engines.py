"""What every engine promises (`bi_chat.ports.Engine`), run on each: a new engine adds its opening to ENGINES."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from bi_chat import ports
from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.errors import EngineError
from bi_chat.sql.guard import check
from bi_chat.values.query import CheckedQuery

SHOP = """
CREATE TABLE customers AS SELECT i AS id, ['Oslo', 'Lima'][1 + i % 2] AS city FROM range(10) t(i);
CREATE TABLE orders AS SELECT i AS id, i % 10 AS customer_id, i * 1.5 AS amount, DATE '2024-01-01' + i::INTEGER AS day
  FROM range(100) t(i);
"""


def duckdb_file(folder: Path) -> ports.Engine:
    path = folder / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(SHOP)
    return DuckDBEngine(path)


ENGINES: dict[str, Callable[[Path], ports.Engine]] = {"duckdb": duckdb_file}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ports.Engine]:
    made = ENGINES[request.param](tmp_path)
    yield made
    made.close()


def checked(engine: ports.Engine, sql: str, *, row_limit: int = 1_000) -> CheckedQuery:
    found = check(sql, engine.catalog(), row_limit=row_limit)
    assert isinstance(found, CheckedQuery), found
    return found


def test_the_verbs_are_those_of_the_port(engine: ports.Engine) -> None:
    for name in ("catalog", "profile", "run", "cancel", "close"):
        promised = inspect.signature(getattr(ports.Engine, name)).parameters
        given = inspect.signature(getattr(type(engine), name)).parameters
        assert [(p.name, p.kind, p.default) for p in given.values()] == [
            (p.name, p.kind, p.default) for p in promised.values()
        ]


def test_the_catalog_is_stable_and_complete(engine: ports.Engine) -> None:
    catalog = engine.catalog()
    assert [t.name for t in catalog.tables] == ["customers", "orders"]
    assert catalog.fingerprint
    assert engine.catalog() is catalog


def test_every_table_and_column_is_profiled(engine: ports.Engine) -> None:
    for table in engine.catalog().tables:
        profile = engine.profile(table.name)
        assert profile.table == table.name
        assert [c.column for c in profile.columns] == [c.name for c in table.columns]


def test_rows_come_in_order_with_their_columns(engine: ports.Engine) -> None:
    sql = (
        "SELECT city, sum(amount) AS total FROM orders JOIN customers c ON c.id = customer_id GROUP BY city ORDER BY 1"
    )
    result = engine.run(checked(engine, sql))
    assert result.rows == [("Lima", 3750.0), ("Oslo", 3675.0)]
    assert [c.name for c in result.columns] == ["city", "total"]
    assert result.frame.schema["total"] == pl.Float64
    assert result.seconds > 0
    assert result.as_of is not None and result.as_of.tzinfo is not None


def test_cut_rows_are_told(engine: ports.Engine) -> None:
    result = engine.run(checked(engine, "SELECT id FROM orders ORDER BY id DESC", row_limit=3))
    assert (result.rows, result.cut_at) == ([(99,), (98,), (97,)], 3)


def test_after_close_nothing_is_answered(engine: ports.Engine) -> None:
    query = checked(engine, "SELECT 1")
    engine.close()
    with pytest.raises(EngineError):
        engine.run(query)
