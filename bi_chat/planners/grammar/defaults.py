"""In: a number field and the words around it. Out: how it is aggregated where nobody says how."""

from __future__ import annotations

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.model import Field
from bi_chat.values.plan import Fn

SOLD = frozenset("sold bought ordered shipped delivered returned driven flown spent travelled".split())
DEFAULTS = {f.value: f for f in Fn}


def default_aggregate(field: Field | None) -> Fn:
    """Sum for additive measures, mean for the rest, unless the model says otherwise."""
    if field is None:
        return Fn.SUM
    if field.default_aggregate in DEFAULTS:
        return DEFAULTS[field.default_aggregate]
    money = field.format == "currency"  # of which nobody says that it doesn't add up
    return Fn.SUM if (field.kind == "measure" or money) and field.additivity == "additive" else Fn.AVG


def adds_up(piece: Piece, after: Piece | None) -> bool:
    """ "units sold", "kilometres driven": what was done to things adds up, whatever their number is otherwise."""
    last = piece.text.lower().split()[-1]
    return (after is not None and after.text.lower() in SOLD) or last.endswith("ed") or last in SOLD
