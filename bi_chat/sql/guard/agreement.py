"""In: sqlglot's tree and what the engine's tree holds. Out: a Refusal where the two don't see the same statement.

The engine's tree decides; sqlglot is the tool that rewrites, explains and traces. A text that both read alike leaves
no room for a trick between them: same kind, same mentions of tables, same functions, and no name that only one sees.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from bi_chat.sql.guard.names import folded
from bi_chat.sql.guard.parse import Node
from bi_chat.sql.guard.refusal import Refusal
from bi_chat.sql.guard.walk import Inspection

if TYPE_CHECKING:
    from sqlglot import exp

_DISAGREE = "This statement can be read in two ways."
_ADVICE = "Write it in plainer SQL: one clause at a time, names in double quotes."


def read(text: str) -> exp.Expr:
    """sqlglot's tree of the single statement in `text`."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, RecursionError):
        raise Refusal(f"{_DISAGREE[:-1]} or only in part.", advice=_ADVICE) from None
    if len(trees) != 1 or trees[0] is None:
        raise Refusal("Only one statement is run at a time.", advice="Ask for one SELECT.")
    return trees[0]


def compare(tree: exp.Expr, root: Node, seen: Inspection) -> None:
    """Raises Refusal unless both trees agree."""
    from sqlglot import exp

    _check_kind(tree, root)
    mentions: Counter[str] = Counter()
    classes: set[type[exp.Expr]] = set()
    anonymous: set[str] = set()
    names: set[str] = set()
    columns: set[str] = set()
    for part in tree.walk():
        if isinstance(part, exp.Table):
            if isinstance(part.this, exp.Identifier):
                mentions[folded(part.name)] += 1
        elif isinstance(part, exp.Anonymous | exp.AnonymousAggFunc):
            anonymous.add(folded(part.name))
        elif isinstance(part, exp.Identifier | exp.Literal | exp.Var):
            names.add(folded(part.name))
        elif isinstance(part, exp.Column) and isinstance(part.this, exp.Identifier):
            columns.add(folded(part.name))
        if isinstance(part, exp.Func | exp.Window | exp.Pivot):
            classes.add(type(part))
    if mentions != seen.mentions:
        raise _disagreement("tables", sorted(set(mentions) ^ set(seen.mentions)))
    _check_functions(seen.functions, classes, anonymous)
    _check_columns(seen, names | anonymous, columns)


def _check_kind(tree: exp.Expr, root: Node) -> None:
    from sqlglot import exp

    inner = tree
    while isinstance(inner, exp.Subquery | exp.Paren):
        inner = inner.this
    set_operation = isinstance(inner, exp.SetOperation)
    query = isinstance(inner, exp.Select | exp.Values | exp.Pivot | exp.Table | exp.SetOperation)
    if not query or (set_operation and root.get("type") != "SET_OPERATION_NODE"):
        raise _disagreement("kind of statement", [])


def _check_functions(called: dict[str, int], classes: set[type[exp.Expr]], anonymous: set[str]) -> None:
    if stray := anonymous - set(called) - _REWRITTEN:
        raise _disagreement("functions", sorted(stray))
    for name, count in called.items():
        if name in anonymous or name in _REWRITTEN or classes & _classes_of(name, count):
            continue
        raise _disagreement("functions", [name])


def _check_columns(seen: Inspection, theirs: set[str], columns: set[str]) -> None:
    ours = seen.columns | seen.names | set(seen.functions)
    only_engine = seen.columns - theirs - _BARE_WORDS
    only_sqlglot = columns - ours - _BARE_WORDS
    if only_engine or only_sqlglot:
        raise _disagreement("columns", sorted(only_engine | only_sqlglot))


@lru_cache(maxsize=2048)
def _classes_of(name: str, count: int) -> frozenset[type[exp.Expr]]:
    """The node classes that sqlglot may use for a call of that name with that many arguments."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    found: set[type[exp.Expr]] = set()
    for width in {count, max(0, count - 1), count + 1}:
        for argument in ("a", "CAST(a AS DATE)", "'day'"):
            try:
                tree = sqlglot.parse_one(f"SELECT {name}({', '.join([argument] * width)})", dialect="duckdb")
            except SqlglotError:
                continue
            found |= {type(f) for f in tree.find_all(exp.Func)}
    return frozenset(found)


def _disagreement(what: str, names: list[str]) -> Refusal:
    shown = f" ({', '.join(names[:3])})" if names else ""
    return Refusal(f"{_DISAGREE[:-1]}: the {what}{shown} are not certain.", advice=_ADVICE)


# Names that one of the two parsers gives to plain syntax: INTERVAL, EXTRACT, AT TIME ZONE, {…}, [… FOR …], x IN list.
_REWRITTEN = frozenset(
    [
        "to_days",
        "to_hours",
        "to_minutes",
        "to_seconds",
        "to_milliseconds",
        "to_microseconds",
        "to_months",
        "to_weeks",
        "to_quarters",
        "to_years",
        "to_decades",
        "to_centuries",
        "to_millennia",
        "trunc",
        "date_part",
        "extract",
        "timezone",
        "struct_pack",
        "list_value",
        "map",
        "row",
        "list_apply",
        "list_filter",
        "struct_extract",
        "array_agg",
        "contains",
        "regexp_full_match",
        "regexp_matches",
        "quantile_cont",
        "quantile_disc",
        "count_star",
        "like_escape",
        "ilike_escape",
        "not_like_escape",
        "not_ilike_escape",
        "unnest",
        "substring",
        "trim",
        "position",
        "overlay",
        "factorial",
        "nullif",
        "if",
        "current_localtimestamp",
        "list_zip",
    ]
)

# Bare words that are a column for one parser and a clock for the other; and the names inside a list comprehension.
_BARE_WORDS = frozenset(
    [
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "elem",
        "filter",
        "result",
        "*",
    ]
)
