"""Looks for a statement that tells two databases apart which differ only in what is forbidden, by the million.

`python benchmarks/fuzz.py --cases 1000000 --log FILE` runs pieces of 10,000, each in a process of its own, writes a
line of JSON for each and goes on where an earlier run stopped. A piece's seed decides its statements, so a finding
can be had again: `--only SEED`.

A case is a statement of one user. The guard is asked once, since it sees the text and the catalog alone and the
catalogs are compared first; what it lets through is run on both sides. Most cases run straight on the locked
connections; every 40th goes the product's whole way (`Twins.verdict`), the guard on each side included. A case fails
where columns, types, rows, their order or the error's sentence differ, where something shows that only hidden rows
hold, where the engine (asked for every fourth) sees anything but one SELECT over visible tables, or where the guard
or the engine breaks down.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import yaml

from benchmarks.interference import CANARIES, Twins, twins
from benchmarks.statements import SEEN, mixed
from bi_chat.engines.duckdb.faults import is_fatal, translated
from bi_chat.sql.guard import check
from bi_chat.values.issue import Issue
from bi_chat.values.query import CheckedQuery

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTACKS = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "policy" / "attacks.yaml"
PIECE = 10_000
WHOLE, ASKED = 40, 4
USERS = tuple(SEEN)
_ROWS = 200


@dataclass
class Tally:
    """What the cases of a piece met: refused, rows, error, stopped; and what is wrong."""

    kinds: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """All that were tried, each of them once."""
        return sum(self.kinds.values())

    @property
    def ran(self) -> float:
        """The share that the guard let through."""
        return 1 - self.kinds["refused"] / max(1, self.cases)


class Bench:
    """Twins opened in this process, and the engine's own opinion of a text."""

    def __init__(self, pair: Twins) -> None:
        self.pair = pair
        self.plain = duckdb.connect(":memory:", config={"python_enable_replacements": "false"})
        for user in USERS:
            left, right = (pair.world(user, side).catalog for side in (0, 1))
            assert (left.tables, left.foreign_keys) == (right.tables, right.foreign_keys), user

    def close(self) -> None:
        """Free all."""
        self.plain.close()
        self.pair.close()

    def piece(self, seed: int, count: int) -> Tally:
        """Runs `count` statements, no two of them the same."""
        tally = Tally()
        for i, (user, sql) in enumerate(_statements(seed, count)):
            try:
                whole = i % WHOLE == 0
                kind, why = self.pair.verdict(user, sql) if whole else self.verdict(user, sql, ask=i % ASKED == 0)
            except Exception as error:  # nothing but a refusal or one of our errors may come out
                kind, why = "broken", f"{user}: {sql!r} breaks: {type(error).__name__} {error}"
            tally.kinds[kind] += 1
            tally.found += [f"seed {seed}: {why}"] if why else []
        return tally

    def verdict(self, user: str, sql: str, *, ask: bool = True) -> tuple[str, str]:
        """As `Twins.verdict`, without what both sides share; `ask` the engine for its opinion of the text as well."""
        checked = check(sql, self.pair.world(user, 0).catalog, row_limit=_ROWS)
        if isinstance(checked, Issue):
            said = f"{checked.problem} {checked.exists}"
            return "refused", _shown(user, sql, said)
        if ask and (escaped := self._escaped(user, checked)):
            return "escaped", f"{user}: {sql!r} {escaped}"
        left, right = (self._outcome(user, side, checked.sql) for side in (0, 1))
        if "stopped" in (left[0], right[0]):
            return "stopped", ""  # how long it takes is no secret, see docs/security.md
        if left != right:
            return left[0], f"{user}: {sql!r}\n   {left!r:.300}\n   {right!r:.300}"
        return left[0], _shown(user, sql, left[1])

    def _outcome(self, user: str, side: int, sql: str) -> tuple[str, str]:
        connection = self.pair.world(user, side).engine._opened.connection  # type: ignore[attr-defined]
        try:
            found = connection.execute(sql)
            columns = [(name, str(kind)) for name, kind, *_ in found.description]
            return "rows", f"{columns} {_rounded(found.fetchall())}"
        except duckdb.Error as error:
            if is_fatal(error):
                raise
            said = translated(error, "")
            return "stopped" if isinstance(error, duckdb.InterruptException) else "error", f"{said!r}"

    def _escaped(self, user: str, checked: CheckedQuery) -> str:
        """The engine's own list of statements and tables: another opinion than the guard's walk."""
        kinds = [s.type.name for s in self.plain.extract_statements(checked.sql)]
        if kinds not in (["SELECT"], ["SELECT_STATEMENT"]):
            return f"is {kinds}"
        try:
            used = {t.strip('"').lower() for t in self.plain.get_table_names(checked.sql)}
        except duckdb.BinderException:  # it binds unnest() of a column without knowing the column
            return ""
        strange = used - {t.name for t in self.pair.world(user, 0).catalog.tables}
        return f"names {strange}" if strange else ""


