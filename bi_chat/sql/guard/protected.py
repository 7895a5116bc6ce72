"""In: an inspected parse tree and its tables. Out: a Refusal where it looks at persons instead of groups of them.

A table with a `GroupRule` shows, through its view, only rows whose combination of dimensions enough persons share.
What is left to keep is that rows are picked and grouped by dimensions alone, and that every other column is read inside
a plain sum, mean or count. Then any figure, and the difference of any two, is about whole combinations: enough persons.

Squares, products, minima and conditions inside an aggregate are refused: a few of them solve for a single value.
"""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.sql.guard.names import folded
from bi_chat.sql.guard.parse import Json, Node
from bi_chat.sql.guard.refusal import Refusal
from bi_chat.sql.guard.tree import arguments, children, node, place, text, texts
from bi_chat.values.catalog import Table

_PLAIN = frozenset({"sum", "avg", "mean", "count"})
_JOINS = frozenset({"REGULAR", "CROSS", ""})  # others pick single rows: ASOF, POSITIONAL; NATURAL names no columns


@dataclass(frozen=True, slots=True)
class _Source:
    """What stands in a FROM: `columns` is None where nobody looks inside (a subquery, a CTE, a function)."""

    alias: str
    columns: frozenset[str] | None = None
    secret: frozenset[str] = frozenset()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class _Scope:
    """The sources of the SELECT at hand and of those around it; names of CTEs hide tables."""

    sources: tuple[_Source, ...] = ()
    around: tuple[_Source, ...] = ()
    names: frozenset[str] = frozenset()

    def secret(self, path: list[str]) -> bool:
        """Whether a column path may be a protected column, here or further out."""
        return self._in(path, self.sources) or (not self._owned(path) and self._in(path, self.around))

    def own(self, path: list[str]) -> bool:
        """Whether it is a protected column of this very SELECT, so that an aggregate here is over its rows."""
        if len(path) == 1:
            return any(path[0] in s.secret for s in self.sources)
        return len(path) == 2 and any(s.alias == path[0] and path[1] in s.secret for s in self.sources)

    def _in(self, path: list[str], sources: tuple[_Source, ...]) -> bool:
        protected = [s for s in sources if s.secret]
        if any(path[0] == s.alias and len(path) == 1 for s in protected):
            return True  # the whole row
        aliases = {s.alias for s in (*self.sources, *self.around)}
        if len(path) > 1 and path[0] in aliases:
            return any(path[0] == s.alias and path[1] in s.secret for s in protected)
        return any(path[0] in s.secret for s in protected)

    def _owned(self, path: list[str]) -> bool:
        """Whether the first name is surely a column of a plain table of this SELECT."""
        return any(s.columns is not None and path[0] in s.columns for s in self.sources)


def check_protected(root: Node, sql: str, tables: dict[str, Table]) -> None:
    """Raises Refusal where a protected table is read other than in groups."""
    protected = {folded(t.name): t for t in tables.values()}
    if any(t.groups is not None for t in protected.values()):
        _Check(sql, protected).query(root, _Scope())


