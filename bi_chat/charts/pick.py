"""In: a chart, its result, and the marks of the points that somebody picked in it. Out: the cells they stand for."""

from __future__ import annotations

from bi_chat.charts.series import Field, field_of
from bi_chat.values.chart import Chart
from bi_chat.values.result import Cell, Result

PICKABLE = ("bar", "stacked_bar", "line", "area")

Mark = tuple[int, int]
Picked = tuple[tuple[str, tuple[Cell, ...]], ...]


def marks(field: Field, series: int) -> list[Mark]:
    """What each point of a series carries: its places on the axis and among the series, and no data: it comes back."""
    return [(at, series) for at in range(len(field.positions))]


def picked(
    chart: Chart, result: Result, found: list[object], language: str
) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    """(column, cells) for the axis, and for the colour where one is picked. Marks that are none of the chart's count
    for nothing; empty where nothing is left, or where points add up what the picture left out."""
    if chart.type not in PICKABLE:
        return ()
    other = chart.type == "stacked_bar" or (chart.type == "area" and chart.color is not None)
    field = field_of(chart, result, language, other=other)
    known = [m for m in map(_mark, found) if m and m[0] < len(field.cells) and m[1] < len(field.series)]
    along = tuple(dict.fromkeys(field.cells[at] for at, _ in known))
    if not along:
        return ()
    found_cells: list[tuple[str, tuple[Cell, ...]]] = [(field.axis.name, along)]
    if chart.color:
        chosen = [field.series[s] for s in dict.fromkeys(s for _, s in known)]
        if not all(s.of for s in chosen):
            return ()
        if len(chosen) < len(field.series):
            found_cells.append((chart.color, tuple(s.of[0] for s in chosen)))
    return tuple(found_cells)


def _mark(given: object) -> Mark | None:
    match given:
        case [int(at), int(series)] if at >= 0 and series >= 0:
            return at, series
    return None
