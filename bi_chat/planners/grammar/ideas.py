"""In: an idea ("oldest", "cheapest", "latest") and whose rows are meant. Out: the field that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.planners.grammar.sketch import Ranking
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import FieldRef, Measure

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

CONCEPTS = {
    "age": ("age", "birth", "born", "年龄", "生日", "出生"),
    "price": ("price", "cost", "fee", "价", "费"),
    "size": (
        "height",
        "elevation",
        "altitude",
        "length",
        "size",
        "area",
        "population",
        "capacity",
        "weight",
        "duration",
        "distance",
        "speed",
        "depth",
        "width",
        "temperature",
        "amount",
        "total",
    ),
}


def concept_field(ranking: Ranking, made: Assembler) -> FieldRef | Measure | None:
    """ "oldest", "cheapest", "latest": the subject's field for that idea."""
    dataset = made.subject
    if dataset is None:
        return None
    if ranking.concept == "time":
        field = _said_event(dataset, made) or time_of(dataset) or _said_before(ranking, dataset, made)
        return FieldRef(dataset.name, field) if field else None
    for word in CONCEPTS[ranking.concept]:
        for item in dataset.fields:
            if word in item.name.lower() and (item.datatype in ("Integer", "Decimal", "Float") or item.is_time):
                return FieldRef(dataset.name, item.name)
    return None


def _said_event(dataset: Dataset, made: Assembler) -> str:
    """ "what opened most recently": the event that was named."""
    for mention in made.sketch.mentions:
        for hit in mention.piece.hits:
            if hit.target.dataset == dataset.name and (f := dataset.field(hit.target.field)) is not None and f.is_time:
                return f.name
    return ""


def _said_before(ranking: Ranking, dataset: Dataset, made: Assembler) -> str:
    """ "founded the earliest": the number right before, where the data have no date for it."""
    before = made.sketch.pieces[ranking.at - 1] if ranking.at else None
    hits = before.of(Kind.FIELD) if before is not None else ()
    own = [f for h in hits if h.target.dataset == dataset.name and (f := dataset.field(h.target.field)) is not None]
    return own[0].name if own and own[0].kind in ("number", "measure") else ""


def time_of(dataset: Dataset) -> str:
    """The date a row belongs to; '' where it has none."""
    if dataset.default_time and "." not in dataset.default_time:
        return dataset.default_time
    return next((f.name for f in dataset.fields if f.is_time), "")
