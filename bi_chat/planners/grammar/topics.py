"""In: a sketch that asks what customers talk about. Out: a plan whose analysis is `Themes`, over the rows meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.doubt import as_said
from bi_chat.planners.grammar.opinions import ASKED, find_opinions, set_aside, voiced, wants_themes
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.rules.voices import WHOLE
from bi_chat.planners.grammar.timing import apply_time
from bi_chat.semantics.model import Field
from bi_chat.semantics.opinions import Opinions
from bi_chat.semantics.targets import Kind
from bi_chat.values.analyses import Themes
from bi_chat.values.plan import Aggregate, Dimension, FieldRef, Fn, Measured, Order, Plan, TextMatch, Window

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

USUAL = 8


def heard_plan(made: Assembler) -> Plan | None:
    """A plan for themes; None where none are asked for, after figures of feeling have joined the measures."""
    if not set(ASKED) & set(made.sketch.flags):
        return None
    asked = find_opinions(made)
    if asked is None:
        made.trace.doubt("no_opinions", 3.0)
        return None
    if asked.text and wants_themes(made):
        return themes_plan(made, asked)
    voiced(made, asked)
    return None


def themes_again(previous: Plan, made: Assembler) -> Plan | None:
    """ "and what do they complain about?": themes of the rows that were on the table."""
    asked = find_opinions(made) if "theme" in made.sketch.flags else None
    if asked is None or not asked.text or not wants_themes(made):
        return None
    plan = themes_plan(made, asked)
    before = Window(previous.window.period) if previous.window is not None else None
    return replace(plan, where=(*previous.where, *plan.where), window=plan.window or before)


def themes_plan(made: Assembler, asked: Opinions) -> Plan:
    """The rows that are asked about, counted, with the wish for their themes."""
    sketch = made.sketch
    made.subject = asked.dataset
    made.binder.add_evidence(asked.dataset.name)
    set_aside(made)
    about = _about(made)
    sketch.unused = [p for p in (*sketch.unused, *_left(made)) if p is not about]
    conditions = Conditions(made.model, sketch, made.binder, made.trace, asked.dataset)
    if about is not None:
        made.trace.note(about, "filter", field=asked.text, value=about.text)
        conditions.where.append(("and", TextMatch(asked.words, as_said(about.text), "mentions")))
    if "polarity" in sketch.flags:  # "what do the negative reviews say": whole texts are meant
        conditions.where.append(("and", asked.on("negative" if "negative" in sketch.flags else "positive")))
    plan = Plan(measures=(Measured(Aggregate(Fn.COUNT, asked.dataset.name)),))
    plan = apply_time(conditions.apply(plan, made.flags), made)
    if asked.filed is not None and "positive" not in sketch.flags:
        return _filed(plan, made, asked, asked.filed)
    flags = sketch.flags
    side = "negative" if "negative" in flags else "positive" if "positive" in flags else ""
    most = next((r.limit for r in sketch.rankings if r.limit), sketch.limit) or USUAL
    stars = asked.stars.name if asked.stars is not None else ""
    wanted = Themes(asked.dataset.name, asked.text, side, stars, most)
    return replace(plan, dimensions=(), order=(), limit=None, calculations=(), comparison=None, analysis=wanted)


def _left(made: Assembler) -> list[Piece]:
    """Nouns that neither say who speaks nor what holds the words."""
    return [m.piece for m in made.sketch.mentions if m.role != "subject"]


def _about(made: Assembler) -> Piece | None:
    """ "what do they say about delivery": the word right after, which is no value of the data, is looked for."""
    at = made.sketch.flags["theme"] + 1
    pieces = made.sketch.pieces
    while at < len(pieces) and (pieces[at].word("filler", "of", "for", "that") and not pieces[at].hits):
        at += 1
    if at >= len(pieces) or not pieces[at - 1].text.lower().endswith("about"):
        return None
    piece = pieces[at]
    named = any(piece is v for c in made.sketch.conditions for v in c.values)
    rows = piece.of(Kind.DATASET)
    free = piece.unexplained or bool(piece.hits)
    return piece if free and not (named or piece.period or (rows and rows[0].score >= WHOLE)) else None


def _filed(plan: Plan, made: Assembler, asked: Opinions, field: Field) -> Plan:
    """Cases that were filed under a category: how many of each, the commonest first."""
    made.trace.doubt("themes_as_filed", 0.0)
    by = Dimension(FieldRef(asked.dataset.name, field.name))
    most = next((r.limit for r in made.sketch.rankings if r.limit), None)
    return replace(plan, dimensions=(by,), order=(Order(plan.measures[0].of, True),), limit=most)
