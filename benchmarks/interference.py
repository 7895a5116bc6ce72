"""Two databases that differ only in what a policy forbids; statements that try to tell them apart.

`twins(folder)` makes them: rows outside the filters, values under masks, hidden columns and tables all differ, and
within each group of persons the single values do. `Twins.verdict(user, sql)` runs a statement in both worlds of a user:
rows, their order, column names and messages have to be the same. `statement(rng, user)` writes a random statement.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import yaml

from bi_chat.errors import BiChatError
from bi_chat.settings import Settings
from bi_chat.sql.guard import check
from bi_chat.values.issue import Issue
from bi_chat.wiring import Connection, connect
from bi_chat.worlds.world import World

POLICY = """
version: 1
roles:
  clerk:
    datasets:
      accounts:
        fields: [account_id, branch, owner, iban, phone, balance, opened, level, score, tags]
        rows: branch IN {user.branches}
        masks: {owner: null, iban: {partial: 3}, phone: hash, score: {bucket: 10}, opened: {bucket: month}}
      payments:
        fields: all
        hide: [note]
        rows: EXISTS (SELECT 1 FROM mandates m WHERE m.who = {user.name} AND m.account_id = payments.account_id)
      branches: all
  auditor:
    datasets:
      accounts: {fields: [account_id, balance], rows: balance > 50}
  surveyor:
    datasets:
      answers: {fields: all, min_group_size: 3, person: person, dimensions: [team, year]}
      branches: all
users:
  ana: {roles: [clerk], attributes: {branches: ['7', '8']}}
  bo: {roles: [clerk, auditor], attributes: {branches: '7'}}
  cy: {roles: [surveyor]}
"""
USERS = ("ana", "bo", "cy")
CANARIES = ("zorp",)
SCHEMA = """
CREATE TYPE tier AS ENUM ('1', '2', '3', '{canary}');
CREATE TABLE accounts(account_id INTEGER PRIMARY KEY, branch VARCHAR, owner VARCHAR, iban VARCHAR, phone VARCHAR,
  balance INTEGER, opened DATE, level tier, score DOUBLE, tags VARCHAR[], pin VARCHAR);
CREATE TABLE payments(payment_id INTEGER, account_id INTEGER, amount DECIMAL(12,2), paid_at TIMESTAMP, kind VARCHAR,
  note VARCHAR);
CREATE TABLE branches(branch VARCHAR, city VARCHAR, opened INTEGER);
CREATE TABLE mandates(who VARCHAR, account_id INTEGER);
CREATE TABLE salaries(owner VARCHAR, salary INTEGER);
CREATE TABLE answers(person INTEGER, name VARCHAR, team VARCHAR, year INTEGER, mood INTEGER, pay INTEGER);
"""


@dataclass
class Twins:
    """Two connections under the same policy, and what their users' statements met."""

    first: Connection
    second: Connection
    worlds: dict[tuple[str, int], World] = field(default_factory=dict)

    def world(self, user: str, side: int) -> World:
        """A user's world on one side."""
        if (user, side) not in self.worlds:
            worlds = (self.first, self.second)[side].worlds
            assert worlds is not None
            self.worlds[user, side] = worlds.of(user)
        return self.worlds[user, side]

    def verdict(self, user: str, sql: str) -> tuple[str, str]:
        """What came out (refused, error, rows), and '' or what tells the two apart."""
        left, right = (outcome(self.world(user, side), sql) for side in (0, 1))
        if left != right:
            return left.kind, f"{user}: {sql!r}\n   {left!r:.300}\n   {right!r:.300}"
        shown = left.said + left.rows
        leaked = [c for c in CANARIES if c in shown and c not in sql]
        return left.kind, f"{user}: {sql!r} shows {leaked}" if leaked else ""

    def close(self) -> None:
        """Free both."""
        self.first.close()
        self.second.close()


@dataclass(frozen=True)
class Outcome:
    """refused, error or rows; and all that a user would see of it."""

    kind: str
    said: str
    rows: str = ""


