"""In: the text of a field or a metric. Out: its sqlglot tree, parsed once; a metric also as its aggregates."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bi_chat.sql import nodes

_FORBIDDEN = (exp.Query, exp.Window, exp.Subquery, exp.Lambda, exp.Command)
_KINDS: dict[type[exp.Expression], str] = {exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max"}


class ExpressionFault(ValueError):
    """A text that is no usable expression; the message says why."""


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A column as written: `dataset` is '' where the text names none."""

    dataset: str
    field: str


@dataclass(frozen=True, slots=True)
class AggregateText:
    """One aggregate of a metric.

    kind: count_rows, count, count_distinct, sum, avg, min, max, other, or
    attribute (a bare column, summed at its own grain).
    """

    text: str
    kind: str
    columns: tuple[ColumnName, ...]
    node: exp.Expression = field(compare=False, repr=False)
    filtered: bool = False


@dataclass(frozen=True, slots=True)
class ParsedMetric:
    """`tree` combines the aggregates, each a Placeholder numbered as in `aggregates`; `additive` when groups add up."""

    tree: exp.Expression = field(compare=False, repr=False)
    aggregates: tuple[AggregateText, ...]
    additive: bool


@lru_cache(maxsize=4096)
def parse_row(text: str) -> exp.Expression:
    """A row-level expression. Copy before changing it. Raises ExpressionFault for anything else."""
    tree = _parse(text)
    if tree.find(*_FORBIDDEN):
        raise ExpressionFault("a field may not hold a query or a window function")
    return tree


@lru_cache(maxsize=4096)
def parse_metric(text: str) -> ParsedMetric:
    """An aggregate expression over `dataset.field`. Divisions become safe ones. Raises ExpressionFault."""
    tree = _parse(text)
    if tree.find(*_FORBIDDEN):
        raise ExpressionFault("a metric may not hold a query or a window function")
    found: list[AggregateText] = []
    tree = _outer(tree, found)
    return ParsedMetric(tree, tuple(found), _adds_up(tree, found))


def _parse(text: str) -> exp.Expression:
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError as fault:
        raise ExpressionFault("it can't be parsed") from fault
    if not isinstance(tree, exp.Expression):
        raise ExpressionFault("it is no expression")
    return tree


def _outer(node: exp.Expression, found: list[AggregateText]) -> exp.Expression:
    """The tree with each aggregate replaced by a numbered placeholder."""
    if is_aggregate(node):
        return _placeholder(_aggregate(node), found)
    if isinstance(node, exp.Column):
        name = column_name(node)
        bare = AggregateText(node.sql(dialect="duckdb"), "attribute", (name,), exp.Sum(this=node.copy()))
        return _placeholder(bare, found)
    if isinstance(node, exp.Anonymous) and node.find(exp.Column):
        raise ExpressionFault(f"{node.name} is not a known aggregate")
    for key, value in list(node.args.items()):
        if isinstance(value, exp.Expression):
            node.set(key, _outer(value, found))
        elif isinstance(value, list):
            node.set(key, [_outer(v, found) if isinstance(v, exp.Expression) else v for v in value])
    if isinstance(node, exp.Div):
        return nodes.arithmetic("/", node.this, _bare_divisor(node.expression))
    return node


def _bare_divisor(node: exp.Expression) -> exp.Expression:
    """The divisor without a NULLIF(…, 0) that the author wrote already."""
    if isinstance(node, exp.Nullif) and node.expression.sql() == "0":
        inner = node.this
        assert isinstance(inner, exp.Expression)
        return inner
    return node


def is_aggregate(node: exp.Expr) -> bool:
    """An aggregate call, with FILTER or WITHIN GROUP around it or without."""
    return isinstance(node, exp.AggFunc | exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls)


def _aggregate(node: exp.Expression) -> AggregateText:
    inner = node.this if isinstance(node, exp.Filter) else node
    if any(is_aggregate(n) for part in inner.iter_expressions() for n in part.walk() if not _is_shell(inner)):
        raise ExpressionFault("an aggregate of an aggregate needs a nested measure")
    columns = tuple(dict.fromkeys(column_name(c) for c in node.find_all(exp.Column)))
    filtered = isinstance(node, exp.Filter)
    return AggregateText(node.sql(dialect="duckdb"), _kind(inner), columns, node.copy(), filtered)


def _is_shell(node: exp.Expression) -> bool:
    return isinstance(node, exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls)


def _kind(inner: exp.Expression) -> str:
    if isinstance(inner, exp.Count):
        if isinstance(inner.this, exp.Distinct):
            return "count_distinct" if len(inner.this.expressions) == 1 else "other"
        return "count_rows" if isinstance(inner.this, exp.Star | exp.Literal) or inner.this is None else "count"
    if isinstance(inner.this, exp.Distinct) and not isinstance(inner, exp.Min | exp.Max):
        return "other"
    return _KINDS.get(type(inner), "other")


def _placeholder(found: AggregateText, all_found: list[AggregateText]) -> exp.Expression:
    all_found.append(found)
    return exp.Placeholder(this=str(len(all_found) - 1))


def column_name(node: exp.Column) -> ColumnName:
    """The names of a column; a database or catalog part is not accepted."""
    if node.args.get("db"):
        raise ExpressionFault("write dataset.field")
    return ColumnName(node.table, node.name)


def _adds_up(node: exp.Expr, found: list[AggregateText]) -> bool:
    """Whether the groups of the expression add up to its total: sums and counts, added, subtracted or scaled."""
    match node:
        case exp.Placeholder():
            return found[int(node.name)].kind in ("sum", "count", "count_rows")
        case exp.Paren() | exp.Neg():
            return _adds_up(node.this, found)
        case exp.Add() | exp.Sub():
            return _adds_up(node.left, found) and _adds_up(node.right, found)
        case exp.Mul():
            return (_adds_up(node.left, found) and _constant(node.right)) or (
                _constant(node.left) and _adds_up(node.right, found)
            )
        case exp.Div():
            return _adds_up(node.left, found) and _constant(node.right)
        case exp.Cast() | exp.Round() | exp.Coalesce():
            return not isinstance(node, exp.Round) and _adds_up(node.this, found)
    return False


def _constant(node: exp.Expr) -> bool:
    return not node.find(exp.Placeholder)
