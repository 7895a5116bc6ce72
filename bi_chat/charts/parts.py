"""In: a pie or heatmap as data and its result. Out: the figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.charts.fits import MANY_SLICES
from bi_chat.charts.frame import Ticks, axis, empty_figure
from bi_chat.charts.series import cells_of, column_named
from bi_chat.charts.shape import is_ordinal
from bi_chat.charts.theme import CLEAR, Theme, word
from bi_chat.charts.ticks import axis_labels, nice_ticks, safe, shortened
from bi_chat.language.display import as_number, show_cell, show_number, width
from bi_chat.values.chart import Chart
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WRITTEN_CELLS = 110


def draw_pie(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """A ring, largest part first; past eight parts the small ones become one."""
    from plotly.graph_objects import Pie

    names, value = column_named(result, chart.x), column_named(result, chart.y[0])
    cells = zip(cells_of(result, names.name), map(as_number, cells_of(result, value.name)), strict=True)
    slices = sorted(((show_cell(n, names, language), v) for n, v in cells if v), key=lambda s: -s[1])
    if len(slices) > MANY_SLICES:
        rest = sum(v for _, v in slices[MANY_SLICES - 1 :])
        slices = [*slices[: MANY_SLICES - 1], (word("other", language), rest)]
    total = sum(v for _, v in slices)
    shares = [show_number(v / total, language=language, format="percent") for _, v in slices]
    figure = empty_figure(theme, heading[0], heading[1])
    figure.add_trace(
        Pie(
            labels=[str(i) for i in range(len(slices))],
            values=[v for _, v in slices],
            text=[f"{shortened(n, 18)}<br>{p}" for (n, _), p in zip(slices, shares, strict=True)],
            textinfo="text",
            textposition="outside",
            textfont={"color": theme.ink, "size": 12},
            hovertext=[
                f"{safe(n)}<br><b>{safe(show_cell(v, value, language))}</b> ({p})"
                for (n, v), p in zip(slices, shares, strict=True)
            ],
            hoverinfo="text",
            hole=0.58,
            sort=False,
            direction="clockwise",
            rotation=30,
            marker={"colors": _slice_colours(theme, len(slices)), "line": {"color": theme.ground, "width": 2}},
            automargin=True,
        )
    )
    figure.update_layout(margin={"t": 96, "b": 32})
    if value.role != "share":
        _write_total(figure, total, value, theme, language)
    return figure


def _write_total(figure: Figure, total: float, value: ResultColumn, theme: Theme, language: str) -> None:
    middle = show_number(total, language=language, format=value.format, unit=value.unit, short=total >= 10_000)
    figure.add_annotation(
        text=f"<b>{safe(middle)}</b><br><span style='font-size:12px'>{word('total', language)}</span>",
        x=0.5, y=0.5, showarrow=False, font={"size": 18, "color": theme.ink},
    )  # fmt: skip


def _slice_colours(theme: Theme, count: int) -> list[str]:
    return [theme.series[i] if i < MANY_SLICES - 1 else theme.rest for i in range(count)]


# ------------------------------------------------------------------ heatmap
def draw_heatmap(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """Fields shaded from little to much (or from below to above zero), with their numbers where they fit."""
    from plotly.graph_objects import Heatmap

    across, down = column_named(result, chart.x), column_named(result, chart.y[0])
    value = column_named(result, chart.color)
    xs, ys = _ordered(cells_of(result, across.name), across), _ordered(cells_of(result, down.name), down)
    known: dict[tuple[Cell, Cell], float | None] = {}
    columns = (cells_of(result, c.name) for c in (across, down, value))
    for x, y, v in zip(*columns, strict=True):
        known[x, y] = as_number(v)
    grid = [[known.get((x, y)) for x in xs] for y in ys]
    numbers = [v for row in grid for v in row if v is not None]
    height = min(900, max(260, 34 * len(ys) + 110))
    figure = empty_figure(theme, heading[0], heading[1], height=height)
    written = len(xs) * len(ys) <= WRITTEN_CELLS and len(xs) <= 14
    figure.add_trace(
        Heatmap(
            z=grid,
            x=list(range(len(xs))),
            y=list(range(len(ys))),
            text=[[_short(v, value, language) for v in row] for row in grid] if written else None,
            texttemplate="%{text}" if written else None,
            textfont={"size": 11},
            hovertext=[
                [_cell_hover((x, across), (y, down), known.get((x, y)), value, language) for x in xs] for y in ys
            ],
            hoverinfo="text",
            hoverongaps=False,
            xgap=2,
            ygap=2,
            **shading(numbers, value, theme, language),
        )
    )
    figure.update_xaxes(axis(theme, _named(xs, across, language, room=90 // max(1, len(xs)), least=4)))
    figure.update_yaxes(axis(theme, _named(ys, down, language, room=18, least=18)) | {"autorange": "reversed"})
    return figure


def _short(value: float | None, column: ResultColumn, language: str) -> str:
    if value is None:
        return ""
    unit = "" if column.format != "percent" else column.unit
    return safe(show_number(value, language=language, format=column.format, unit=unit, short=abs(value) >= 1000))


def _cell_hover(
    across: tuple[Cell, ResultColumn],
    down: tuple[Cell, ResultColumn],
    value: float | None,
    column: ResultColumn,
    language: str,
) -> str:
    where = " · ".join(safe(show_cell(cell, of, language)) for cell, of in (down, across))
    return f"{where}<br><b>{safe(show_cell(value, column, language))}</b>"


def _ordered(cells: list[Cell], column: ResultColumn) -> list[Cell]:
    keys = list(dict.fromkeys(cells))
    if is_ordinal(column, tuple(keys)):
        return sorted(keys, key=lambda k: (k is None, as_number(k) or 0.0, str(k)))
    return keys


def _named(keys: list[Cell], column: ResultColumn, language: str, *, room: int, least: int) -> Ticks:
    labels = [show_cell(k, column, language) for k in keys]
    longest = max(map(width, labels), default=1)
    step = 1 if room >= least else max(1, -(-min(longest, 8) * len(keys) // 45))
    picked = list(range(0, len(keys), step))
    return Ticks(picked, [shortened(labels[i], max(room, 8)) for i in picked], grid=False)


def shading(numbers: list[float], column: ResultColumn, theme: Theme, language: str) -> dict[str, object]:
    """Colour scale, its ends and its bar: from little to much, or from below to above zero where both occur."""
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    both = low < 0 < high
    ramp = theme.split if both else theme.ramp
    reach = max(-low, high)
    ticks = [t for t in nice_ticks(low, high) if low <= t <= high] or [low, high]
    bar = {
        "tickvals": ticks, "ticktext": axis_labels(ticks, column, language), "thickness": 8, "outlinewidth": 0,
        "tickfont": {"color": theme.muted, "size": 11}, "ticks": "", "len": 0.9, "xpad": 6, "bgcolor": CLEAR,
    }  # fmt: skip
    return {
        "colorscale": [(i / (len(ramp) - 1), c) for i, c in enumerate(ramp)],
        "zmin": -reach if both else low,
        "zmax": reach if both else high if high > low else low + 1,
        "colorbar": bar,
    }
