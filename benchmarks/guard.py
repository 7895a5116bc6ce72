"""Runs the security corpus through the guard and a locked engine: `python benchmarks/guard.py DIRECTORY`.

DIRECTORY holds sql.jsonl and schema.sql. Prints what was refused, what ran, every miss, and milliseconds for a check.
`--mutations N` also changes the statements N times at random and runs whatever passes the guard: nothing may
reach a hidden table, and nothing but a query may run. `--verbose` prints each case.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bi_chat.conversation.own_sql import admitted
from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.errors import BiChatError
from bi_chat.sql.guard import check
from bi_chat.values.issue import Issue

VISIBLE = ("customers", "orders", "products", "order_items", "prices", "targets", "销售")
WANTED = {"allow": ("ran",), "validator": ("refused",), "either": ("refused", "stopped")}
SECONDS = 8.0

SPACES = (
    "\u00a0",
    "\u200b",
    "\u2060",
    "\ufeff",
    "\u3000",
    "\u2028",
    "\x85",
    "\t",
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "/**/",
    "/* -- */",
    "--\n",
)
PIECES = (
    *SPACES,
    *"'\"$;/*-@.()[]{}:,\\?!~^|\0",
    "//",
    "/*",
    "*/",
    "--",
    "E'",
    "$$",
    "::",
    "..",
    "1.",
    "@1.",
    "1e",
    "U&'",
    "X'",
)
WRAPS = (
    "WITH w AS ({sql}) SELECT * FROM w",
    "WITH w AS MATERIALIZED ({sql}) FROM w",
    "SELECT * FROM ({sql}) w",
    "SELECT ({sql})",
    "SELECT 1 WHERE EXISTS ({sql})",
    "SELECT 1 UNION ALL {sql}",
    "({sql}) UNION ALL SELECT 1",
    "SELECT 1 IN ({sql})",
    "SELECT 1 ORDER BY ({sql})",
    "SELECT list_transform([1], lambda x: ({sql}))",
    "FROM (VALUES (({sql}))) v(x)",
    "SELECT 1; {sql}",
    "{sql}; SELECT 1",
    "SELECT '{sql}'",
    'SELECT 1 AS "{sql}"',
)


@dataclass(frozen=True)
class Served:
    """An engine over the corpus's database, what it hides, and the texts that stand only in hidden tables."""

    engine: DuckDBEngine
    path: Path
    visible: tuple[str, ...]
    secrets: frozenset[str]


def serve(schema: Path, folder: Path, visible: tuple[str, ...], *, timeout: float = SECONDS) -> Served:
    """Makes the database afresh; every table and view that isn't visible is hidden."""
    path = folder / "served.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(schema.read_text(encoding="utf-8"))
        named = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal "
            "UNION SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        hidden = [(s, t) for s, t in named if s != "main" or t not in visible]
        rows = [r for s, t in hidden for r in connection.execute(f'SELECT * FROM "{s}"."{t}"').fetchall()]
    secrets = frozenset(text for row in rows for cell in row if len(text := str(cell)) > 4)
    engine = DuckDBEngine(path, hidden=frozenset(t for _, t in hidden), timeout=timeout)
    return Served(engine, path, visible, secrets)


def outcome(served: Served, sql: str) -> tuple[str, str]:
    """refused, stopped, ran, empty or SLOW; and why."""
    checked = admitted(sql, served.engine.catalog(), served.engine, row_limit=10_000)
    if isinstance(checked, Issue):
        return "refused", checked.problem
    started = time.perf_counter()
    try:
        result = served.engine.run(checked)
    except BiChatError as error:
        late = time.perf_counter() - started > SECONDS + 1
        return ("SLOW" if late else "stopped"), f"{type(error).__name__}: {error}"
    return ("ran" if result.frame.height else "empty"), ""


def corpus(served: Served, cases: list[dict[str, str]], *, verbose: bool) -> bool:
    """Whether all that must be refused was, and at least 98 % of what is allowed ran."""
    tally: Counter[tuple[str, str]] = Counter()
    misses: Counter[bool] = Counter()
    for case in cases:
        kind = "allow" if case["must"] == "allow" else case["layer"]
        got, why = outcome(served, case["sql"].replace("{DATABASE_FILE}", str(served.path)))
        tally[kind, got] += 1
        if got not in WANTED[kind]:
            misses[kind == "allow"] += 1
            print(f"MISS {case['id']} {kind} -> {got}: {why}\n     {case['sql']}")
        elif verbose:
            print(f"{case['id']} {got}: {why}")
    for (kind, got), count in sorted(tally.items()):
        print(f"{kind:10} {got:8} {count}")
    allowed = sum(n for (kind, _), n in tally.items() if kind == "allow")
    print(f"allowed that ran: {1 - misses[True] / allowed:.1%}; misses among the refused: {misses[False]}")
    return not misses[False] and misses[True] <= 0.02 * allowed


