"""In: a condition about rows that a row of the scope is related to. Out: EXISTS, so that no row is ever counted twice.

Example: customers who bought books. Difficulty: joining lines to customers repeats a customer for each line.
Rule: rows on a many-side are asked for by EXISTS, tied to the row by the same keys that a join would use.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.scope import Scope, equal_columns, not_joinable, one_path, only, shown, stored
from bi_chat.sql.compile.state import Compilation
from bi_chat.sql.joins import Path, Step, default_time
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import Condition, Exists, FieldRef

Conditions = Callable[[Scope, tuple[Condition, ...]], list[exp.Expression]]
Far = list[tuple[Condition, tuple[FieldRef, ...]]]


def finer_dataset(c: Compilation, home: str, refs: tuple[FieldRef, ...]) -> str:
    """The dataset whose rows refer to one row of `home` and to one value of each field; refuses none or several."""
    targets = frozenset(c.dataset(r.dataset).name for r in refs)
    found = [
        f
        for f in c.graph.finer(home, targets)
        if all(not r.via or c.graph.paths(f, r.dataset, r.via) or c.graph.paths(home, r.dataset, r.via) for r in refs)
    ]
    if not found:
        outside = next((r for r in refs if r.dataset not in c.graph.closure(home)), refs[0])
        raise not_joinable(c, home, outside)
    if len(found) > 1:
        ways = tuple(shown(c, f) for f in found)
        target = ", ".join(sorted(shown(c, t) for t in targets))
        raise Refusal("ambiguous_link", home=shown(c, home), target=target, ways=" / ".join(ways), suggestions=ways)
    return found[0]


def far_exists(scope: Scope, far: Far, conditions: Conditions) -> list[exp.Expression]:
    """EXISTS for conditions on fields of a many-side; those that meet in one dataset share one related row."""
    c = scope.c
    groups: dict[str, list[Condition]] = {}
    for condition, refs in far:
        distant = tuple(scope.own(r) for r in refs if not scope.reaches(r))
        dataset = finer_dataset(c, scope.home, distant)
        merged = next((g for g in groups if g in c.graph.closure(dataset) or dataset in c.graph.closure(g)), None)
        if merged is None:
            groups[dataset] = [condition]
        elif merged in c.graph.closure(dataset):
            groups[dataset] = [*groups.pop(merged), condition]
        else:
            groups[merged].append(condition)
    found: list[exp.Expression] = []
    for dataset, wanted in groups.items():
        inner = Scope(c, dataset, home=scope.home, time=default_time(c.model, dataset), outer=scope)
        ties = tie_to_finer(scope, inner, one_path(c, dataset, scope.home))
        found.append(_exists(inner, [*ties, *conditions(inner, tuple(wanted))]))
        c.note("semi_join", dataset=dataset, home=scope.home)
    return found


def related(scope: Scope, wanted: Exists, conditions: Conditions) -> exp.Expression:
    """(NOT) EXISTS a row of a dataset that meets the conditions and belongs to the scope's row."""
    c = scope.c
    dataset = c.dataset(wanted.dataset).name
    if dataset == scope.home and not wanted.via:
        # the row itself: its own conditions decide
        own = nodes.every(conditions(scope, wanted.where)) or exp.true()
        return exp.Not(this=nodes.coalesce(own, exp.false())) if wanted.negated else own
    inner = Scope(c, dataset, time=default_time(c.model, dataset), outer=scope)
    start, ties = _tied(scope, inner, wanted)
    found = _exists(start, [*ties, *conditions(inner if start is inner else start, wanted.where)])
    c.note("semi_join", dataset=dataset, home=scope.home)
    return exp.Not(this=found) if wanted.negated else found


def _tied(scope: Scope, inner: Scope, wanted: Exists) -> tuple[Scope, list[exp.Expression]]:
    """The scope to read from and what ties it to the outer row: finer, coarser, bridged or a sibling, in this order."""
    c, home, dataset = scope.c, scope.home, inner.root
    if up := c.graph.paths(dataset, home, wanted.via):
        return inner, tie_to_finer(scope, inner, only(c, up, dataset, home))
    if down := c.graph.paths(home, dataset, wanted.via):
        return inner, [_tie(c, only(c, down, home, dataset), scope, inner)]
    if c.graph.finer(home, frozenset({dataset})):
        bridge = finer_dataset(c, home, (FieldRef(dataset, "", wanted.via),))
        start = Scope(c, bridge, home=dataset, time=default_time(c.model, dataset), outer=scope)
        return start, tie_to_finer(scope, start, one_path(c, bridge, home))
    return inner, _sibling(scope, inner, wanted)


def _sibling(scope: Scope, inner: Scope, wanted: Exists) -> list[exp.Expression]:
    """Two datasets that refer to the same third one: its key ties them."""
    c = scope.c
    meetings = c.graph.meetings(scope.home, inner.root, wanted.via)
    if not meetings:
        raise not_joinable(c, scope.home, FieldRef(inner.root, ""))
    if len(meetings) > 1:
        ways = tuple(dict.fromkeys(shown(c, m.dataset) for m in meetings))
        home, target = shown(c, scope.home), shown(c, inner.root)
        raise Refusal("ambiguous_link", home=home, target=target, ways=" / ".join(ways), suggestions=ways)
    meeting = meetings[0]
    c.note("related_through", dataset=meeting.dataset, home=scope.home, target=inner.root)
    left, right = meeting.left[-1], meeting.right[-1]
    outer_alias = scope.alias_at((*scope.anchor, *meeting.left[:-1]))
    inner_alias = inner.alias_at(meeting.right[:-1])
    if left.target_columns == right.target_columns:
        return [
            exp.EQ(this=stored(c, right.source, b, inner_alias), expression=stored(c, left.source, a, outer_alias))
            for a, b in zip(left.source_columns, right.source_columns, strict=True)
        ]
    shared = inner.alias_at(meeting.right)
    return [equal_columns(c, left, outer_alias, shared)]


def tie_to_finer(outer: Scope, inner: Scope, path: Path) -> list[exp.Expression]:
    """Rows of a finer dataset that refer to the outer row."""
    step: Step = path[-1]
    source = inner.alias_at(path[:-1])
    return [equal_columns(outer.c, step, source, outer.alias_at(outer.anchor))]


def _tie(c: Compilation, path: Path, outer: Scope, inner: Scope) -> exp.Expression:
    """The row that the outer row refers to."""
    source = outer.alias_at((*outer.anchor, *path[:-1]))
    return equal_columns(c, path[-1], source, inner.alias)


def _exists(inner: Scope, where: list[exp.Expression]) -> exp.Exists:
    return exp.Exists(this=inner.select([nodes.number(1)], where))
