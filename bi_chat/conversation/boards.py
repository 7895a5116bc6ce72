"""In: a board and the model. Out: each tile's plan under the board's filters, and what could not be applied to it."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.conversation.chips import Asked, Values, computes, fields, values_for
from bi_chat.conversation.chips.periods import in_period
from bi_chat.values.board import Board, Tile
from bi_chat.values.period import PeriodExpr
from bi_chat.values.plan import Compare, Condition, FieldRef, In, Plan


def tile_plan(tile: Tile, board: Board, asked: Asked) -> tuple[Plan, tuple[In | PeriodExpr, ...]]:
    """The plan to run, and the filters that mean nothing to this tile."""
    plan = tile.plan
    left_out: list[In | PeriodExpr] = []
    for condition in board.filters:
        made = replace(plan, where=(*(c for c in plan.where if not _about(c, condition.of)), condition))
        if not plan.combined and computes(made, replace(asked, plan=plan)):
            plan = made
        else:
            left_out.append(condition)
    if board.period is not None:
        if plan.measures and plan.analysis is None and not plan.combined:
            plan = in_period(replace(asked, plan=plan), board.period)
        else:
            left_out.append(board.period)
    return replace(plan, chart=tile.chart or plan.chart), tuple(left_out)


def _about(condition: Condition, field: object) -> bool:
    return (isinstance(condition, In) and condition.of == field) or (
        isinstance(condition, Compare) and condition.left == field and condition.op == "="
    )


def filter_fields(board: Board, asked: Asked) -> list[tuple[FieldRef, str, Values]]:
    """The fields that tiles of the board can be narrowed by, with their values."""
    found: dict[FieldRef, tuple[str, Values]] = {}
    for tile in board.tiles:
        of = replace(asked, plan=replace(tile.plan, where=()))
        for ref, said in fields(of):
            if isinstance(ref, FieldRef) and ref not in found and (known := values_for(of, ref)) is not None:
                found[ref] = (said, known)
    return [(ref, said, known) for ref, (said, known) in found.items()]


def moved(board: Board, at: int, by: int) -> Board:
    """A tile further up or down."""
    to = at + by
    if not 0 <= to < len(board.tiles):
        return board
    tiles = list(board.tiles)
    tiles.insert(to, tiles.pop(at))
    return replace(board, tiles=tuple(tiles))


def without(board: Board, at: int) -> Board:
    """One tile less."""
    return replace(board, tiles=board.tiles[:at] + board.tiles[at + 1 :])


def with_tile(board: Board, at: int, tile: Tile) -> Board:
    """Another tile in a tile's place."""
    return replace(board, tiles=(*board.tiles[:at], tile, *board.tiles[at + 1 :]))
