"""In: a plan that asks what if, and a way to run plans. Out: the outcome as it was and as it would have been."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from bi_chat.analysis.panel import Estimate, Floats
from bi_chat.conversation.influence import Studied, cautions, levers_of, study
from bi_chat.conversation.panels import only
from bi_chat.conversation.segments import Run
from bi_chat.language.display import as_number
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.analyses import WhatIf
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Days, Grain, Period, resolve_period, shift
from bi_chat.values.plan import FieldRef, Measured, Plan, Window
from bi_chat.values.query import Note
from bi_chat.values.scenario import Point, Range, Relation, Scenario

_STEPS = 4  # points of the curve on each side
_WIDEST = 0.2
_ALL = 0.95
_USUAL = 95  # percent of a unit's values that its usual range holds


def what_if(
    plan: Plan,
    model: SemanticModel,
    run: Run,
    *,
    asked_on: date,
    name: Callable[[FieldRef], str] | None = None,
    judged: bool = True,
) -> tuple[Scenario, Studied] | Issue:
    """The outcome of the plan's window, estimated for another lever; the relation is learnt from the whole history.

    No window said: the last twelve months of the data. A window to come: the same, as if the future were like them.
    Not `judged`: the estimate is given even where alone it can't be told from chance, for whoever pools it with others.
    """
    asked = plan.analysis
    if not isinstance(asked, WhatIf):
        return Issue(IssueCode.NO_MEASURE, "I need to know what is to be changed.")
    found = study(plan, model, run, asked_on=asked_on, name=name)
    if isinstance(found, Issue):
        return found
    if not judged and found.response is not None:
        found = replace(found, relation=replace(found.relation, verdict="estimated"))
    if not found.cells.days:
        return Issue(IssueCode.EMPTY_RESULT, "There are no rows to learn from.")
    window, notes = _window(plan, found, model, asked_on)
    totals = _totals(plan, asked, window, model, run)
    if isinstance(totals, Issue):
        return totals
    inside = np.array([_inside(d, window) for d in found.cells.days])
    part = replace(found, cells=only(found.cells, inside[found.cells.step]))
    if not len(part.cells.values) or not totals[0] or not totals[1]:
        return Issue(IssueCode.EMPTY_RESULT, "The period has no rows.")
    return _scenario(asked, part, found, window, totals, notes), found


def _scenario(
    asked: WhatIf,
    part: Studied,
    found: Studied,
    window: Period,
    totals: tuple[float, float],
    notes: tuple[Note, ...],
) -> Scenario:
    before, level = totals[0], _level(part, totals[1])
    change = (
        (asked.factor - 1 + asked.amount / level if asked.level is None else asked.level / level - 1) if level else 0.0
    )
    if asked.moved is not None and part.response is not None:
        relation = _of_move(part, part.response.total(_moved_logs(asked, part, change)))
        part, found = replace(part, relation=relation), replace(found, relation=relation)
    at = _outcome(asked, part, (before, level), change)
    learnt = found.relation.verdict == "estimated"
    if learnt:
        notes = (*notes, *cautions(found.relation))
    if learnt and _beyond(found, _seen_change(part, before, level, change)):
        notes = (*notes, Note("beyond_history", warning=True))
    return Scenario(
        outcome=found.outcome,
        lever=found.lever,
        window=window,
        before=before,
        change=change,
        lever_before=level,
        lever_after=level * (1 + change),
        relation=found.relation,
        expected=at.expected if learnt else None,
        fixed=at.fixed,
        curve=tuple(_outcome(asked, part, (before, level), c) for c in _grid(change, moved=asked.moved is not None)),
        moved=asked.moved[1:] if asked.moved is not None else None,
        notes=notes,
    )


def _outcome(asked: WhatIf, part: Studied, now: tuple[float, float], change: float) -> Point:
    """The outcome for one change of the lever; `now` are both as they were."""
    before = now[0]
    if part.pricing is not None:
        return _of_price(part, now, change)
    if part.response is None or part.relation.verdict != "estimated":
        return Point(change, None, None)
    if part.relation.kind == "level" and change <= -_ALL:
        return Point(change, None, None)  # what a thing is at zero, no logarithm tells
    return Point(change, None, _scaled(before, part.response.total(_moved_logs(asked, part, change))))


def _of_move(part: Studied, total: Estimate) -> Relation:
    """The relation of an exchange: not of either side, but of what the one gains and the other loses together."""
    ends = Range(*(100 * math.expm1(v) for v in (total.value, total.low, total.high)))
    verdict = "estimated" if total.surely else "no_effect"
    return replace(part.relation, kind="move", verdict=verdict, elasticity=ends, by_step=())


def _seen_change(part: Studied, before: float, level: float, change: float) -> float:
    """The lever's change as the history shows it: of a discount, that of the price."""
    if part.pricing is None or part.pricing.discount is None:
        return change
    paid = float(np.nan_to_num(part.cells.values[:, 1]).sum())
    return -change * float(np.nan_to_num(part.cells.values[:, 2]).sum()) / paid if paid else change


def _of_price(part: Studied, now: tuple[float, float], change: float) -> Point:
    """Money and pieces of each cell at the new price: the pieces as they were, and as they would react."""
    assert part.pricing is not None
    before, off_now = now
    pieces, money = part.cells.values[:, 0], np.nan_to_num(part.cells.values[:, 1])
    if part.pricing.discount is not None:
        off = np.nan_to_num(part.cells.values[:, 2])
        new = np.maximum(money - change * off, 1e-9)
    else:
        new = money * max(1 + change, 1e-9)
    sold = (money > 0) & (pieces > 0)
    money, new = money[sold], new[sold]
    if part.pricing.role == "margin":
        return _of_margin(part, before, change, (money, new, part.cells.values[sold, -1]))
    log = math.log(float(new.sum() / money.sum()))
    plain = part.pricing.role == "quantity"
    discounted = part.pricing.discount is not None
    fixed = None if plain else before - change * off_now if discounted else before * (1 + change)
    if part.response is None or part.relation.verdict != "estimated":
        return Point(change, fixed, None)
    return Point(change, fixed, _scaled(before if fixed is None else fixed, part.response.total(np.array([log]))))


