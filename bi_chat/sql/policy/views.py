"""In: an access, the data's catalog, the secret of the installation. Out: the views that are all its user's engine has.

Each view ends with the largest LIMIT there is: the engine's optimizer moves no condition of a query below a LIMIT, so
what a query says can't be worked out on rows that the policy leaves out. docs/security.md tells what else is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bi_chat.sql import nodes
from bi_chat.sql.policy.masks import masked
from bi_chat.values.catalog import Catalog, Column, GroupRule, Table
from bi_chat.values.policy import Access, TableAccess
from bi_chat.values.view import View, Views

if TYPE_CHECKING:
    from sqlglot import exp

ALL_ROWS = 9_223_372_036_854_775_807
Source = Callable[[str], str]


def views_of(access: Access, catalog: Catalog, secret: str) -> Views:
    """One view for each table of the access; `catalog` is that of the whole data."""

    def made(source: Source) -> tuple[View, ...]:
        found = []
        for seen in access.tables:
            table = catalog.table(seen.table)
            if table is not None:
                found.append(View(table.name, _view(seen, table, catalog, source, secret), _guarded(seen)))
        return tuple(found)

    return made


def _guarded(seen: TableAccess) -> bool:
    return seen.groups is not None or any(r.rows or any(m is not None for _, m in r.columns) for r in seen.rights)


def _view(seen: TableAccess, table: Table, catalog: Catalog, source: Source, secret: str) -> str:
    from sqlglot import exp

    columns = [c for c in table.columns if c.name in set(seen.columns)]
    items = [nodes.alias(_item(seen, column, table, catalog, source, secret), column.name) for column in columns]
    select = exp.Select(expressions=items).from_(_named(table.name, table.name, source), copy=False)
    conditions = [_condition(right.rows, catalog, source) for right in seen.rights]
    visible = None if seen.filtered is False else _any(conditions)
    if visible is not None:
        select = select.where(visible, copy=False)
    if seen.groups is not None:
        select = select.where(_large_enough(seen.groups, table, visible, source), copy=False)
        if seen.groups.dimensions:  # the order of stored rows would tell who stands where
            select = select.order_by(*[nodes.column(d, table.name) for d in seen.groups.dimensions], copy=False)
    if _guarded(seen):
        select = select.limit(ALL_ROWS, copy=False)
    return select.sql(dialect="duckdb")


def _item(
    seen: TableAccess, column: Column, table: Table, catalog: Catalog, source: Source, secret: str
) -> exp.Expression:
    """A column cell by cell: clear in the rows of the grants that show it, masked or empty in the others."""
    from sqlglot import exp

    value = _plain(column, table)
    clear = [r.rows for r in seen.rights if (column.name, None) in r.columns]
    hiding = [(r.rows, m) for r in seen.rights for name, m in r.columns if name == column.name and m is not None]
    everywhere = {r.rows for r in seen.rights}
    if "" in clear or everywhere <= set(clear):
        return value
    if not clear and len({mask for _, mask in hiding}) == 1 and everywhere <= {rows for rows, _ in hiding}:
        return masked(hiding[0][1], column, value, secret)
    case = exp.Case()
    kinds = {mask.kind for _, mask in hiding}
    for rows in dict.fromkeys(clear):
        shown = value if kinds <= {"null"} else _text(value)
        case = case.when(_condition(rows, catalog, source) or exp.true(), shown.copy(), copy=False)
    for rows, mask in hiding:
        instead = masked(mask, column, value.copy(), secret)
        case = case.when(
            _condition(rows, catalog, source) or exp.true(),
            instead if kinds <= {"null"} else _text(instead),
            copy=False,
        )
    return case


def _plain(column: Column, table: Table) -> exp.Expression:
    """An enumeration becomes text: its type would list the values of rows that are left out."""
    value = nodes.column(column.name, table.name)
    return _text(value) if "ENUM(" in column.type.upper() else value


def _text(value: exp.Expression) -> exp.Expression:
    from sqlglot import exp

    return exp.Cast(this=value, to=exp.DataType.build("VARCHAR", dialect="duckdb"))


def _condition(rows: str, catalog: Catalog, source: Source) -> exp.Expression | None:
    """A bound condition whose tables are named in full, so that no name of a query can take their place."""
    import sqlglot
    from sqlglot import exp

    if not rows:
        return None
    tree = sqlglot.parse_one(rows, dialect="duckdb")
    assert isinstance(tree, exp.Expression)
    for found in list(tree.find_all(exp.Table)):
        table = catalog.table(found.name)
        if table is not None:
            found.replace(_named(table.name, found.alias or found.name, source))
    return tree if isinstance(tree, exp.Paren) else exp.Paren(this=tree)


def _any(conditions: list[exp.Expression | None]) -> exp.Expression:
    from sqlglot import exp

    known = [c for c in conditions if c is not None]
    return exp.Paren(this=exp.or_(*known, dialect="duckdb", copy=False)) if len(known) > 1 else known[0]


def _named(table: str, alias: str, source: Source) -> exp.Table:
    from sqlglot import exp

    full = exp.to_table(source(table), dialect="duckdb")
    full.set("alias", exp.TableAlias(this=nodes.identifier(alias)))
    return full


def _large_enough(groups: GroupRule, table: Table, visible: exp.Expression | None, source: Source) -> exp.Expression:
    """Only rows whose combination of dimensions is shared by enough persons among the visible rows.

    Any two sets of rows that dimensions can pick differ by whole combinations, so their difference is never small.
    """
    from sqlglot import exp

    cell = "cell"
    keys = [nodes.column(d, table.name) for d in groups.dimensions]
    persons = exp.Count(this=exp.Distinct(expressions=[nodes.column(groups.person, table.name)]))
    enough = exp.GTE(this=persons, expression=nodes.number(groups.least))
    shown = [nodes.alias(key, f"d{i}") for i, key in enumerate(keys)] or [nodes.alias(nodes.number(1), "d")]
    inner = exp.Select(expressions=shown).from_(_named(table.name, table.name, source), copy=False)
    if visible is not None:
        inner = inner.where(visible.copy(), copy=False)
    if keys:
        inner = inner.group_by(*[key.copy() for key in keys], copy=False)
    inner = inner.having(enough, copy=False)
    same: list[exp.Expression] = [
        exp.NullSafeEQ(this=nodes.column(f"d{i}", cell), expression=key.copy()) for i, key in enumerate(keys)
    ]
    found = exp.Select(expressions=[nodes.number(1)]).from_(nodes.derived(inner, cell), copy=False)
    return exp.Exists(this=found.where(*(same or [exp.true()]), copy=False))
