"""Runs the security corpus through the guard and a hardened engine: `python benchmarks/guard.py DIRECTORY`.

DIRECTORY holds sql.jsonl and schema.sql. Prints what was refused, what ran, every miss, and milliseconds for a check.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.errors import BiChatError
from bi_chat.sql.guard import check
from bi_chat.values.issue import Issue

HIDDEN = frozenset({"payroll", "v_payroll", "api_keys"})


def database(schema: Path, folder: Path) -> Path:
    """The corpus's database, made afresh."""
    path = folder / "served.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in schema.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.execute(statement)
    return path


def outcome(engine: DuckDBEngine, sql: str) -> tuple[str, str]:
    """refused, stopped, ran or empty; and why."""
    checked = check(sql, engine.catalog())
    if isinstance(checked, Issue):
        return "refused", checked.problem
    try:
        result = engine.run(checked)
    except BiChatError as error:
        return "stopped", f"{type(error).__name__}: {error}"
    return ("ran" if result.frame.height else "empty"), ""


def main(directory: Path) -> int:
    """0 when nothing that must be refused ran and 98 % of what is allowed ran."""
    cases = [json.loads(line) for line in (directory / "sql.jsonl").read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        path = database(directory / "schema.sql", Path(folder))
        engine = DuckDBEngine(path, hidden=HIDDEN, timeout=8.0)
        tally: Counter[tuple[str, str]] = Counter()
        misses = 0
        allowed_bad = 0
        for case in cases:
            sql = case["sql"].replace("{DATABASE_FILE}", str(path))
            got, why = outcome(engine, sql)
            kind = "allow" if case["must"] == "allow" else case["layer"]
            tally[kind, got] += 1
            wanted = {"allow": ("ran",), "validator": ("refused",), "either": ("refused", "stopped")}[kind]
            if got not in wanted:
                misses += kind != "allow"
                allowed_bad += kind == "allow"
                print(f"MISS {case['id']} {kind} -> {got}: {why}\n     {sql}")
            elif "--verbose" in sys.argv:
                print(f"{case['id']} {got}: {why}")
        speed(engine, [case["sql"] for case in cases if case["must"] == "allow"])
        engine.close()
    allowed = sum(n for (kind, _), n in tally.items() if kind == "allow")
    for (kind, got), count in sorted(tally.items()):
        print(f"{kind:10} {got:8} {count}")
    print(f"allowed that ran: {1 - allowed_bad / allowed:.1%}; misses among the refused: {misses}")
    return int(misses > 0 or allowed_bad / allowed > 0.02)


def speed(engine: DuckDBEngine, statements: list[str]) -> None:
    """Median and 95th percentile of a check, warm, over the allowed statements (the refused ones are quicker)."""
    catalog = engine.catalog()
    times = []
    for _ in range(5):
        for sql in statements:
            started = time.perf_counter()
            check(sql, catalog)
            times.append(time.perf_counter() - started)
    times.sort()
    p95 = times[int(len(times) * 0.95)]
    print(
        f"check: median {statistics.median(times) * 1e3:.2f} ms, p95 {p95 * 1e3:.2f} ms, max {times[-1] * 1e3:.2f} ms"
    )


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
