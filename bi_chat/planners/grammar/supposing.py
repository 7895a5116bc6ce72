"""In: a plan of an outcome, and a lever as it was said. Out: the plan with what if, or how the two go together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.bind import Choice
from bi_chat.planners.grammar.measures import plain_of
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.semantics.targets import Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.analyses import Influence, WhatIf
from bi_chat.values.plan import (
    Aggregate,
    Arithmetic,
    Condition,
    FieldRef,
    Fn,
    In,
    Measure,
    Measured,
    Metric,
    Plan,
    TextMatch,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler
    from bi_chat.planners.grammar.levers import LeverSaid

_SURE = 0.9  # from here on a name says which price is meant


def unsaid_outcome(made: Assembler) -> None:
    """ "what if the price goes up 5 %?": the main amount of money of the lever's rows, else of the model."""
    said = made.sketch.lever
    wanted = said is not None or made.sketch.advice is not None
    if not wanted or made.measured or any(r.by for r in made.sketch.rankings):
        return
    lever = lever_of(said, made) if said is not None else None
    home = made.measures.home(lever) if lever is not None else None
    money = [m for m in made.model.metrics if m.format == "currency" and m.additivity == "additive"]
    others = [m for m in money if Metric(m.name) != lever and _plain(Metric(m.name), made) != lever]
    homes = made.binder.metric_homes
    near = [m for m in others if home is not None and homes.get(m.name) == home.name]
    first = [] if money and Metric(money[0].name) == lever else others  # what all else is for has no outcome
    best = next(iter((near if not _adds(lever) else []) or first), None)
    counted = any(p.word("count_suffix", "how_many") for p in made.sketch.pieces)
    if best is not None and counted:
        _count_of(best.name, made)
    elif best is not None:
        made.trace.doubt("assumed_outcome", 0.2)
        made.binder.add_evidence(homes.get(best.name, ""), 0.6)
        made.measured.append(Measured(Metric(best.name)))


def _count_of(money: str, made: Assembler) -> None:
    """ "…对数量有什么影响": the pieces that the money is paid for; no guess where rows count none."""
    home = made.model.dataset(made.binder.metric_homes.get(money, ""))
    sums = [f for f in home.fields if f.kind == "measure" and f.additivity == "additive"] if home is not None else []
    pieces = next((f for f in sums if f.format != "currency"), None)
    if home is not None and pieces is not None:
        made.measured.append(Measured(Aggregate(Fn.SUM, home.name, FieldRef(home.name, pieces.name))))


def _adds(lever: Measure | None) -> bool:
    return isinstance(lever, Metric) or (isinstance(lever, Aggregate) and lever.function in (Fn.SUM, Fn.COUNT))


def supposed(plan: Plan, made: Assembler) -> Plan:
    """The plan with its analysis; unchanged, with a doubt, where the lever is no figure."""
    said = made.sketch.lever
    lever = lever_of(said, made) if said is not None else None
    if said is None or lever is None or not plan.measures:
        made.trace.doubt("no_lever", 3.0)
        return plan
    groups = tuple(d for d in plan.dimensions if isinstance(d.of, FieldRef))[:1] if said.changes else ()
    plain = Plan(measures=plan.measures[:1], dimensions=groups, where=plan.where, window=plan.window)
    moved = _moved(said, lever, made)
    if said.source is not None and moved is None:
        made.trace.doubt("no_lever", 3.0)
        return plan
    plain, own = _own_conditions(plain, lever, made)
    if own or moved is not None:
        aggregate = lever if isinstance(lever, Aggregate) else _plain(lever, made)
        if aggregate is None:
            made.trace.doubt("no_lever", 3.0)
            return plan
        lever = aggregate
    if not said.changes:
        return replace(plain, analysis=Influence(lever, own))
    factor = said.factor if said.factor is not None else 1.0
    return replace(plain, analysis=WhatIf(lever, factor, said.amount, moved, own, said.level))


def supposed_again(plan: Plan, sketch: Sketch) -> Plan | None:
    """ "and 10 %?", "-5 % instead" after a what-if: the same with another change; None where none is said."""
    asked = plan.analysis
    piece = next((p for p in sketch.unused if p.amount is not None and p.amount.unit == "%"), None)
    size = piece.amount if piece is not None else None
    signed = any("+" in p.text for p in sketch.pieces)
    ways = [w.arg for p in sketch.pieces if (w := p.word("lever")) is not None]
    if not isinstance(asked, WhatIf) or size is None:
        return None
    down = "down" in ways if ways else asked.factor < 1 and not signed
    share = abs(size.value) / 100 * (-1 if down or size.value < 0 else 1)
    sketch.unused[:] = [p for p in sketch.unused if p.amount is not size and not p.word("lever") and p.text != "+"]
    return replace(plan, analysis=replace(asked, factor=1 + share, amount=0.0, level=None))


