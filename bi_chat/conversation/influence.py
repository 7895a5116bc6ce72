"""In: a plan that names an outcome and a lever, and a way to run plans. Out: how the one has gone with the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bi_chat.analysis.panel import FEW_UNITS, Estimate
from bi_chat.analysis.response import Observed, Response, respond
from bi_chat.conversation.panels import Cells, Wanted, cells_of, unit_fields
from bi_chat.conversation.parts import parts_of
from bi_chat.conversation.pricing import Pricing, pricing_of
from bi_chat.conversation.segments import Run
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.analyses import Influence, WhatIf
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.plan import Aggregate, AllOf, FieldRef, Fn, In, Measure, Measured, Not, Plan
from bi_chat.values.query import Note, ResultColumn
from bi_chat.values.scenario import Range, Relation


@dataclass(frozen=True, slots=True)
class Studied:
    """The relation with what it was learnt from. Columns of the cells: the outcome (or pieces), then the levers.

    With `pricing` they are pieces, money and, where they are asked for, discount and margin.
    """

    relation: Relation
    cells: Cells
    response: Response | None
    pricing: Pricing | None
    outcome: ResultColumn
    lever: ResultColumn
    model: SemanticModel


def study(
    plan: Plan, model: SemanticModel, run: Run, *, asked_on: date, name: Callable[[FieldRef], str] | None = None
) -> Studied | Issue:
    """Find what to compare, get it for each unit and step, and estimate.

    A history that says nothing is no issue: the relation's verdict says so. `name` calls fields by the asker's words.
    """
    asked = plan.analysis
    if not isinstance(asked, WhatIf | Influence) or not plan.measures:
        return Issue(IssueCode.NO_MEASURE, "I need to know which figure is meant.")
    outcome = plan.measures[0].of
    name = name or (lambda ref: _label(ref, model))
    named = _columns(plan, _scoped(asked), model, run, name)
    if isinstance(named, Issue):
        return named
    if asked.lever == outcome:
        return _unsupported("what a figure does to itself")
    plain = not asked.where and (isinstance(asked, Influence) or asked.moved is None)
    pricing = pricing_of(outcome, asked.lever, plan.where, model, run) if plain else None
    levers = levers_of(asked)
    measures = _paid(pricing, outcome) if pricing is not None else (outcome, *levers)
    homes = _homes((outcome, *levers), model)
    if not homes:
        return _unsupported("the effect of one on the other")
    time = plan.window.field if plan.window else None
    wanted = Wanted(measures, plan.where, model, run, asked_on, time)
    cells = cells_of(wanted, unit_fields(wanted, homes, (1, 0) if pricing is not None else None))
    if isinstance(cells, Issue):
        return cells
    kind = "price" if pricing is not None else "flow" if _adds(asked.lever, model) else "level"
    cells = replace(cells, fields=tuple(replace(f, label=name(f.ref)) for f in cells.fields))
    return _estimated(cells, kind, pricing, named, (model, len(levers)))


def _estimated(
    cells: Cells,
    kind: str,
    pricing: Pricing | None,
    named: tuple[ResultColumn, ResultColumn],
    of: tuple[SemanticModel, int],
) -> Studied:
    outcome, lever = named
    relation = Relation(kind, "too_little", outcome.label or outcome.name, lever.label or lever.name, cells.grain.value)
    if not len(cells.values):
        return Studied(relation, cells, None, pricing, *named, of[0])
    cells, count = _without_constant(cells, kind, of[1])
    seen = observed(cells, kind, count)
    found = respond(seen)
    relation = replace(
        relation,
        units=tuple(f.label for f in cells.fields),
        first=cells.days[0],
        last=cells.days[-1],
        rows=len(cells.values),
        compared=len(cells.names) if cells.fields else 1,
    )
    if isinstance(found, str):
        return Studied(replace(relation, verdict=found), cells, None, pricing, *named, of[0])
    relation = _judged(replace(relation, rows=len(found.kept), compared=found.slopes.units), found, seen)
    return Studied(relation, cells, found, pricing, *named, of[0])


def _without_constant(cells: Cells, kind: str, levers: int) -> tuple[Cells, int]:
    """Without the rest of a spend where there is no rest: it stands last, and moves nothing."""
    last = np.nan_to_num(cells.values[:, levers])
    if kind != "flow" or levers < 2 or np.ptp(last) > 0:
        return cells, levers
    return replace(cells, values=np.delete(cells.values, levers, axis=1)), levers - 1


def observed(cells: Cells, kind: str, levers: int) -> Observed:
    """The cells as outcome and levers: of a price, the pieces and what was paid for one."""
    values = cells.values
    if kind == "price":
        with np.errstate(divide="ignore", invalid="ignore"):
            paid = np.where(values[:, 0] > 0, values[:, 1] / values[:, 0], np.nan)[:, None]
        return Observed(values[:, 0], paid, cells.unit, cells.step, cells.season, kind, cells.grain.value)
    return Observed(
        values[:, 0], values[:, 1 : 1 + levers], cells.unit, cells.step, cells.season, kind, cells.grain.value
    )


def _judged(relation: Relation, found: Response, seen: Observed) -> Relation:
    """The first lever's elasticity, at once and by step, and what it is worth."""
    scale = _at_mean(seen, found)
    change = np.zeros(len(found.size))
    change[0] = scale
    total = as_range(found.total(change))
    steps = tuple(_times(found.step(0, lag), scale) for lag in range(found.lags + 1))
    verdict = "estimated" if total.surely else "no_effect"
    lawless = {"price": total.value > 0, "flow": total.value < 0}.get(relation.kind, False)
    if total.surely and lawless:
        verdict = "turned"
    return replace(relation, elasticity=total, by_step=steps, verdict=verdict)