def outcome(world: World, sql: str, *, row_limit: int = 200) -> Outcome:
    """What a user of a world gets. Floats are rounded: the order in which they are added up changes the last digits."""
    checked = check(sql, world.catalog, row_limit=row_limit)
    if isinstance(checked, Issue):
        return Outcome("refused", f"{checked.problem} {checked.exists} {checked.span}")
    try:
        result = world.engine.run(checked)
    except BiChatError as error:
        return Outcome("error", f"{type(error).__name__}: {error}")
    rows = tuple(tuple(float(f"{c:.9g}") if isinstance(c, float) else c for c in row) for row in result.rows)
    return Outcome("rows", f"{result.frame.columns} {result.frame.dtypes} {result.cut_at}", repr(rows))


def twins(folder: Path, *, workers: int = 2) -> Twins:
    """Makes both databases and opens them; one thread each, so that an order of rows can't be chance."""
    policy = folder / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    made = []
    for side in (0, 1):
        path = folder / f"side{side}.duckdb"
        with duckdb.connect(str(path)) as connection:
            _fill(connection, side)
        settings = Settings(
            cache_dir=folder / f"cache{side}", state_dir=folder / "state", threads=1, timeout=20.0, workers=workers
        )
        made.append(connect(path, policy=policy, settings=settings))
    return Twins(made[0], made[1])


def _fill(connection: duckdb.DuckDBPyConnection, side: int) -> None:
    """What may be seen is harmless: texts are numbers, numbers are small. What may not makes casts and sums fail."""
    shared, own = random.Random(5), random.Random(100 + side)
    connection.execute(SCHEMA.format(canary=f"zorp{side}"))
    rows = [_visible(shared, own, i) for i in range(40)]
    rows += [_foreign(own, side, 1_000 + i) for i in range((6, 600)[side])]
    rng = random.Random(7)
    rows = [row for _, row in sorted(((rng.random(), row) for row in rows), key=lambda p: p[0])]
    _insert(connection, "accounts", rows)
    payments = [
        (i, i % 40, shared.randint(1, 9_000) / 100, f"2024-0{1 + i % 6}-1{i % 9} 0{i % 8}:00:00", str(i % 3), "zorp")
        for i in range(120)
    ]
    payments += [
        (5_000 + i, 1_000 + i % 7, own.randint(1, 10**9) / 100, "0019-01-01", own.choice(["zorp", "x"]), "zorp")
        for i in range((3, 900)[side])
    ]
    _insert(connection, "payments", payments)
    connection.execute("INSERT INTO branches VALUES ('7', 'Oslo', 10), ('8', 'Lima', 20), ('9', 'Bonn', 30)")
    mandates = [(who, i) for who, step in (("ana", 1), ("bo", 2)) for i in range(0, 30, step)]
    mandates += [("zorp", 1_000 + own.randint(0, 6)) for _ in range(5)]
    _insert(connection, "mandates", mandates)
    _insert(connection, "salaries", [(f"zorp{side}", own.randint(1, 10**6))])
    _insert(connection, "answers", _answers(own))


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    for start in range(0, len(rows), 200):
        part = rows[start : start + 200]
        marks = ", ".join(f"({', '.join('?' * len(row))})" for row in part)
        connection.execute(f"INSERT INTO {table} VALUES {marks}", [cell for row in part for cell in row])


def _visible(shared: random.Random, own: random.Random, i: int) -> tuple[object, ...]:
    """Equal on both sides but for what masks take away."""
    branch, balance = "78"[i % 2], shared.randint(0, 100)
    day = f"2023-{1 + shared.randrange(12):02}-{1 + own.randrange(28):02}"
    score = shared.randrange(10) * 10 + own.random() * 9
    # bo's second role shows balances of all branches: the rest of such a row must be empty there
    iban = f"{own.randint(10**8, 10**9 - 1)}{100 + i}"
    level, phone = str(1 + i % 3), str(shared.randint(1, 5))
    return i, branch, f"zorp{own.random()}", iban, phone, balance, day, level, score, [branch, level], f"{own.random()}"