def lever_of(said: LeverSaid, made: Assembler) -> Measure | None:
    """What a noun means as a figure: a metric, a number's sum or mean, the money of rows; "the price" is our own."""
    own = said.noun.word("own_price", "elasticity") is not None
    if own and not any(h.score >= _SURE and h.target.kind is not Kind.DATASET for h in said.noun.hits):
        return _own_price(said, made)
    choice = made.binder.choose(said.noun, (Kind.METRIC, Kind.FIELD, Kind.DATASET))
    if choice is None:
        return None
    if choice.target.kind is Kind.METRIC:
        return made.measures.metric(said.noun, choice).of
    if choice.target.kind is Kind.DATASET:
        homes = made.binder.metric_homes
        first = next((m for m in made.model.metrics if homes.get(m.name) == choice.target.dataset), None)
        made.trace.choice(said.noun, "measure", choice)
        return Metric(first.name) if first is not None and first.additivity == "additive" else None
    field = made.binder.field(choice.target)
    if field is None or field.kind not in ("measure", "number"):
        return None
    return made.measures.bare_field(said.noun, choice).of


def _own_price(said: LeverSaid, made: Assembler) -> Measure | None:
    """The price in the rows of the outcome, else what is paid for a piece."""
    outcome = made.measured[0].of if made.measured else None
    named = [m for m in made.model.metrics if m.format == "currency" and m.additivity == "additive"]
    outcome = outcome or next((Metric(m.name) for m in named), None)
    home = made.measures.home(outcome) if outcome is not None else None
    if home is None:
        return None
    prices = [f for f in home.fields if f.kind == "number" and f.format == "currency"]
    if prices:
        target = Target(Kind.FIELD, home.name, prices[0].name)
        made.trace.choice(said.noun, "measure", Choice(target, 0.9))
        return Aggregate(Fn.AVG, home.name, FieldRef(home.name, prices[0].name))
    sums = [f for f in home.fields if f.kind == "measure" and f.additivity == "additive"]
    money = next((f for f in sums if f.format == "currency"), None)
    pieces = next((f for f in sums if f.format != "currency"), None)
    if money is None or pieces is None:
        return None
    made.trace.choice(said.noun, "measure", Choice(Target(Kind.FIELD, home.name, money.name), 0.9))
    left, right = (Aggregate(Fn.SUM, home.name, FieldRef(home.name, f.name)) for f in (money, pieces))
    return Arithmetic("/", left, right)


def _plain(lever: Measure, made: Assembler) -> Aggregate | None:
    return plain_of(lever, made.model, made.measures.home(lever)) if isinstance(lever, Metric) else None


def _moved(said: LeverSaid, lever: Measure, made: Assembler) -> tuple[FieldRef, str, str] | None:
    """The field that holds both values, of the lever's rows or of what they refer to."""
    home = made.measures.home(lever)
    if said.source is None or said.target is None or home is None:
        return None
    near = {home.name, *reachable(made.model, home.name)}
    for one in said.source.of(Kind.VALUE):
        for two in said.target.of(Kind.VALUE):
            if one.target.key == two.target.key and one.target.dataset in near and one.target.name != two.target.name:
                return FieldRef(*one.target.key), one.target.name, two.target.name
    return None


def _own_conditions(plan: Plan, lever: Measure, made: Assembler) -> tuple[Plan, tuple[Condition, ...]]:
    """Conditions that only the lever's rows can meet ("spend on search") are the lever's."""
    outcome, home = made.measures.home(plan.measures[0].of), made.measures.home(lever)
    if outcome is None or home is None or outcome.name == home.name:
        return plan, ()
    near = {outcome.name, *reachable(made.model, outcome.name)}
    own = tuple(c for c in plan.where if (keys := set(_datasets(c))) and not keys & near)
    return replace(plan, where=tuple(c for c in plan.where if c not in own)), own


def _datasets(condition: Condition) -> Iterable[str]:
    match condition:
        case In(FieldRef() as of) | TextMatch(FieldRef() as of):
            yield of.dataset
