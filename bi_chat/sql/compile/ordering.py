"""In: a SELECT, its sort keys and limits. Out: the SELECT cut and sorted, equal values always in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.values.plan import Bin, Dimension, PartOfDate, Plan, TimeBucket

Key = tuple[exp.Expression, bool]
"""What to sort by, and whether descending."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """`keys` as nodes usable inside window functions; `names` the same keys as the final ORDER BY may call them."""

    keys: tuple[Key, ...]
    names: tuple[Key, ...]


def default_keys(dimensions: Sequence[tuple[Dimension, exp.Expression]], measure: exp.Expression | None) -> list[Key]:
    """Time, parts of dates and bins ascending; else the first measure, largest first."""
    running = [(node, False) for d, node in dimensions if isinstance(d.of, TimeBucket | PartOfDate | Bin)]
    if running:
        return running
    return [(measure, True)] if measure is not None and dimensions else []


def with_ties_broken(keys: list[Key], dimensions: Sequence[exp.Expression]) -> tuple[Key, ...]:
    """The keys, then every dimension that is not among them."""
    return (*keys, *((d, False) for d in dimensions if not any(d == key for key, _ in keys)))


def sort_and_cut(select: exp.Select, plan: Plan, sorting: Sorting, groups: Sequence[exp.Expression]) -> exp.Select:
    """ORDER BY, LIMIT and OFFSET; per group, or with ties kept, by QUALIFY."""
    if plan.limit_per and plan.limit is not None:
        by = [groups[i].copy() for i in plan.limit_per]
        ranked = exp.Rank() if plan.ties else exp.RowNumber()
        _qualify(select, plan, nodes.window(ranked, partition=by, order=_ordered(sorting.keys)))
    elif plan.ties and plan.limit is not None:
        _qualify(select, plan, nodes.window(exp.Rank(), order=_ordered(sorting.keys[: max(1, len(plan.order))])))
    else:
        if plan.limit is not None:
            select.set("limit", exp.Limit(expression=nodes.number(plan.limit)))
        if plan.offset:
            select.set("offset", exp.Offset(expression=nodes.number(plan.offset)))
    if sorting.names:
        select.set("order", exp.Order(expressions=_ordered(sorting.names)))
    return select


def _ordered(keys: Sequence[Key]) -> list[exp.Expression]:
    return [nodes.ordered(node.copy(), descending=down) for node, down in keys]


def _qualify(select: exp.Select, plan: Plan, position: exp.Expression) -> None:
    assert plan.limit is not None
    upper = exp.LTE(this=position, expression=nodes.number(plan.offset + plan.limit))
    parts: list[exp.Expression] = [upper]
    if plan.offset:
        parts.append(exp.GT(this=position.copy(), expression=nodes.number(plan.offset)))
    select.set("qualify", exp.Qualify(this=nodes.every(parts)))
