"""In: pieces that share a dataset and a time. Out: one SELECT that aggregates them by the plan's dimensions.

Rule for a dimension on a many-side: read the finer rows, but count each row of the pieces' own dataset once per group.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.aggregates import aggregate, distinct_rows, hoist, known, over, survives_repeats
from bi_chat.sql.compile.balances import last_snapshot, uses_time, valid_rows
from bi_chat.sql.compile.conditions import conditions, parts_of, refs_of
from bi_chat.sql.compile.pieces import Piece
from bi_chat.sql.compile.related import finer_dataset
from bi_chat.sql.compile.scalars import fields_of, inside, scalar
from bi_chat.sql.compile.scope import Scope, shown, stored
from bi_chat.sql.compile.state import Compilation, Request, Span
from bi_chat.sql.joins import key_of
from bi_chat.sql.refusal import Refusal
from bi_chat.values.period import Days
from bi_chat.values.plan import TIME, Condition, FieldRef, Nested, Not, Scalar, TimeBucket, Within


@dataclass(slots=True)
class Block:
    """A SELECT without projections; `dimensions` are None where a bare column is the same for every group."""

    select: exp.Select
    dimensions: list[exp.Expression | None]
    pieces: dict[Piece, exp.Expression]


def blocks_of(c: Compilation, pieces: list[Piece], request: Request) -> list[list[Piece]]:
    """Pieces that can be aggregated together, in order; the first piece of each group speaks for it."""
    timed = _needs_time(request)
    groups: dict[tuple[object, ...], list[Piece]] = {}
    for piece in pieces:
        time = piece.time if timed or piece.snapshot else None
        nested = piece.source if piece.kind == "nested" else None
        groups.setdefault((piece.home, time, piece.as_of, piece.is_attribute, piece.snapshot, nested), []).append(piece)
    # bare columns come last: their groups are looked up, never added
    return sorted(groups.values(), key=lambda g: g[0].is_attribute)


def _needs_time(request: Request) -> bool:
    inner = [r for condition in request.where for part in parts_of(condition) for r in refs_of(part)]
    return request.span is not None or TIME in inner or any(uses_time(d) for d in request.dimensions)


def build(c: Compilation, pieces: list[Piece], request: Request) -> Block:
    """The block of some pieces."""
    first = pieces[0]
    if isinstance(first.source, Nested):
        return _nested(c, first, request)
    time = _time(c, first, request.span)
    kept = [None if first.is_attribute and uses_time(d) else d for d in request.dimensions]
    dimensions = tuple(d for d in kept if d is not None)
    scope = Scope(c, _driver(c, first, time, dimensions), home=first.home, time=time)
    where = _where(scope, first, dimensions, request)
    nodes_of = {d: scalar(scope, d) for d in dimensions}
    built = {piece: aggregate(scope, piece) for piece in pieces}
    shown_dimensions = [None if d is None else nodes_of[d] for d in kept]
    if scope.root == scope.home:
        return Block(scope.select([], where), shown_dimensions, built)
    return _once(scope, where, shown_dimensions, built, dimensions)


def _time(c: Compilation, piece: Piece, span: Span | None) -> FieldRef | None:
    """What TIME means for a piece: the window's own field where it is reached, else the piece's time."""
    if span and span.field and span.field.dataset in c.graph.closure(piece.home):
        return span.field
    return piece.time


def _driver(c: Compilation, piece: Piece, time: FieldRef | None, dimensions: tuple[Scalar, ...]) -> str:
    """The dataset whose rows are read: the pieces' own, or a finer one that a dimension needs."""
    near = c.graph.closure(piece.home)
    refs = [time if r == TIME and time else r for d in dimensions for r in fields_of(d)]
    far = tuple(r for r in refs if r != TIME and c.dataset(r.dataset).name not in near)
    detours = tuple(
        r for r in refs if r not in far and r != TIME and r.via and not c.graph.paths(piece.home, r.dataset, r.via)
    )
    if not far and not detours:
        return piece.home
    found = finer_dataset(c, piece.home, (*far, *detours))
    c.note("reached_through", dataset=found, home=piece.home)
    return found


def _where(scope: Scope, piece: Piece, dimensions: tuple[Scalar, ...], request: Request) -> list[exp.Expression]:
    span = request.span
    found = conditions(scope, request.where)
    if span and span.field is not None and not piece.is_attribute:
        found += conditions(scope, explicit(span))
    if piece.as_of:
        found += valid_rows(scope, piece.as_of, dimensions, span)
    elif span and span.field is None and not piece.is_attribute:
        found += own_time(scope, span, piece.home)
    if piece.snapshot:
        found += last_snapshot(scope, dimensions, span)
    return found


