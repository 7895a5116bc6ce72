"""In: a case (a plan, two periods, a measure's parts). Out: amounts of its segments, each by one checked query."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bi_chat.analysis.drivers import Amounts, ByDimension
from bi_chat.analysis.pairs import PairTable
from bi_chat.analysis.usual import Past, Usual, usual_moves
from bi_chat.conversation.breakdowns import Candidate
from bi_chat.conversation.parts import Parts
from bi_chat.conversation.past import PastPairs
from bi_chat.language.display import as_number
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.analyses import WhyApart
from bi_chat.values.drivers import Driver
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Period, PeriodExpr
from bi_chat.values.plan import (
    TIME,
    Comparison,
    Condition,
    Dimension,
    FieldRef,
    In,
    Measured,
    Plan,
    TimeBucket,
    Window,
)
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

Run = Callable[[Plan, SemanticModel], Result | Issue]


@dataclass(frozen=True, slots=True)
class Case:
    """What is looked into: the plan, its baseline as said, both periods in dates, the measure's parts, how to run.

    `apart`: two values of a field are compared in place of two periods; `run` then puts them side by side.
    """

    plan: Plan
    said: PeriodExpr
    parts: Parts
    window: Period
    baseline: Period
    run: Run
    apart: WhyApart | None = None

    def shown(self, fields: tuple[FieldRef, ...]) -> Plan:
        """The measure itself by some fields in both periods: what a reader sees."""
        if self.apart is not None:
            where = In(self.apart.of, (self.apart.one, self.apart.other))
            dimensions = tuple(Dimension(f) for f in (self.apart.of, *fields))
            return Plan(self.plan.measures[:1], dimensions, where=(*self.plan.where, where), window=self.plan.window)
        return self.compared(self.plan.measures[:1], fields)

    def split(self, fields: tuple[FieldRef, ...], where: tuple[Condition, ...] = ()) -> Plan:
        """The measure's two parts by some fields in both periods."""
        parts = (Measured(self.parts.top, "top"), Measured(self.parts.weight, "weight"))
        return self.compared(parts, fields, where)

    def compared(
        self, measures: tuple[Measured, ...], fields: tuple[FieldRef, ...], where: tuple[Condition, ...] = ()
    ) -> Plan:
        """Some measures by some fields in both periods."""
        return Plan(
            measures=measures,
            dimensions=tuple(Dimension(f) for f in fields),
            where=(*self.plan.where, *where),
            window=self.plan.window,
            comparison=Comparison(self.said),
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """The change to explain: the measure's column and totals, and the amounts behind them."""

    column: ResultColumn
    before: float | None
    after: float | None
    amounts: Amounts

    @property
    def change(self) -> float:
        """After less before."""
        return (self.after or 0.0) - (self.before or 0.0)


def whole(case: Case) -> Whole | Issue:
    """The totals of both periods, or why there are none."""
    measures = (*case.plan.measures[:1], *case.split(()).measures)
    result = case.run(case.compared(measures, ()), case.parts.model)
    if isinstance(result, Issue):
        return result
    if not result.rows:
        return Issue(IssueCode.EMPTY_RESULT, "Neither period has any rows.")
    at = [i for i, c in enumerate(result.columns) if c.role in ("measure", "baseline")]
    after, before = (as_number(result.rows[0][i]) for i in at[:2])
    amounts = _amounts(case, result, at[2:])[0][1]
    if (after is None and before is None) or not any(amounts.weight):
        return Issue(IssueCode.EMPTY_RESULT, "Neither period has any rows.")
    if case.parts.kind != "sum" and not all(amounts.weight):
        return Issue(IssueCode.EMPTY_RESULT, "One of the two periods has no rows.")
    return Whole(result.columns[at[0]], _float(before), _float(after), amounts)


def by_dimension(case: Case, candidate: Candidate, total: Amounts) -> ByDimension | None:
    """The segments of one field; None where they can't be had, are too many, or don't make up a ratio's total."""
    result = case.run(case.split((candidate.ref,)), case.parts.model)
    if isinstance(result, Issue) or result.cut_at is not None:
        return None
    rows = tuple((group[0], amounts) for group, amounts in _amounts(case, result))
    if len(rows) < 2 or (case.parts.kind == "ratio" and not _adds_up(rows, total)):
        return None
    shown = case.shown((candidate.ref,))
    return ByDimension(candidate.ref, candidate.label, rows, shown, candidate.distinct, candidate.timed)


def by_pair(case: Case, one: ByDimension, two: ByDimension) -> PairTable | None:
    """The segments of two fields together; None where they can't be had."""
    fields = (one.field, two.field)
    result = case.run(case.split(fields), case.parts.model)
    if isinstance(result, Issue) or result.cut_at is not None:
        return None
    rows = tuple(((group[0], group[1]), amounts) for group, amounts in _amounts(case, result))
    return PairTable(fields, (one.label, two.label), rows, case.shown(fields))


def within(case: Case, top: Driver, other: Driver) -> ByDimension | None:
    """The headline's rows by another field."""
    only = In(top.field, (top.segment.value,))
    result = case.run(case.split((other.field,), (only,)), case.parts.model)
    if isinstance(result, Issue) or result.cut_at is not None:
        return None
    rows = tuple((group[0], amounts) for group, amounts in _amounts(case, result))
    return ByDimension(other.field, other.label, rows, case.shown((other.field,)))


def usual_of(case: Case, field: FieldRef, past: PastPairs) -> Mapping[Cell, Usual]:
    """How the segments of a field moved between earlier periods; empty where that can't be had."""
    plan = Plan(
        measures=case.split(()).measures,
        dimensions=(Dimension(TimeBucket(TIME, past.grain)), Dimension(field)),
        where=case.plan.where,
        window=Window(past.span, case.plan.window.field if case.plan.window else None),
    )
    result = case.run(plan, case.parts.model)
    if isinstance(result, Issue) or result.cut_at is not None:
        return {}
    rows = [p for row in result.rows if (p := _past(row, typical=case.parts.kind == "typical")) is not None]
    return usual_moves(rows, past.pairs, ratio=case.parts.kind != "sum", drifts=past.yearly)


def _past(row: tuple[Cell, ...], *, typical: bool) -> Past | None:
    at, value = row[0], row[1]
    day = at.date() if isinstance(at, datetime) else at
    top, weight = (_float(as_number(c)) or 0.0 for c in row[2:4])
    return Past(day, value, top * weight if typical else top, weight) if isinstance(day, date) else None


def _amounts(case: Case, result: Result, at: Sequence[int] = ()) -> list[tuple[tuple[Cell, ...], Amounts]]:
    """Groups with their amounts; a missing amount of an existing group counts as 0."""
    values = at or [i for i, c in enumerate(result.columns) if c.role in ("measure", "baseline")]
    groups = [i for i, c in enumerate(result.columns) if c.role in ("dimension", "time")]
    found = []
    for row in result.rows:
        after, before, rows_after, rows_before = (float(as_number(row[i]) or 0.0) for i in values)
        if case.parts.kind == "typical":
            before, after = before * rows_before, after * rows_after
        found.append((tuple(row[i] for i in groups), Amounts((before, after), (rows_before, rows_after))))
    return found


def _adds_up(rows: Sequence[tuple[Cell, Amounts]], total: Amounts) -> bool:
    """Whether numerators and denominators of the segments are those of the total: distinct counts may overlap."""
    found = zip(
        [math.fsum(part) for part in zip(*((*a.top, *a.weight) for _, a in rows), strict=True)],
        (*total.top, *total.weight),
        strict=True,
    )
    return all(math.isclose(one, two, rel_tol=1e-6, abs_tol=1e-9) for one, two in found)


def _float(value: int | float | None) -> float | None:
    return None if value is None else float(value)
