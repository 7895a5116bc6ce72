"""In: a plan and a follow-up that takes something away. Out: the plan without it."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Exists,
    FieldRef,
    In,
    IsNull,
    Not,
    Plan,
    TextMatch,
    Within,
)


def removed(plan: Plan, sketch: Sketch) -> Plan:
    """ "remove the region filter", "drop the month"."""
    keys: set[tuple[str, str]] = set()
    for piece in sketch.pieces:
        keys |= {h.target.key for h in piece.of(Kind.FIELD, Kind.VALUE) if h.score >= piece.hits[0].score - 0.2}
    filters = any(p.word("filter_word") for p in sketch.pieces)
    if not keys:
        return replace(plan, where=(), window=None if sketch.periods else plan.window)
    where = tuple(c for c in plan.where if not (keys_of(c) & keys))
    dims = plan.dimensions
    if len(where) == len(plan.where) and not filters:
        dims = tuple(d for d in dims if not (isinstance(d.of, FieldRef) and (d.of.dataset, d.of.field) in keys))
    return replace(plan, where=where, dimensions=dims)


def keys_of(condition: Condition) -> set[tuple[str, str]]:
    """The fields that a condition is about."""
    match condition:
        case In(of) | TextMatch(of) | IsNull(of) | Within(of) | Compare(of):
            return {(of.dataset, of.field)} if isinstance(of, FieldRef) else set()
        case AllOf(of) | AnyOf(of):
            return set().union(*(keys_of(c) for c in of)) if of else set()
        case Not(of):
            return keys_of(of)
        case Exists(where=where):
            return set().union(*(keys_of(c) for c in where)) if where else set()
    return set()
