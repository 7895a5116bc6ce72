"""In: pieces that ask how near earlier forecasts came. Out: a plan that looks back, of the figures that are named.

Example: "how accurate were your revenue forecasts?". Difficulty: the words of a forecast ask for none here, and there
need not be any figure. Rule: a word of forecasting and one of accuracy, where neither names anything in the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.targets import Kind
from bi_chat.values.analyses import LookBack
from bi_chat.values.plan import Measured, Plan

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

_NAMED = 0.7  # a hit from here on is a name of the model: "forecast accuracy" may be a figure of theirs
_TIES = tuple("earlier past previous last before old former 之前 以前 上次 过去 此前 历史".split())


def take_hindsight(pieces: Sequence[Piece]) -> tuple[bool, tuple[Piece, ...]]:
    """Whether it is asked how near earlier forecasts came, and the pieces that remain."""
    said = [_is(p, "forecast") for p in pieces]
    judged = [_is(p, "accuracy") for p in pieces]
    if not (any(said) and any(judged)):
        return False, tuple(pieces)
    ties = [p.text.lower() in _TIES or (p.word("prev") is not None and not p.hits) for p in pieces]
    rest = zip(pieces, said, judged, ties, strict=True)
    return True, tuple(p for p, *taken in rest if not any(taken))


def hindsight_plan(made: Assembler) -> Plan | None:
    """Of the figure that is named, under the conditions that are; of all forecasts where none is."""
    if not made.sketch.look_back:
        return None
    measures: list[Measured] = []
    for mention in made.sketch.mentions:
        choice = made.binder.choose(mention.piece, (Kind.METRIC, Kind.FIELD))
        field = made.binder.field(choice.target) if choice is not None else None
        if choice is not None and choice.target.kind is Kind.METRIC:
            measures.append(made.measures.metric(mention.piece, choice))
        elif choice is not None and field is not None and field.kind in ("measure", "number"):
            measures.append(made.measures.bare_field(mention.piece, choice))
    conditions = Conditions(made.model, made.sketch, made.binder, made.trace, None)
    plan = conditions.apply(Plan(measures=tuple(measures[:1])), made.flags)
    return Plan(measures=plan.measures, where=plan.where, analysis=LookBack())


def looks_back_at_all(plan: Plan | None) -> bool:
    """Whether a plan looks back at forecasts of whatever: it has no figure that a follow-up could be about."""
    return plan is not None and isinstance(plan.analysis, LookBack) and not plan.measures


def _is(piece: Piece, tag: str) -> bool:
    return piece.word(tag) is not None and not (piece.hits and piece.hits[0].score >= _NAMED)
