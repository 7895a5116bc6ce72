"""In: an inspected parse tree and the catalog. Out: a Refusal where the statement blows up although each part is small.

A text put together with itself in thirty nested queries has 2^30 letters; a table joined with itself as often has 2^30
columns, and the engine builds them before it can be stopped. So three figures are carried up from the tables: columns
of a query, size of its largest value (a stored value counts 1), and how many queries it is once names are followed.
"""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.sql.guard import limits
from bi_chat.sql.guard.names import folded
from bi_chat.sql.guard.parse import Json, Node
from bi_chat.sql.guard.refusal import Refusal
from bi_chat.sql.guard.tree import arguments, children, node, text, texts
from bi_chat.values.catalog import Catalog

MAX_COLUMNS = 5_000
MAX_SIZE = 20_000.0
MAX_QUERIES = 5_000
MAX_COMPARED = 50.0

_AGGREGATED = 100.0  # what a list or text gathered from many rows counts as
_PROBE = 1_000.0


@dataclass(frozen=True, slots=True)
class Extent:
    """Columns, size of the largest value, number of queries."""

    columns: int
    size: float
    queries: int


Names = dict[str, Extent]


def check_extent(root: Node, catalog: Catalog, *, compiled: bool = False) -> None:
    """Raises Refusal where a statement's columns, values or nesting grow beyond reason."""
    _Measure(catalog, compiled).query(root, {})


class _Measure:
    def __init__(self, catalog: Catalog, compiled: bool) -> None:
        self.catalog = catalog
        self.compiled = compiled

    def query(self, at: Node, names: Names) -> Extent:
        names = self.with_names(at, names)
        kind = at.get("type")
        if kind == "SELECT_NODE":
            found = self.select(at, names)
        elif kind == "RECURSIVE_CTE_NODE":
            found = self.recursive(at, names)
        else:
            sides = [self.query(side, names) for side in (*children(at.get("children")), *_nodes(at, "left", "right"))]
            found = _side_by_side(sides, columns=max((s.columns for s in sides), default=1))
        return _within_limits(found)

    def with_names(self, at: Node, names: Names) -> Names:
        for entry in children((node(at.get("cte_map")) or {}).get("map")):
            body = node((node(entry.get("value")) or {}).get("query_node"))
            if body is not None:
                names = {**names, folded(text(entry.get("key"))): self.query(body, names)}
        return names

    def select(self, at: Node, names: Names) -> Extent:
        source = self.table(node(at.get("from_table")), names)
        names = {**names, **self.stored(node(at.get("from_table")), names)}
        parts = [self.expression(item, source, names) for item in children(at.get("select_list"))]
        others = [self.expression(at.get(k), source, names) for k in _CLAUSES]
        columns = sum(
            self.width(item, source, part) for item, part in zip(children(at.get("select_list")), parts, strict=True)
        )
        size = max([1.0, *(p.size for p in parts)])
        return Extent(columns, size, source.queries + sum(p.queries for p in (*parts, *others)))

    def width(self, item: Node, source: Extent, found: Extent) -> int:
        """Columns that one item of a SELECT list becomes."""
        if _mentions_star(item):
            return source.columns + (int(found.size) if item.get("relation_name") else 0)
        return int(found.size) if text(item.get("function_name")).lower() == "unnest" else 1

    def recursive(self, at: Node, names: Names) -> Extent:
        """A value may grow by something each time round, never by a multiple of itself."""
        start = self.query(node(at.get("left")) or {}, names)
        own, body = folded(text(at.get("cte_name"))), node(at.get("right")) or {}
        sizes = [self.query(body, {**names, own: Extent(start.columns, size, 1)}).size for size in (_PROBE, 2 * _PROBE)]
        if sizes[1] - sizes[0] > 1.5 * _PROBE or sizes[0] >= 2 * _PROBE:
            raise Refusal("A recursive query may not multiply a text or list by itself.", advice="Add a fixed part.")
        return Extent(start.columns, start.size, start.queries + 1)

    # Tables ----------------------------------------------------------------------------------------------------

    def table(self, at: Node | None, names: Names) -> Extent:
        kind = at.get("type") if at is not None else "EMPTY"
        if at is None or kind == "EMPTY":
            return Extent(1, 1.0, 1)
        if kind == "BASE_TABLE":
            return self.named(at, names)
        if kind == "SUBQUERY":
            return self.query(node((node(at.get("subquery")) or {}).get("node")) or {}, names)
        if kind == "JOIN":
            both = [self.table(side, names) for side in _nodes(at, "left", "right")]
            return _within_limits(_side_by_side([*both, self.expression(at.get("condition"), _NOTHING, names)]))
        if kind == "PIVOT":
            return self.pivot(at, names)
        if kind == "EXPRESSION_LIST":
            row = max((len(r) for r in _lists(at.get("values"))), default=1)
            return Extent(row, self.expression(at.get("values"), _NOTHING, names).size, 1)
        return Extent(2, max(1.0, self.expression(node(at.get("function")), _NOTHING, names, as_table=True).size), 1)

    def named(self, at: Node, names: Names) -> Extent:
        name = text(at.get("table_name"))
        if (found := names.get(folded(name))) is not None and not at.get("schema_name"):
            return found
        table = self.catalog.table(name)
        return Extent(len(table.columns) if table else 1, 1.0, 1)

    def stored(self, at: Node | None, names: Names) -> Names:
        """`alias.column` of each stored table here; such a column has its own size, whatever stands beside it."""
        if at is None or at.get("type") not in ("BASE_TABLE", "JOIN"):
            return {}
        if at.get("type") == "JOIN":
            return {**self.stored(node(at.get("left")), names), **self.stored(node(at.get("right")), names)}
        name = text(at.get("table_name"))
        table = self.catalog.table(name)
        if table is None or folded(name) in names:
            return {}
        alias = folded(text(at.get("alias")) or name)
        return {f"{_COLUMN}{alias}.{folded(c.name)}": Extent(1, 1.0, 0) for c in table.columns}

    def pivot(self, at: Node, names: Names) -> Extent:
        source = self.table(node(at.get("source")), names)
        made = len(children(at.get("aggregates"))) or 1
        for pivot in children(at.get("pivots")):
            made *= max(1, len(children(pivot.get("entries"))))
        return _within_limits(Extent(source.columns + made, source.size, source.queries + 1))

    # Expressions -----------------------------------------------------------------------------------------------

    def expression(self, value: Json, source: Extent, names: Names, *, as_table: bool = False) -> Extent:
        """The largest value below, and how many queries stand in it; the columns say nothing here."""
        if isinstance(value, list):
            return _largest([self.expression(v, source, names) for v in value])
        if not isinstance(value, dict):
            return _NOTHING
        kind = value.get("class")
        if kind == "COLUMN_REF":
            path = [folded(n) for n in texts(value.get("column_names"))]
            known = names.get(_COLUMN + ".".join(path)) or names.get(_LAMBDA + path[0]) if path else None
            return Extent(1, (known or source).size, 0)
        if kind == "SUBQUERY":
            inner = self.query(node((node(value.get("subquery")) or {}).get("node")) or {}, names)
            return _largest([inner, self.expression(value.get("child"), source, names)])
        if kind in ("FUNCTION", "WINDOW") or value.get("type") == "ARRAY_CONSTRUCTOR":
            return self.call(value, source, names, as_table=as_table)
        return _largest([self.expression(v, source, names) for v in value.values() if isinstance(v, dict | list)])

    def call(self, at: Node, source: Extent, names: Names, *, as_table: bool) -> Extent:
        name = text(at.get("function_name")).lower() or "list_value"
        parts = [self.expression(a, source, names) for a in arguments(at)]
        rest = [self.expression(v, source, names) for k, v in at.items() if k not in ("arguments", "children")]
        sizes = [p.size for p in parts]
        size = max(sizes, default=0.0)
        if name in limits.TOGETHER:
            size = sum(sizes)
        elif name in limits.ITERATED:
            size = max(1.0, sizes[0] if sizes else 1.0) * max(1.0, *sizes[1:], 1.0)
        if name in limits.REDUCED:
            self.check_reduced(at, source, names)
        if name in limits.QUADRATIC and size > MAX_COMPARED:
            raise Refusal(f"{name}() over texts put together is refused.", advice="Compare single values.")
        size = size * _AGGREGATED if name in limits.GATHERED else size
        size = size if as_table else max(1.0, size) * limits.factor(at, name, compiled=self.compiled)
        return _within_limits(Extent(1, size, sum(p.queries for p in (*parts, *rest))))

    def check_reduced(self, at: Node, source: Extent, names: Names) -> None:
        """The running value of a reduction may grow by a part each time, never by a multiple of itself."""
        for argument in arguments(at):
            if argument.get("class") != "LAMBDA":
                continue
            running = _variables(node(argument.get("lhs")))[:1]
            sizes = []
            for size in (_PROBE, 2 * _PROBE):
                inner = {**names, **{_LAMBDA + n: Extent(1, size, 0) for n in running}}
                sizes.append(self.expression(node(argument.get("expr")), source, inner).size)
            if sizes[1] - sizes[0] > 1.5 * _PROBE or sizes[0] >= 2 * _PROBE:
                raise Refusal("A reduction may not multiply a text or list by itself.", advice="Add a fixed part.")


