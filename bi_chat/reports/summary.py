"""In: the answer that a report is about. Out: what changed, why, what is expected, what to do: existing analyses, told
for a reader who has a minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bi_chat.reports.asking import Asking
from bi_chat.reports.composed import Line, Source
from bi_chat.values.analyses import Advise, Forecast, Why
from bi_chat.values.answer import AnswerValue
from bi_chat.values.calendar import BusinessCalendar
from bi_chat.values.period import Earlier, Grain, PeriodExpr, resolve_earlier, resolve_period
from bi_chat.values.plan import TIME, Comparison, Dimension, Order, Plan, TimeBucket, Window

STILL = 0.005  # a change by less is none
HORIZONS = (
    (2, Grain.DAY, 7),
    (45, Grain.WEEK, 4),
    (400, Grain.MONTH, 3),
)  # periods up to so many days look so far ahead


def summary(about: Source, parts: tuple[str, ...], asking: Asking, asked_on: date) -> Iterator[Line]:
    """The wanted parts, in the order of reading; one that can't be told is left out."""
    plan = about.answer.plan
    if plan is None or not plan.measures:
        return
    period = plan.window.period if plan.window is not None and plan.analysis is None else asking.period
    base = Plan(measures=plan.measures[:1], where=plan.where)
    if period is not None:
        field = plan.window.field if plan.window is not None else None
        base = replace(base, window=Window(period, field))
    for part in parts:
        wanted = _plan(part, base, plan, asked_on, asking.session.model.calendar)
        if wanted is not None and (line := told(part, asking.plan(wanted))) is not None:
            yield line


def told(kind: str, found: Source) -> Line | None:
    """What an answer says under a heading of the summary; the change itself is not told again as its reason."""
    answer = found.answer
    if answer.status != "answered" or _nothing(kind, answer):
        return None
    headline = () if kind == "why" and answer.narrative.sentences else (answer.narrative.headline,)
    rest = answer.narrative.sentences[: {"expected": 2, "changed": 1}.get(kind, 6)]
    said = tuple(s for s in (*headline, *rest) if s)
    return Line(kind, said, found.number, answer.warnings) if said else None


def _nothing(kind: str, answer: AnswerValue) -> bool:
    """No advice was found, or there is no change to give reasons for."""
    if kind == "advice":
        return answer.advice is not None and not answer.advice.findings
    moved = answer.drivers
    return kind == "why" and moved is not None and abs(moved.change) < STILL * abs(moved.before or 0.0)


def why_plan(base: Plan, baseline: PeriodExpr) -> Plan:
    """Why the figure of a plan moved."""
    return replace(base, analysis=Why(baseline))


def baseline_of(plan: Plan) -> PeriodExpr | None:
    """What a plan's period is compared with: what it says, or the period before."""
    if plan.comparison is not None:
        found = plan.comparison.baseline
    elif isinstance(plan.analysis, Why):
        found = plan.analysis.baseline
    else:
        found = Earlier()
    if isinstance(found, Earlier):
        return resolve_earlier(found, plan.window.period) if plan.window is not None else None
    return found


def _plan(part: str, base: Plan, about: Plan, asked_on: date, calendar: BusinessCalendar) -> Plan | None:
    if part == "advice":
        return replace(base, window=None, analysis=Advise())
    if base.window is None:
        return None
    if part == "expected":
        return _ahead(base, asked_on, calendar)
    same = about.window == base.window
    baseline = baseline_of(about if same else replace(base, comparison=None))
    if baseline is None:
        return None
    return why_plan(base, baseline) if part == "why" else replace(base, comparison=Comparison(baseline))


def _ahead(base: Plan, asked_on: date, calendar: BusinessCalendar) -> Plan | None:
    """A forecast as far as suits the period's length."""
    assert base.window is not None
    try:
        period = resolve_period(base.window.period, asked_on, calendar)
    except ValueError:
        return None
    days = (period.end - period.start).days if period.start and period.end else 400
    grain, horizon = next(((g, h) for most, g, h in HORIZONS if days <= most), (Grain.MONTH, 12))
    bucket = TimeBucket(TIME, grain)
    return Plan(
        measures=base.measures,
        dimensions=(Dimension(bucket),),
        where=base.where,
        order=(Order(bucket, descending=False),),
        analysis=Forecast(grain, horizon),
    )
