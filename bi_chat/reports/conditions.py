"""In: a report's conditions and its answers. Out: which hold, with the answers that show it and the reasons."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from bi_chat.errors import ReportError
from bi_chat.language.display import as_number
from bi_chat.reports.asking import Asking
from bi_chat.reports.composed import Line, Source
from bi_chat.reports.report import Condition
from bi_chat.reports.summary import told, why_plan
from bi_chat.reports.words import word
from bi_chat.values.analyses import Anomalies
from bi_chat.values.period import Days, Earlier, Grain, PeriodExpr, Relative, floor, resolve_earlier
from bi_chat.values.plan import Comparison, Plan, TimeBucket, Window

_OPS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
_LOOKED_AT = {Grain.DAY: 1, Grain.WEEK: 1, Grain.MONTH: 1}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds; `lines` say what moved and why, or what was found instead."""

    condition: Condition
    holds: bool
    lines: tuple[Line, ...]
    found: str


def judge(
    condition: Condition, answers: Mapping[str, Source], asking: Asking, new: tuple[date, date] | None = None
) -> Verdict:
    """Looks at the condition's own plan. `new`: the day that the report was due last, and the day of asking; without it
    the question's own period is looked at. Raises ReportError where it can't be told: silence would look like calm."""
    source = answers[condition.of]
    plan = source.answer.plan
    if plan is None or not plan.measures:
        raise _untold(condition, source)
    base = Plan(measures=plan.measures[:1], where=plan.where, window=plan.window)
    if condition.kind == "moved":
        return _moved(condition, base, asking)
    if condition.kind == "unusual":
        return _unusual(condition, base, plan, (asking, new))
    return _level(condition, replace(base, window=base.window or _window(asking.period)), asking)


def _window(period: PeriodExpr | None) -> Window | None:
    return Window(period) if period is not None else None


def _moved(condition: Condition, base: Plan, asking: Asking) -> Verdict:
    """The last whole period against the one before, or the question's own against the one before (a year before)."""
    window = base.window or _window(asking.period)
    if condition.grain and condition.grain != "year":
        window = Window(Relative(Grain(condition.grain), -1), window.field if window is not None else None)
    if window is None:
        raise ReportError(f"“{condition.said}” needs a period: say week on week, or give the question one.")
    back = Earlier(Grain.YEAR) if condition.grain == "year" else Earlier()
    baseline = resolve_earlier(back, window.period)
    base = replace(base, window=window)
    source = asking.plan(replace(base, comparison=Comparison(baseline)))
    fact = next((f for f in source.answer.facts if f.kind == "comparison"), None)
    new, old = (as_number(fact.value(n)) if fact is not None else None for n in ("value", "baseline"))
    if new is None or old is None or (old <= 0 and new != old):
        raise _untold(condition, source)
    share = (new - old) / old if old else 0.0
    wanted = {"up": share, "down": -share, "either": abs(share)}[condition.way]
    lines = [told("moved", source)]
    if wanted >= condition.share:
        lines.append(told("why", asking.plan(why_plan(base, baseline))))
    return Verdict(condition, wanted >= condition.share, tuple(x for x in lines if x), _found(source))


def _unusual(condition: Condition, base: Plan, plan: Plan, by: tuple[Asking, tuple[date, date] | None]) -> Verdict:
    """The whole days (weeks, months) that ended since the report was due last: what was told once is not told again.
    The grain is the question's own."""
    asking = by[0]
    bucket = next((d.of for d in plan.dimensions if isinstance(d.of, TimeBucket)), None)
    grain = bucket.grain if bucket is not None and bucket.grain in _LOOKED_AT else Grain.DAY
    field = base.window.field if base.window is not None else None
    period = _looked_at(grain, base.window.period if base.window is not None else asking.period, by)
    if isinstance(period, Days) and period.start == period.end:
        return Verdict(condition, False, (), word("nothing_new", asking.language))
    source = asking.plan(replace(base, window=Window(period, field), analysis=Anomalies(grain)))
    found = source.answer.unusual
    if found is None:
        raise _untold(condition, source)
    line = told("moved", source)
    return Verdict(condition, bool(found.points), (line,) if line else (), _found(source))


def _looked_at(grain: Grain, own: PeriodExpr | None, by: tuple[Asking, tuple[date, date] | None]) -> PeriodExpr:
    asking, new = by
    if new is not None:
        calendar = asking.session.model.calendar
        return Days(floor(new[0], grain, calendar), floor(new[1], grain, calendar))
    return own if grain is Grain.DAY and isinstance(own, Relative) else Relative(grain, -1)


def _level(condition: Condition, plan: Plan, asking: Asking) -> Verdict:
    source = asking.plan(plan)
    fact = next((f for f in source.answer.facts if f.kind == "value"), None)
    value = as_number(fact.value("value")) if fact is not None else None
    if value is None:
        raise _untold(condition, source)
    line = told("moved", source)
    holds = _OPS[condition.op](value, condition.level)
    return Verdict(condition, holds, (line,) if line else (), _found(source))


def _found(source: Source) -> str:
    """What was found, with its warnings: a period that is not complete may be why nothing seems to have happened."""
    return " ".join((source.answer.narrative.headline, *source.answer.warnings))


def _untold(condition: Condition, source: Source) -> ReportError:
    said = " ".join(i.problem for i in source.answer.issues) or source.answer.narrative.headline
    return ReportError(f"Whether “{condition.said}” holds can't be told. {said}".strip())


def withheld(verdicts: tuple[Verdict, ...], language: str) -> tuple[str, ...]:
    """What was found instead of what the conditions wait for."""
    return tuple(word("without", language, said=v.condition.said, found=v.found) for v in verdicts)
