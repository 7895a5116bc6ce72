"""In: a period, a comparison or a horizon. Out: the usual others, said as of the day of asking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bi_chat.conversation.chips.chip import Asked, Edit
from bi_chat.conversation.chips.swap import swapped
from bi_chat.narration.periods import counted, period_words
from bi_chat.values.analyses import Forecast, Why
from bi_chat.values.period import (
    Days,
    Earlier,
    Grain,
    Period,
    PeriodExpr,
    Relative,
    ToDate,
    resolve_earlier,
    resolve_period,
)
from bi_chat.values.plan import Comparison, Plan, Window

USUAL: tuple[PeriodExpr, ...] = (
    Relative(Grain.DAY, -7, 7),
    Relative(Grain.DAY, -30, 30),
    Relative(Grain.MONTH),
    Relative(Grain.MONTH, -1),
    Relative(Grain.QUARTER),
    Relative(Grain.QUARTER, -1),
    ToDate(Grain.YEAR),
    Relative(Grain.YEAR, -1),
    Relative(Grain.MONTH, -12, 12),
)
HORIZONS = {Grain.DAY: (7, 14, 30, 90), Grain.WEEK: (4, 8, 13, 26), Grain.MONTH: (3, 6, 12, 24)}


def period_edits(asked: Asked) -> Iterator[Edit]:
    """The usual periods, and all of time; relative ones stay relative."""
    plan, t = asked.plan, asked.tongue
    now = plan.window.period if plan.window is not None else None
    for period in dict.fromkeys((*((now,) if now else ()), *USUAL)):
        said = period_words(period, asked.asked_on, asked.language, asked.model.calendar)
        yield Edit(said, in_period(asked, period), period == now)
    if not isinstance(plan.analysis, Why):
        yield Edit(t.say("all_time"), replace(plan, window=None, comparison=None), now is None)


def in_period(asked: Asked, period: PeriodExpr) -> Plan:
    """The same question about another time; the window's own date field stays, and so does the distance to what it is
    compared with."""
    plan, now = asked.plan, baseline_of(asked.plan)
    if plan.window is None:
        return replace(plan, window=Window(period))
    moved = replace(plan, window=Window(period, plan.window.field))
    return moved if now is None else _against(moved, _moved(now, plan.window.period, period, asked))


def _moved(baseline: PeriodExpr, old: PeriodExpr, new: PeriodExpr, asked: Asked) -> PeriodExpr:
    """ "2023" beside "2024" is the year before; what is no such neighbour stays as it is."""
    for earlier in (Earlier(Grain.YEAR), Earlier()):
        if _dates(resolve_earlier(earlier, old), asked) == _dates(baseline, asked):
            return resolve_earlier(earlier, new)
    return swapped(baseline, old, new)


def _dates(period: PeriodExpr, asked: Asked) -> Period | None:
    try:
        return resolve_period(period, asked.asked_on, asked.model.calendar)
    except ValueError:
        return None


def between(asked: Asked, start: date, end: date) -> Plan:
    """From one day to before another."""
    return in_period(asked, Days(start, end))


def baseline_of(plan: Plan) -> PeriodExpr | None:
    """What the plan's period is compared with."""
    if isinstance(plan.analysis, Why):
        return plan.analysis.baseline
    return plan.comparison.baseline if plan.comparison is not None else None


def comparison_edits(asked: Asked) -> Iterator[Edit]:
    """Against nothing (but where the question is why it changed), the period before, the same period a year ago."""
    plan, now = asked.plan, baseline_of(asked.plan)
    if plan.window is None:
        return
    if not isinstance(plan.analysis, Why):
        yield Edit(asked.tongue.say("no_comparison"), replace(plan, comparison=None), now is None)
    earlier = [resolve_earlier(e, plan.window.period) for e in (Earlier(), Earlier(Grain.YEAR))]
    named = {said_baseline(b, asked): b for b in [*((now,) if now else ()), *earlier][::-1]}
    for said, baseline in reversed(named.items()):
        yield Edit(said, _against(plan, baseline), baseline == now)


def _against(plan: Plan, baseline: PeriodExpr) -> Plan:
    if isinstance(plan.analysis, Why):
        return replace(plan, analysis=Why(baseline))
    return replace(plan, comparison=Comparison(baseline))


def said_baseline(baseline: PeriodExpr, asked: Asked) -> str:
    """A comparison's period, with the dates that it gets from the plan's own."""
    if isinstance(baseline, Earlier) and asked.plan.window is not None:
        baseline = resolve_earlier(baseline, asked.plan.window.period)
    return period_words(baseline, asked.asked_on, asked.language, asked.model.calendar)


def horizon_edits(asked: Asked) -> Iterator[Edit]:
    """How far a forecast looks."""
    match asked.plan.analysis:
        case Forecast(grain, horizon):
            for count in sorted({horizon, *HORIZONS.get(grain, (2, 4, 8))}):
                plan = replace(asked.plan, analysis=Forecast(grain, count))
                yield Edit(counted(count, grain, asked.language), plan, count == horizon)