def speed(served: Served, statements: list[str]) -> None:
    """Median and 95th percentile of a check, warm, over the allowed statements (the refused ones are quicker)."""
    catalog = served.engine.catalog()
    times = []
    for _ in range(5):
        for sql in statements:
            started = time.perf_counter()
            check(sql, catalog)
            times.append((time.perf_counter() - started) * 1e3)
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"check: median {statistics.median(times):.2f} ms, p95 {p95:.2f} ms, max {max(times):.2f} ms")


def mutated(rng: random.Random, sql: str, others: list[str]) -> str:
    """One to four random changes: white space, comments, case, quotes, stray characters, wrapping, splicing."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(sql) + 1)
        spaces = [i for i, c in enumerate(sql) if c == " "]
        match rng.randrange(8):
            case 0 if spaces:
                at = rng.choice(spaces)
                sql = sql[:at] + rng.choice(SPACES) + sql[at + 1 :]
            case 1:
                sql = sql[:at] + rng.choice(PIECES) + sql[at:]
            case 2:
                sql = "".join(rng.choice((c.lower(), c.upper())) for c in sql)
            case 3:
                words = sql.split(" ")
                i = rng.randrange(len(words))
                words[i] = f'"{words[i]}"'
                sql = " ".join(words)
            case 4:
                sql = rng.choice(WRAPS).replace("{sql}", sql)
            case 5:
                sql = sql[:at] + sql[at + rng.randint(1, 3) :]
            case 6:
                other = rng.choice(others)
                sql = sql[:at] + other[rng.randrange(len(other) + 1) :]
            case _:
                sql = sql[:at] + sql[at:][:8] + sql[at:]
    return sql


def breach(served: Served, plain: duckdb.DuckDBPyConnection, sql: str) -> tuple[bool, str]:
    """Whether the guard let the statement through, and what it then did that it must not ('' for nothing)."""
    checked = check(sql, served.engine.catalog(), row_limit=200)
    if isinstance(checked, Issue):
        return False, ""
    kinds = [s.type.name for s in plain.extract_statements(checked.sql)]
    if kinds not in (["SELECT"], ["SELECT_STATEMENT"]):
        return True, f"is {kinds}"
    # The engine's own list of the tables in it: another opinion than the guard's walk.
    try:
        used = {t.strip('"').lower() for t in plain.get_table_names(checked.sql)}
    except duckdb.BinderException:  # it binds unnest() of a column without knowing the column
        used = {table.lower() for table in checked.tables}
    if strange := used - {v.lower() for v in served.visible}:
        return True, f"names {strange}"
    try:
        rows = served.engine.run(checked).rows
    except BiChatError as error:
        cells = str(error)
    else:
        cells = repr(rows)
    leaked = [secret for secret in served.secrets if secret in cells and secret not in sql]
    return True, f"shows {leaked}" if leaked else ""


def fuzz(served: Served, statements: list[str], count: int, *, seed: int = 1) -> tuple[int, list[str]]:
    """How many of `count` mutations passed the guard, and the breaches among them."""
    rng = random.Random(seed)
    before = served.path.read_bytes()
    passed, breaches = 0, []
    with duckdb.connect(":memory:", config={"python_enable_replacements": "false"}) as plain:
        for _ in range(count):
            sql = mutated(rng, rng.choice(statements), statements)
            through, what = breach(served, plain, sql)
            passed += through
            if what:
                breaches.append(f"{what}: {sql!r}")
    if served.path.read_bytes() != before:
        breaches.append("the database file changed")
    return passed, breaches


def main() -> int:
    """0 when nothing that must be refused ran, 98 % of what is allowed ran and no mutation broke through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--mutations", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    chosen = parser.parse_args()
    lines = (chosen.directory / "sql.jsonl").read_text(encoding="utf-8").splitlines()
    cases: list[dict[str, str]] = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        served = serve(chosen.directory / "schema.sql", Path(folder), VISIBLE)
        good = corpus(served, cases, verbose=chosen.verbose)
        speed(served, [case["sql"] for case in cases if case["must"] == "allow"])
        if chosen.mutations:
            every = [case["sql"].replace("{DATABASE_FILE}", str(served.path)) for case in cases]
            started = time.perf_counter()
            passed, breaches = fuzz(served, every, chosen.mutations, seed=chosen.seed)
            print(*breaches[:20], sep="\n")
            seconds = time.perf_counter() - started
            print(f"mutations: {chosen.mutations:,} in {seconds:.0f} s; {passed:,} passed; breaches: {len(breaches)}")
            good = good and not breaches
        served.engine.close()
    return int(not good)


if __name__ == "__main__":
    raise SystemExit(main())
