"""In: a sketch that asks what customers talk about. Out: a plan whose analysis is `Themes`, over the rows meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.opinions import ASKED, find_opinions, set_aside, voiced, wants_themes
from bi_chat.planners.grammar.timing import apply_time
from bi_chat.semantics.model import Field
from bi_chat.semantics.opinions import Opinions
from bi_chat.values.analyses import Themes
from bi_chat.values.plan import Aggregate, Dimension, FieldRef, Fn, Measured, Order, Plan

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


def themes_plan(made: Assembler, asked: Opinions) -> Plan:
    """The rows that are asked about, counted, with the wish for their themes."""
    sketch = made.sketch
    made.subject = asked.dataset
    made.binder.add_evidence(asked.dataset.name)
    set_aside(made)
    sketch.unused.extend(m.piece for m in sketch.mentions if m.role != "subject")
    conditions = Conditions(made.model, sketch, made.binder, made.trace, asked.dataset)
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


def _filed(plan: Plan, made: Assembler, asked: Opinions, field: Field) -> Plan:
    """Cases that were filed under a category: how many of each, the commonest first."""
    made.trace.doubt("themes_as_filed", 0.0)
    by = Dimension(FieldRef(asked.dataset.name, field.name))
    most = next((r.limit for r in made.sketch.rankings if r.limit), None)
    return replace(plan, dimensions=(by,), order=(Order(plan.measures[0].of, True),), limit=most)
