"""In: a table, the tools of one asker. Out: its profile as that asker may see it: missing, ranges, shapes, top values.

Everything is counted by statements that pass the guard, so that a policy holds here as it does for a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlglot import exp

from bi_chat.conversation.pipeline import in_language
from bi_chat.conversation.running import Tools, run
from bi_chat.semantics.model import MASKED
from bi_chat.sql.guard import check
from bi_chat.values.answer import AnswerValue
from bi_chat.values.catalog import Column, Table
from bi_chat.values.issue import Issue
from bi_chat.values.query import Query
from bi_chat.values.result import Cell, Result

BINS = 16
TOP = 4
_EXACT_ROWS = 200_000  # above, different values are estimated
_NUMBERS = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "REAL", "HUGEINT")
_MOMENTS = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of a column; None where nothing may be or was counted. `bars` are counts of equal steps from `low`
    to `high`; `top` the most frequent values of a text column with their counts; `masked`: hidden by the policy."""

    name: str
    type: str
    missing: int | None = None
    distinct: int | None = None
    low: Cell = None
    high: Cell = None
    bars: tuple[int, ...] = ()
    top: tuple[tuple[str, int], ...] = ()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table's columns in order; `issue` says why they could not be counted; `estimated`: numbers of different
    values are; `sql` is the first of the statements."""

    table: str
    rows: int | None
    columns: tuple[ColumnFacts, ...]
    estimated: bool = False
    issue: Issue | None = None
    sql: str = ""


def refused(table: Table, because: AnswerValue) -> TableFacts:
    """A table of which only the names are known."""
    return TableFacts(table.name, None, (), issue=because.issues[0] if because.issues else None)


def table_facts(table: Table, tools: Tools, language: str) -> TableFacts:
    """Three statements at most, whatever the number of columns."""
    masked = _masked(table, tools)
    bare = tuple(ColumnFacts(c.name, c.type, masked=c.name.lower() in masked) for c in table.columns)
    columns = [c for c in table.columns if c.name.lower() not in masked]
    estimated = (table.rows or 0) > _EXACT_ROWS
    first = exp.select(*_counts(columns, estimated=estimated)).from_(_named(table))
    counted, sql = _rows(first, tools, language), first.sql("duckdb")
    if isinstance(counted, Issue):
        return TableFacts(table.name, table.rows, bare, issue=counted, sql=sql)
    known = counted.frame.row(0, named=True)
    facts = {c.name: _counted(c, at, known) for at, c in enumerate(columns)}
    _add_shapes(facts, table, tools, language)
    _add_top(facts, table, tools, language)
    return TableFacts(table.name, int(known["n"]), tuple(facts.get(b.name, b) for b in bare), estimated, sql=sql)


def _masked(table: Table, tools: Tools) -> set[str]:
    """Fields that only their names are known of."""
    found = (d for d in tools.model.datasets if d.source.lower() == table.name.lower())
    return {f.name.lower() for d in found for f in d.fields if f.kind == MASKED}


def _rows(tree: exp.Expression, tools: Tools, language: str) -> Result | Issue:
    checked = check(Query(tree), tools.catalog, row_limit=tools.row_limit)
    return in_language(checked, language) if isinstance(checked, Issue) else run(checked, tools, language)


def _named(table: Table) -> exp.Expr:
    return exp.to_table(exp.to_identifier(table.name, quoted=True).sql("duckdb"), dialect="duckdb")


def _of(column: Column) -> exp.Expr:
    return exp.column(exp.to_identifier(column.name, quoted=True))


def _is(column: Column, types: tuple[str, ...]) -> bool:
    return any(t in column.type.upper() for t in types) and "[" not in column.type


def _counts(columns: list[Column], *, estimated: bool) -> Iterator[exp.Expr]:
    """count(*), and for each column how many cells are filled and differ, and how far they range."""
    yield exp.alias_(exp.Count(this=exp.Star()), "n")
    for at, column in enumerate(columns):
        of = _of(column)
        differ = exp.ApproxDistinct(this=of) if estimated else exp.Count(this=exp.Distinct(expressions=[of]))
        yield exp.alias_(exp.Count(this=of.copy()), f"filled_{at}")
        yield exp.alias_(differ, f"differ_{at}")
        if _is(column, _NUMBERS + _MOMENTS):
            yield exp.alias_(exp.Min(this=of.copy()), f"low_{at}")
            yield exp.alias_(exp.Max(this=of.copy()), f"high_{at}")


def _counted(column: Column, at: int, known: dict[str, Cell]) -> ColumnFacts:
    return ColumnFacts(
        column.name,
        column.type,
        missing=_whole(known["n"]) - _whole(known[f"filled_{at}"]),
        distinct=_whole(known[f"differ_{at}"]),
        low=known.get(f"low_{at}"),
        high=known.get(f"high_{at}"),
    )


def _whole(cell: Cell) -> int:
    return int(cell) if isinstance(cell, int | float) else 0


# ------------------------------------------------------------------ shapes: counts in equal steps
def _add_shapes(facts: dict[str, ColumnFacts], table: Table, tools: Tools, language: str) -> None:
    columns = [c for c in table.columns if c.name in facts and len(_edges(facts[c.name])) > 1]
    wanted = [
        exp.alias_(exp.Count(this=within), f"b_{at}_{step}")
        for at, column in enumerate(columns)
        for step, within in enumerate(_steps(column, _edges(facts[column.name])))
    ]
    if not wanted:
        return
    found = _rows(exp.select(*wanted).from_(_named(table)), tools, language)
    if isinstance(found, Result):
        known = found.frame.row(0, named=True)
        for at, column in enumerate(columns):
            bars = tuple(_whole(known[f"b_{at}_{step}"]) for step in range(len(_edges(facts[column.name])) - 1))
            facts[column.name] = replace(facts[column.name], bars=bars)


def _edges(facts: ColumnFacts) -> Sequence[Cell]:
    """The borders of equal steps from low to high; none where all is one value, or where it can't be divided. A few
    whole numbers or days are a step each."""
    match facts.low, facts.high:
        case datetime() as low, datetime() as high if high > low:
            return [low + (high - low) * step / BINS for step in range(BINS)] + [high]
        case date() as low, date() as high if high > low:
            days = (high - low).days
            count = min(BINS, days + 1)
            return [low + timedelta(days=round((days + 1) * step / count)) for step in range(count + 1)]
        case int(low), int(high) if 0 < high - low < BINS:
            return [*range(low, high + 2)]
        case int(low) | float(low), int(high) | float(high) if 0 < high - low < float("inf"):
            return [low + (high - low) * step / BINS for step in range(BINS)] + [high]
    return ()


def _steps(column: Column, edges: Sequence[Cell]) -> Iterator[exp.Expr]:
    """For each step a CASE that is filled where the cell lies in it; the last one holds its end."""
    of = _of(column)
    for step, (low, high) in enumerate(pairwise(edges), 2):
        below = exp.LTE if step == len(edges) else exp.LT
        end = below(this=of.copy(), expression=_literal(high))
        inside = exp.and_(exp.GTE(this=of.copy(), expression=_literal(low)), end)
        yield exp.Case(ifs=[exp.If(this=inside, true=exp.Literal.number(1))])


def _literal(cell: Cell) -> exp.Expr:
    if isinstance(cell, datetime):
        return exp.cast(exp.Literal.string(cell.isoformat(sep=" ")), "TIMESTAMP")
    if isinstance(cell, date):
        return exp.cast(exp.Literal.string(cell.isoformat()), "DATE")
    return (
        exp.Literal.number(str(cell))
        if not str(cell).startswith("-")
        else exp.Neg(this=exp.Literal.number(str(cell)[1:]))
    )


# ------------------------------------------------------------------ the most frequent values
def _add_top(facts: dict[str, ColumnFacts], table: Table, tools: Tools, language: str) -> None:
    rows = max((f.distinct or 0 for f in facts.values()), default=0)
    columns = [c for c in table.columns if c.name in facts and _has_top(c, facts[c.name], rows)]
    if not columns:
        return
    parts = [_top_of(column, at, table) for at, column in enumerate(columns)]
    found = _rows(parts[0] if len(parts) == 1 else _together(parts), tools, language)
    if isinstance(found, Result):
        listed: dict[int, list[tuple[str, int]]] = {}
        for at, value, count in found.rows:
            listed.setdefault(_whole(at), []).append((str(value), _whole(count)))
        for at, column in enumerate(columns):
            top = tuple(sorted(listed.get(at, []), key=lambda v: (-v[1], v[0])))
            facts[column.name] = replace(facts[column.name], top=top)


def _has_top(column: Column, facts: ColumnFacts, rows: int) -> bool:
    """Text and yes-or-no columns whose values come again."""
    differ = facts.distinct or 0
    return _is(column, ("VARCHAR", "BOOLEAN", "ENUM")) and (0 < differ < rows or 0 < differ <= TOP)


def _top_of(column: Column, at: int, table: Table) -> exp.Select:
    of, count = _of(column), exp.Count(this=exp.Star())
    return (
        exp.select(
            exp.alias_(exp.Literal.number(at), "place"), exp.alias_(exp.cast(of, "VARCHAR"), "value"),
            exp.alias_(count, "n"),
        )
        .from_(_named(table))
        .where(exp.Not(this=exp.Is(this=of.copy(), expression=exp.Null())))
        .group_by(of.copy())
        .order_by(exp.Ordered(this=count.copy(), desc=True, nulls_first=False), of.copy())
        .limit(TOP)
    )  # fmt: skip


def _together(parts: list[exp.Select]) -> exp.Expression:
    tree: exp.Expression = exp.Subquery(this=parts[0])
    for part in parts[1:]:
        tree = exp.Union(this=tree, expression=exp.Subquery(this=part), distinct=False)
    return tree