def _foreign(own: random.Random, side: int, i: int) -> tuple[object, ...]:
    """A row that nobody here may see: balances stay below what the auditor's role shows."""
    name = f"zorp{own.randrange(99)}"
    balance = own.randint(-(10**9), 0)
    return i, f"zorp{side}", name, name, name, balance, "0099-01-01", f"zorp{side}", own.random() * 10**9, [name], name


def _answers(own: random.Random) -> list[tuple[object, ...]]:
    """Sums and counts of each team and year are equal on both sides; who said what is not."""
    rows: list[tuple[object, ...]] = []
    for cell, (team, year) in enumerate((t, y) for t in ("1", "2", "3") for y in (2023, 2024)):
        size = 3 + cell % 3
        total = 100 * size + cell
        cuts = sorted(own.randint(0, total) for _ in range(size - 1))
        pays = [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]
        people = own.sample(range(cell * 50, cell * 50 + 50), size)
        moods = own.sample(range(size), size)
        rows += [(p, f"zorp{p}", team, year, m, pay) for p, m, pay in zip(people, moods, pays, strict=True)]
    few = own.randint(1, 2)
    rows += [(500 + i, "zorp", f"zorp{i % 2}", 2024, own.randint(1, 5), own.randint(1, 10**6)) for i in range(few)]
    return sorted(rows, key=lambda _: own.random())


# ------------------------------------------------------------------ random statements
_PIECES = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
TABLES = {
    "accounts": {
        "int": "account_id balance",
        "text": "branch owner iban phone level",
        "day": "opened",
        "real": "score",
        "list": "tags",
    },
    "payments": {"int": "payment_id account_id", "text": "kind", "day": "paid_at", "real": "amount"},
    "branches": {"int": "opened", "text": "branch city"},
    "answers": {"int": "year", "text": "team"},
}
SEEN = {
    "ana": ("accounts", "payments", "branches"),
    "bo": ("accounts", "payments"),
    "cy": ("answers", "answers", "branches"),
}
HIDDEN = ("pin", "note", "salary", "rowid", "who", "a", "b")
VALUES, CALLS, AGGREGATES = (
    {kind: lines.splitlines() for kind, lines in _PIECES[name].items()} for name in ("values", "calls", "aggregates")
)
PROTECTED, REFUSED, JOINS, STARS = (_PIECES[name].splitlines() for name in ("protected", "refused", "joins", "stars"))


def statement(rng: random.Random, user: str, *, depth: int = 2) -> str:
    """A random statement over what a user may see: most are sound, some name what is hidden."""
    return _Writer(rng, SEEN[user]).query(depth)


