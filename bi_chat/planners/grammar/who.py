"""In: a question that asks who. Out: the people whose rows the figure, or what was done, is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.lifecycle import is_people
from bi_chat.planners.grammar.sketch import Mention
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.targets import Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import FieldRef, Fn

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def who_did(made: Assembler) -> Dataset | None:
    """ "who booked the most nights": the people behind the rows that the figure goes over; the verb is no noun then."""
    for ranking in made.sketch.rankings if made.sketch.intent == "who" else ():
        if ranking.by is None and ranking.counting and made.sketch.mentions:  # "who visited the most"
            ranking.by, ranking.counting = replace(made.sketch.mentions[0], role="order", fns=(Fn.COUNT,)), False
        if ranking.by is not None and (done := _done_to(made, ranking.by)) is not None:
            ranking.by, ranking.counting = done, True
        measure = made.measures.order_measure(ranking.by, None, ()) if ranking.by is not None else None
        home = None if measure is None or isinstance(measure, FieldRef) else made.measures.home(measure)
        found = doers(made, home) if home is not None else None
        if found is not None:
            verbs = [m for m in made.sketch.mentions if m.role == "subject" and m.piece.text.lower().endswith("ed")]
            made.sketch.mentions = [m for m in made.sketch.mentions if m not in verbs]
            for verb in verbs:
                made.trace.note(verb.piece, "dataset", dataset=found.name)
            return found
    return None


def _done_to(made: Assembler, by: Mention) -> Mention | None:
    """ "who borrowed the most books": the loans are counted, which are dated by that verb and refer to the books."""
    things = {h.target.dataset for h in by.piece.of(Kind.DATASET)[:1]}
    for piece in made.sketch.pieces:
        for hit in piece.of(Kind.FIELD) if piece is not by.piece else ():
            rows = hit.target.dataset
            if hit.how == "event" and things and things <= set(reachable(made.model, rows)) - {rows}:
                made.trace.note(piece, "measure", dataset=rows)
                said = replace(hit, target=Target(Kind.DATASET, rows), how="name", score=1.0)
                return replace(by, piece=replace(by.piece, hits=(said,)), fns=(Fn.COUNT,))
    return None


def _named_so(rows: Dataset) -> bool:
    """Whether rows are called by first and last names."""
    field = rows.field(rows.display) if rows.display else None
    names = [v.split() for v in field.values[:50]] if field is not None else []
    alike = [n for n in names if len(n) in (2, 3) and all(w[:1].isupper() and w.isalpha() for w in n)]
    return len(names) > 2 and len(alike) > 0.9 * len(names)


def doers(made: Assembler, rows: Dataset) -> Dataset | None:
    """ "who placed an order": the people that the rows refer to, where there is but one table of them."""
    if made.sketch.intent != "who" or is_people(rows):
        return None
    near = dict.fromkeys(r.to_dataset for r in made.model.relationships if r.from_dataset == rows.name)
    referred = [d for n in near if (d := made.model.dataset(n)) is not None]
    people = [d for d in referred if is_people(d)] or [d for d in referred if _named_so(d)]
    return people[0] if len(people) == 1 else None
