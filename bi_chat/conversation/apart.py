"""In: a plan that asks why two values of a field differ. Out: the case to look into, as if they were two periods.

The first value stands for the later period, the second for the earlier one; everything behind takes them alike.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bi_chat.conversation.parts import Parts
from bi_chat.conversation.segments import Case, Run
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.analyses import WhyApart
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Days, Period, resolve_period
from bi_chat.values.plan import Condition, Dimension, FieldRef, In, Measured, Plan
from bi_chat.values.result import Cell, Result

_GROUPS = ("dimension", "time", "attribute")


def apart_case(plan: Plan, asked: WhyApart, parts: Parts, world: tuple[SemanticModel, Run, date]) -> Case | Issue:
    """Both values in the plan's window (all there is, where it has none)."""
    model, run, asked_on = world
    try:
        window = resolve_period(plan.window.period, asked_on, model.calendar) if plan.window else Period(None, None)
    except ValueError:
        return Issue(IssueCode.OUTSIDE_PERIOD, "The period has no dates.")
    return Case(plan, Days(window.start, window.end), parts, window, window, _beside(asked, run), asked)


def both_sides(plan: Plan, asked: WhyApart, measures: tuple[Measured, ...], fields: tuple[FieldRef, ...]) -> Plan:
    """Some measures by both values and some fields."""
    where = In(asked.of, (asked.one, asked.other))
    dimensions = tuple(Dimension(f) for f in (asked.of, *fields))
    return Plan(measures, dimensions, where=(*plan.where, where), window=plan.window)


def fixed_by(plan: Plan) -> tuple[Condition, ...]:
    """What a question about two values holds fixed: their field tells nothing new."""
    asked = plan.analysis
    return (In(asked.of, (asked.one,)),) if isinstance(asked, WhyApart) else ()


def _beside(asked: WhyApart, run: Run) -> Run:
    """Runs a plan of two periods as two plans of one value each, and joins their rows."""

    def run_both(plan: Plan, model: SemanticModel) -> Result | Issue:
        sides = []
        for value in (asked.one, asked.other):
            own = replace(plan, comparison=None, where=(*plan.where, In(asked.of, (value,))))
            result = run(own, model)
            if isinstance(result, Issue):
                return result
            sides.append(result)
        return _joined(sides[0], sides[1])

    return run_both


def _joined(one: Result, other: Result) -> Result:
    """Rows of both by their groups: each measure, and beside it the other's as its baseline."""
    import polars as pl

    groups = [i for i, c in enumerate(one.columns) if c.role in _GROUPS]
    measures = [i for i, c in enumerate(one.columns) if c.role == "measure"]
    left, right = ({tuple(r[i] for i in groups): r for r in side.rows} for side in (one, other))
    columns = [one.columns[i] for i in groups]
    for i in measures:
        column = one.columns[i]
        columns += [column, replace(column, name=f"{column.name} (other)", role="baseline")]
    rows: list[tuple[Cell, ...]] = []
    for key in dict.fromkeys((*left, *right)):
        values = [side[key][i] if key in side else None for i in measures for side in (left, right)]
        rows.append((*key, *values))
    names = [c.name for c in columns]
    frame = pl.DataFrame({n: [r[i] for r in rows] for i, n in enumerate(names)}, strict=False)
    return Result(frame, tuple(columns), cut_at=one.cut_at or other.cut_at)
