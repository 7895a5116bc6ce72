"""In: a result and its plan. Out: facts, true statements about the rows, each with the cells its numbers came from.

A fact is left out rather than bent: no total over averages, no share where rows were left out or negative, no relative
change over a base that is zero or below, no comparison with a period that is not over. The first cell of a fact is its
subject; after it come the cells that name the subject's row, then the cells it was computed against.
"""

from __future__ import annotations

import math
from dataclasses import replace

from bi_chat.analysis.changes import comparison_facts, panel_facts, series_facts
from bi_chat.analysis.measured_rows import MeasuredRows, Point, can_be_summed, measured_rows, whole_sum
from bi_chat.language.display import as_number
from bi_chat.values.fact import CellRef, Fact
from bi_chat.values.plan import Measure, Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

TOP = 3  # how many groups "the top …" counts
FEW = 5  # up to so many rows a list is told by its items


def find_facts(result: Result, plan: Plan, *, partial_last: bool = False) -> tuple[Fact, ...]:
    """Facts of a result, most telling first. `partial_last`: the latest period of its time series is not over yet."""
    table = measured_rows(result, plan)
    if not table.rows:
        return (Fact("empty", ()),)
    if not table.measures:
        return _list_facts(table, result)
    measure = table.measures[0]
    points = table.points(measure)
    if not points:
        return (Fact("no_value", (("measure", measure.name),), (CellRef(0, measure.name),)),)
    baseline = next((c for c in result.columns if c.role == "baseline" and c.name in table.names), None)
    if baseline is not None and table.time is None:
        facts = comparison_facts(table, measure, baseline)
    elif table.time is not None and table.dims:
        facts = panel_facts(table, measure, points, partial_last=partial_last)
    elif table.time is not None:
        facts = series_facts(table, measure, points, partial_last=partial_last)
    elif table.dims:
        facts = _group_facts(table, measure, points, smallest_first=_asks_smallest(plan))
    else:
        facts = _value_facts(table)
    cut = [Fact("cut", (("rows", result.cut_at),))] if result.cut_at else []
    return (*facts, *cut)


# ------------------------------------------------------------------ lists and single values
def _list_facts(table: MeasuredRows, result: Result) -> tuple[Fact, ...]:
    count, seen = len(table.rows), [c for c in result.columns if not c.hidden and c.name in table.names]
    if result.cut_at:
        return (Fact("rows_cut", (("rows", result.cut_at),)),)
    facts = [Fact("rows", (("rows", count),))]
    if count <= FEW and seen:
        cells = tuple(CellRef(i, seen[0].name) for i in range(count))
        items = tuple((f"item_{i + 1}", table.cell(i, seen[0].name)) for i in range(count))
        facts.insert(0, Fact("listed", (("rows", count), *items), cells))
    return tuple(facts)


def _value_facts(table: MeasuredRows) -> list[Fact]:
    facts = []
    for measure in table.measures:
        for p in table.points(measure)[:1]:
            values = (("measure", measure.name), ("value", p.value))
            facts.append(Fact("value", values, (CellRef(p.row, measure.name),)))
    return facts


# ------------------------------------------------------------------ groups
def _asks_smallest(plan: Plan) -> bool:
    """Whether the plan's first order puts small values of a measure first."""
    first = plan.order[0] if plan.order else None
    return first is not None and not first.descending and isinstance(first.by, Measure)


def _group_facts(
    table: MeasuredRows, measure: ResultColumn, points: list[Point], *, smallest_first: bool = False
) -> list[Fact]:
    ranked = sorted(points, key=lambda p: -p.value)
    if len(ranked) == 1:
        only = (("measure", measure.name), ("group", table.label(points[0].row)), ("value", points[0].value))
        return [Fact("value", only, (CellRef(points[0].row, measure.name), *table.naming(points[0].row)))]
    facts = [*_extreme(table, measure, ranked, "largest")]
    if len(ranked) > 2 and ranked[0].value != ranked[-1].value:
        facts += _extreme(table, measure, ranked[::-1], "smallest")
    if smallest_first:
        facts.reverse()
    if not table.whole and len(facts) > 1:  # the far end of what is shown is no extreme of what there is
        facts[1:] = [replace(f, kind="last_shown") for f in facts[1:] if f.kind in ("largest", "smallest")]
    if table.whole and can_be_summed(measure):
        cells = tuple(CellRef(p.row, measure.name) for p in ranked)
        total = math.fsum(p.value for p in ranked)
        values = (("measure", measure.name), ("total", whole_sum(total, ranked)), ("groups", len(ranked)))
        facts.append(Fact("total", values, cells))
        if len(ranked) > TOP + 1 and ranked[-1].value >= 0 and total > 0:
            share = math.fsum(p.value for p in ranked[:TOP]) / total
            top = (("measure", measure.name), ("top", TOP), ("share", share), ("groups", len(ranked)))
            facts.append(Fact("share_of_top", top, cells))
    return facts + _gaps(table, measure, points)


def _extreme(table: MeasuredRows, measure: ResultColumn, ranked: list[Point], kind: str) -> list[Fact]:
    first, cells = ranked[0], tuple(CellRef(p.row, measure.name) for p in ranked)
    tied = [p for p in ranked if p.value == first.value]
    values: tuple[tuple[str, Cell], ...] = (("measure", measure.name), ("value", first.value))
    if len(tied) > 1:
        if len(tied) == len(ranked):
            return [Fact("all_equal", (*values, ("groups", len(ranked))), cells)]
        refs = tuple(CellRef(p.row, measure.name) for p in tied)
        return [Fact(f"tied_{kind}", (*values, ("count", len(tied))), refs)]
    values = (values[0], ("group", table.label(first.row)), values[1])
    share = _share(table, measure, first.value, [p.value for p in ranked])
    against = cells[1:] if share is not None else ()
    shares = (("share", share),) if share is not None else ()
    return [Fact(kind, (*values, *shares), (cells[0], *table.naming(first.row), *against))]


def _share(table: MeasuredRows, measure: ResultColumn, part: float, values: list[int | float]) -> float | None:
    total = math.fsum(values)
    sensible = table.whole and can_be_summed(measure) and min(values) >= 0 and total > 0 and len(values) > 1
    return part / total if sensible else None


def _gaps(table: MeasuredRows, measure: ResultColumn, points: list[Point]) -> list[Fact]:
    """Groups without a name, and groups without a value: both hide easily in a chart."""
    facts = []
    nameless = [p for p in points if any(table.cell(p.row, d.name) is None for d in table.dims)]
    if nameless:
        row = nameless[0].row
        values = (("measure", measure.name), ("count", len(nameless)), ("value", nameless[0].value))
        facts.append(Fact("nameless_group", values, (CellRef(row, measure.name), *table.naming(row))))
    empty = [i for i, _ in enumerate(table.rows) if as_number(table.cell(i, measure.name)) is None]
    if empty:
        cells = tuple(CellRef(i, measure.name) for i in empty)
        facts.append(Fact("groups_without_value", (("measure", measure.name), ("count", len(empty))), cells))
    return facts
