"""Many askers, few workers: turns, waiting, what is kept from whom, and what happens as time goes by."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from bi_chat.engines.duckdb.workers.engine import Seat, WorkerEngine
from bi_chat.errors import DataChanged, EngineBusy, EngineError, QueryCancelled, SettingsError, SourceError
from bi_chat.values.query import CheckedQuery, _checked
from bi_chat.values.view import View

ENDLESS = "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE (x * y) % 7 = 3"


def query(sql: str, row_limit: int = 10) -> CheckedQuery:
    return _checked(sql, (), (), row_limit)


def begin(seat: Seat, seconds: float) -> threading.Thread:
    def work() -> None:
        with pytest.raises(EngineError):
            seat.run(query(ENDLESS), timeout=seconds)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_slow_user_leaves_a_worker_to_others(worked):
    engine = worked(workers=2)
    slow = [begin(engine.seat("slow"), 8) for _ in range(3)]
    time.sleep(0.5)
    since = time.perf_counter()
    for _ in range(5):
        assert engine.seat("quick").run(query("SELECT 1")).rows == [(1,)]
    assert time.perf_counter() - since < 3
    engine.cancel()
    for thread in slow:
        thread.join(timeout=5)


def test_waiting_is_told_and_ends_with_a_clear_error(worked):
    engine = worked(workers=1, wait=1.0)
    slow = begin(engine.seat("slow"), 8)
    time.sleep(0.3)
    heard: list[str] = []
    since = time.perf_counter()
    with pytest.raises(EngineBusy, match="Ask again"):
        engine.seat("other").run(query("SELECT 1"), progress=heard.append)
    assert 0.9 < time.perf_counter() - since < 2
    assert heard and set(heard) == {"waiting"}
    engine.cancel()
    slow.join(timeout=5)
    assert engine.seat("other").run(query("SELECT 1")).rows == [(1,)]


def test_who_waits_may_give_up(worked):
    engine = worked(workers=1)
    slow, waiting = begin(engine.seat("slow"), 8), engine.seat("waiting")
    time.sleep(0.3)
    threading.Timer(0.3, waiting.cancel).start()
    since = time.perf_counter()
    with pytest.raises(QueryCancelled):
        waiting.run(query("SELECT 1"))
    assert time.perf_counter() - since < 1.5
    engine.cancel()
    slow.join(timeout=5)


def test_thirty_threads_get_each_their_own_answer(worked):
    engine = worked(workers=2)
    wrong: list[object] = []

    def work(number: int) -> None:
        seat = engine.seat()
        for turn in range(8):
            found = seat.run(query(f"SELECT {number} * 1000 + {turn}, sum(id) FROM t WHERE k = {number % 7}")).rows
            if found[0][0] != number * 1000 + turn:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not wrong
    assert len(engine.pids) <= 2


def test_many_scopes_are_kept_apart_and_workers_replaced(worked):
    engine = worked(workers=1)
    before = engine.pids
    for number in range(40):
        scoped = engine.scoped(
            lambda source, n=number: (View("t", f"SELECT id FROM {source('t')} WHERE id = {n}"),)  # type: ignore[misc]
        )
        assert scoped.run(query("SELECT * FROM t")).rows == [(number,)]
    assert engine.pids != before


def test_idle_workers_end_and_the_next_query_starts_one(worked):
    engine = worked(idle=0.4)
    assert len(engine.pids) == 1
    until = time.monotonic() + 5
    while engine.pids and time.monotonic() < until:
        time.sleep(0.05)
    assert engine.pids == ()
    assert engine.run(query("SELECT count(*) FROM t")).rows == [(10_000,)]


def test_replaced_data_are_told_and_nothing_old_is_answered(worked, tmp_path):
    engine = worked()
    assert engine.run(query("SELECT count(*) FROM t")).rows == [(10_000,)]
    with duckdb.connect(str(tmp_path / "new.duckdb")) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS id")
    (tmp_path / "new.duckdb").replace(engine.database)
    with pytest.raises(DataChanged, match="again"):
        engine.run(query("SELECT count(*) FROM t"))
    engine.database.unlink()
    with pytest.raises(DataChanged):
        engine.run(query("SELECT count(*) FROM t"))


def test_as_of_is_the_time_of_the_file(worked):
    engine = worked()
    found = engine.run(query("SELECT 1")).as_of
    assert found is not None
    assert found.timestamp() == pytest.approx(engine.database.stat().st_mtime, abs=1e-5)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the environment the way Linux shows it")
def test_a_worker_has_no_secrets_of_the_program(worked, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "CANARY")
    engine = worked()
    assert b"CANARY" not in Path(f"/proc/{engine.pids[0]}/environ").read_bytes()
    status = Path(f"/proc/{engine.pids[0]}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    limits = Path(f"/proc/{engine.pids[0]}/limits").read_text()
    assert "Max file size             0" in limits
    opened = {str(p.readlink()) for p in Path(f"/proc/{engine.pids[0]}/fd").iterdir()}
    assert not [p for p in opened if p.startswith("/") and p not in (os.devnull, str(engine.database))]


def test_an_error_tells_no_value_of_the_data(worked, caplog):
    engine = worked()
    with pytest.raises(EngineError) as caught:
        engine.run(query("SELECT CAST(w AS INTEGER) FROM t"))
    assert "word" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert [r.levelname for r in caplog.records if "word" in r.getMessage()] in ([], ["DEBUG"])


@pytest.mark.parametrize("content", [None, b"", b"not a database at all"])
def test_what_is_no_database_is_a_source_error(worked, tmp_path, content):
    path = tmp_path / "broken.duckdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=r"broken\.duckdb") as caught:
        WorkerEngine(path)
    assert str(tmp_path) not in str(caught.value)


def test_a_size_that_is_none_is_a_settings_error(worked):
    with pytest.raises(SettingsError, match="size"):
        worked(memory_limit="much")


def test_a_forked_program_does_not_talk_to_its_parents_workers(worked):
    engine = worked()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            engine.run(query("SELECT 1"))
        except EngineError:
            os.write(writer, b"refused")
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    assert os.read(reader, 20) == b"refused"
    os.close(reader)
    assert engine.run(query("SELECT 1")).rows == [(1,)]


def test_engines_that_share_have_so_many_processes_and_no_more(tmp_path):
    files = [tmp_path / f"{name}.duckdb" for name in "abc"]
    for file in files:
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"CREATE TABLE t AS SELECT '{file.stem}' AS name")
    engines = [WorkerEngine(file, workers=2, wait=31, shared=True) for file in files]
    for _ in range(2):
        for file, engine in zip(files, engines, strict=True):
            assert engine.run(query("SELECT name FROM t")).rows == [(file.stem,)]
    assert 1 <= len(engines[0].pids) <= 2
    engines[0].close()
    with pytest.raises(EngineError, match="closed"):
        engines[0].run(query("SELECT name FROM t"))
    with duckdb.connect(str(files[0])) as connection:
        connection.execute("INSERT INTO t VALUES ('more')")  # nobody holds the file any more
    for file, engine in zip(files[1:], engines[1:], strict=True):
        assert engine.run(query("SELECT name FROM t")).rows == [(file.stem,)]
        engine.close()
    assert engines[0].pids == ()