class _Check:
    def __init__(self, sql: str, tables: dict[str, Table]) -> None:
        self.sql = sql
        self.tables = tables

    # Queries -----------------------------------------------------------------------------------------------------
    def query(self, at: Node, scope: _Scope) -> None:
        """Any query; `scope` is what stands around it."""
        names = scope.names
        for entry in children((node(at.get("cte_map")) or {}).get("map")):
            body = node((node(entry.get("value")) or {}).get("query_node"))
            if body is not None:
                self.query(body, _Scope((), (*scope.sources, *scope.around), names))
            names = names | {folded(text(entry.get("key")))}
        if at.get("type") == "RECURSIVE_CTE_NODE":
            names = names | {folded(text(at.get("cte_name")))}
        around = _Scope((), (*scope.sources, *scope.around), names)
        if at.get("type") == "SELECT_NODE":
            self.select(at, around)
            return
        for side in (*children(at.get("children")), *_nodes(at, "left", "right")):
            self.query(side, _Scope((), around.around, names))
        self.expression(at.get("modifiers"), around)

    def select(self, at: Node, around: _Scope) -> None:
        sources = tuple(self.sources(node(at.get("from_table")), around.names))
        scope = _Scope(sources, around.around, around.names)
        protected = next((s for s in sources if s.secret), None)
        if protected is not None and at.get("sample"):
            raise self.refused(at, protected, "A sample may pick single rows.")
        self.table(node(at.get("from_table")), scope)
        aliases = {folded(text(item.get("alias"))) for item in children(at.get("select_list"))}
        for key in ("select_list", "where_clause", "group_expressions", "having", "qualify"):
            self.expression(at.get(key), scope)
        for modifier in children(at.get("modifiers")):
            self.modifier(modifier, scope, aliases)

    def modifier(self, at: Node, scope: _Scope, aliases: set[str]) -> None:
        """ORDER BY may name what the SELECT gives, also where it bears a column's name; ORDER BY ALL is all of that."""
        for order in children(at.get("orders")):
            by = node(order.get("expression")) or {}
            given = by.get("class") == "COLUMN_REF" and len(_path(by)) == 1 and _path(by)[0] in aliases
            every = by.get("class") == "STAR" and not by.get("expr") and place(self.sql, by) is None
            if not given and not every:
                self.expression(by, scope)
        for key in ("distinct_on_targets", "limit", "offset"):
            self.expression(at.get(key), scope)

    # Tables ------------------------------------------------------------------------------------------------------
    def sources(self, at: Node | None, names: frozenset[str]) -> list[_Source]:
        if at is None:
            return []
        if at.get("type") == "JOIN":
            return [s for side in _nodes(at, "left", "right") for s in self.sources(side, names)]
        name, alias = folded(text(at.get("table_name"))), folded(text(at.get("alias")))
        table = self.tables.get(name) if at.get("type") == "BASE_TABLE" else None
        if table is None or (name in names and not at.get("schema_name")):
            return [_Source(alias or name)]
        columns = frozenset(folded(c.name) for c in table.columns)
        renamed = texts(at.get("column_name_alias"))
        if table.groups is None:
            return [_Source(alias or name, None if renamed else columns)]
        secret = columns - {folded(d) for d in table.groups.dimensions}
        found = _Source(alias or name, columns, secret, table)
        if renamed or at.get("sample"):
            raise self.refused(at, found, "Its columns keep their names, and it is not sampled.")
        return [found]

    def table(self, at: Node | None, scope: _Scope) -> None:
        """Conditions of joins, and the queries below."""
        if at is None or at.get("type") in ("BASE_TABLE", "EMPTY"):
            return
        if at.get("type") == "JOIN":
            self.join(at, scope)
        elif at.get("type") == "SUBQUERY":
            inner = node((node(at.get("subquery")) or {}).get("node"))
            if inner is not None:
                self.query(inner, scope)
        elif at.get("type") == "PIVOT":
            source = node(at.get("source"))
            found = next((s for s in self.sources(source, scope.names) if s.secret), None)
            if found is not None:
                raise self.refused(at, found, "A PIVOT may not stand on it directly.")
            self.table(source, scope)
        else:
            self.expression([v for v in at.values() if isinstance(v, dict | list)], scope)

    def join(self, at: Node, scope: _Scope) -> None:
        protected = [s for s in self.sources(at, scope.names) if s.secret]
        used = {folded(n) for n in texts(at.get("using_columns"))}
        for source in protected:
            if text(at.get("ref_type")) not in _JOINS or used & source.secret:
                raise self.refused(at, source, "Join it by its dimensions, with ON.")
        for side in _nodes(at, "left", "right"):
            self.table(side, scope)
        self.expression(at.get("condition"), scope)

    # Expressions -------------------------------------------------------------------------------------------------
    def expression(self, value: Json, scope: _Scope) -> None:
        """Outside a plain aggregate no protected column may stand."""
        if isinstance(value, list):
            for part in value:
                self.expression(part, scope)
        if not isinstance(value, dict):
            return
        kind = value.get("class")
        if kind == "SUBQUERY":
            inner = node((node(value.get("subquery")) or {}).get("node"))
            if inner is not None:
                self.query(inner, scope)
            self.expression(value.get("child"), scope)
        elif kind == "FUNCTION" and self.plain_aggregate(value, scope):
            self.expression(value.get("filter"), scope)
        elif kind == "COLUMN_REF":
            self.column(value, _path(value), scope)
        elif kind in ("STAR", "POSITIONAL_REFERENCE"):
            self.star(value, scope)
        else:
            if before := folded(text(value.get("schema"))) if kind in ("FUNCTION", "WINDOW") else "":
                self.column(value, [before], scope)
            self.expression([v for v in value.values() if isinstance(v, dict | list)], scope)

    def plain_aggregate(self, at: Node, scope: _Scope) -> bool:
        """sum(column), avg(column), count(column): of a column of this SELECT, as it is."""
        given = arguments(at)
        name = text(at.get("function_name")).lower()
        orders = children((node(at.get("order_bys")) or {}).get("orders"))
        if name not in _PLAIN or len(given) != 1 or at.get("schema") or orders:
            return False
        argument = given[0]
        if argument.get("class") != "COLUMN_REF" or not scope.own(_path(argument)):
            return False
        return not at.get("distinct") or (name == "count" and self.is_person(_path(argument), scope))

    def is_person(self, path: list[str], scope: _Scope) -> bool:
        return all(
            s.table is not None and s.table.groups is not None and folded(s.table.groups.person) == path[-1]
            for s in scope.sources
            if path[-1] in s.secret
        )

    def column(self, at: Node, path: list[str], scope: _Scope) -> None:
        if path and scope.secret(path):
            every = (*scope.sources, *scope.around)
            source = next((s for s in every if s.secret and (path[-1] in s.secret or path[0] == s.alias)), None)
            raise self.refused(at, source or next(s for s in every if s.secret), f"'{path[-1]}' is not one of them.")

    def star(self, at: Node, scope: _Scope) -> None:
        """The star inside count(*) has a function of its own; any other shows all columns of a row."""
        protected = next((s for s in scope.sources if s.secret), None)
        only = folded(text(at.get("relation_name")))
        if protected is not None and (not only or only == protected.alias or at.get("class") != "STAR"):
            raise self.refused(at, protected, "A star shows whole rows.")
        self.expression([v for v in at.values() if isinstance(v, dict | list)], scope)

    def refused(self, at: Node, source: _Source, problem: str) -> Refusal:
        rule = source.table.groups if source.table is not None else None
        name = source.table.name if source.table is not None else source.alias
        by = ", ".join(rule.dimensions) if rule is not None and rule.dimensions else "nothing"
        return Refusal(
            f"{name} answers only in groups, picked by {by}. {problem}",
            advice="Ask for sum(…), avg(…) or count(…) of a column.",
            span=place(self.sql, at),
        )


def _path(column: Node) -> list[str]:
    """A column's names, without the database and schema that may stand before a table's."""
    path = [folded(n) for n in texts(column.get("column_names"))]
    while len(path) > 2 and path[0] in ("memory", "main"):
        path = path[1:]
    return path


def _nodes(at: Node, *keys: str) -> list[Node]:
    return [found for key in keys if (found := node(at.get(key))) is not None]