_NOTHING = Extent(1, 0.0, 0)
_LAMBDA, _COLUMN = "\0lambda ", "\0column "  # no table has such a name
_CLAUSES = ("where_clause", "group_expressions", "having", "qualify", "modifiers")


def _variables(parameters: Node | None) -> list[str]:
    """Names of a lambda's parameters: one column, or a row of them."""
    if parameters is None:
        return []
    if parameters.get("class") == "COLUMN_REF":
        return [folded(n) for n in texts(parameters.get("column_names"))]
    return [name for part in arguments(parameters) for name in _variables(part)]


def _nodes(at: Node, *keys: str) -> list[Node]:
    return [found for key in keys if (found := node(at.get(key))) is not None]


def _lists(value: Json) -> list[list[Json]]:
    return [v for v in value if isinstance(v, list)] if isinstance(value, list) else []


def _mentions_star(at: Json) -> bool:
    if isinstance(at, list):
        return any(_mentions_star(v) for v in at)
    if not isinstance(at, dict):
        return False
    if at.get("class") == "SUBQUERY":
        return False
    return at.get("class") == "STAR" or any(_mentions_star(v) for v in at.values() if isinstance(v, dict | list))


def _largest(parts: list[Extent]) -> Extent:
    return Extent(1, max((p.size for p in parts), default=0.0), sum(p.queries for p in parts))


def _side_by_side(parts: list[Extent], *, columns: int | None = None) -> Extent:
    total = sum(p.columns for p in parts) if columns is None else columns
    return Extent(total, max([1.0, *(p.size for p in parts)]), 1 + sum(p.queries for p in parts))


def _within_limits(found: Extent) -> Extent:
    if found.columns > MAX_COLUMNS:
        raise Refusal(f"The statement makes more than {MAX_COLUMNS:,} columns.", advice="Name the columns you need.")
    if found.size > MAX_SIZE:
        raise Refusal("Its values grow too much, each made of the one before.", advice="Use smaller numbers.")
    if found.queries > MAX_QUERIES:
        raise Refusal(f"The statement stands for more than {MAX_QUERIES:,} queries.", advice="Nest it less.")
    return found