def _at_mean(seen: Observed, found: Response) -> float:
    """Elasticity over slope: 1 for logarithms, the mean of x / (x + size) for a flow."""
    if seen.kind != "flow":
        return 1.0
    x = np.nan_to_num(seen.levers[found.kept, 0])
    weight = seen.outcome[found.kept]
    return float((weight * x / (x + found.size[0])).sum() / weight.sum())


def as_range(found: Estimate, scale: float = 1.0) -> Range:
    """An estimate as a value."""
    return Range(found.value * scale, found.low * scale, found.high * scale)


def _times(found: Estimate, scale: float) -> Range:
    return as_range(found, scale)


def _scoped(asked: WhatIf | Influence) -> Measure:
    lever = asked.lever
    return replace(lever, where=(*lever.where, *asked.where)) if isinstance(lever, Aggregate) and asked.where else lever


def levers_of(asked: WhatIf | Influence) -> tuple[Measure, ...]:
    """What the outcome is compared with: a part of a spend beside the rest of it, or the two that are exchanged."""
    lever = asked.lever
    if isinstance(asked, WhatIf) and asked.moved is not None and isinstance(lever, Aggregate):
        of, source, target = asked.moved
        rest = In(of, (source, target), negated=True)
        parts = (In(of, (source,)), In(of, (target,)), rest)
        return tuple(replace(lever, where=(*lever.where, *asked.where, p)) for p in parts)
    if asked.where and isinstance(lever, Aggregate):
        others = Not(asked.where[0] if len(asked.where) == 1 else AllOf(asked.where))
        return _scoped(asked), replace(lever, where=(*lever.where, others))
    return (lever,)


def _paid(pricing: Pricing, outcome: Measure) -> tuple[Measure, ...]:
    more = (pricing.discount,) if pricing.discount is not None else ()
    return (pricing.quantity, pricing.revenue, *more, *((outcome,) if pricing.role == "margin" else ()))


def _adds(lever: Measure, model: SemanticModel) -> bool:
    parts = parts_of(lever, model)
    counts = isinstance(lever, Aggregate) and lever.function in (Fn.SUM, Fn.COUNT)
    return counts or (parts is not None and parts.kind == "sum")


def _homes(measures: tuple[Measure, ...], model: SemanticModel) -> tuple[str, ...]:
    found = [parts_of(m, model) for m in measures]
    return tuple(dict.fromkeys(h for p in found if p is not None for h in p.homes)) if None not in found else ()


def _columns(
    plan: Plan, lever: Measure, model: SemanticModel, run: Run, name: Callable[[FieldRef], str]
) -> tuple[ResultColumn, ResultColumn] | Issue:
    """The columns of both figures, with their names in the asker's language."""
    result = run(Plan(measures=(plan.measures[0], Measured(lever)), where=plan.where, window=plan.window), model)
    if isinstance(result, Issue):
        return result
    found = [c for c in result.columns if c.role == "measure"]
    if isinstance(lever, Aggregate) and isinstance(lever.of, FieldRef):
        found = [*found[:1], *(replace(c, label=name(lever.of)) for c in found[1:])]
    return (found[0], found[1]) if len(found) == 2 else _unsupported("the effect of a figure on itself")


def _label(ref: FieldRef, model: SemanticModel) -> str:
    field = model.field(ref.dataset, ref.field)
    return (field.label or field.name) if field is not None else ref.field


def _unsupported(what: str) -> Issue:
    return Issue(IssueCode.UNSUPPORTED, f"I can't tell {what}.", fields=(("what", what),))


def cautions(found: Relation) -> tuple[Note, ...]:
    """What must stand beside an estimate: it was observed, and few units can't be told from their seasons."""
    few = (Note("few_compared", (("count", str(found.compared)),), warning=True),) if found.compared < FEW_UNITS else ()
    return (Note("observed_not_tested", warning=True), *few)
