"""In: rows over time or beside a baseline. Out: facts of change: first to last, peak and trough, rise and fall."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from bi_chat.analysis.measured_rows import MeasuredRows, Point, can_be_summed, whole_sum
from bi_chat.values.fact import CellRef, Fact
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell


# ------------------------------------------------------------------ time
def _in_time(table: MeasuredRows, points: Iterable[Point]) -> list[Point]:
    assert table.time is not None
    name = table.time.name
    dated = [p for p in points if table.cell(p.row, name) is not None]
    return sorted(dated, key=lambda p: str(table.cell(p.row, name)))


def series_facts(table: MeasuredRows, measure: ResultColumn, points: list[Point], *, partial_last: bool) -> list[Fact]:
    """One series over time: first to last, peak, trough, the latest step and, where it may be summed, the total."""
    series = _in_time(table, points)
    full = series[:-1] if partial_last else series
    facts = _change(table, measure, "change", full[:1], full[-1:]) if len(full) > 1 else []
    if len(full) > 2 and len({p.value for p in full}) > 1:
        facts += _turn(table, measure, "peak", full, max) + _turn(table, measure, "trough", full, min)
        facts += _change(table, measure, "latest_change", full[-2:-1], full[-1:])
    if table.whole and can_be_summed(measure) and len(series) > 1:
        values = (("measure", measure.name), ("total", whole_sum(math.fsum(p.value for p in series), series)))
        cells = tuple(CellRef(p.row, measure.name) for p in series)
        facts.append(Fact("total", (*values, ("groups", len(series))), cells))
    if len(series) == 1:
        facts.append(_dated(table, measure, "value", series[0]))
    return facts + ([_dated(table, measure, "incomplete", series[-1])] if partial_last and series else [])


def _dated(table: MeasuredRows, measure: ResultColumn, kind: str, p: Point) -> Fact:
    assert table.time is not None
    values = (("measure", measure.name), ("period", table.cell(p.row, table.time.name)), ("value", p.value))
    return Fact(kind, values, (CellRef(p.row, measure.name), *table.naming(p.row)))


def _turn(
    table: MeasuredRows,
    measure: ResultColumn,
    kind: str,
    series: list[Point],
    pick: Callable[[list[int | float]], int | float],
) -> list[Fact]:
    """Peak or trough, unless two periods share it."""
    found = pick([p.value for p in series])
    at = [p for p in series if p.value == found]
    return [_dated(table, measure, kind, at[0])] if len(at) == 1 else []


def _change(table: MeasuredRows, measure: ResultColumn, kind: str, first: list[Point], last: list[Point]) -> list[Fact]:
    """From the first to the last; several points on a side are added up."""
    assert table.time is not None
    old, new = (whole_sum(math.fsum(p.value for p in side), side) for side in (first, last))
    values: tuple[tuple[str, Cell], ...] = (
        ("measure", measure.name),
        ("from_period", table.cell(first[0].row, table.time.name)),
        ("to_period", table.cell(last[0].row, table.time.name)),
        ("first", old),
        ("last", new),
        ("difference", new - old),
    )
    relative = (("relative", (new - old) / old),) if old > 0 else ()
    cells = tuple(CellRef(p.row, measure.name) for p in (*first, *last))
    naming = (*table.naming(first[0].row), *table.naming(last[0].row))
    return [Fact(kind, (*values, *relative), (cells[0], *naming, *cells[1:]))]


def panel_facts(table: MeasuredRows, measure: ResultColumn, points: list[Point], *, partial_last: bool) -> list[Fact]:
    """Several series over time: the sum's change and the largest series where sums make sense, and the last leader."""
    assert table.time is not None
    series, name = _in_time(table, points), table.time.name
    periods = list(dict.fromkeys(str(table.cell(p.row, name)) for p in series))
    full = periods[:-1] if partial_last else periods
    at = {period: [p for p in series if str(table.cell(p.row, name)) == period] for period in periods}
    facts: list[Fact] = []
    if table.whole and can_be_summed(measure):
        if len(full) > 1:
            facts += _change(table, measure, "change_of_sum", at[full[0]], at[full[-1]])
        facts += _largest_series(table, measure, series)
    if full:
        facts += _leader(table, measure, at[full[-1]])
    if partial_last and periods:
        facts.append(Fact("incomplete", (("period", table.cell(series[-1].row, name)),), table.naming(series[-1].row)))
    return facts


