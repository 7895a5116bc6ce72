"""In: a plan that asks what to do, and a way to run plans. Out: `Advice`: findings with an expected effect, ranked.

Nothing is invented: each finding is a relation or a segment of these data that could be told from chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from statistics import NormalDist

from bi_chat.conversation.breakdowns import MOST_VALUES, begins_and_ends, candidates
from bi_chat.conversation.investigate import why
from bi_chat.conversation.parts import parts_of
from bi_chat.conversation.segments import Run
from bi_chat.conversation.what_if import what_if
from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.semantics.naming import words
from bi_chat.sql.joins import reachable
from bi_chat.values.advice import Advice, Finding
from bi_chat.values.analyses import Advise, WhatIf, Why
from bi_chat.values.drivers import Drivers
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Days, Grain, floor, shift
from bi_chat.values.plan import Aggregate, FieldRef, Fn, In, Plan, Window
from bi_chat.values.query import ResultColumn
from bi_chat.values.scenario import Range, Relation, Scenario

SPENT = frozenset("spend spending spent advertising ad ads adverts marketing campaign media budget".split())
SPENT_ZH = ("投放", "广告", "推广", "花费", "营销")
PRICE_STEP, SPEND_STEP = 0.05, 0.1
MOST_SPENDS, MOST_PARTS, MOST_SEGMENTS = 3, 6, 4
_REACH = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class _World:
    plan: Plan
    model: SemanticModel
    run: Run
    asked_on: date
    name: Callable[[FieldRef], str]


def advise(
    plan: Plan, model: SemanticModel, run: Run, *, asked_on: date, name: Callable[[FieldRef], str]
) -> Advice | Issue:
    """What moves the plan's measure, and which segments left the others' pace; the weightiest first."""
    asked = plan.analysis
    if not isinstance(asked, Advise) or not plan.measures:
        return Issue(IssueCode.NO_MEASURE, "I need to know which figure is to get better.")
    plain = Plan(measures=plan.measures[:1], where=plan.where)
    world = _World(plain, model, run, asked_on, name)
    found: list[Finding] = []
    silent: list[Relation] = []
    column: ResultColumn | None = None
    tried = list(_levers(world, asked.about))
    needed = 1 - 0.025 / max(len(tried), 1)  # of many levers one seems to work by luck (Bonferroni)
    for kind, lever in tried:
        made = _tried(world, kind, lever)
        if isinstance(made, Scenario):
            column = made.outcome
            finding = _of_lever(kind, lever, made, world)
            if finding is not None and finding.sure >= needed:
                found.append(finding)
            else:
                silent.append(_named(made.relation, lever, world))
    if asked.about != "spend":
        drivers = _segments(world)
        if isinstance(drivers, Drivers):
            column = column or ResultColumn(drivers.measure, "measure", drivers.measure, drivers.unit, drivers.format)
            found += _of_segments(drivers, _timed(world))
    column = column or _column(world)
    if column is None:
        return Issue(IssueCode.EMPTY_RESULT, "There are no rows to learn from.")
    ranked = sorted(found, key=lambda f: -f.weight)
    return Advice(column, tuple(ranked), tuple(silent), asked.about)


def _column(world: _World) -> ResultColumn | None:
    result = world.run(world.plan, world.model)
    return None if isinstance(result, Issue) else next((c for c in result.columns if c.role == "measure"), None)


# ------------------------------------------------------------------ levers
def _levers(world: _World, about: str) -> Iterator[tuple[str, WhatIf]]:
    """Our own price; each spend, by the values of its own category where it has one."""
    parts = parts_of(world.plan.measures[0].of, world.model)
    home = world.model.dataset(parts.homes[0]) if parts is not None and len(parts.homes) == 1 else None
    if home is None:
        return
    price = next((f for f in home.fields if f.kind == "number" and f.format == "currency"), None)
    if price is not None and about != "spend":
        yield "price", WhatIf(Aggregate(Fn.AVG, home.name, FieldRef(home.name, price.name)), 1 + PRICE_STEP)
    count = 0
    for dataset in world.model.datasets:
        if dataset.name == home.name:
            continue
        for spend in _spends(dataset):
            count += 1
            if count <= MOST_SPENDS:
                yield from _by_part(dataset, Aggregate(Fn.SUM, dataset.name, spend), _names(world.model, home))


def _names(model: SemanticModel, home: Dataset) -> frozenset[str]:
    """The fields that the outcome has as well: where money goes to, not what it is spent on."""
    near = (d for d in model.datasets if d.name == home.name or d.name in reachable(model, home.name))
    return frozenset(f.name.lower() for d in near for f in d.fields)


def _by_part(dataset: Dataset, spend: Aggregate, shared: frozenset[str]) -> Iterator[tuple[str, WhatIf]]:
    """A spend by its own category ("medium"), else as a whole."""
    few = [f for f in dataset.fields if f.kind == "category" and 2 <= (f.distinct or 0) <= MOST_PARTS and f.values]
    own = next((f for f in few if f.name.lower() not in shared), None)
    if own is None:
        yield "spend", WhatIf(spend, 1 + SPEND_STEP)
        return
    for value in own.values[:MOST_PARTS]:
        part = In(FieldRef(dataset.name, own.name), (value,))
        yield "spend", WhatIf(spend, 1 + SPEND_STEP, where=(part,))


def _spends(dataset: Dataset) -> Iterator[FieldRef]:
    """Amounts of money that are spent to sell, by what they or their rows are called."""
    for field in dataset.fields:
        if field.kind != "measure" or field.format != "currency" or field.additivity != "additive":
            continue
        said = " ".join((field.name, field.label, *field.synonyms, dataset.name, dataset.label))
        if SPENT & set(words(said)) or any(w in said for w in SPENT_ZH):
            yield FieldRef(dataset.name, field.name)


def _tried(world: _World, kind: str, lever: WhatIf) -> Scenario | None:
    made = what_if(
        replace(world.plan, analysis=lever), world.model, world.run, asked_on=world.asked_on, name=world.name
    )
    return made[0] if isinstance(made, tuple) and (kind != "price" or made[0].relation.kind == "price") else None


def _of_lever(kind: str, lever: WhatIf, made: Scenario, world: _World) -> Finding | None:
    """A lever whose effect is told from chance, moved the way that helps."""
    at = next((p for p in made.curve if math.isclose(p.change, _helpful(made), abs_tol=1e-6)), None)
    if made.relation.verdict != "estimated" or at is None or at.expected is None:
        return None
    effect = Range(*(v - made.before for v in (at.expected.value, at.expected.low, at.expected.high)))
    if effect.value <= 0 or not effect.surely:
        return None
    cost = made.lever_before * at.change if kind == "spend" else None
    value = str(lever.where[0].values[0]) if lever.where and isinstance(lever.where[0], In) else ""
    label = made.lever.label or made.lever.name
    return Finding(
        kind, label, effect, made.window, _sure(effect), value, at.change, cost, (made.lever.format, made.lever.unit)
    )


def _helpful(made: Scenario) -> float:
    """The asked change, or its opposite where that is the better one."""
    rises = made.expected is not None and made.expected.value > made.before
    return made.change if rises or made.relation.kind != "price" else -made.change


def _named(relation: Relation, lever: WhatIf, world: _World) -> Relation:
    """A relation with the part of the lever that it is about."""
    if lever.where and isinstance(lever.where[0], In):
        return replace(relation, lever=f"{relation.lever} ({lever.where[0].values[0]})")
    return relation


def _sure(effect: Range) -> float:
    error = (effect.high - effect.low) / (2 * _REACH)
    return NormalDist().cdf(abs(effect.value) / error) if error > 0 else 1.0


# ------------------------------------------------------------------ segments
def _segments(world: _World) -> Drivers | Issue:
    """The last whole month against the same a year before: what is usual between such months is known."""
    end = floor(world.asked_on, Grain.MONTH, world.model.calendar)
    start = shift(end, Grain.MONTH, -1)
    before = Days(shift(start, Grain.YEAR, -1), shift(end, Grain.YEAR, -1))
    plan = replace(world.plan, window=Window(Days(start, end)), analysis=Why(before))
    return why(plan, world.model, world.run, asked_on=world.asked_on)


def _timed(world: _World) -> frozenset[FieldRef]:
    """Fields of things that begin and end, as campaigns: that one is over is no news."""
    parts = parts_of(world.plan.measures[0].of, world.model)
    found = candidates(world.model, parts.homes, world.plan.where) if parts is not None else ()
    return frozenset(c.ref for c in found if begins_and_ends(c, world.model))


def _of_segments(drivers: Drivers, timed: frozenset[FieldRef]) -> list[Finding]:
    """Segments that left the pace of the rest by more than chance, one of each dimension."""
    found = []
    for breakdown in drivers.breakdowns:
        if breakdown.periodic or breakdown.values > MOST_VALUES or breakdown.field in timed:
            continue
        apart = [s for s in breakdown.segments if s.stands_out and s.value is not None and s.score]
        for segment in apart[:1]:
            error = abs(segment.excess / segment.score)
            effect = Range(segment.excess, segment.excess - _REACH * error, segment.excess + _REACH * error)
            if effect.surely:
                kind = "ahead" if segment.excess > 0 else "behind"
                found.append(Finding(kind, breakdown.label, effect, drivers.window, _sure(effect), str(segment.value)))
    return found[:MOST_SEGMENTS]
