"""In: a plan, a semantic model and the day of asking. Out: `Query`, or the `Issue` that says why there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import cast

from sqlglot import exp

from bi_chat.semantics.model import SemanticModel
from bi_chat.sql import nodes
from bi_chat.sql.compile.grouping import compile_groups
from bi_chat.sql.compile.groups import grouped
from bi_chat.sql.compile.lists import compile_list
from bi_chat.sql.compile.ordering import Key, Sorting, sort_and_cut
from bi_chat.sql.compile.pairs import compile_pairs
from bi_chat.sql.compile.state import Compilation, Relation
from bi_chat.sql.joins import graph_of
from bi_chat.sql.masked import has_masked, masked_in
from bi_chat.sql.refusal import Refusal
from bi_chat.values.issue import Issue
from bi_chat.values.plan import Combination, Plan
from bi_chat.values.query import Query, ResultColumn

_OPERATIONS: dict[str, type[exp.SetOperation]] = {
    "union": exp.Union,
    "intersect": exp.Intersect,
    "except": exp.Except,
}


def compile_plan(plan: Plan, model: SemanticModel, asked_on: date, *, language: str = "en") -> Query | Issue:
    """The statement for a plan: a sqlglot tree in DuckDB's dialect, its columns in order, tables and notes.

    Nothing is guessed that could give a wrong number: what can't be computed safely comes back as an Issue, worded in
    `language` (en or zh).
    """
    c = Compilation(model, graph_of(model), asked_on, grouped, _subplan)
    try:
        if has_masked(model) and (masked := masked_in(plan, model)):
            raise Refusal("masked", name=", ".join(f.label or f.name for f in masked))
        query, columns = _statement(c, plan)
    except Refusal as refusal:
        return refusal.issue(language)
    return Query(cast(exp.Expression, c.with_ctes(query)), tuple(columns), tuple(c.tables), tuple(c.notes))


def _statement(c: Compilation, plan: Plan) -> tuple[exp.Query, list[ResultColumn]]:
    if plan.combined:
        return _combined(c, plan)
    if plan.pairs is not None:
        return compile_pairs(c, plan, plan.pairs)
    if plan.measures:
        select, columns = compile_groups(c, plan)
        return select, columns
    if plan.calculations or plan.comparison:
        raise Refusal("no_groups", what="a calculation")
    listed = compile_list(c, plan)
    return listed.select, list(listed.columns)


def _subplan(c: Compilation, plan: Plan) -> Relation:
    """Another plan used inside this one. What it notes about its period is its own business, its warnings are not."""
    before = dict(c.notes)
    query, columns = _statement(c, plan)
    c.notes = before | {n: None for n in c.notes if n.code not in ("period_resolved", "partial_period")}
    dimensions = tuple(x.name for x in columns if x.role in ("dimension", "time", "attribute"))
    measures = tuple(x.name for x in columns if x.role == "measure")
    return Relation(query, dimensions, measures)


def _combined(c: Compilation, plan: Plan) -> tuple[exp.Query, list[ResultColumn]]:
    """Set operations, which treat missing values as equal and drop repeated rows."""
    own = replace(plan, combined=(), order=(), limit=None, limit_per=(), offset=0)
    query, columns = _statement(c, own)
    count = len(plan.dimensions) + len(plan.measures)
    found = _only(c, _unsorted(query), columns, count)
    for combination in plan.combined:
        found = _operation(c, found, combination, count)
    outer = exp.Select(
        expressions=[nodes.column(x.name) for x in columns[:count]],
        from_=exp.From(this=nodes.derived(found, "combined_rows")),
    )
    keys: list[Key] = []
    for order in plan.order:
        at = [d.of for d in plan.dimensions].index(order.by) if order.by in [d.of for d in plan.dimensions] else None
        if at is None and order.by in [m.of for m in plan.measures]:
            at = len(plan.dimensions) + [m.of for m in plan.measures].index(order.by)
        if at is None:
            raise Refusal("unsupported", what="combined rows sorted by something that is not shown")
        keys.append((nodes.column(columns[at].name), order.descending))
    used = {node.name for node, _ in keys}
    keys += [(nodes.column(x.name), False) for x in columns[:count] if x.name not in used]
    groups = [nodes.column(x.name) for x in columns[:count]]
    return sort_and_cut(outer, plan, Sorting(tuple(keys), tuple(keys)), groups), columns[:count]


def _operation(c: Compilation, left: exp.Query, combination: Combination, count: int) -> exp.Query:
    kind = _OPERATIONS.get(combination.op)
    other = combination.plan
    if kind is None or len(other.dimensions) + len(other.measures) != count:
        raise Refusal("unsupported", what="a combination of results with different columns")
    query, columns = _statement(c, other)
    right = _only(c, query if other.limit is not None else _unsorted(query), columns, count)
    return kind(this=left, expression=right, distinct=True)


def _unsorted(query: exp.Query) -> exp.Query:
    query.set("order", None)
    return query


def _only(c: Compilation, query: exp.Query, columns: list[ResultColumn], count: int) -> exp.Query:
    """The first columns of a query, as one side of a set operation."""
    if len(columns) == count and not query.args.get("order") and not query.args.get("limit"):
        return query
    name = "side"
    shown = [nodes.column(x.name, name) for x in columns[:count]]
    return exp.Select(expressions=shown, from_=exp.From(this=nodes.derived(query, name)))
