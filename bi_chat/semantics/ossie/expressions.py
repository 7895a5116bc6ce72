"""In: an expression of a model file. Out: DuckDB text of it and the columns it names, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PREFERRED = ("ANSI_SQL", "Ossie_SQL_2026", "DUCKDB")
_READ_AS = {
    "ANSI_SQL": "duckdb",
    "Ossie_SQL_2026": "duckdb",
    "DUCKDB": "duckdb",
    "SNOWFLAKE": "snowflake",
    "DATABRICKS": "databricks",
    "BIGQUERY": "bigquery",
}


@dataclass(frozen=True)
class Expression:
    """`columns` are (dataset or '', name) pairs; `problem` is '' when the expression is sound."""

    text: str
    columns: tuple[tuple[str, str], ...] = ()
    aggregates: bool = False
    summed: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    suggestion: str = ""


def chosen(node: object) -> tuple[str, str, int]:
    """Dialect, text and place of the entry to read: ANSI_SQL first, else the first; ('', '', 0) when there is none."""
    entries = node.get("dialects") if isinstance(node, Mapping) else None
    found = [
        (str(e.get("dialect")), str(e["expression"]), i)
        for i, e in enumerate(entries if isinstance(entries, Sequence) and not isinstance(entries, str) else ())
        if isinstance(e, Mapping) and isinstance(e.get("expression"), str) and e["expression"].strip()
    ]
    for dialect in PREFERRED:
        for entry in found:
            if entry[0] == dialect:
                return entry
    return found[0] if found else ("", "", 0)


def read_expression(text: str, dialect: str = "ANSI_SQL") -> Expression:
    """Parse a row or aggregate expression; queries and more than one statement are refused."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    read = _READ_AS.get(dialect)
    if read is None:
        return Expression(
            text, problem=f"Expressions in {dialect} can't be read.", suggestion="Add an entry in ANSI_SQL."
        )
    try:
        trees = sqlglot.parse(text, dialect=read)
    except SqlglotError as error:
        return Expression(text, problem=f"The expression {_short(text)} can't be read: {_reason(error)}.")
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        return Expression(text, problem=f"{_short(text)} must be one expression.")
    forbidden = (exp.Query, exp.DML, exp.DDL, exp.Command, exp.Join, exp.From, exp.Group, exp.Set, exp.Pragma)
    if tree.find(*forbidden):
        return Expression(
            text,
            problem=f"The expression {_short(text)} holds a query.",
            suggestion="Expressions hold no SELECT, FROM, JOIN or GROUP BY; declare a relationship or a view instead.",
        )
    return Expression(
        text if read == "duckdb" else tree.sql(dialect="duckdb"),
        columns=_columns(tree),
        aggregates=tree.find(exp.AggFunc) is not None,
        summed=tuple(
            c for s in tree.find_all(exp.Sum) for c in (_columns(s) if isinstance(s.this, exp.Column) else ())
        ),
    )


def _columns(tree: object) -> tuple[tuple[str, str], ...]:
    from sqlglot import exp

    assert isinstance(tree, exp.Expression)
    return tuple(dict.fromkeys((c.table, c.name) for c in tree.find_all(exp.Column) if c.name))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."


def _reason(error: Exception) -> str:
    details = getattr(error, "errors", None)
    first = details[0] if isinstance(details, list) and details else {}
    said = first.get("description") if isinstance(first, dict) else None
    return str(said or str(error).splitlines()[0]).rstrip(".")
