"""In: names and values. Out: sqlglot nodes, quoted or escaped by construction, built without parsing or copying."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlglot import exp

from bi_chat.values.period import Grain
from bi_chat.values.plan import Scalarish

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# DuckDB's reserved words and those that are taken as functions or types: as a name they must be quoted
_WORDS = (
    "all analyse analyze and anti any array as asc asof asymmetric at authorization between bigint binary bit boolean "
    "both by case cast char character check coalesce collate collation column columns concurrently constraint create "
    "cross dec decimal default deferrable desc describe distinct do else end except exists extract false fetch float "
    "for foreign freeze from full generated glob grant group grouping grouping_id having ilike in initially inner "
    "inout int integer intersect interval into is isnull join lambda lateral leading left like limit map national "
    "natural nchar none not notnull null nullif numeric offset on only or order out outer overlaps overlay pivot "
    "pivot_longer pivot_wider placing plan position positional precision primary qualify real references returning "
    "right row rows select semi setof show similar smallint some struct substring summarize symmetric table "
    "tablesample then time timestamp to trailing treat trim true try_cast tuple union unique unpack unpivot using "
    "values varchar variadic verbose when where window with xmlelement "
)
_RESERVED = frozenset(_WORDS.split())


def identifier(name: str) -> exp.Identifier:
    """A name, quoted unless it is plain and no keyword."""
    return exp.Identifier(this=name, quoted=not _PLAIN.match(name) or name.lower() in _RESERVED)


def column(name: str, table: str | None = None) -> exp.Column:
    """`table.name`."""
    return exp.Column(this=identifier(name), table=identifier(table) if table else None)


def literal(value: Scalarish) -> exp.Expression:
    """A constant. Raises ValueError for infinities and not-a-number, which SQL text can't carry."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("not a finite number")
        value = int(value) if value.is_integer() and abs(value) < 1e15 else value
    node = exp.convert(value)
    assert isinstance(node, exp.Expression)
    return node


def number(value: float) -> exp.Expression:
    """A numeric constant."""
    return literal(value)


def day(value: date) -> exp.Expression:
    """A date constant (the day of a datetime)."""
    return literal(value.date() if isinstance(value, datetime) else value)


def alias(node: exp.Expression, name: str) -> exp.Expression:
    """`node AS name`."""
    return exp.Alias(this=node, alias=identifier(name))


def table(name: str, as_name: str | None = None) -> exp.Table:
    """A single-name table with an alias where it differs."""
    node = exp.Table(this=identifier(name))
    if as_name and as_name.lower() != name.lower():
        node.set("alias", exp.TableAlias(this=identifier(as_name)))
    return node


def derived(select: exp.Query, as_name: str) -> exp.Subquery:
    """`(select) AS as_name`."""
    return exp.Subquery(this=select, alias=exp.TableAlias(this=identifier(as_name)))


def join(to: exp.Expression, on: exp.Expression | None, side: str = "LEFT") -> exp.Join:
    """A join clause; without `on` a cross join."""
    if on is None:
        return exp.Join(this=to, kind="CROSS")
    if side == "INNER":
        return exp.Join(this=to, on=on)
    return exp.Join(this=to, side=side, kind="OUTER" if side == "FULL" else None, on=on)


def every(conditions: Iterable[exp.Expression]) -> exp.Expression | None:
    """All of the conditions; None when there are none."""
    return _chain(exp.And, conditions)


def either(conditions: Iterable[exp.Expression]) -> exp.Expression | None:
    """At least one of the conditions; None when there are none."""
    return _chain(exp.Or, conditions)


def _chain(kind: type[exp.And] | type[exp.Or], conditions: Iterable[exp.Expression]) -> exp.Expression | None:
    found: exp.Expression | None = None
    for node in conditions:
        part = exp.Paren(this=node) if isinstance(node, exp.Or | exp.And) and not isinstance(node, kind) else node
        found = part if found is None else kind(this=found, expression=part)
    return found


def cast(node: exp.Expression, to: str) -> exp.Expression:
    """CAST(node AS to)."""
    return exp.Cast(this=node, to=exp.DataType.build(to, dialect="duckdb"))


def wrapped(node: exp.Expression) -> exp.Expression:
    """The node in parentheses where it is an operation, so that precedence can't change its meaning."""
    return exp.Paren(this=node) if isinstance(node, exp.Binary | exp.Unary) and not isinstance(node, exp.Dot) else node


def call(name: str, *args: exp.Expression) -> exp.Expression:
    """A function call by name."""
    return exp.Anonymous(this=name.upper(), expressions=list(args))


def coalesce(*nodes: exp.Expression) -> exp.Expression:
    """The first value that is not missing."""
    return exp.Coalesce(this=nodes[0], expressions=list(nodes[1:]))


def arithmetic(op: str, left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """left op right; a division by zero gives NULL, and whole numbers are divided exactly."""
    left, right = wrapped(left), wrapped(right)
    if op == "/":
        return exp.Div(this=left, expression=exp.Nullif(this=right, expression=exp.Literal.number(0)))
    kinds: dict[str, type[exp.Add | exp.Sub | exp.Mul]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
    if op not in kinds:
        raise ValueError(f"unknown operation {op!r}")
    return kinds[op](this=left, expression=right)


def same(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """Equal, where missing equals missing."""
    return exp.NullSafeEQ(this=left, expression=right)


def window(
    node: exp.Expression,
    *,
    partition: Sequence[exp.Expression] = (),
    order: Sequence[exp.Expression] = (),
    rows: int | None = None,
) -> exp.Expression:
    """node OVER (PARTITION BY … ORDER BY … ROWS BETWEEN `rows` PRECEDING AND CURRENT ROW); rows -1 = unbounded."""
    found = exp.Window(this=node, partition_by=list(partition))
    if order:
        found.set("order", exp.Order(expressions=list(order)))
    if rows is not None:
        start: str | exp.Expression = "UNBOUNDED" if rows < 0 else exp.Literal.number(rows)
        found.set(
            "spec", exp.WindowSpec(kind="ROWS", start=start, start_side="PRECEDING", end="CURRENT ROW", end_side=None)
        )
    return found


def ordered(node: exp.Expression, *, descending: bool = False) -> exp.Expression:
    """A sort key; missing values come last either way."""
    return exp.Ordered(this=node, desc=descending, nulls_first=False)


def moved(node: exp.Expression, grain: Grain, by: int) -> exp.Expression:
    """A date moved by whole grains, as a date (hours: as a timestamp)."""
    sign, count = (exp.Add, by) if by >= 0 else (exp.Sub, -by)
    unit, count = ("MONTH", count * 3) if grain is Grain.QUARTER else (grain.value.upper(), count)
    if grain is Grain.WEEK:
        unit, count = "DAY", count * 7
    step = exp.Interval(this=exp.Literal.string(str(count)), unit=exp.Var(this=unit))
    node = sign(this=wrapped(node), expression=step)
    return node if grain is Grain.HOUR else cast(node, "DATE")


def interval(grain: Grain) -> exp.Interval:
    """One grain as an interval."""
    unit, count = {Grain.QUARTER: ("MONTH", 3), Grain.WEEK: ("DAY", 7)}.get(grain, (grain.value.upper(), 1))
    return exp.Interval(this=exp.Literal.string(str(count)), unit=exp.Var(this=unit))
