"""In: measures over shared fields, and a way to run plans. Out: their values for each unit and step of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from bi_chat.analysis.panel import Floats, Ints
from bi_chat.conversation.breakdowns import Candidate, begins_and_ends, candidates
from bi_chat.conversation.segments import Run
from bi_chat.language.display import as_number
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.issue import Issue
from bi_chat.values.period import Days, Grain, floor
from bi_chat.values.plan import (
    TIME,
    Condition,
    Dimension,
    FieldRef,
    Measure,
    Measured,
    Plan,
    TimeBucket,
    Window,
)
from bi_chat.values.result import Cell

ROW_LIMIT = 100_000
DENSE = 0.8  # part of the cells that must hold something, else the step is taken longer
MOST_UNITS = 400
MOST_TRIED = 8
_KNOWN = 0.9  # part of the amount whose rows must have a value of the field
_SPREAD = 0.0025  # of ln(price): groups whose prices differ by less than five percent are no products
_GAIN = 0.1  # a second field must explain this much more of the prices


@dataclass(frozen=True, slots=True)
class Cells:
    """`values` (n, m), a measure each, NaN where nothing is; `unit` and `step` (n,) say of whom and when.

    `days` are the first days of the steps, `names` those of the units, `plan` gives the rows when run.
    """

    values: Floats
    unit: Ints
    step: Ints
    days: tuple[date, ...]
    names: tuple[tuple[Cell, ...], ...]
    fields: tuple[Candidate, ...]
    grain: Grain
    plan: Plan

    @property
    def season(self) -> Ints:
        """The month of each row."""
        return np.array([self.days[s].month - 1 for s in self.step], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is compared: measures, the conditions on all of them, the model that knows them, the day of asking."""

    measures: tuple[Measure, ...]
    where: tuple[Condition, ...]
    model: SemanticModel
    run: Run
    asked_on: date
    time: FieldRef | None = None


def cells_of(wanted: Wanted, fields: tuple[Candidate, ...]) -> Cells | Issue:
    """By week where weeks are mostly filled, else by month; without the step of the day of asking and the first one."""
    weekly = cells_by(wanted, fields, Grain.WEEK)
    if isinstance(weekly, Issue) or (_filled(weekly) >= DENSE and len(weekly.days) >= 52):
        return weekly
    monthly = cells_by(wanted, fields, Grain.MONTH)
    return weekly if isinstance(monthly, Issue) else monthly


def unit_fields(wanted: Wanted, homes: tuple[str, ...], paid: tuple[int, int] | None = None) -> tuple[Candidate, ...]:
    """The fields whose values are compared with their own past, at most two.

    `paid` (indexes of an amount and its pieces): those that tell best what a piece costs, so that a dearer mix is no
    price rise. Without it: those with most values that all measures share.
    """
    found = [
        c
        for c in candidates(wanted.model, homes, wanted.where)
        if not begins_and_ends(c, wanted.model) and not _is_flag(c, wanted.model)
    ]
    found.sort(key=lambda c: -c.distinct)
    found = found[:MOST_TRIED]
    if paid is None:
        return _nested_out(wanted, tuple(found))
    best: tuple[Candidate, ...] = ()
    reached = 0.0
    for _ in range(2):
        tried = [(_explained(wanted, (*best, c), paid), (*best, c)) for c in found if c not in best]
        score, fields = max(tried, key=lambda t: t[0], default=(0.0, best))
        if score <= max(reached * (1 + _GAIN), _SPREAD):
            break
        best, reached = fields, score
    return best


