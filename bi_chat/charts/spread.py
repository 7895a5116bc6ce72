"""In: a scatter plot, histogram or box plot as data and its result. Out: the figure."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from bi_chat.charts.frame import HEIGHT, Ticks, axis, empty_figure, with_legend
from bi_chat.charts.series import cells_of, column_named, label_of
from bi_chat.charts.shape import is_ordinal
from bi_chat.charts.theme import Theme, faded, word
from bi_chat.charts.ticks import axis_labels, nice_ticks, safe, shortened, value_ticks
from bi_chat.language.display import as_number, missing_word, show_cell
from bi_chat.values.chart import Chart
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COUNT = ResultColumn("count", "measure", format="integer")
MOST_BINS = 30


def draw_scatter(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """A dot for each entity, named when pointed at."""
    from plotly.graph_objects import Scatter

    across, up = column_named(result, chart.x), column_named(result, chart.y[0])
    xs, ys = (list(map(as_number, cells_of(result, c.name))) for c in (across, up))
    groups = cells_of(result, chart.color) if chart.color else [None] * len(xs)
    color = column_named(result, chart.color)
    hovers = _entity_hovers(result, (across, up), language)
    figure = empty_figure(theme, heading[0], heading[1])
    names = list(dict.fromkeys(groups))
    for at, name in enumerate(names):
        rows = [i for i, g in enumerate(groups) if g == name and xs[i] is not None and ys[i] is not None]
        figure.add_trace(
            Scatter(
                x=[xs[i] for i in rows],
                y=[ys[i] for i in rows],
                mode="markers",
                name=safe(show_cell(name, color, language)) if chart.color else "",
                marker={
                    "size": 9 if len(xs) <= 200 else 6,
                    "color": faded(theme.series[at % len(theme.series)], 0.7),
                    "line": {"color": theme.ground, "width": 0.8},
                },
                hovertext=[hovers[i] for i in rows],
                hoverinfo="text",
            )
        )
    for column, values, update in ((across, xs, figure.update_xaxes), (up, ys, figure.update_yaxes)):
        at_values, texts = value_ticks([v for v in values if v is not None], column, language, from_zero=False)
        gap = 0.03 * (at_values[-1] - at_values[0])
        span = (at_values[0] - gap, at_values[-1] + gap)
        update(axis(theme, Ticks(at_values, texts, span), title=_axis_title(column)))
    figure.update_layout(hovermode="closest", margin_b=60)
    if chart.color and len(names) > 1:
        with_legend(figure, HEIGHT)
    return figure


def _axis_title(column: ResultColumn) -> str:
    unit = f" ({column.unit})" if column.unit and column.unit.lower() not in label_of(column).lower() else ""
    return shortened(label_of(column) + unit, 40)


def _entity_hovers(result: Result, drawn: tuple[ResultColumn, ...], language: str) -> list[str]:
    named = [c for c in result.columns if c.role in ("dimension", "time") and not c.hidden]
    if not named:
        named = [c for c in result.columns if c not in drawn and not c.hidden][:2]
    hovers = []
    for i in range(result.frame.height):
        who = " · ".join(safe(show_cell(result.frame.item(i, c.name), c, language)) for c in named)
        lines = [
            f"{safe(label_of(c))}: <b>{safe(show_cell(result.frame.item(i, c.name), c, language))}</b>" for c in drawn
        ]
        hovers.append("<br>".join([who, *lines] if who else lines))
    return hovers


# ------------------------------------------------------------------ histogram
def draw_histogram(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """Bars that touch, one for each bin; raw numbers are binned here."""
    from plotly.graph_objects import Bar

    column = column_named(result, chart.x)
    value, bins, size = _bins(chart, result, column)
    figure = empty_figure(theme, heading[0], heading[1])
    shown = ResultColumn(column.name, "measure", unit=column.unit, format=column.format)
    figure.add_trace(
        Bar(
            x=[x + size / 2 for x, _ in bins],
            y=[n for _, n in bins],
            width=[size * 0.96] * len(bins),
            marker={"color": theme.series[0], "line": {"width": 0}},
            hovertext=[
                f"{safe(show_cell(x, shown, language))} – {safe(show_cell(x + size, shown, language))}<br>"
                f"<b>{safe(show_cell(n, value, language))}</b>"
                for x, n in bins
            ],
            hoverinfo="text",
        )
    )
    low, high = (bins[0][0], bins[-1][0] + size) if bins else (0.0, 1.0)
    across = [t for t in nice_ticks(low, high, count=6) if low - size / 2 <= t <= high + size / 2]
    at, texts = value_ticks([n for _, n in bins], value, language, from_zero=True)
    title = label_of(value) if chart.y else word("count", language)
    labels = axis_labels(across, shown, language)
    figure.update_xaxes(
        axis(theme, Ticks(across, labels, (low - size / 4, high + size / 4), grid=False), title=_axis_title(column))
    )
    figure.update_yaxes(axis(theme, Ticks(at, texts, (at[0], at[-1])), title=shortened(title, 30)))
    figure.update_layout(margin_b=60, hovermode="closest")
    return figure


def _bins(chart: Chart, result: Result, column: ResultColumn) -> tuple[ResultColumn, list[tuple[float, float]], float]:
    """What is counted, the bins' lower bounds with their counts, and their width."""
    cells = [as_number(c) for c in cells_of(result, column.name)]
    if chart.y:
        value = column_named(result, chart.y[0])
        counts = [as_number(c) for c in cells_of(result, value.name)]
        bins: list[tuple[float, float]] = sorted(
            (float(x), float(n or 0)) for x, n in zip(cells, counts, strict=True) if x is not None
        )
        size = min((b[0] - a[0] for a, b in pairwise(bins)), default=1.0)
    else:
        value = COUNT
        bins, size = binned([c for c in cells if c is not None])
    return value, bins, size