def _leader(table: MeasuredRows, measure: ResultColumn, points: list[Point]) -> list[Fact]:
    best = max(points, key=lambda p: p.value)
    if len(points) < 2 or sum(p.value == best.value for p in points) > 1:
        return []
    fact = _dated(table, measure, "leader", best)
    return [Fact("leader", (*fact.values, ("group", table.label(best.row))), fact.cells)]


def _largest_series(table: MeasuredRows, measure: ResultColumn, series: list[Point]) -> list[Fact]:
    groups: dict[str, list[Point]] = {}
    for p in series:
        groups.setdefault(table.label(p.row), []).append(p)
    sums = {label: math.fsum(p.value for p in part) for label, part in groups.items()}
    label = max(sums, key=lambda k: sums[k])
    if (
        len(sums) < 2
        or list(sums.values()).count(sums[label]) > 1
        or min(p.value for p in series) < 0
        or sums[label] <= 0
    ):
        return []
    part = groups[label]
    share = sums[label] / math.fsum(sums.values())
    values = (("measure", measure.name), ("group", label), ("value", whole_sum(sums[label], part)), ("share", share))
    mine = tuple(CellRef(p.row, measure.name) for p in part)
    others = tuple(CellRef(p.row, measure.name) for p in series if p not in part)
    return [Fact("largest_series", values, (mine[0], *table.naming(part[0].row), *mine[1:], *others))]


# ------------------------------------------------------------------ comparisons
def comparison_facts(table: MeasuredRows, measure: ResultColumn, baseline: ResultColumn) -> list[Fact]:
    """Value against baseline: for the single row, else for the sum and for the groups that moved most."""
    bases = {p.row: p.value for p in table.points(baseline)}
    pairs = [(p, bases[p.row]) for p in table.points(measure) if p.row in bases]
    if not pairs:
        return [Fact("no_baseline", (("measure", measure.name),), (CellRef(0, baseline.name),))]
    if not table.dims:
        return [_compared("comparison", table, (measure, baseline), pairs[:1])]
    facts = []
    if table.whole and can_be_summed(measure) and len(pairs) == len(table.rows):
        facts.append(_compared("comparison_total", table, (measure, baseline), pairs))
    rise, fall = (pick(pairs, key=lambda pair: pair[0].value - pair[1]) for pick in (max, min))
    if rise[0].value > rise[1]:
        facts.append(_compared("largest_rise", table, (measure, baseline), [rise]))
    if fall[0].value < fall[1]:
        facts.append(_compared("largest_fall", table, (measure, baseline), [fall]))
    return facts


def _compared(
    kind: str, table: MeasuredRows, columns: tuple[ResultColumn, ResultColumn], pairs: list[tuple[Point, int | float]]
) -> Fact:
    points = [p for p, _ in pairs]
    new, old = whole_sum(math.fsum(p.value for p in points), points), math.fsum(b for _, b in pairs)
    old = int(old) if all(isinstance(b, int) for _, b in pairs) else old
    named = (("group", table.label(points[0].row)),) if table.dims and len(pairs) == 1 else ()
    relative = (("relative", (new - old) / old),) if old > 0 else ()
    values = (
        ("measure", columns[0].name),
        *named,
        ("value", new),
        ("baseline", old),
        ("difference", new - old),
        *relative,
    )
    cells = tuple(CellRef(p.row, columns[0].name) for p in points)
    bases = tuple(CellRef(p.row, columns[1].name) for p in points)
    return Fact(kind, values, (cells[0], *(table.naming(points[0].row) if named else ()), *cells[1:], *bases))
