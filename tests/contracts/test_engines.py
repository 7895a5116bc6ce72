"""What every engine promises (`bi_chat.ports.Engine`), run on each: a new engine adds its opening to ENGINES."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from bi_chat import ports
from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.engines.duckdb.workers.engine import WorkerEngine
from bi_chat.errors import EngineError, QueryCancelled, QueryTimeout, ResultTooLarge
from bi_chat.sql.guard import check
from bi_chat.values.query import CheckedQuery, _checked
from bi_chat.values.view import View, Views

SHOP = """
CREATE TABLE customers AS SELECT i AS id, ['Oslo', 'Lima'][1 + i % 2] AS city FROM range(10) t(i);
CREATE TABLE orders AS SELECT i AS id, i % 10 AS customer_id, i * 1.5 AS amount, DATE '2024-01-01' + i::INTEGER AS day
  FROM range(100) t(i);
"""


# A million million pairs: hours of work, in a few hundred bytes of memory.
ENDLESS = "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE (x * y) % 7 = 3"


def shop(folder: Path) -> Path:
    path = folder / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(SHOP)
    return path


ENGINES: dict[str, Callable[[Path], ports.Engine]] = {
    "duckdb": lambda folder: DuckDBEngine(shop(folder), result_limit="1MB"),
    "duckdb in workers": lambda folder: WorkerEngine(shop(folder), result_limit="1MB"),
}


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
    for name in ("catalog", "profile", "run", "scoped", "seat", "cancel", "close"):
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


def test_many_rows_come_the_same_way_as_few(engine: ports.Engine) -> None:
    sql = (
        "SELECT o.id, c.city, o.amount / 7 AS part, o.day, CAST(o.day AS TIMESTAMP) AS at, CAST(NULL AS BOOLEAN) AS no"
        ", o.id * 10000000000000000000 AS wide, o.amount::DECIMAL(9, 2) AS money"
        " FROM orders o JOIN customers c ON c.id = customer_id ORDER BY o.id"
    )
    few, many = (engine.run(checked(engine, sql, row_limit=n)) for n in (500, 50_000))
    assert few.frame.equals(many.frame)
    assert few.frame.schema == many.frame.schema
    assert few.columns == many.columns


@pytest.mark.parametrize("row_limit", [1_000, 50_000])
def test_more_data_than_may_be_handed_over_are_refused(engine: ports.Engine, row_limit: int) -> None:
    wide = "SELECT repeat('x', 1000) || a.id AS text FROM orders a, orders b"
    with pytest.raises(ResultTooLarge):
        engine.run(checked(engine, wide, row_limit=row_limit))
    assert engine.run(checked(engine, f"{wide} LIMIT 2", row_limit=row_limit)).frame.height == 2


def test_a_timeout_ends_the_query_and_the_next_is_answered(engine: ports.Engine) -> None:
    started = time.perf_counter()
    with pytest.raises(QueryTimeout):
        engine.run(checked(engine, ENDLESS), timeout=0.3)
    assert time.perf_counter() - started < 2.3
    assert engine.run(checked(engine, "SELECT 1")).rows == [(1,)]


def test_a_seat_cancels_its_own_query_alone(engine: ports.Engine) -> None:
    endless = checked(engine, ENDLESS)
    first, second = engine.seat("first"), engine.seat("second")
    outcome: dict[str, str] = {}

    def work(name: str, seat: ports.Engine) -> None:
        try:
            seat.run(endless, timeout=3.0)
        except EngineError as error:
            outcome[name] = type(error).__name__

    threads = [threading.Thread(target=work, args=each) for each in (("first", first), ("second", second))]
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    first.cancel()
    threads[0].join(timeout=2)
    assert outcome == {"first": QueryCancelled.__name__}
    second.cancel()
    threads[1].join(timeout=2)
    assert outcome["second"] == QueryCancelled.__name__
    assert first.run(checked(engine, "SELECT 1")).rows == [(1,)]


def test_a_closed_seat_leaves_the_engine_open(engine: ports.Engine) -> None:
    query = checked(engine, "SELECT 1")
    seat = engine.seat()
    seat.close()
    with pytest.raises(EngineError, match="closed"):
        seat.run(query)
    assert engine.run(query).rows == [(1,)]


def test_the_engines_cancel_reaches_its_seats(engine: ports.Engine) -> None:
    query, seat = checked(engine, ENDLESS), engine.seat()
    threading.Timer(0.5, engine.cancel).start()
    with pytest.raises(QueryCancelled):
        seat.run(query, timeout=10)


def test_progress_tells_that_it_runs_and_may_stop_it(engine: ports.Engine) -> None:
    heard: list[str] = []
    engine.run(checked(engine, "SELECT 1"), progress=heard.append)
    assert set(heard) <= {"running", "waiting"}

    def leave(stage: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.run(checked(engine, ENDLESS), progress=leave)
    assert engine.run(checked(engine, "SELECT 1")).rows == [(1,)]


def test_a_scoped_engine_sees_its_views_and_no_other_scope(engine: ports.Engine) -> None:
    def only(city: str) -> Views:
        rows = f"SELECT id, city FROM {{}} WHERE city = '{city}'"
        return lambda source: (View("customers", rows.format(source("customers"))),)

    oslo, lima = engine.scoped(only("Oslo")), engine.scoped(only("Lima"))
    for _ in range(2):
        for scoped, city in ((oslo, "Oslo"), (lima, "Lima")):
            assert [t.name for t in scoped.catalog().tables] == ["customers"]
            found = scoped.run(checked(scoped, "SELECT DISTINCT city FROM customers"))
            assert found.rows == [(city,)]
            assert scoped.profile("customers").column("city").values == (city,)
    with pytest.raises(EngineError):
        oslo.run(_checked("SELECT * FROM orders", (), (), 10))
    assert engine.run(checked(engine, "SELECT count(*) FROM orders")).rows == [(100,)]
    oslo.close()
    assert lima.run(checked(lima, "SELECT count(*) FROM customers")).rows == [(5,)]
    lima.close()


def test_after_close_nothing_is_answered(engine: ports.Engine) -> None:
    query = checked(engine, "SELECT 1")
    engine.close()
    with pytest.raises(EngineError):
        engine.run(query)