class _Writer:
    def __init__(self, rng: random.Random, seen: tuple[str, ...]) -> None:
        self.rng = rng
        self.seen = seen
        self.columns: dict[str, list[str]] = {}
        self.grouped: list[str] = []

    def query(self, depth: int) -> str:
        outer, grouped = self.columns, self.grouped
        made = self._select(depth)
        self.columns, self.grouped = outer, grouped
        roll = self.rng.random()
        if depth > 0 and roll < 0.06:
            operator = self.rng.choice(("UNION ALL", "UNION", "EXCEPT", "INTERSECT"))
            return f"({made}) {operator} ({self.query(depth - 1)})"
        if depth > 0 and roll < 0.12:
            name = self.rng.choice(("w", "accounts", "mandates", "payments"))
            return f"WITH {name} AS ({self.query(depth - 1)}) {made}"
        if depth > 0 and roll < 0.18:
            return f"SELECT * FROM ({made}) t"
        return made

    def _select(self, depth: int) -> str:
        source = self._source(depth)
        where = self._maybe(0.6, f" WHERE {self._truth(depth)}")
        self.grouped = self._kind("text", 1) if self.rng.random() < 0.4 else []
        items = [*self.grouped, *(self._item(depth) for _ in range(self.rng.randint(1, 2)))]
        text = f"SELECT {self._maybe(0.1, 'DISTINCT ')}{', '.join(items)} FROM {source}{where}"
        if self.grouped:
            text += f" GROUP BY {self.rng.choice(('ALL', self.grouped[0], f'ROLLUP ({self.grouped[0]})'))}"
            text += self._maybe(0.3, f" HAVING {self._aggregate('int')} > {self._value('int')}")
        text += self._maybe(0.4, f" ORDER BY {self.rng.choice(('ALL', '1', items[0]))}")
        return text + self._maybe(0.3, f" LIMIT {self.rng.randint(1, 9)}")

    def _source(self, depth: int) -> str:
        names = [self.rng.choice(self.seen) if self.rng.random() < 0.98 else self.rng.choice(("mandates", "salaries"))]
        if self.rng.random() < 0.35:
            names.append(self.rng.choice(self.seen))
        bare = len(names) == 1 and self.rng.random() < 0.5
        self.columns = {kind: [] for kind in VALUES}
        for alias, name in zip("ab", names, strict=False):
            for kind, columns in TABLES.get(name, {}).items():
                self.columns[kind] += [c if bare else f"{alias}.{c}" for c in columns.split()]
        if len(names) == 1:
            return f"{names[0]} a" + self._maybe(0.03, " TABLESAMPLE reservoir(3 ROWS) REPEATABLE (7)")
        join = self.rng.choice(JOINS)
        kind = self.rng.choice(("int", "text"))
        bare_join = join in ("CROSS JOIN", "NATURAL JOIN", ",")
        on = (
            ""
            if bare_join
            else f" ON {self._scalar(kind, 0)} {'>=' if 'ASOF' in join else '='} {self._scalar(kind, 0)}"
        )
        return f"{names[0]} a {join} {names[1]} b{on}" + (self._maybe(0.2, f" AND {self._truth(0)}") if on else "")

    def _item(self, depth: int) -> str:
        roll = self.rng.random()
        if roll < 0.05:
            return self.rng.choice(STARS)
        single = self.grouped or roll < 0.5
        made = self._aggregate(self.rng.choice(tuple(AGGREGATES))) if single else self._scalar(self._any(), depth)
        return made + self._maybe(0.2, f" AS {self.rng.choice(('x', 'balance', 'pay', 'branch'))}")

    def _truth(self, depth: int) -> str:
        roll = self.rng.random()
        if depth > 0 and roll < 0.1:
            return f"EXISTS ({self.query(depth - 1)})"
        if depth > 0 and roll < 0.16:
            return f"{self._scalar('int', 0)} IN (SELECT {self._scalar('int', 0)} FROM {self.rng.choice(self.seen)} a)"
        return self._scalar("truth", 2)

    def _aggregate(self, kind: str) -> str:
        if "answers" in self.seen and self.rng.random() < 0.4:
            return self.rng.choice(PROTECTED)
        if self.rng.random() < 0.02:
            return self._filled(self.rng.choice(REFUSED), 0)
        return self._filled(self.rng.choice(AGGREGATES[kind]), self.rng.random() < 0.2)

    def _scalar(self, kind: str, depth: float) -> str:
        roll = self.rng.random()
        if kind == "truth" or (depth > 0 and roll < 0.5):
            return self._filled(self.rng.choice(CALLS[kind]), depth - 1)
        known = self._kind(kind, 1)
        if roll > 0.985:
            return self.rng.choice(HIDDEN)
        return known[0] if known and roll < 0.88 else self._value(kind)

    def _filled(self, form: str, depth: float) -> str:
        def fill(found: re.Match[str]) -> str:
            return self._value("truth") if found[1] == "truth" and depth < -1 else self._scalar(found[1], depth)

        return re.sub(r"\{(\w+)\}", fill, form)

    def _kind(self, kind: str, count: int) -> list[str]:
        known = self.columns.get(kind) or []
        return [self.rng.choice(known) for _ in range(count)] if known else []

    def _any(self) -> str:
        return self.rng.choice(("int", "text", "day", "real", "truth"))

    def _value(self, kind: str) -> str:
        return self.rng.choice(VALUES[kind])

    def _maybe(self, chance: float, text: str) -> str:
        return text if self.rng.random() < chance else ""
