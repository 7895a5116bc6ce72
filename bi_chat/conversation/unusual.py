"""In: a plan that asks for anomalies, and a way to run plans.
Out: the unusual points of its series within its window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bi_chat.analysis.anomalies import FEWEST, find_unusual, without_gaps
from bi_chat.conversation.parts import parts_of
from bi_chat.conversation.segments import Run
from bi_chat.language.display import as_number
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.analyses import Anomalies
from bi_chat.values.drivers import UnusualPoints
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Days, Grain, Period, floor, resolve_period, shift
from bi_chat.values.plan import TIME, Dimension, Plan, TimeBucket, Window
from bi_chat.values.query import Note, ResultColumn
from bi_chat.values.result import Result

LEARN_BEFORE = {Grain.DAY: 400, Grain.WEEK: 800, Grain.MONTH: 2000}  # days of history that say what is usual
LEARN_AFTER = 31


def anomalies(plan: Plan, model: SemanticModel, run: Run, *, asked_on: date) -> UnusualPoints | Issue:
    """Unusual days (weeks, months) of the plan's first measure within its window; without a window, of all there is.

    What is usual is learnt from a year or more around the window.
    The bucket of the day of asking is not over and left out.
    """
    if not isinstance(plan.analysis, Anomalies) or not plan.measures:
        return Issue(IssueCode.NO_MEASURE, "I need a measure to look for unusual points.")
    grain = plan.analysis.grain if plan.analysis.grain in FEWEST else Grain.DAY
    try:
        window = resolve_period(plan.window.period, asked_on, model.calendar) if plan.window else Period(None, None)
    except ValueError:
        return Issue(IssueCode.OUTSIDE_PERIOD, "The period has no dates.")
    asked = series_plan(plan, grain, _learning(window, grain, asked_on))
    result = run(asked, model)
    if isinstance(result, Issue):
        return result
    return _found(plan, asked, result, window, grain, model, asked_on)


def series_plan(plan: Plan, grain: Grain, period: Period) -> Plan:
    """The first measure by time over a period, nothing else."""
    return Plan(
        measures=plan.measures[:1],
        dimensions=(Dimension(TimeBucket(TIME, grain)),),
        where=plan.where,
        window=Window(Days(period.start, period.end), plan.window.field if plan.window else None),
    )


def _learning(window: Period, grain: Grain, asked_on: date) -> Period:
    """The window with enough around it, up to the day before asking."""
    start = window.start and window.start - timedelta(days=LEARN_BEFORE[grain])
    end = min(window.end + timedelta(days=LEARN_AFTER), asked_on) if window.end else asked_on
    return Period(start, max(end, start + timedelta(days=1)) if start else end)


def _found(
    plan: Plan, asked: Plan, result: Result, window: Period, grain: Grain, model: SemanticModel, asked_on: date
) -> UnusualPoints | Issue:
    column = next(c for c in result.columns if c.role == "measure")
    points = _points(result, grain, model, asked_on)
    parts = parts_of(plan.measures[0].of, model)
    adds = parts is not None and parts.kind == "sum"
    series = without_gaps(points, grain) if adds else points
    unusual = find_unusual(series, grain, counts=adds and _counts(column, series))
    if unusual is None:
        return _too_short(len(series), grain)
    inside = tuple(p for p in unusual.points if _within(p.at, window, grain, model))
    checked = sum(_within(day, window, grain, model) for day, _ in series)
    notes = (Note("unusual_learnt_from", (("start", series[0][0].isoformat()), ("end", series[-1][0].isoformat()))),)
    shown = replace(asked, window=plan.window)
    return UnusualPoints(
        column.label, column.unit, column.format, grain.value, inside, checked, unusual.scale, shown, notes
    )


def _points(result: Result, grain: Grain, model: SemanticModel, asked_on: date) -> list[tuple[date, float]]:
    """Whole buckets with a value, in order."""
    at = next(i for i, c in enumerate(result.columns) if c.role == "time")
    of = next(i for i, c in enumerate(result.columns) if c.role == "measure")
    open_from = floor(asked_on, grain, model.calendar)
    found = []
    for row in result.rows:
        day, value = row[at], as_number(row[of])
        day = day.date() if isinstance(day, datetime) else day
        if isinstance(day, date) and value is not None and day < open_from:
            found.append((day, float(value)))
    return sorted(found)


def _counts(column: ResultColumn, series: list[tuple[date, float]]) -> bool:
    return column.format == "integer" and all(v >= 0 and v == round(v) for _, v in series)


def _within(day: date | datetime, window: Period, grain: Grain, model: SemanticModel) -> bool:
    """Whether any of the bucket's days belongs to the window."""
    first = day.date() if isinstance(day, datetime) else day
    after = shift(first, grain, 1)
    return (window.start is None or after > window.start) and (window.end is None or first < window.end)


def _too_short(count: int, grain: Grain) -> Issue:
    what = f"unusual points in a series of {count} (at least {FEWEST[grain]} are needed, by {grain.value})"
    return Issue(IssueCode.UNSUPPORTED, f"I can't tell {what}.", fields=(("what", what),))
