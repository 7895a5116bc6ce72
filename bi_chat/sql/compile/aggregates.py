"""In: a piece and the scope whose rows it is counted on. Out: its aggregate node, also over rows a join repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.conditions import conditions
from bi_chat.sql.compile.pieces import Piece
from bi_chat.sql.compile.scalars import is_time, scalar
from bi_chat.sql.compile.scope import Scope
from bi_chat.sql.expressions import AggregateText, column_name
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import Aggregate, FieldRef, Fn, Scalar

_SIMPLE: dict[Fn, Callable[..., exp.Expression]] = {
    Fn.SUM: exp.Sum,
    Fn.AVG: exp.Avg,
    Fn.MIN: exp.Min,
    Fn.MAX: exp.Max,
    Fn.STDDEV: exp.StddevSamp,
    Fn.VARIANCE: exp.Variance,
}
_ROUNDING = (exp.Median, exp.PercentileCont, exp.Quantile)
_SHELLS = (
    exp.Nullif,
    exp.AggFunc,
    exp.Filter,
    exp.Where,
    exp.Distinct,
    exp.Order,
    exp.Ordered,
    exp.WithinGroup,
    exp.IgnoreNulls,
)
# repeating a row can't change these
_STEADY = ("count_distinct", "min", "max")


def aggregate(scope: Scope, piece: Piece) -> exp.Expression:
    """The aggregate over the rows of the scope."""
    if isinstance(piece.source, AggregateText):
        return known(_from_text(scope, piece, piece.source))
    assert isinstance(piece.source, Aggregate)
    node = function(scope, piece.source)
    where = nodes.every(conditions(scope, piece.source.where))
    return known(node if where is None else exp.Filter(this=node, expression=exp.Where(this=where)))


def known(node: exp.Expression) -> exp.Expression:
    """A correlation of a constant is not a number; as such it would sort above every real one."""
    inner = node.this if isinstance(node, exp.Filter) else node
    if not isinstance(inner, exp.Corr):
        return node
    return exp.Nullif(this=node, expression=nodes.cast(exp.Literal.string("NaN"), "DOUBLE"))


def _from_text(scope: Scope, piece: Piece, part: AggregateText) -> exp.Expression:
    tree = part.node.copy()
    refs = dict(zip(part.columns, piece.columns, strict=True))
    for column in list(tree.find_all(exp.Column)):
        column.replace(scope.column(refs[column_name(column)]))
    inner = tree.this if isinstance(tree, exp.Filter) else tree
    if isinstance(inner, _ROUNDING):
        inner.set("this", nodes.cast(inner.this, "DOUBLE"))
    return tree


def function(scope: Scope, measure: Aggregate) -> exp.Expression:
    """The aggregate function without its own conditions."""
    if measure.of is None:
        if measure.function is not Fn.COUNT:
            raise Refusal("unsupported", what=measure.function.value)
        return exp.Count(this=exp.Star(), big_int=True)
    return over(
        measure.function,
        _operand(scope, measure.function, measure.of),
        distinct=measure.distinct,
        argument=measure.argument,
        other=scalar(scope, measure.other) if measure.other is not None else None,
        is_date=is_time(scope, measure.of),
    )


def _operand(scope: Scope, fn: Fn, value: Scalar) -> exp.Expression:
    node = scalar(scope, value)
    is_flag = isinstance(value, FieldRef) and scope.field(value).datatype == "Boolean"
    return nodes.cast(node, "INTEGER") if is_flag and fn not in (Fn.COUNT, Fn.MIN, Fn.MAX) else node


def over(
    fn: Fn,
    node: exp.Expression,
    *,
    distinct: bool = False,
    argument: float | None = None,
    other: exp.Expression | None = None,
    is_date: bool = False,
) -> exp.Expression:
    """A function over a node. Medians and percentiles of decimals are taken as doubles: they would be rounded else."""
    this: exp.Expression = exp.Distinct(expressions=[node]) if distinct else node
    exact = node if is_date else nodes.cast(node, "DOUBLE")
    match fn:
        case Fn.COUNT:
            return exp.Count(this=this, big_int=True)
        case Fn.MEDIAN:
            return exp.Median(this=exact)
        case Fn.PERCENTILE:
            if argument is None or not 0 <= argument <= 1:
                raise Refusal("unsupported", what=f"percentile {argument}")
            return exp.PercentileCont(this=exact, expression=nodes.number(argument))
        case Fn.CORRELATION:
            if other is None:
                raise Refusal("unsupported", what="correlation of one measure")
            return exp.Corr(this=node, expression=other)
    return _SIMPLE[fn](this=this)


def survives_repeats(pieces: Iterable[Piece], key: tuple[str, ...]) -> bool:
    """Whether each piece can be counted on repeated rows: it does not mind, or it counts rows that one column names."""
    return all(p.kind in _STEADY or (p.kind in ("count", "count_rows") and len(key) == 1) for p in pieces)


def distinct_rows(node: exp.Expression, kind: str, key: exp.Expression) -> exp.Expression:
    """A count of rows rewritten to count each row's key once."""
    if kind in _STEADY:
        return node
    inner = node.this if isinstance(node, exp.Filter) else node
    counted = key
    if kind == "count":
        known = exp.Not(this=exp.Is(this=nodes.wrapped(inner.this), expression=exp.null()))
        same = inner.this == key
        counted = key if same else exp.Case(ifs=[exp.If(this=known, true=key)])
    inner.set("this", exp.Distinct(expressions=[counted]))
    return node


def hoist(node: exp.Expression, columns: dict[str, exp.Expression], table: str) -> exp.Expression:
    """Move what an aggregate reads into named columns of an inner query; the aggregate then reads those."""
    if not isinstance(node, _SHELLS):
        if not node.find(exp.Column):
            return node
        name = next((n for n, known in columns.items() if known == node), f"v{len(columns) + 1}")
        columns.setdefault(name, node)
        return nodes.column(name, table)
    for key, value in list(node.args.items()):
        if isinstance(value, exp.Expression):
            node.set(key, hoist(value, columns, table))
        elif isinstance(value, list):
            node.set(key, [hoist(v, columns, table) if isinstance(v, exp.Expression) else v for v in value])
    return node
