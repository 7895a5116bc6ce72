"""Time, memory, cancelling and faults: each ends as an error of our own, and the engine answers the next query."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import UTC, datetime

import pytest

from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.engines.duckdb.watch import as_bytes, resident
from bi_chat.errors import (
    EngineError,
    QueryCancelled,
    QueryOutOfMemory,
    QueryTimeout,
    SettingsError,
    SourceError,
)

SMALL = "CREATE TABLE t AS SELECT range AS id, range % 7 AS k, 'word ' || range AS w FROM range(10000)"
# A million million pairs: hours of work, in a few hundred bytes of memory.
ENDLESS = "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE (x * y) % 7 = 3"


def usable(ask, engine: DuckDBEngine) -> bool:
    started = time.perf_counter()
    return ask(engine, "SELECT count(*) FROM t").rows == [(10_000,)] and time.perf_counter() - started < 2


def test_a_timeout_of_the_call(opened, ask):
    engine = opened(SMALL)
    started = time.perf_counter()
    with pytest.raises(QueryTimeout):
        ask(engine, ENDLESS, timeout=0.3)
    assert time.perf_counter() - started < 2
    assert usable(ask, engine)


def test_the_timeout_of_the_engine_can_not_be_lengthened(opened, ask):
    engine = opened(SMALL, timeout=0.3)
    started = time.perf_counter()
    with pytest.raises(QueryTimeout):
        ask(engine, ENDLESS, timeout=60)
    assert time.perf_counter() - started < 2


def test_cancel_during_a_query(opened, ask):
    engine = opened(SMALL)
    outcome: list[tuple[str, float]] = []

    def work() -> None:
        try:
            ask(engine, ENDLESS)
        except EngineError as error:
            outcome.append((type(error).__name__, time.perf_counter()))

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    cancelled = time.perf_counter()
    engine.cancel()
    thread.join(timeout=10)
    assert outcome[0][0] == QueryCancelled.__name__
    assert outcome[0][1] - cancelled < 2
    assert usable(ask, engine)


def test_cancel_before_the_query_has_begun(opened):
    """An interrupt that comes too early is lost in the engine; the watch repeats it."""
    engine = opened(SMALL)
    began, go = threading.Event(), threading.Event()
    outcome: list[str] = []

    def late(cursor) -> None:
        began.set()
        go.wait(5)
        cursor.execute(ENDLESS)

    def work() -> None:
        try:
            engine._call(late, None)
        except EngineError as error:
            outcome.append(type(error).__name__)

    thread = threading.Thread(target=work)
    thread.start()
    began.wait(5)
    engine.cancel()
    time.sleep(0.1)
    go.set()
    started = time.perf_counter()
    thread.join(timeout=10)
    assert outcome == [QueryCancelled.__name__]
    assert time.perf_counter() - started < 2


def test_cancel_with_nothing_running_harms_nothing(opened, ask):
    engine = opened(SMALL)
    engine.cancel()
    assert usable(ask, engine)


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT count(DISTINCT x * 1000000 + y) FROM range(1000000) a(x), range(1000) b(y)",
        "SELECT x, list(y) FROM range(100000) a(x), range(10000) b(y) GROUP BY x",
        "SELECT length(string_agg(x || 'some words to be put together')) FROM range(1000000) a(x), range(1000) b(y)",
        "SELECT max(r) FROM (SELECT rank() OVER (ORDER BY x * y % 99) AS r FROM range(1000000) a(x), range(1000) b(y))",
    ],
)
def test_a_memory_bomb_is_named_and_the_host_lives(opened, ask, bomb):
    engine = opened(SMALL, memory_limit="300MB", timeout=20.0)
    before = resident()
    with pytest.raises((QueryOutOfMemory, QueryTimeout)):
        ask(engine, bomb)
    assert resident() - before < 1_000_000_000
    assert usable(ask, engine)


def test_with_a_temp_directory_a_large_sort_spills(opened, ask, tmp_path):
    (tmp_path / "spill").mkdir()
    big = "SELECT x, hash(x)::VARCHAR || repeat('y', 100) AS w FROM range(1000000) t(x) ORDER BY hash(x) DESC"
    poor = opened(SMALL, memory_limit="60MB", threads=1)
    with pytest.raises(QueryOutOfMemory):
        ask(poor, f"SELECT count(*), max(w) FROM (SELECT w, row_number() OVER (ORDER BY w) AS r FROM ({big}))")
    rich = opened(SMALL, memory_limit="60MB", threads=1, temp_directory=tmp_path / "spill", timeout=60.0)
    found = ask(rich, f"SELECT count(*), max(r) FROM (SELECT w, row_number() OVER (ORDER BY w) AS r FROM ({big}))")
    assert found.rows == [(1_000_000, 1_000_000)]


def test_eight_threads_at_once(opened, ask):
    engine = opened(SMALL)
    expected = [ask(engine, f"SELECT sum(id) FROM t WHERE k = {i % 7}").rows for i in range(8)]
    wrong: list[object] = []

    def work(i: int) -> None:
        for _ in range(15):
            found = ask(engine, f"SELECT sum(id) FROM t WHERE k = {i % 7}").rows
            if found != expected[i]:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not wrong


def test_one_slow_call_does_not_hold_up_another(opened, ask):
    engine = opened(SMALL, threads=2)

    def work() -> None:
        with pytest.raises(EngineError):
            ask(engine, ENDLESS, timeout=3)

    slow = threading.Thread(target=work)
    slow.start()
    time.sleep(0.1)
    assert usable(ask, engine)
    engine.cancel()
    slow.join(timeout=10)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(w AS INTEGER) FROM t",
        "SELECT strptime(w, '%Y') FROM t",
        "SELECT CAST(w AS DATE) FROM t",
        "SELECT json_extract(CAST(w AS JSON), '$.a') FROM t",
        "SELECT (id * 10 ** 18)::BIGINT * 100000000 FROM t",
        "SELECT list_value(id)[1]::TINYINT FROM t WHERE id > 5000",
        "SELECT (SELECT w FROM t) FROM t",
    ],
)
def test_an_error_tells_no_value_and_no_path(opened, ask, sql):
    engine = opened(SMALL)
    with pytest.raises(EngineError) as caught:
        ask(engine, sql)
    text = f"{caught.value!r} {caught.value.__cause__!r}"
    assert not re.search(r"word|\d{2,}|/|Error:", text), text
    assert caught.value.__suppress_context__
    assert usable(ask, engine)


# The rows --------------------------------------------------------------------------------------------------------


def test_the_row_limit_keeps_order_and_is_told(opened, ask):
    engine = opened(SMALL)
    cut = ask(engine, "SELECT id FROM t ORDER BY (id * 7919) % 10007, id", row_limit=50)
    whole = ask(engine, "SELECT id FROM t ORDER BY (id * 7919) % 10007, id")
    assert cut.cut_at == 50
    assert cut.rows == whole.rows[:50]
    assert whole.cut_at is None


@pytest.mark.parametrize(("row_limit", "rows", "cut"), [(9_999, 9_999, 9_999), (10_000, 10_000, None), (0, 0, 0)])
def test_the_edge_of_the_row_limit(opened, ask, row_limit, rows, cut):
    found = ask(opened(SMALL), "SELECT id FROM t", row_limit=row_limit)
    assert (found.frame.height, found.cut_at) == (rows, cut)


def test_an_empty_result(opened, ask):
    found = ask(opened(SMALL), "SELECT id, w FROM t WHERE id < 0")
    assert found.rows == []
    assert found.cut_at is None
    assert [c.name for c in found.columns] == ["id", "w"]


def test_as_of_is_the_time_of_the_file(opened, ask):
    engine = opened(SMALL)
    engine.close()
    moment = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    os.utime(engine.database, (moment.timestamp(), moment.timestamp()))
    again = DuckDBEngine(engine.database)
    assert ask(again, "SELECT 1").as_of == moment
    again.close()


# Opening and closing ---------------------------------------------------------------------------------------------


def test_a_closed_engine_says_so_and_closes_twice(opened, ask):
    engine = opened(SMALL)
    engine.catalog()
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        ask(engine, "SELECT 1")


def test_closing_ends_what_runs(opened, ask):
    engine = opened(SMALL)
    ended: list[str] = []

    def work() -> None:
        try:
            ask(engine, ENDLESS)
        except EngineError as error:
            ended.append(type(error).__name__)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    engine.close()
    thread.join(timeout=10)
    assert ended == [QueryCancelled.__name__]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match=r"none\.duckdb"):
        DuckDBEngine(tmp_path / "none.duckdb")


@pytest.mark.parametrize("size", ["much", "2 potatoes", ""])
def test_a_memory_limit_that_is_no_size(opened, size):
    with pytest.raises(SettingsError, match="size"):
        opened(SMALL, memory_limit=size)


@pytest.mark.parametrize(
    ("text", "size"), [("2GB", 2_000_000_000), ("512 MiB", 512 * 1024**2), ("100", 100), ("1.5kb", 1500)]
)
def test_sizes(text, size):
    assert as_bytes(text) == size


def test_many_engines_read_one_file(opened, ask):
    engine = opened(SMALL)
    second = DuckDBEngine(engine.database)
    assert usable(ask, engine) and usable(ask, second)
    second.close()
    assert usable(ask, engine)