def _nested_out(wanted: Wanted, found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The field with most values, and a second one where it cuts finer still: a country's zone does not."""
    found = tuple(c for c in found if len(_groups(wanted, (c,))) > 1)
    if len(found) < 2:
        return found
    alone = _groups(wanted, found[:1])
    best: tuple[Candidate, ...] = found[:1]
    for other in found[1:]:
        together = _groups(wanted, (found[0], other))
        if len(together) > 1.5 * len(alone) and len(together) <= MOST_UNITS:
            best = (found[0], other)
            break
    return best


def _explained(wanted: Wanted, fields: tuple[Candidate, ...], paid: tuple[int, int]) -> float:
    """The part of what a piece costs that the groups explain: the variation of their mean prices, in logarithms."""
    groups = _groups(wanted, fields)
    rows = [(r[paid[0]], r[paid[1]]) for r in groups if (r[paid[0]] or 0) > 0 and (r[paid[1]] or 0) > 0]
    if not 2 <= len(rows) <= MOST_UNITS:
        return 0.0
    money, pieces = np.array(rows, dtype=np.float64).T
    price = np.log(money / pieces)
    mean = float((price * pieces).sum() / pieces.sum())
    return float(((price - mean) ** 2 * pieces).sum() / pieces.sum())


def _groups(wanted: Wanted, fields: tuple[Candidate, ...]) -> list[tuple[float | None, ...]]:
    """The measures of each group; none where too much of the first one lies in rows without a value of the fields."""
    result = wanted.run(_plan(wanted, fields), wanted.model)
    if isinstance(result, Issue) or result.cut_at is not None:
        return []
    every = [(row[: len(fields)], tuple(_float(c) for c in row[len(fields) :])) for row in result.rows]
    named = [values for group, values in every if None not in group]
    known, total = (sum(abs(v[0] or 0.0) for v in rows) for rows in (named, [v for _, v in every]))
    return named if known >= _KNOWN * total else []


def _plan(wanted: Wanted, fields: tuple[Candidate, ...], grain: Grain | None = None) -> Plan:
    time = (Dimension(TimeBucket(TIME, grain)),) if grain is not None else ()
    return Plan(
        measures=tuple(Measured(m, f"m{i}") for i, m in enumerate(wanted.measures)),
        dimensions=(*time, *(Dimension(f.ref) for f in fields)),
        where=wanted.where,
        window=Window(Days(None, wanted.asked_on), wanted.time),
    )


def cells_by(wanted: Wanted, fields: tuple[Candidate, ...], grain: Grain) -> Cells | Issue:
    """By one grain, without the step of the day of asking and the first one."""
    plan = _plan(wanted, fields, grain)
    result = wanted.run(plan, wanted.model)
    if isinstance(result, Issue):
        return result
    open_from = floor(wanted.asked_on, grain, wanted.model.calendar)
    rows = [(_day(r[0]), r[1:]) for r in result.rows]
    known = [(d, r) for d, r in rows if d is not None and d < open_from and None not in r[: len(fields)]]
    days = tuple(sorted({d for d, _ in known}))[1:]  # the first step may have begun before the data
    names = tuple(dict.fromkeys(r[: len(fields)] for _, r in known))
    at, of = {d: i for i, d in enumerate(days)}, {n: i for i, n in enumerate(names)}
    kept = [(d, r) for d, r in known if d in at]
    values = [[np.nan if (v := _float(c)) is None else v for c in r[len(fields) :]] for _, r in kept]
    return Cells(
        np.array(values, dtype=np.float64).reshape(len(kept), len(wanted.measures)),
        np.array([of[r[: len(fields)]] for _, r in kept], dtype=np.int64),
        np.array([at[d] for d, _ in kept], dtype=np.int64),
        days,
        names,
        fields,
        grain,
        plan,
    )


def only(cells: Cells, rows: np.ndarray) -> Cells:
    """Some of the rows, by a mask."""
    return replace(cells, values=cells.values[rows], unit=cells.unit[rows], step=cells.step[rows])


def _filled(cells: Cells) -> float:
    """The part of the cells of all units and steps, from each unit's first to its last, whose outcome is positive."""
    if not len(cells.values):
        return 0.0
    full = cells.values[:, 0] > 0
    spans = [np.ptp(cells.step[full & (cells.unit == u)]) + 1 for u in np.unique(cells.unit[full])]
    return float(full.sum()) / max(float(sum(spans)), 1.0)


def _is_flag(candidate: Candidate, model: SemanticModel) -> bool:
    field = model.field(candidate.ref.dataset, candidate.ref.field)
    return field is None or field.kind == "flag"


def _day(cell: Cell) -> date | None:
    return cell.date() if isinstance(cell, datetime) else cell if isinstance(cell, date) else None


def _float(cell: Cell) -> float | None:
    number = as_number(cell)
    return None if number is None else float(number)