def _of_margin(part: Studied, before: float, change: float, cells: tuple[Floats, Floats, Floats]) -> Point:
    """Margin = money less cost; the cost goes with the pieces."""
    money, new, margin = cells
    log = math.log(float(new.sum() / money.sum()))
    earned, cost = float(new.sum()), float(money.sum() - np.nan_to_num(margin).sum())
    scale = before / float(np.nan_to_num(margin).sum() or before)
    fixed = (earned - cost) * scale
    if part.response is None or part.relation.verdict != "estimated":
        return Point(change, fixed, None)
    sold = part.response.total(np.array([log]))
    ends = [(earned - cost) * scale * math.exp(v) for v in (sold.value, sold.low, sold.high)]
    return Point(change, fixed, Range(ends[0], min(ends[1:]), max(ends[1:])))


def _scaled(base: float, total: Estimate) -> Range:
    ends = sorted(base * math.exp(v) for v in (total.low, total.high))
    return Range(base * math.exp(total.value), ends[0], ends[1])


def _moved_logs(asked: WhatIf, part: Studied, change: float) -> Floats:
    """By how much each lever's logarithm changes, in the mean of the outcome."""
    assert part.response is not None
    values, size = np.nan_to_num(part.cells.values), part.response.size
    weight = np.maximum(values[:, 0], 0.0)
    logs = np.zeros(len(size))
    if part.relation.kind == "level":
        logs[0] = math.log(max(1 + change, 1e-6))
        return logs
    values = values[:, : 1 + len(size)]
    after = values[:, 1:].copy()
    after[:, 0] = values[:, 1] * max(1 + change, 0.0)
    if asked.moved is not None:
        after[:, 1] = values[:, 2] + values[:, 1] - after[:, 0]
    gained = np.log1p(after / size) - np.log1p(values[:, 1:] / size)
    logs[:] = (weight[:, None] * gained).sum(0) / max(float(weight.sum()), 1e-300)
    return logs


def _level(part: Studied, total: float) -> float:
    """The lever in the window: of a price, what was paid for a piece."""
    if part.pricing is None or part.pricing.discount is not None:
        return total
    values = np.nan_to_num(part.cells.values)
    return float(values[:, 1].sum() / values[:, 0].sum()) if values[:, 0].sum() > 0 else total


def _totals(plan: Plan, asked: WhatIf, window: Period, model: SemanticModel, run: Run) -> tuple[float, float] | Issue:
    measures = (plan.measures[0], Measured(levers_of(asked)[0]))
    field = plan.window.field if plan.window else None
    result = run(Plan(measures=measures, where=plan.where, window=Window(Days(window.start, window.end), field)), model)
    if isinstance(result, Issue):
        return result
    found = [i for i, c in enumerate(result.columns) if c.role == "measure"]
    one, two = (float(as_number(result.rows[0][i]) or 0.0) for i in found) if result.rows else (0.0, 0.0)
    return one, two


def _window(plan: Plan, found: Studied, model: SemanticModel, asked_on: date) -> tuple[Period, tuple[Note, ...]]:
    end = shift(found.cells.days[-1], found.cells.grain, 1)
    usual = Period(max(shift(end, Grain.YEAR, -1), found.cells.days[0]), end)
    if plan.window is None:
        return usual, (Note("scenario_of_last_year", _said(usual)),)
    try:
        window = resolve_period(plan.window.period, asked_on, model.calendar)
    except ValueError:
        return usual, (Note("scenario_of_last_year", _said(usual)),)
    if window.start is not None and window.start >= end:
        return usual, (Note("scenario_of_the_past", _said(usual), warning=True),)
    return window, ()


def _said(period: Period) -> tuple[tuple[str, str], ...]:
    last = period.end - timedelta(days=1) if period.end else None
    return (("start", str(period.start)), ("end", str(last)))


def _inside(day: date, window: Period) -> bool:
    return (window.start is None or day >= window.start) and (window.end is None or day < window.end)


def _grid(change: float, *, moved: bool) -> tuple[float, ...]:
    """Changes around the one asked for, which is one of them."""
    if moved:
        return tuple(change * i / _STEPS for i in range(2 * _STEPS + 1) if change * i / _STEPS >= -1)
    widest = max(_WIDEST, min(2 * abs(change), 0.9))
    even = {round(widest * i / _STEPS, 4) for i in range(-_STEPS, _STEPS + 1)}
    return tuple(sorted({c for c in (*even, round(change, 6)) if c > -_ALL or c == round(change, 6)}))


def _beyond(found: Studied, change: float) -> bool:
    """Whether no unit's lever has usually moved that far."""
    if found.response is None or change <= -1:
        return True
    values = found.cells.values
    x = values[:, 1] / values[:, 0] if found.pricing is not None else values[:, 1]
    reached = 0.0
    for unit in np.unique(found.cells.unit):
        own = x[(found.cells.unit == unit) & np.isfinite(x) & (x > 0)]
        if len(own) > 1:
            low, high = np.percentile(own, (50 - _USUAL / 2, 50 + _USUAL / 2))
            reached = max(reached, math.log(high / low))
    share = abs(math.log(1 + change))
    return share > reached
