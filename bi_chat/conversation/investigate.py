"""In: a plan that asks why, and a way to run plans. Out: `Drivers`: the change taken apart by all sensible fields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

from bi_chat.analysis.drivers import Amounts, ByDimension, headline, quality, rank_drivers
from bi_chat.analysis.pairs import best_pair
from bi_chat.conversation.apart import apart_case, both_sides, fixed_by
from bi_chat.conversation.breakdowns import Candidate, candidates, with_labels
from bi_chat.conversation.parts import parts_of
from bi_chat.conversation.past import past_pairs
from bi_chat.conversation.segments import Case, Run, Whole, by_dimension, by_pair, usual_of, whole, within
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.analyses import Why, WhyApart
from bi_chat.values.drivers import Breakdown, Driver, Drivers, PairDriver
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Earlier, Period, PeriodExpr, resolve_earlier, resolve_period
from bi_chat.values.plan import Comparison, FieldRef, In, Metric, Plan
from bi_chat.values.query import Note
from bi_chat.values.result import Cell

MOST_QUERIES = 38  # 1 for the totals, 20 fields, 4 histories, 3 looks inside, 10 pairs of fields
_HISTORIES, _INSIDE = 4, 3
_COARSE, _PAIRED = 40, 5
_SAME, _SHARED = 1e-9, 0.6


def why(plan: Plan, model: SemanticModel, run: Run, *, asked_on: date) -> Drivers | Issue:
    """The drivers of the change of the plan's first measure between its window and its baseline.

    `run` compiles a plan with the model it is given (which may know two metrics more than `model`), guards and runs
    it. At most `MOST_QUERIES` plans are run; a dimension that can't be answered is passed over.
    """
    asked = plan.analysis
    if isinstance(asked, Why | WhyApart) and asked.depth > 0:
        return _inside(plan, asked, model, run, asked_on)
    case = _case(plan, model, run, asked_on)
    if isinstance(case, Issue):
        return case
    total = whole(case)
    if isinstance(total, Issue):
        return total
    fields = with_labels(_asked_for(plan, candidates(model, case.parts.homes, (*plan.where, *fixed_by(plan)))))
    tables = [t for c in fields if (t := by_dimension(case, c, total.amounts)) is not None]
    found = _drivers(case, total, _ranked(case, total, tables, model))
    return replace(found, pair=_pair(case, found, tables))


def _pair(case: Case, found: Drivers, tables: Sequence[ByDimension]) -> PairDriver | None:
    """Two values that moved together as neither does alone, among the dimensions that last and are not too fine; none
    of the headline's, inside of which another look is taken."""
    if case.parts.kind != "sum" or case.apart is not None:
        return None
    lasting = {b.field for b in found.breakdowns if not b.periodic}
    coarse = sorted((t for t in tables if t.field in lasting and len(t.rows) <= _COARSE), key=lambda t: -len(t.rows))
    pairs = combinations(coarse[:_PAIRED], 2)
    made = best_pair([t for a, b in pairs if (t := by_pair(case, a, b)) is not None], found.change)
    top = found.headline
    if top is None or made is None or not top.segment.stands_out:
        return made
    return None if (top.field, top.segment.value) in zip(made.fields, made.values, strict=True) else made


def _inside(plan: Plan, asked: Why | WhyApart, model: SemanticModel, run: Run, asked_on: date) -> Drivers | Issue:
    """The same question of the rows of the segment that is named first."""
    around = why(replace(plan, analysis=replace(asked, depth=asked.depth - 1)), model, run, asked_on=asked_on)
    if isinstance(around, Issue) or around.headline is None:
        return around
    top = around.headline
    where = (*plan.where, *(In(d.field, (d.segment.value,)) for d in (*around.inside, top)))
    own = replace(plan, where=where, dimensions=(), analysis=replace(asked, depth=0))
    found = why(own, model, run, asked_on=asked_on)
    return found if isinstance(found, Issue) else replace(found, inside=(*around.inside, top))


