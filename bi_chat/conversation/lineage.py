"""In: an answer's statement, catalog, model, rights. Out: what it was read from: tables, columns, joins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.values.catalog import Catalog
from bi_chat.values.policy import Access


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table of the statement. `rows` it has for this person; `columns` that were read, in the table's own order;
    `filtered` and `masked` say what a policy keeps back."""

    name: str
    label: str
    rows: int | None
    columns: tuple[str, ...]
    filtered: bool = False
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinRead:
    """Rows of `left` are matched with rows of `right`; `on` are pairs of columns; `keeps_all`: rows without a match
    stay."""

    left: str
    right: str
    on: tuple[tuple[str, str], ...]
    keeps_all: bool


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where an answer comes from; `ruled`: a policy is in force."""

    tables: tuple[TableRead, ...]
    joins: tuple[JoinRead, ...]
    ruled: bool = False


def lineage(sql: str, catalog: Catalog, model: SemanticModel, access: Access | None) -> Lineage:
    """Empty where there is no statement, or none that can be read."""
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb") if sql else None
    except SqlglotError:
        tree = None
    if tree is None:
        return Lineage((), (), access is not None)
    read = {t.name: t for node in tree.find_all(exp.Table) if (t := catalog.table(node.name)) is not None}
    columns = list(_columns(tree, catalog))
    by_source = {d.source.lower(): d for d in reversed(model.datasets)}
    tables = tuple(
        _table(name, tuple(c.name for c in t.columns if (name, c.name) in columns), t.rows, by_source, access)
        for name, t in read.items()
    )
    return Lineage(tables, tuple(dict.fromkeys(_joins(tree, catalog))), access is not None)


def _table(
    name: str, columns: tuple[str, ...], rows: int | None, datasets: dict[str, Dataset], access: Access | None
) -> TableRead:
    found, seen = datasets.get(name.lower()), access.table(name) if access is not None else None
    label = found.label or found.name if found is not None else name
    masked = tuple(c for c in columns if seen is not None and c in seen.masked)
    return TableRead(name, label, rows, columns, seen is not None and seen.filtered, masked)


def _names(tree: exp.Expr, catalog: Catalog) -> dict[str, str]:
    """What each table is called in the statement, and its own name."""
    found = ((t.alias_or_name.lower(), catalog.table(t.name)) for t in tree.find_all(exp.Table))
    return {called: table.name for called, table in found if table is not None}


def _columns(tree: exp.Expr, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """(table, column) of each that is named. One without its table is of the only table that has it."""
    names = _names(tree, catalog)
    for node in tree.find_all(exp.Column):
        owners = [names[node.table.lower()]] if node.table.lower() in names else []
        owners = owners or ([] if node.table else list(dict.fromkeys(names.values())))
        for owner in owners:
            table = catalog.table(owner)
            column = table.column(node.name) if table is not None else None
            if column is not None:
                yield owner, column.name


def _joins(tree: exp.Expr, catalog: Catalog) -> Iterator[JoinRead]:
    """Those between tables of the data; what the statement does with its own parts is no lineage."""
    names = _names(tree, catalog)
    for join in tree.find_all(exp.Join):
        right = names.get(join.this.alias_or_name.lower()) if isinstance(join.this, exp.Table) else None
        pairs = [p for e in _equal(join) if (p := _pair(e, names)) is not None]
        if right is None or not pairs:
            continue
        turned = [p if p[1][0] == right else (p[1], p[0]) for p in pairs]
        left = turned[0][0][0]
        on = tuple((a[1], b[1]) for a, b in turned if a[0] == left)
        yield JoinRead(left, right, on, keeps_all=join.side in ("LEFT", "FULL"))


def _equal(join: exp.Join) -> list[exp.Expr]:
    condition = join.args.get("on")
    return list(condition.find_all(exp.EQ, exp.NullSafeEQ)) if isinstance(condition, exp.Expr) else []


def _pair(node: exp.Expr, names: dict[str, str]) -> tuple[tuple[str, str], tuple[str, str]] | None:
    sides = [node.left, node.right] if isinstance(node, exp.Binary) else []
    known = [(names[s.table.lower()], s.name) for s in sides if isinstance(s, exp.Column) and s.table.lower() in names]
    return (known[0], known[1]) if len(known) == 2 else None
