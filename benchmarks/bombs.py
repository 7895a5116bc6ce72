"""Statements that eat time or memory, run past the guard: what stops them, after how long, and how much they took.

python benchmarks/bombs.py                    the list below
python benchmarks/bombs.py DIRECTORY          and those of DIRECTORY/sql.jsonl that a guard may let through

After each one another user asks for `SELECT 1`; the last column says how long that took.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bi_chat.engines.duckdb.workers.engine import WorkerEngine  # noqa: E402
from bi_chat.errors import EngineError  # noqa: E402
from bi_chat.values.query import _checked  # noqa: E402

SECONDS = 6.0
BOMBS = (
    "SELECT length(string_agg(x || repeat('x', 1000), ',')) FROM range(100000000) t(x)",
    "SELECT levenshtein(repeat('a', 400000), repeat('b', 400000))",
    "SELECT list(x) FROM range(3000000000) t(x)",
    "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE (x * y) % 7 = 3",
    "SELECT repeat('x', 4000000000)",
    "SELECT histogram(x || repeat('a', 100)) FROM range(100000000) t(x)",
    "SELECT x, list(y) FROM range(100000) a(x), range(100000) b(y) GROUP BY x",
    "WITH RECURSIVE t(n, s) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, s || s FROM t) SELECT max(length(s)) FROM t",
    "SELECT repeat('x', 1000000) || x FROM range(1000000) t(x)",
)


class Peak:
    """The most memory that any worker held, in bytes, looked at every few milliseconds."""

    def __init__(self, engine: WorkerEngine) -> None:
        self.bytes = 0
        self._engine, self._done = engine, threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._done.wait(0.005):
            for pid in self._engine.pids:
                try:
                    pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
                except (OSError, IndexError):
                    continue
                self.bytes = max(self.bytes, pages * os.sysconf("SC_PAGE_SIZE"))

    def end(self) -> None:
        """Look no more."""
        self._done.set()


def asked(engine: WorkerEngine, sql: str, asker: str) -> tuple[str, float]:
    """What came of it, and after how many seconds."""
    began = time.perf_counter()
    try:
        told = f"{engine.seat(asker).run(_checked(sql, (), (), 10)).frame.height} rows"
    except EngineError as error:
        told = type(error).__name__
    return told, time.perf_counter() - began


def main() -> None:
    """Run each and print a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=Path)
    options = parser.parse_args()
    bombs, schema = list(BOMBS), "SELECT 1"
    if options.directory is not None:
        cases = [json.loads(line) for line in (options.directory / "sql.jsonl").open(encoding="utf-8")]
        bombs = [case["sql"] for case in cases if case.get("layer") == "either"] + bombs
        schema = (options.directory / "schema.sql").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "served.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(schema)
        engine = WorkerEngine(path, timeout=SECONDS)
        for sql in bombs:
            peak = Peak(engine)
            told, seconds = asked(engine, sql, "one")
            peak.end()
            after = asked(engine, "SELECT 1", "other")
            mine = f"{told:17} {seconds:5.2f} s {peak.bytes // 1_000_000:6,} MB"
            print(f"{mine}   {after[0]} {after[1]:4.2f} s   {sql[:70]}")
        engine.close()


if __name__ == "__main__":
    main()