def _asked_for(plan: Plan, fields: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """ "why, by product family?": the fields that were named, where they can be looked at."""
    named = {(d.of.dataset, d.of.field) for d in plan.dimensions if isinstance(d.of, FieldRef)}
    return tuple(c for c in fields if (c.ref.dataset, c.ref.field) in named) or fields


def comparison_plan(plan: Plan, asked: Why | WhyApart) -> Plan:
    """The plan's measure in both periods (or of both values) side by side, without a breakdown."""
    if isinstance(asked, WhyApart):
        return both_sides(plan, asked, plan.measures[:1], ())
    return Plan(
        measures=plan.measures[:1], where=plan.where, window=plan.window, comparison=Comparison(_said(plan, asked))
    )


def driver_of(drivers: Drivers) -> tuple[str, Cell] | None:
    """Field name and value of the segment that is named first."""
    top = drivers.headline
    return (top.field.field, top.segment.value) if top is not None else None


def _case(plan: Plan, model: SemanticModel, run: Run, asked_on: date) -> Case | Issue:
    asked = plan.analysis
    if not isinstance(asked, Why | WhyApart) or not plan.measures:
        return Issue(IssueCode.NO_MEASURE, "To say why something changed I need to know what.")
    if plan.window is None and isinstance(asked, Why):
        return Issue(IssueCode.NO_TIME_FIELD, "To say why something changed I need two periods.")
    parts = parts_of(plan.measures[0].of, model)
    if parts is None:
        what = "the reasons for a change of this measure"
        return Issue(IssueCode.UNSUPPORTED, f"I can't tell {what}.", fields=(("what", what),))
    if isinstance(asked, WhyApart):
        return apart_case(plan, asked, parts, (model, run, asked_on))
    assert plan.window is not None
    said = _said(plan, asked)
    try:
        window = resolve_period(plan.window.period, asked_on, model.calendar)
        baseline = resolve_period(said, asked_on, model.calendar)
    except ValueError:
        return Issue(IssueCode.OUTSIDE_PERIOD, "One of the two periods has no dates.")
    return Case(plan, said, parts, window, baseline, run)


def _said(plan: Plan, asked: Why) -> PeriodExpr:
    if isinstance(asked.baseline, Earlier) and plan.window is not None:
        return resolve_earlier(asked.baseline, plan.window.period)
    return asked.baseline


def _ranked(case: Case, total: Whole, tables: Sequence[ByDimension], model: SemanticModel) -> tuple[Breakdown, ...]:
    """Ranked by what chance alone allows, then once more with what the best dimensions usually do."""
    ratio = case.parts.kind != "sum"
    ranked = rank_drivers(tables, total.amounts, ratio=ratio)
    past = None if case.apart is not None else past_pairs(case.window, case.baseline, model.calendar)
    best = [b for b in ranked if not b.periodic][:_HISTORIES]
    if past is None or not best:
        return ranked
    usual = {b.field: usual_of(case, b.field, past) for b in best}
    return rank_drivers(tables, total.amounts, ratio=ratio, usual=usual)


def _drivers(case: Case, total: Whole, ranked: tuple[Breakdown, ...]) -> Drivers:
    top = headline(ranked, total.change)
    also, deeper = _beside(case, total, ranked, top) if top is not None else ((), None)
    return Drivers(
        total.column.label,
        total.column.unit,
        total.column.format,
        case.parts.kind,
        case.window,
        case.baseline,
        total.before,
        total.after,
        ranked,
        top,
        also,
        deeper,
        _notes(case, total, ranked, top),
        sides=(case.apart.one, case.apart.other) if case.apart is not None else None,
    )


# ------------------------------------------------------------------ other names of the same thing
def _beside(
    case: Case, total: Whole, ranked: tuple[Breakdown, ...], top: Driver
) -> tuple[tuple[Driver, ...], Driver | None]:
    """Segments of other dimensions that share the headline's change, and what stands out inside the headline."""
    others = [d for b in ranked if b.field != top.field and (d := headline((b,), total.change)) is not None]
    same = [d for d in others if _is_same(d, top)]
    apart = [d for d in others if d not in same][:_INSIDE]
    inside = [(d, t) for d in apart if case.parts.kind == "sum" and (t := within(case, top, d)) is not None]
    if case.apart is not None:
        return tuple(same), _deeper([t for _, t in inside], top)
    shared = [Driver(d.field, d.label, d.segment, o) for d, t in inside if (o := _overlap(t, d, top)) >= _SHARED]
    return (*same, *shared), _deeper([t for _, t in inside], top)


def _is_same(one: Driver, two: Driver) -> bool:
    """Equal amounts before and after: the same rows under another name, as a plan and its code."""
    sides = ((one.segment.before, two.segment.before), (one.segment.after, two.segment.after))
    return all((a or 0.0) == (b or 0.0) or math.isclose(a or 0.0, b or 0.0, rel_tol=_SAME) for a, b in sides)


def _overlap(table: ByDimension, other: Driver, top: Driver) -> float:
    """The part of the headline's change that lies in the other segment."""
    found = next((a for value, a in table.rows if value == other.segment.value), None)
    change = top.segment.contribution
    return (found.top[1] - found.top[0]) / change if found is not None and change else 0.0


def _deeper(tables: Sequence[ByDimension], top: Driver) -> Driver | None:
    """The segment inside the headline that stands out of it."""
    inside = [t for t in tables if len(t.rows) > 1]
    if not inside:
        return None
    amounts = _sum_of(inside[0])
    found = headline(rank_drivers(inside, amounts, ratio=False), amounts.top[1] - amounts.top[0])
    return found if found is not None and found.segment.stands_out and found.field != top.field else None


def _sum_of(table: ByDimension) -> Amounts:
    parts = [math.fsum(x) for x in zip(*((*a.top, *a.weight) for _, a in table.rows), strict=True)]
    return Amounts((parts[0], parts[1]), (parts[2], parts[3]))


# ------------------------------------------------------------------ what to say beside
def _notes(case: Case, total: Whole, ranked: tuple[Breakdown, ...], top: Driver | None) -> tuple[Note, ...]:
    """What to mind beside the numbers."""
    found = []
    lengths = [_days(p) for p in (case.baseline, case.window)]
    if case.parts.kind == "sum" and lengths[0] != lengths[1] and all(lengths) and not _is_balance(case):
        found.append(Note("unequal_lengths", (("before", str(lengths[0])), ("after", str(lengths[1]))), warning=True))
    if abs(total.change) < 0.01 * abs(total.before or 0.0):
        found.append(Note("hardly_changed"))
    if case.parts.kind == "typical":
        found.append(Note("split_approximately", warning=True))
    if top is not None and not top.segment.stands_out:
        found.append(Note("nothing_stands_out", warning=True))
    own = next((b for b in ranked if top is not None and b.field == top.field), None)
    if own is not None and abs(own.residual) > 0.01 * abs(total.change):
        found.append(Note("segments_overlap", (("field", own.label),), warning=True))
    found += [Note("periodic", (("field", b.label),)) for b in ranked if b.periodic and case.apart is None][:1]
    if (unnamed := _unnamed(ranked, top, total.change)) is not None:
        found.append(Note("unnamed_moved", (("field", unnamed.label),), warning=True))
    return tuple(found)


def _is_balance(case: Case) -> bool:
    """Whether the measure is a state on a day, which no length of a period changes."""
    of = case.plan.measures[0].of
    metric = case.parts.model.metric(of.name) if isinstance(of, Metric) else None
    return metric is not None and metric.as_of is not None


def _unnamed(ranked: tuple[Breakdown, ...], top: Driver | None, change: float) -> Breakdown | None:
    """A dimension whose rows without a value explain more than the headline."""
    limit = quality(top.segment, change) if top is not None else 0.0
    return next(
        (b for b in ranked for s in b.segments if s.value is None and not b.periodic and quality(s, change) > limit),
        None,
    )


def _days(period: Period) -> int:
    return (period.end - period.start).days if period.start and period.end else 0
