"""In: a text that is looked for, with the noun it was said of. Out: the condition on the field that may hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Cond
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.opinions import opinions_in
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Condition, FieldRef, In, TextMatch

if TYPE_CHECKING:
    from bi_chat.planners.grammar.conditions import Conditions


def text_condition(made: Conditions, cond: Cond) -> Condition | None:
    """ "name contains 'ab'": that field; "reviews that mention late": their free words, in any form of the word."""
    ref = made.field_ref(cond.noun, lambda f: f.datatype in ("String", "")) if cond.noun else None
    if ref is None and (dataset := _rows(made, cond)) is not None:
        texts = [f for f in dataset.fields if f.kind == "text" and not f.sensitivity]
        name = max(texts, key=lambda f: f.distinct or 0).name if texts else dataset.display
        ref = FieldRef(dataset.name, name) if name else None
    if ref is None and made.subject is not None and made.subject.display:
        ref = FieldRef(made.subject.name, made.subject.display)
    if ref is None:
        made.trace.doubt("unplaced_value", 2.0)
        return None
    field = made.model.field(ref.dataset, ref.field)
    free = field is not None and field.kind == "text" and cond.mode == "contains" and not _exact(made, cond)
    made.trace.note(made.sketch.pieces[cond.at], "filter", field=ref.field, value=cond.text)
    return TextMatch(ref, cond.text, "mentions" if free else cond.mode, cond.negated)


def _exact(made: Conditions, cond: Cond) -> bool:
    """ "the word leaks", a quotation: as written."""
    said = made.sketch.pieces[cond.at : cond.at + 3]
    return "word" in said[0].text or any(p.quoted for p in said)


def _rows(made: Conditions, cond: Cond) -> Dataset | None:
    """The rows that the noun names, or that its figure is taken over; with no noun the subject or customers."""
    if cond.noun is not None:
        metrics = cond.noun.of(Kind.METRIC)
        home = made.binder.metric_homes.get(metrics[0].target.name, "") if metrics else ""
        return made.binder.dataset_of(cond.noun) or made.model.dataset(home)
    if made.subject is not None:
        return made.subject
    return next((o.dataset for o in opinions_in(made.model) if o.text), None)


def quotation(made: Conditions, cond: Cond, piece: Piece) -> None:
    """A quoted text that is no known value: looked for in the field said, else in the naming field."""
    ref = made.field_ref(cond.noun, lambda f: f.datatype == "String") if cond.noun else None
    if ref is None and made.subject is not None and made.subject.display:
        ref = FieldRef(made.subject.name, made.subject.display)
    if ref is None:
        made.trace.doubt("unplaced_value", 1.0)
        return
    said = piece.quoted or piece.text
    field = made.model.field(ref.dataset, ref.field)
    if field is not None and field.values and len(field.values) >= (field.distinct or 0):
        made.trace.doubt("unplaced_value", 0.7)  # all its values are known, and this is none of them
    made.trace.note(piece, "filter", field=ref.field, value=said)
    made.where.append((cond.joined_by, In(ref, (said,), negated=cond.negated)))
