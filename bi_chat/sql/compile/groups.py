"""In: measures and dimensions. Out: one source with a node for each: a single SELECT, or blocks joined on their groups.

Two datasets that both have many rows for a group are never joined row by row: each is aggregated first (no chasm trap).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.blocks import Block, blocks_of, build
from bi_chat.sql.compile.pieces import Piece, all_pieces, combine
from bi_chat.sql.compile.scope import shown
from bi_chat.sql.compile.state import Compilation, Relation, Request, unique
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import Measure


@dataclass(slots=True)
class Assembly:
    """A SELECT without projections, and the nodes to project. `aggregated`: groups are made here, so HAVING applies."""

    select: exp.Select
    dimensions: list[exp.Expression]
    measures: dict[Measure, exp.Expression]
    aggregated: bool


def assemble(c: Compilation, request: Request, names: tuple[str, ...]) -> Assembly:
    """The source of a grouped result. `names` are what the dimensions are called in intermediate tables."""
    pieces = list(all_pieces(c, request.measures))
    if not pieces:
        raise Refusal("unsupported", what="a number without data")
    groups = blocks_of(c, pieces, request)
    if len(groups) == 1:
        return _single(c, build(c, groups[0], request), request)
    return _joined(c, groups, request, names)


def _single(c: Compilation, block: Block, request: Request) -> Assembly:
    def leaf(piece: Piece, inside: bool) -> exp.Expression:
        node = block.pieces[piece].copy()
        # "web sales minus shop sales" of a group without web sales is minus its shop sales, not unknown
        return nodes.coalesce(node, nodes.number(0)) if inside and piece.kind == "sum" and piece.filtered else node

    if any(d is None for d in block.dimensions):
        raise Refusal("no_time", dataset=shown(c, next(iter(block.pieces)).home), measure="")
    measures = {m: combine(c, m, leaf) for m in request.measures}
    return Assembly(block.select, [d for d in block.dimensions if d is not None], measures, aggregated=True)


def _joined(c: Compilation, groups: list[list[Piece]], request: Request, names: tuple[str, ...]) -> Assembly:
    columns: dict[Piece, exp.Expression] = {}
    select = exp.Select()
    dimensions: list[exp.Expression] = []
    for number, pieces in enumerate(groups):
        block = build(c, pieces, request)
        cte, named = _as_cte(c, block, names, pieces)
        columns.update(named)
        known = [i for i, d in enumerate(block.dimensions) if d is not None]
        if number == 0:
            if len(known) < len(names):
                raise Refusal("no_time", dataset=shown(c, pieces[0].home), measure=shown(c, pieces[0].home))
            select.set("from_", exp.From(this=nodes.table(cte)))
            dimensions = [nodes.column(n, cte) for n in names]
            continue
        on = nodes.every(nodes.same(dimensions[i].copy(), nodes.column(names[i], cte)) for i in known)
        side = "LEFT" if pieces[0].is_attribute else "FULL"
        select.append("joins", nodes.join(nodes.table(cte), on, side))
        if side == "FULL":
            dimensions = [_first_known(d, nodes.column(n, cte)) for d, n in zip(dimensions, names, strict=True)]

    def leaf(piece: Piece, inside: bool) -> exp.Expression:
        column = columns[piece].copy()
        counts = piece.kind in ("count", "count_rows", "count_distinct")
        # a group that is missing from one of the tables has counted nothing there
        return nodes.coalesce(column, nodes.number(0)) if counts or (inside and piece.kind == "sum") else column

    measures = {m: combine(c, m, leaf) for m in request.measures}
    return Assembly(select, dimensions, measures, aggregated=False)


def _first_known(one: exp.Expression, two: exp.Expression) -> exp.Expression:
    if isinstance(one, exp.Coalesce):
        return nodes.coalesce(one.this, *one.expressions, two)
    return nodes.coalesce(one, two)


def _as_cte(
    c: Compilation, block: Block, names: tuple[str, ...], pieces: list[Piece]
) -> tuple[str, dict[Piece, exp.Expression]]:
    taken = {n.lower() for n in names}
    projections = [nodes.alias(d, n) for d, n in zip(block.dimensions, names, strict=True) if d is not None]
    group_by(block.select, len(projections))
    called: dict[Piece, str] = {}
    for piece in pieces:
        called[piece] = unique(_name(piece), taken)
        taken.add(called[piece].lower())
        projections.append(nodes.alias(block.pieces[piece], called[piece]))
    block.select.set("expressions", projections)
    cte = c.add_cte(f"{pieces[0].home}_groups" if names else f"{pieces[0].home}_total", block.select)
    return cte, {piece: nodes.column(name, cte) for piece, name in called.items()}


def _name(piece: Piece) -> str:
    fields = [ref.field for ref in piece.columns]
    of = getattr(piece.source, "of", None)
    fields += [of.field] if of is not None and hasattr(of, "field") else []
    return "_".join([piece.kind, *fields[:1]])


def group_by(select: exp.Select, count: int) -> None:
    """GROUP BY the first `count` columns."""
    if count:
        select.set("group", exp.Group(expressions=[exp.Literal.number(i) for i in range(1, count + 1)]))


def grouped(c: Compilation, request: Request) -> Relation:
    """A query with a row per group: its dimensions are called d1, d2 …, its measures m1, m2 …"""
    names = tuple(f"d{i}" for i in range(1, len(request.dimensions) + 1))
    assembly = assemble(c, request, names)
    labels = tuple(f"m{i}" for i in range(1, len(request.measures) + 1))
    query = projected(assembly, names, dict(zip(request.measures, labels, strict=True)))
    return Relation(query, names, labels)


def projected(assembly: Assembly, names: tuple[str, ...], measures: dict[Measure, str]) -> exp.Select:
    """The assembly's SELECT with its columns named."""
    columns = [nodes.alias(d, n) for d, n in zip(assembly.dimensions, names, strict=True)]
    columns += [nodes.alias(assembly.measures[m], name) for m, name in measures.items()]
    assembly.select.set("expressions", columns)
    if assembly.aggregated:
        group_by(assembly.select, len(names))
    return assembly.select
