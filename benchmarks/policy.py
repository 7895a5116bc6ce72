"""Runs policies against who would walk around them: `python benchmarks/policy.py [DIRECTORY] [--statements N]`.

DIRECTORY holds policy.json, policy.jsonl, data_a.json and data_b.json: two sets of rows that differ only in what is
forbidden. Each attack must come out the same on both, or be refused; each legitimate statement must give the rows that
are written there. `--mutations N` also runs N changed forms of these statements, `--statements N` as many random ones
over two databases of our own (`interference.py`). Prints leaks, wrong answers, and milliseconds for a check.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.guard import mutated
from benchmarks.interference import Twins, outcome, twins
from benchmarks.statements import SEEN, statement
from bi_chat.settings import Settings
from bi_chat.sql.guard import check
from bi_chat.wiring import connect

Case = dict[str, object]
Writer = Callable[[str], str]


def corpus_twins(directory: Path, folder: Path) -> dict[str, Twins]:
    """Both databases of the corpus under each of its policies, which have one user."""
    stated = json.loads((directory / "policy.json").read_text(encoding="utf-8"))
    found = {}
    for name, policy in stated["policies"].items():
        place = folder / name
        place.mkdir()
        file = place / "policy.yaml"
        sides = []
        for side in ("a", "b"):
            path = place / f"{side}.duckdb"
            with duckdb.connect(str(path)) as connection:
                connection.execute(stated["schema"])
                tables = json.loads((directory / f"data_{side}.json").read_text(encoding="utf-8"))
                tables |= {"membership": policy.get("membership_rows", [])}
                for table, rows in tables.items():
                    marks = ",".join("?" * len(rows[0])) if rows else ""
                    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows) if rows else None
                columns = {t: [c[0] for c in connection.execute(f"DESCRIBE {t}").fetchall()] for t in policy["rows"]}
            file.write_text(json.dumps(_as_file(policy, columns)), encoding="utf-8")
            settings = Settings(cache_dir=place / f"cache_{side}", state_dir=place / "state", threads=1, timeout=8.0)
            sides.append(connect(path, policy=file, settings=settings))
        found[name] = Twins(sides[0], sides[1])
    return found


def _as_file(policy: dict[str, dict[str, object]], columns: dict[str, list[str]]) -> dict[str, object]:
    """The corpus's form of a policy in ours (JSON is YAML, too)."""
    masked = {t: {str(c): None for c in list(names)} for t, names in policy["masked"].items()}  # type: ignore[call-overload]
    grants = {
        table: {"fields": columns[table], "rows": rows, "masks": masked.get(table, {})}
        for table, rows in policy["rows"].items()
    }
    return {"version": 1, "roles": {"role": {"datasets": grants}}, "users": {"user": {"roles": ["role"]}}}


def run_corpus(worlds: dict[str, Twins], cases: list[Case]) -> bool:
    """Whether nothing leaked and every legitimate answer is right."""
    counts: Counter[str] = Counter()
    for case in cases:
        twin, sql = worlds[str(case["policy"])], str(case["sql"])
        kind, why = twin.verdict("user", sql)
        shown = "".join(f"{outcome(twin.world('user', side), sql)}" for side in (0, 1))
        listed = case["must_not_leak"]
        leaked = [text for text in listed if text in shown and text not in sql] if isinstance(listed, list) else []
        if case["kind"] == "attack":
            counts["leaks" if why or leaked else f"attacks: {kind}"] += 1
            print(*([f"LEAK {case['id']} {leaked} {why}"] if why or leaked else []), end="")
        else:
            right = not why and _right(twin, sql, case["expected"])
            counts["legitimate: right" if right else "wrong"] += 1
            print(*([] if right else [f"WRONG {case['id']} {sql}\n"]), end="")
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    return not counts["leaks"] and not counts["wrong"]


def _right(twin: Twins, sql: str, expected: object) -> bool:
    world = twin.world("user", 0)
    checked = check(sql, world.catalog)
    if not hasattr(checked, "sql") or not isinstance(expected, dict):
        return False
    rows = [list(row) for row in world.engine.run(checked).rows]
    wanted = expected["rows"]
    return len(rows) == len(wanted) and all(
        len(a) == len(b) and all(map(_same, a, b)) for a, b in zip(rows, wanted, strict=True)
    )


def _same(left: object, right: object) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=1e-6)
    return left == right


def speed(worlds: dict[str, Twins], cases: list[Case]) -> None:
    """Median and 95th percentile of a check under a policy, warm, over the legitimate statements."""
    times = []
    for _ in range(6):
        for case in (c for c in cases if c["kind"] != "attack"):
            catalog = worlds[str(case["policy"])].world("user", 0).catalog
            started = time.perf_counter()
            check(str(case["sql"]), catalog)
            times.append((time.perf_counter() - started) * 1e3)
    times = times[len(times) // 6 :]
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"check: median {statistics.median(times):.2f} ms, p95 {p95:.2f} ms, max {max(times):.2f} ms")


def fuzz(twin: Twins, users: tuple[str, ...], write: Writer, count: int, *, seconds: float = math.inf) -> list[str]:
    """What `count` statements found, each run as one of the users; prints how many ran."""
    counts: Counter[str] = Counter()
    found: list[str] = []
    started = time.monotonic()
    for i in range(count):
        user = users[i % len(users)]
        kind, why = twin.verdict(user, write(user))
        counts[kind] += 1
        found += [why] if why else []
        if time.monotonic() - started > seconds:
            break
    print(*found[:20], sep="\n", end="\n" if found else "")
    spent = time.monotonic() - started
    print(f"{sum(counts.values()):,} statements in {spent:.0f} s: {dict(counts)}; leaks: {len(found)}")
    return found


def main() -> int:
    """0 when nothing leaked and all that is legitimate was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?")
    parser.add_argument("--statements", type=int, default=0, metavar="N")
    parser.add_argument("--mutations", type=int, default=0, metavar="N")
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop each fuzz after so long")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng, good = random.Random(chosen.seed), True
    with tempfile.TemporaryDirectory() as folder:
        if chosen.directory is not None:
            lines = (chosen.directory / "policy.jsonl").read_text(encoding="utf-8").splitlines()
            cases: list[Case] = [json.loads(line) for line in lines]
            worlds = corpus_twins(chosen.directory, Path(folder))
            good = run_corpus(worlds, cases)
            speed(worlds, cases)
            every = [str(case["sql"]) for case in cases]
            for name, twin in worlds.items() if chosen.mutations else ():
                print(name, end=": ")
                write = lambda _: mutated(rng, rng.choice(every), every)  # noqa: E731
                good = not fuzz(twin, ("user",), write, chosen.mutations // 2, seconds=chosen.seconds) and good
            for twin in worlds.values():
                twin.close()
        if chosen.statements:
            own = twins(Path(folder))
            write = lambda user: statement(rng, user)  # noqa: E731
            good = not fuzz(own, tuple(SEEN), write, chosen.statements, seconds=chosen.seconds) and good
            own.close()
    return int(not good)


if __name__ == "__main__":
    raise SystemExit(main())
