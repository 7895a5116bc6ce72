"""In: a plan that asks why, and a way to run plans. Out: `Drivers`: the change taken apart by every sensible
dimension."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bi_chat.analysis.drivers import Amounts, ByDimension, headline, rank_drivers
from bi_chat.conversation.breakdowns import Candidate, candidates, with_labels
from bi_chat.conversation.parts import Parts, parts_of
from bi_chat.language.display import as_number
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.drivers import Breakdown, Driver, Drivers
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Earlier, Period, PeriodExpr, resolve_earlier, resolve_period
from bi_chat.values.plan import Comparison, Condition, Dimension, FieldRef, IsNull, Measured, Plan, Scalarish, Why
from bi_chat.values.plan import Compare, Literal
from bi_chat.values.query import Note
from bi_chat.values.result import Cell, Result

Run = Callable[[Plan, SemanticModel], Result | Issue]
MOST_QUERIES = 25
OVERLAP = 0.6


@dataclass(frozen=True, slots=True)
class _Case:
    """What is looked into: the plan without its analysis, the two periods, and the measure's parts."""

    plan: Plan
    parts: Parts
    window: Period
    baseline: Period
    run: Run


def why(plan: Plan, model: SemanticModel, run: Run, *, asked_on: date) -> Drivers | Issue:
    """The drivers of the change of the plan's first measure between its window and its baseline.

    `run` compiles a plan with the given model (it holds two metrics more than `model`), guards it and runs it. At most
    25 plans are run; a dimension that can't be answered is passed over.
    """
    case = _case(plan, model, run, asked_on)
    if isinstance(case, Issue):
        return case
    whole = run(_sub_plan(case, plan.measures[0], ()), model)
    if isinstance(whole, Issue):
        return whole
    total = _total(case)
    if isinstance(total, Issue):
        return total
    found = with_labels(candidates(model, case.parts.homes, plan.where))
    tables = [t for c in found if (t := _by_dimension(case, c, total)) is not None]
    ranked = rank_drivers(tables, total, ratio=case.parts.kind != "sum")
    return _drivers(case, whole, ranked)


def comparison_plan(plan: Plan) -> Plan:
    """The plan's measure in both periods side by side: the rows to show where no driver was found."""
    assert isinstance(plan.analysis, Why)
    return replace(plan, analysis=None, comparison=Comparison(_baseline(plan, plan.analysis)), chart=None)


def driver_of(drivers: Drivers) -> tuple[str, Cell] | None:
    """Field name and value of the segment that is named first."""
    top = drivers.headline
    return (top.field.field, top.segment.value) if top is not None else None


# ------------------------------------------------------------------ asking
def _case(plan: Plan, model: SemanticModel, run: Run, asked_on: date) -> _Case | Issue:
    if not isinstance(plan.analysis, Why) or not plan.measures:
        return _refused("why without a measure")
    if plan.window is None:
        return Issue(IssueCode.NO_TIME_FIELD, "To say why something changed I need two periods.")
    parts = parts_of(plan.measures[0].of, model)
    if parts is None:
        return _refused("the reasons of this measure")
    try:
        window, baseline = (
            resolve_period(p, asked_on, model.calendar) for p in (plan.window.period, _baseline(plan, plan.analysis))
        )
    except ValueError:
        return Issue(IssueCode.OUTSIDE_PERIOD, "One of the two periods has no dates.")
    return _Case(plan, parts, window, baseline, run)


def _baseline(plan: Plan, analysis: Why) -> PeriodExpr:
    if isinstance(analysis.baseline, Earlier) and plan.window is not None:
        return resolve_earlier(analysis.baseline, plan.window.period)
    return analysis.baseline


def _refused(what: str) -> Issue:
    return Issue(IssueCode.UNSUPPORTED, f"I can't explain {what}.", fields=(("what", what),))


def _sub_plan(
    case: _Case, measure: Measured | None, fields: Sequence[FieldRef], where: tuple[Condition, ...] = ()
) -> Plan:
    """The measure (None: its two parts) by some fields in both periods."""
    assert isinstance(case.plan.analysis, Why)
    measures = (measure,) if measure else (Measured(case.parts.top, "top"), Measured(case.parts.weight, "weight"))
    return Plan(
        measures=measures,
        dimensions=tuple(Dimension(f) for f in fields),
        where=(*case.plan.where, *where),
        window=case.plan.window,
        comparison=Comparison(_baseline(case.plan, case.plan.analysis)),
    )


def _total(case: _Case) -> Amounts | Issue:
    result = case.run(_sub_plan(case, None, ()), case.parts.model)
    if isinstance(result, Issue):
        return result
    found = _amounts(case, result)
    if not found:
        return Issue(IssueCode.EMPTY_RESULT, "Neither period has any rows.")
    return found[0][1]


def _amounts(case: _Case, result: Result) -> list[tuple[tuple[Cell, ...], Amounts]]:
    """Groups with their amounts; a missing amount of an existing group counts as 0."""
    values = [i for i, c in enumerate(result.columns) if c.role in ("measure", "baseline")]
    groups = [i for i, c in enumerate(result.columns) if c.role in ("dimension", "time")]
    found = []
    for row in result.rows:
        after, before, rows_after, rows_before = (float(as_number(row[i]) or 0.0) for i in values)
        if case.parts.kind == "typical":
            before, after = before * rows_before, after * rows_after
        found.append((tuple(row[i] for i in groups), Amounts((before, after), (rows_before, rows_after))))
    return found


def _by_dimension(case: _Case, candidate: Candidate, total: Amounts) -> ByDimension | None:
    result = case.run(_sub_plan(case, None, (candidate.ref,)), case.parts.model)
    if isinstance(result, Issue) or result.cut_at is not None:
        return None
    rows = tuple((group[0], amounts) for group, amounts in _amounts(case, result))
    if len(rows) < 2 or (case.parts.kind == "ratio" and not _adds_up(rows, total)):
        return None
    return ByDimension(candidate.ref, candidate.label, rows, _sub_plan(case, case.plan.measures[0], (candidate.ref,)))


def _adds_up(rows: Sequence[tuple[Cell, Amounts]], total: Amounts) -> bool:
    """Whether numerators and denominators of the segments are those of the total: distinct counts may overlap."""
    for side in (0, 1):
        top = math.fsum(a.top[side] for _, a in rows)
        weight = math.fsum(a.weight[side] for _, a in rows)
        if not math.isclose(top, total.top[side], rel_tol=1e-6, abs_tol=1e-9):
            return False
        if not math.isclose(weight, total.weight[side], rel_tol=1e-6, abs_tol=1e-9):
            return False
    return True


# ------------------------------------------------------------------ putting together
def _drivers(case: _Case, whole: Result, ranked: tuple[Breakdown, ...]) -> Drivers:
    column = next(c for c in whole.columns if c.role == "measure")
    row = whole.rows[0] if whole.rows else (None, None)
    after, before = (as_number(row[i]) for i in (0, 1))
    change = float(after or 0) - float(before or 0)
    top = headline(ranked, change)
    return Drivers(
        column.label,
        column.unit,
        column.format,
        case.parts.kind,
        case.window,
        case.baseline,
        None if before is None else float(before),
        None if after is None else float(after),
        ranked,
        top,
    )
