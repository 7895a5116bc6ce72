"""Two databases that differ only in what a policy forbids; statements that try to tell them apart.

`twins(folder)` makes them: rows outside the filters, values under masks, hidden columns and tables all differ, and
within each group of persons the single values do. `Twins.verdict(user, sql)` runs a statement in both worlds of a user:
rows, their order, column names and messages have to be the same. `statement(rng, user)` writes a random statement.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

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


def twins(folder: Path, *, workers: int = 2, timeout: float = 20.0) -> Twins:
    """Makes both databases and opens them; one thread each, so that an order of rows can't be chance."""
    policy = folder / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    made = []
    for side in (0, 1):
        path = folder / f"side{side}.duckdb"
        with duckdb.connect(str(path)) as connection:
            _fill(connection, side)
        settings = Settings(
            cache_dir=folder / f"cache{side}", state_dir=folder / "state", threads=1, timeout=timeout, workers=workers
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