def explicit(span: Span) -> tuple[Condition, ...]:
    """The span on the field that the plan names."""
    assert span.field is not None
    inside = Within(span.field, Days(span.period.start, span.period.end))
    gap = (Not(Within(span.field, Days(span.gap.start, span.gap.end))),) if span.gap else ()
    return (inside, *gap)


def own_time(scope: Scope, span: Span, home: str) -> list[exp.Expression]:
    """The span on the scope's own time."""
    if scope.time is None:
        raise Refusal("no_time", dataset=shown(scope.c, home), measure=shown(scope.c, home))
    found = inside(scope, TIME, span.period)
    if span.gap:
        gap = nodes.every(inside(scope, TIME, span.gap))
        assert gap is not None
        found.append(exp.Not(this=exp.Paren(this=gap)))
    return found


def _once(
    scope: Scope,
    where: list[exp.Expression],
    dimensions: list[exp.Expression | None],
    built: dict[Piece, exp.Expression],
    wanted: tuple[Scalar, ...],
) -> Block:
    """Each row of the home counted once in each group, though the finer rows repeat it."""
    c, home = scope.c, scope.home
    key = key_of(c.dataset(home))
    alias = scope.alias_at(scope.anchor)
    keys = [stored(c, home, k, alias) for k in key]
    if keys:
        # finer rows without a row of the home belong to nothing that is counted
        where = [*where, exp.Not(this=exp.Is(this=keys[0].copy(), expression=exp.null()))]
    c.note("distinct_at_finer_grain", home=home, dataset=scope.root)
    if survives_repeats(built, key):
        counted = {p: distinct_rows(n, p.kind, keys[0].copy()) if keys else n for p, n in built.items()}
        return Block(scope.select([], where), dimensions, counted)
    if not key:
        names = ", ".join(r.field for d in wanted for r in fields_of(d))
        raise Refusal("fan_out", measure=shown(c, home), dimension=names, home=shown(c, home))
    c.note("overlapping_groups", warning=True, home=home, dataset=scope.root)
    name = scope.name("once")
    columns: dict[str, exp.Expression] = {}
    outer = {piece: hoist(node, columns, name) for piece, node in built.items()}
    named = [(None, None) if d is None else (f"d{i}", d) for i, d in enumerate(dimensions, 1)]
    inner = [nodes.alias(k, f"k{i}") for i, k in enumerate(keys, 1)]
    inner += [nodes.alias(d, n) for n, d in named if n is not None and d is not None]
    inner += [nodes.alias(node, n) for n, node in columns.items()]
    query = scope.select(inner, where)
    query.set("distinct", exp.Distinct())
    select = exp.Select(from_=exp.From(this=nodes.derived(query, name)))
    return Block(select, [None if n is None else nodes.column(n, name) for n, _ in named], outer)


def _nested(c: Compilation, piece: Piece, request: Request) -> Block:
    """A function over the values that the inner measure takes for each group of `by`."""
    nested = piece.source
    assert isinstance(nested, Nested)
    measures = (nested.inner, nested.other) if nested.other is not None else (nested.inner,)
    dimensions = (*request.dimensions, *(b for b in nested.by if b not in request.dimensions))
    relation = c.grouped(c, Request(measures, dimensions, request.where, request.span))
    name = "per_group"
    names = relation.dimensions
    by = [names[dimensions.index(b)] for b in nested.by]
    # rows that belong to no group of `by` would together pass for one huge group
    where = [exp.Not(this=exp.Is(this=nodes.column(n, name), expression=exp.null())) for n in by]
    if any(isinstance(b, TimeBucket) for b in nested.by):
        c.note("only_periods_with_rows")
    other = nodes.column(relation.measures[1], name) if nested.other is not None else None
    node = over(nested.function, nodes.column(relation.measures[0], name), argument=nested.argument, other=other)
    select = exp.Select(from_=exp.From(this=nodes.derived(relation.query, name)))
    if where:
        select.set("where", exp.Where(this=nodes.every(where)))
    shown_dimensions: list[exp.Expression | None] = [nodes.column(n, name) for n in names[: len(request.dimensions)]]
    return Block(select, shown_dimensions, {piece: known(node)})