def binned(values: list[int | float]) -> tuple[list[tuple[float, float]], float]:
    """Counts in bins of a round width (after Freedman and Diaconis 1981), with the width; empty bins are kept."""
    ordered = sorted(values)
    if not ordered:
        return [], 1.0
    low, high, count = ordered[0], ordered[-1], len(ordered)
    spread = ordered[(3 * count) // 4 if count > 1 else 0] - ordered[count // 4]
    raw = 2 * spread / count ** (1 / 3) or (high - low) / (1 + math.log2(count)) or 1.0
    wanted = min(MOST_BINS, max(5, math.ceil((high - low) / raw)))
    whole = all(v == int(v) for v in ordered)
    edges = nice_ticks(low, high, count=wanted, whole=whole)
    size = edges[1] - edges[0]
    counts = [0] * max(1, len(edges) - 1)
    if high >= edges[-1]:
        counts.append(0)
    for v in ordered:
        counts[min(len(counts) - 1, int((v - edges[0]) / size + 1e-9))] += 1
    return [(edges[0] + i * size, float(n)) for i, n in enumerate(counts)], size


# ------------------------------------------------------------------ box
def draw_box(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """The middle half of each group's values as a box, the median as its line, outliers as dots."""
    from plotly.graph_objects import Box

    value = column_named(result, chart.y[0])
    numbers = list(map(as_number, cells_of(result, value.name)))
    groups: list[Cell] = cells_of(result, chart.x) if chart.x else [""] * len(numbers)
    column = column_named(result, chart.x)
    figure = empty_figure(theme, heading[0], heading[1])
    names = _group_order(groups, column)
    for at, name in enumerate(names):
        figure.add_trace(
            Box(
                y=[n for n, g in zip(numbers, groups, strict=True) if g == name and n is not None],
                x0=at,
                name=shortened(show_cell(name, column, language), 30) if chart.x else "",
                marker={"color": theme.series[0], "size": 4, "opacity": 0.6},
                line={"width": 1.6},
                fillcolor=faded(theme.series[0], 0.18),
                boxpoints="outliers",
                hoverinfo="y",
            )
        )
    at_values, texts = value_ticks([n for n in numbers if n is not None], value, language, from_zero=False)
    gap = 0.03 * (at_values[-1] - at_values[0])
    figure.update_yaxes(axis(theme, Ticks(at_values, texts, (at_values[0] - gap, at_values[-1] + gap))))
    labels = [shortened(_name(n, column, language), max(6, 96 // len(names))) if chart.x else "" for n in names]
    figure.update_xaxes(axis(theme, Ticks(list(range(len(names))), labels, grid=False)))
    return figure


def _name(cell: Cell, column: ResultColumn, language: str) -> str:
    return missing_word(language) if cell is None else show_cell(cell, column, language)


def _group_order(groups: list[Cell], column: ResultColumn) -> list[Cell]:
    names = list(dict.fromkeys(groups))
    if is_ordinal(column, tuple(names)):
        return sorted(names, key=lambda n: (n is None, as_number(n) or 0.0, str(n)))
    return sorted(names, key=lambda n: (n is None, str(n)))
