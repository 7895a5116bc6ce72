"""In: a compiled Query or a person's SQL, and the Catalog of what may be seen. Out: CheckedQuery, or the Issue to show.

The one door to an engine. The order: characters and comments, the engine's own parse, allow-lists over that tree, only
groups where a table answers in groups, what it grows to, the same text seen through sqlglot, binding against an empty
twin, the row limit. docs/security.md tells why each is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.sql.guard.agreement import compare, read
from bi_chat.sql.guard.binding import twin
from bi_chat.sql.guard.extent import check_extent
from bi_chat.sql.guard.parse import parse, too_deep
from bi_chat.sql.guard.protected import check_protected
from bi_chat.sql.guard.refusal import Refusal
from bi_chat.sql.guard.text import clean
from bi_chat.sql.guard.walk import inspect
from bi_chat.values.catalog import Catalog
from bi_chat.values.issue import Issue
from bi_chat.values.query import CheckedQuery, Query, ResultColumn, _checked

if TYPE_CHECKING:
    from sqlglot import exp


def check(query: Query | str, catalog: Catalog, *, row_limit: int = 10_000) -> CheckedQuery | Issue:
    """The statement, allowed to run and cut at `row_limit` rows; or why it is refused (REFUSED_SQL), with the place.

    The checked text asks for one row more than the limit, so that an engine sees whether rows were cut off.
    """
    try:
        return _admitted(query, catalog, row_limit)
    except RecursionError:
        return too_deep().issue()
    except Refusal as refusal:
        return refusal.issue()


def _admitted(query: Query | str, catalog: Catalog, row_limit: int) -> CheckedQuery:
    columns: tuple[ResultColumn, ...] = ()
    tree: exp.Expr | None = None
    sql = query if isinstance(query, str) else ""
    if isinstance(query, Query):
        # What runs is the text, so the text is checked; the tree it came from is sqlglot's view of it.
        columns, tree, sql = query.columns, query.tree, query.tree.sql(dialect="duckdb", comments=False)
    text = clean(sql)
    root = parse(text)
    compiled = isinstance(query, Query) and query.written_by == "compiler"
    seen = inspect(root, text, catalog, compiled=compiled)
    check_protected(root, text, seen.tables)
    check_extent(root, catalog, compiled=compiled)
    compare(tree if tree is not None else read(text), root, seen)
    twin(catalog).bind(text, seen.tables)
    return _checked(_cut(text, row_limit), columns, tuple(seen.tables), row_limit)


def _cut(text: str, row_limit: int) -> str:
    """The whole statement as a subquery: an ORDER BY inside keeps its order under an outer LIMIT in this engine."""
    return f"SELECT * FROM (\n{text.strip()}\n) LIMIT {row_limit + 1}"  # noqa: S608