def _statements(seed: int, count: int) -> Iterator[tuple[str, str]]:
    rng = random.Random(f"fuzz {seed}")
    known = [case["sql"] for case in yaml.safe_load(ATTACKS.read_text("utf-8"))]
    seen: set[tuple[str, str]] = set()
    while len(seen) < count:
        user = USERS[len(seen) % len(USERS)]
        case = user, mixed(rng, user, known)
        if case not in seen:
            seen.add(case)
            yield case


def _shown(user: str, sql: str, said: str) -> str:
    leaked = [c for c in CANARIES if c in said and c not in sql.lower()]
    return f"{user}: {sql!r} shows {leaked}" if leaked else ""


def _rounded(value: object) -> object:
    """The order in which floats are added up changes the last digits."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: _rounded(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(held) for held in value]
    return value


def main() -> int:
    """0 when all cases have been run and nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--log", type=Path, default=None, help="goes on where this file ends")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="SEED", help="one piece, here")
    chosen = parser.parse_args()
    if chosen.only is not None:
        print(json.dumps(_piece(chosen.only)), flush=True)
        return 0
    lines = _logged(chosen.log)
    waiting = [seed for seed in range(chosen.cases // PIECE) if seed not in {line["seed"] for line in lines}]
    lines += _run(waiting, chosen.processes, chosen.log)
    kinds: Counter[str] = Counter()
    for line in lines:
        kinds.update(line["kinds"])
    found = [why for line in lines for why in line["found"]]
    passed = 1 - kinds["refused"] / max(1, sum(kinds.values()))
    print(*found[:20], sep="\n", end="\n" if found else "")
    spent = sum(line["seconds"] for line in lines)
    print(f"{sum(kinds.values()):,} cases in {spent:,.0f} s of processes: {dict(kinds)}; {passed:.1%} passed the guard")
    print(f"leaks, escapes, crashes: {len(found)}")
    return int(bool(found) or sum(kinds.values()) < chosen.cases)


def _piece(seed: int) -> dict[str, object]:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        pair = twins(Path(folder), workers=0, timeout=5.0)
        files = [Path(folder) / f"side{side}.duckdb" for side in (0, 1)]
        before = [file.read_bytes() for file in files]
        bench = Bench(pair)
        gc.freeze()  # what stays need not be looked at again with each statement's trees
        gc.set_threshold(100_000)
        tally = bench.piece(seed, PIECE)
        bench.close()
        if before != [file.read_bytes() for file in files]:
            tally.found.append(f"seed {seed}: a database file changed")
    seconds = round(time.monotonic() - started, 1)
    return {"seed": seed, "kinds": dict(tally.kinds), "found": tally.found, "seconds": seconds}


def _logged(log: Path | None) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log and log.exists() else []


def _run(waiting: list[int], processes: int, log: Path | None) -> list[dict[str, object]]:
    """A process for each piece: one that dies has crashed its host, and that is a finding."""
    running: dict[int, subprocess.Popen[str]] = {}
    lines: list[dict[str, object]] = []
    while waiting or running:
        while waiting and len(running) < processes:
            seed = waiting.pop(0)
            command = [sys.executable, "-m", "benchmarks.fuzz", "--only", str(seed)]
            running[seed] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ATTACKS.parents[3])
        seed, process = next(iter(running.items()))
        said = process.communicate()[0]
        del running[seed]
        crash = {"seed": seed, "kinds": {}, "found": [f"seed {seed}: ended with {process.returncode}"], "seconds": 0}
        lines.append(json.loads(said.splitlines()[-1]) if process.returncode == 0 else crash)
        print(f"{lines[-1]!s:.300}", flush=True)
        if log is not None:
            with log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(lines[-1]) + "\n")
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
