"""In: pieces of a forecast that is to know another figure, or events. Out: those nouns, and the pieces that remain.

Example: "forecast revenue with marketing spend", 结合广告投入预测销售额. Difficulty: the second figure isn't asked for.
Rule: beside a word of forecasting, what follows "with", "using" or "based on" and names a figure or rows is taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.levers import LeverSaid
from bi_chat.planners.grammar.opinions import find_opinions
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.supposing import lever_of
from bi_chat.semantics.happenings import happenings_in
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.targets import Kind
from bi_chat.values.analyses import Forecast
from bi_chat.values.plan import Aggregate, Fn, Measure, Plan

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

_NAMED = 0.6
_VOICES = ("polarity", "theme", "feeling")


def take_beside(pieces: Sequence[Piece]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The nouns, none where nothing is said, and the rest."""
    whole = tuple(pieces)
    if not any(p.word("forecast") and not (p.hits and p.hits[0].score >= _NAMED) for p in whole):
        return (), whole
    at = next((i for i, p in enumerate(whole) if p.word("beside")), len(whole))
    place = next((i for i in range(at + 1, len(whole)) if not whole[i].word("filler")), None)
    if place is None:
        return (), whole
    if whole[place].word(*_VOICES) and not whole[place].hits:  # "with negative reviews": the rows are understood
        after = place + 1 + bool(whole[place + 1 : place + 2] and whole[place + 1].of(Kind.DATASET))
        return (whole[place],), (*whole[:at], *whole[after:])
    of_rows = at > 0 and _rows(whole[at - 1])  # "customers with a discount": which ones, not what to know
    if of_rows or not _names(whole[place]):
        return (), whole
    return (whole[place],), (*whole[:at], *whole[place + 1 :])


def _rows(piece: Piece) -> bool:
    rows, figures = piece.of(Kind.DATASET), piece.of(Kind.METRIC)
    return bool(rows) and not (figures and figures[0].score >= rows[0].score)


def _names(piece: Piece) -> bool:
    nouns, values = piece.of(Kind.METRIC, Kind.FIELD, Kind.DATASET), piece.of(Kind.VALUE)
    return bool(nouns) and nouns[0].score >= _NAMED and not (values and values[0].score > nouns[0].score + 0.02)


def with_beside(plan: Plan, made: Assembler) -> Plan:
    """The forecast with what it is to know; rows of dated names are events, all else has to be a figure."""
    asked = plan.analysis
    if not isinstance(asked, Forecast):
        return plan
    for noun in made.sketch.beside:
        rows = made.binder.dataset_of(noun) if noun.of(Kind.DATASET) else None
        if rows is not None and happenings_in(rows) is not None:
            made.trace.note(noun, "dataset", dataset=rows.name)
            asked = replace(asked, events=rows.name)
        elif (figure := _voice(noun, made) or lever_of(LeverSaid(noun), made) or _count(rows)) is not None:
            asked = replace(asked, beside=(*asked.beside, figure))
        else:
            made.trace.doubt("no_lever", 3.0)
    return replace(plan, analysis=asked)


def _voice(noun: Piece, made: Assembler) -> Measure | None:
    """How many complain or praise, or how their words sound."""
    said = noun.word(*_VOICES)
    asked = find_opinions(made) if said is not None else None
    if said is None or asked is None:
        return None
    if said.tag == "feeling":
        return Aggregate(Fn.AVG, asked.dataset.name, asked.judged)
    return Aggregate(Fn.COUNT, asked.dataset.name, where=(asked.on(said.arg or "negative"),))


def _count(rows: Dataset | None) -> Measure | None:
    return Aggregate(Fn.COUNT, rows.name) if rows is not None else None
