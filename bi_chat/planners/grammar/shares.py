"""In: figures beside a word for a share. Out: the plan of one over another ("cost as a share of revenue")."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Aggregate, Arithmetic, FieldRef, Fn, Measured, Plan

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def of_another(plan: Plan, made: Assembler) -> Plan | None:
    """ "cost as a share of revenue": one figure over the other; a number that was not to be averaged is summed."""
    at = share_at(made)
    if not as_share(made) or not any(m.at < at for m in made.sketch.mentions):
        return None
    if len(plan.measures) != 2:
        figures = [m.at > at for m in made.sketch.mentions if _is_figure(m.piece)]
        if plan.measures and figures and all(figures):
            made.trace.doubt("share_of_what", 2.0)  # what stands before is no figure
        return None
    said = {id(m.piece) for m in made.sketch.mentions if m.fns}
    plain = not said and all(isinstance(m.of, Aggregate) and isinstance(m.of.of, FieldRef) for m in plan.measures)
    made.trace.doubts[:] = [d for d in made.trace.doubts if d[0] != "default_average" or not plain]
    one, other = (
        replace(m.of, function=Fn.SUM) if plain and isinstance(m.of, Aggregate) else m.of for m in plan.measures
    )
    return replace(plan, measures=(Measured(Arithmetic("/", one, other)),))


def _is_figure(piece: Piece) -> bool:
    best = piece.hits[0].target.kind if piece.hits else None
    return best in (Kind.FIELD, Kind.METRIC)


def share_at(made: Assembler) -> int:
    """Where the word for a share stands."""
    return next(c.at for c in made.sketch.calculations if c.kind == "share")


def as_share(made: Assembler) -> bool:
    """ "A as a share of B", A占B的比例: what is compared stands before the word."""
    return made.sketch.pieces[share_at(made)].text.lower().startswith(("as a", "as the"))
