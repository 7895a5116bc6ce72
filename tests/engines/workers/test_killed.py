"""What no interrupt reaches is killed, what breaks down takes nothing with it, and nothing outlives the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bi_chat.engines.duckdb.workers.engine import Seat, WorkerEngine
from bi_chat.errors import EngineError, EngineSpent, QueryCancelled, QueryOutOfMemory, QueryTimeout
from bi_chat.values.query import CheckedQuery, _checked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes the way Linux shows them")

ROOT = Path(__file__).resolve().parents[3]
# One call of one function, half a minute long: the engine looks for an interrupt before it and after it.
DEAF = "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))"
ENDLESS = "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE (x * y) % 7 = 3"


def past_the_guard(sql: str) -> CheckedQuery:
    return _checked(sql, (), (), 10)


def answers(seat: Seat) -> bool:
    started = time.perf_counter()
    return seat.run(past_the_guard("SELECT count(*) FROM t")).rows == [(10_000,)] and time.perf_counter() - started < 4


def started(seat: Seat, sql: str) -> tuple[threading.Thread, list[EngineSpent]]:
    """The query runs in a thread of its own; its error comes into the list."""
    raised: list[EngineError] = []

    def work() -> None:
        try:
            seat.run(past_the_guard(sql), timeout=20)
        except EngineError as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.5)
    return thread, raised


def test_a_deaf_call_ends_at_its_time_limit(worked):
    engine = worked()
    (before,) = engine.pids
    since = time.perf_counter()
    with pytest.raises(QueryTimeout):
        engine.run(past_the_guard(DEAF), timeout=0.5)
    assert time.perf_counter() - since < 2.5
    assert answers(engine)
    assert before not in engine.pids


def test_a_deaf_call_is_cancelled_within_two_seconds(worked):
    engine = worked()
    thread, raised = started(engine, DEAF)
    since = time.perf_counter()
    engine.cancel()
    thread.join(timeout=5)
    assert time.perf_counter() - since < 2
    assert [type(e) for e in raised] == [QueryCancelled]
    assert answers(engine)


def test_a_process_that_ends_before_it_begins_is_replaced_unseen(worked):
    """What the query before did to its process is not the next asker's trouble."""
    engine = worked()
    (before,) = engine.pids
    os.kill(before, signal.SIGSTOP)
    threading.Timer(0.1, os.kill, (before, signal.SIGKILL)).start()
    assert answers(engine)
    assert before not in engine.pids


def test_a_worker_that_is_stopped_altogether_is_killed_by_the_program(worked):
    engine = worked()
    os.kill(engine.pids[0], signal.SIGSTOP)
    since = time.perf_counter()
    with pytest.raises(QueryTimeout):
        engine.run(past_the_guard("SELECT 1"), timeout=0.3)
    assert time.perf_counter() - since < 2.3
    assert answers(engine)


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGSEGV])
def test_a_broken_worker_costs_one_query(worked, by):
    engine = worked()
    thread, raised = started(engine, ENDLESS)
    os.kill(engine.pids[0], by)
    thread.join(timeout=5)
    assert [type(e) for e in raised] == [EngineSpent]
    assert "broke down" in str(raised[0])
    assert answers(engine)


def test_an_idle_worker_that_dies_is_not_missed(worked):
    engine = worked()
    pids = engine.pids
    os.kill(pids[0], signal.SIGKILL)
    until = time.monotonic() + 2
    while pids[0] in engine.pids and time.monotonic() < until:
        time.sleep(0.01)
    assert answers(engine)


def test_an_engine_that_is_closed_stops_what_runs(worked):
    engine = worked()
    thread, raised = started(engine, DEAF)
    since = time.perf_counter()
    engine.close()
    thread.join(timeout=5)
    assert time.perf_counter() - since < 2
    assert [type(e) for e in raised] == [QueryCancelled]


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT length(string_agg(x || 'some words to be put together')) FROM range(1000000) a(x), range(1000) b(y)",
        "SELECT list_zip(range(50000000), range(50000000))",
        "SELECT length(repeat(repeat('x', 1000000), 1000))",
        "SELECT x, list(y) FROM range(100000) a(x), range(10000) b(y) GROUP BY x",
        "SELECT repeat('x', 1000000) || x FROM range(1000000) t(x)",
    ],
)
def test_a_memory_bomb_ends_and_others_go_on(worked, bomb):
    engine: WorkerEngine = worked(memory_limit="600MB", timeout=20.0)
    assert answers(engine)
    highest, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.01):
            highest[0] = max([highest[0], *(resident(pid) for pid in engine.pids)])

    looking = threading.Thread(target=look)
    looking.start()
    thread, raised = started(engine.seat("one"), bomb)
    other = answers(engine.seat("two"))
    thread.join(timeout=25)
    done.set()
    looking.join()
    assert [type(e) for e in raised] == [QueryOutOfMemory]
    assert other
    assert highest[0] < 700_000_000
    assert answers(engine)


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


@pytest.mark.parametrize("busy", [False, True])
def test_workers_die_with_the_program_even_if_it_is_killed(worked, busy):
    code = f"""
import sys, threading; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from bi_chat.engines.duckdb.workers.engine import WorkerEngine
from bi_chat.values.query import _checked
engine = WorkerEngine(Path(sys.argv[1]))
if {busy}:
    threading.Thread(target=lambda: engine.run(_checked({DEAF!r}, (), (), 10)), daemon=True).start()
    import time; time.sleep(0.5)
print(*engine.pids, flush=True)
threading.Event().wait()
"""
    file = worked().database
    with subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        pids = tuple(int(p) for p in program.stdout.readline().split())
        assert pids
        program.kill()
    until = time.monotonic() + 2
    while any(Path(f"/proc/{p}").exists() and _state(p) != "Z" for p in pids) and time.monotonic() < until:
        time.sleep(0.02)
    assert [p for p in pids if Path(f"/proc/{p}").exists() and _state(p) != "Z"] == []


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_ctrl_c_stops_the_query_and_the_program_goes_on(worked):
    code = f"""
import sys, time; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from bi_chat.engines.duckdb.workers.engine import WorkerEngine
from bi_chat.values.query import _checked
engine = WorkerEngine(Path(sys.argv[1]))
print("ready", flush=True)
try:
    engine.run(_checked({ENDLESS!r}, (), (), 10))
except KeyboardInterrupt:
    print("stopped", engine.run(_checked("SELECT 1", (), (), 10)).rows, flush=True)
engine.close()
"""
    command = [sys.executable, "-c", code, str(worked().database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        time.sleep(0.7)
        since = time.monotonic()
        os.killpg(program.pid, signal.SIGINT)  # as a terminal does
        assert program.stdout.readline() == "stopped [(1,)]\n"
        assert time.monotonic() - since < 2
        assert program.wait(5) == 0
