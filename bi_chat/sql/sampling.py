"""In: a compiled query. Out: the same rows in the order of a hash of one column, so that the first n are a fair sample.

No chance is in it: the same rows give the same sample, and a sample of more rows holds that of fewer.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.values.query import Query


def by_hash(query: Query, column: str) -> Query:
    """The query's rows, ordered by the hash of a result column."""
    hashed = exp.Anonymous(this="hash", expressions=[nodes.column(column, "texts")])
    order = exp.Order(expressions=[exp.Ordered(this=hashed)])
    inner = query.tree.subquery("texts")  # type: ignore[attr-defined]
    return replace(query, tree=exp.Select(expressions=[exp.Star()], from_=exp.From(this=inner), order=order))
