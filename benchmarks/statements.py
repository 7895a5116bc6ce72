"""Random statements over the tables of `interference.py`: `statement(rng, user)`, `mixed(rng, user, known)`.

Most are sound, some name what is hidden. Pieces stand in statements.yaml: expressions by what they give, and whole
shapes (windows, recursion, correlation, pivots) in which a hidden row might show. Each is short: a planner that can be
tricked can be tricked by one line, and a million short ones see more of it than a hundred thousand long ones.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import yaml

from benchmarks.guard import mutated

_PIECES = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
TABLES = {
    "accounts": {
        "int": "account_id balance",
        "text": "branch owner iban phone level score",
        "day": "opened",
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
PROTECTED, REFUSED, JOINS, STARS, SHAPES = (
    _PIECES[name].splitlines() for name in ("protected", "refused", "joins", "stars", "shapes")
)
_CHANGED = 0.3  # of all, so many are changes of a known or of a new statement


def mixed(rng: random.Random, user: str, known: list[str]) -> str:
    """A new statement, or a changed one."""
    if rng.random() >= _CHANGED:
        return statement(rng, user)
    new = statement(rng, user, depth=0)
    return mutated(rng, rng.choice(known) if rng.random() < 0.5 else new, [new, *known])


def statement(rng: random.Random, user: str, *, depth: int | None = None) -> str:
    """A random statement over what a user may see; `depth` is how far queries stand in each other."""
    chosen = rng.choices((0, 1, 2), (5, 4, 1))[0] if depth is None else depth
    return _Writer(rng, SEEN[user]).query(chosen)


class _Writer:
    def __init__(self, rng: random.Random, seen: tuple[str, ...]) -> None:
        self.rng = rng
        self.seen = seen
        self.columns: dict[str, list[str]] = {}
        self.grouped: list[str] = []
        self.single = False

    def query(self, depth: int) -> str:
        outer, grouped, single = self.columns, self.grouped, self.single
        made = self._shape() if self.rng.random() < 0.25 else self._select(depth)
        self.columns, self.grouped, self.single = outer, grouped, single
        roll = self.rng.random()
        if depth > 0 and roll < 0.06:
            operator = self.rng.choice(("UNION ALL", "UNION", "EXCEPT", "INTERSECT", "UNION ALL BY NAME"))
            return f"({made}) {operator} ({made if roll < 0.02 else self.query(depth - 1)})"
        if depth > 0 and roll < 0.12:
            name = self.rng.choice(("w", "accounts", "mandates", "payments"))
            return f"WITH {name} AS ({self.query(depth - 1)}) {made}"
        if depth > 0 and roll < 0.18:
            return f"SELECT * FROM ({made}) t"
        return made

    def _shape(self) -> str:
        """One of the shapes: {A} and {B} are tables, known in it as a and b."""
        names = [self._table(), self._table()]
        shape = self.rng.choice(SHAPES)
        self._know(names if "{B}" in shape else names[:1], bare=False)
        self.grouped, self.single = [], False
        return self._filled(shape.replace("{A}", names[0]).replace("{B}", names[1]), 0)

    def _select(self, depth: int) -> str:
        source = self._source(depth)
        where = self._maybe(0.6, f" WHERE {self._truth(depth)}")
        self.grouped = self._kind("text", 1) if self.rng.random() < 0.3 else []
        self.single = bool(self.grouped) or self.rng.random() < 0.45
        items = [*self.grouped, *(self._item(depth) for _ in range(self.rng.choice((1, 1, 2))))]
        text = f"SELECT {self._maybe(0.1, 'DISTINCT ')}{', '.join(items)} FROM {source}{where}"
        if self.grouped:
            text += f" GROUP BY {self.rng.choice(('ALL', self.grouped[0], f'ROLLUP ({self.grouped[0]})'))}"
            text += self._maybe(0.3, f" HAVING {self._aggregate('int')} > {self._value('int')}")
        text += self._maybe(0.4, f" ORDER BY {self.rng.choice(('ALL', '1', items[0].split(' AS ')[0]))}")
        return text + self._maybe(0.3, f" LIMIT {self.rng.randint(1, 9)}")

    def _table(self) -> str:
        return self.rng.choice(self.seen) if self.rng.random() < 0.99 else self.rng.choice(("mandates", "salaries"))

    def _know(self, names: list[str], *, bare: bool) -> None:
        self.columns = {kind: [] for kind in VALUES}
        for alias, name in zip("ab", names, strict=False):
            for kind, columns in TABLES.get(name, {}).items():
                self.columns[kind] += [c if bare else f"{alias}.{c}" for c in columns.split()]

    def _source(self, depth: int) -> str:
        names = [self._table()]
        if self.rng.random() < 0.3:
            names.append(self.rng.choice(self.seen))
        self._know(names, bare=len(names) == 1 and self.rng.random() < 0.5)
        if len(names) == 1:
            return f"{names[0]} a" + self._maybe(0.02, " TABLESAMPLE reservoir(3 ROWS) REPEATABLE (7)")
        join = self.rng.choice(JOINS)
        kind = self.rng.choice(("int", "text"))
        on = ""
        if join not in ("CROSS JOIN", "NATURAL JOIN", ",", "POSITIONAL JOIN"):
            on = f" ON {self._of('a', kind)} {'>=' if 'ASOF' in join else '='} {self._of('b', kind)}"
        if join in ("SEMI JOIN", "ANTI JOIN"):
            self._know(names[:1], bare=False)
        return f"{names[0]} a {join} {names[1]} b{on}" + (self._maybe(0.1, f" AND {self._truth(0)}") if on else "")

    def _of(self, alias: str, kind: str) -> str:
        own = [c for c in self.columns[kind] if c.startswith(alias)]
        return self.rng.choice(own) if own else self._value(kind)

    def _item(self, depth: int) -> str:
        if self.rng.random() < 0.04:
            return self.rng.choice(STARS)
        made = self._aggregate(self.rng.choice(tuple(AGGREGATES))) if self.single else self._scalar(self._any(), depth)
        return made + self._maybe(0.2, f" AS {self.rng.choice(('x', 'balance', 'pay', 'branch'))}")

    def _truth(self, depth: int) -> str:
        roll = self.rng.random()
        if depth > 0 and roll < 0.1:
            return f"EXISTS ({self.query(depth - 1)})"
        if depth > 0 and roll < 0.16:
            inner = self.rng.choice(self.seen)
            column = TABLES[inner]["int"].split()[0]
            return f"{self._scalar('int', 0)} IN (SELECT i.{column} FROM {inner} i)"
        return self._scalar("truth", 1)

    def _aggregate(self, kind: str) -> str:
        if "answers" in self.seen and self.rng.random() < 0.4:
            return self.rng.choice(PROTECTED)
        if self.rng.random() < 0.01:
            return self._filled(self.rng.choice(REFUSED), 0)
        return self._filled(self.rng.choice(AGGREGATES[kind]), self.rng.random() < 0.2)

    def _scalar(self, kind: str, depth: float) -> str:
        roll = self.rng.random()
        if kind == "truth" or (depth > 0 and roll < 0.5):
            return self._filled(self.rng.choice(CALLS[kind]), depth - 1)
        known = self._kind(kind, 1)
        if roll > 0.993:
            return self.rng.choice(HIDDEN)
        return known[0] if known and roll < 0.88 else self._value(kind)

    def _filled(self, form: str, depth: float) -> str:
        def fill(found: re.Match[str]) -> str:
            if found[1] == "call":
                return self._filled(self.rng.choice(CALLS[self._any()]), 0)
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
