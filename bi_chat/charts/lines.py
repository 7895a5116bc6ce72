"""In: a chart along time (line, area) and its result. Out: the figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.charts.frame import HEIGHT, Ticks, axis, empty_figure, with_legend
from bi_chat.charts.pick import marks
from bi_chat.charts.series import Field, Series, field_of, subtitle
from bi_chat.charts.theme import Theme, faded, word
from bi_chat.charts.ticks import axis_labels, nice_ticks, safe, shortened, time_ticks, value_ticks
from bi_chat.language.display import show_cell, width
from bi_chat.values.chart import Chart
from bi_chat.values.result import Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DIRECT_LABELS = 5
MARKED_POINTS = 32
_ROOM = HEIGHT - 116.0  # pixels of the plot's height, to keep labels apart
_LABEL = 15.0


def draw_lines(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """Lines or stacked areas; up to five are named at their ends, more in a legend."""
    stacked = chart.type == "area" and chart.color is not None
    field = field_of(chart, result, language, other=stacked)
    figure = empty_figure(theme, heading[0], subtitle(heading[1], field, language))
    if chart.band is not None:
        _add_band(figure, chart.band, result, field, theme)
    for at, one in enumerate(field.series):
        before = len(figure.data)
        _add(figure, chart, field, one, _colour(theme, one, at, field), theme, language)
        figure.data[before].customdata = marks(field, at)
    values = _stack_sums(field) if stacked else field.values
    at_values, texts = value_ticks(values, field.series[0].column, language, from_zero=chart.type == "area")
    top = at_values[-1] + (0 if chart.type == "area" else 0.03 * (at_values[-1] - at_values[0]))
    figure.update_yaxes(axis(theme, Ticks(at_values, texts, (at_values[0], top))))
    figure.update_xaxes(axis(theme, _along(field, language)) | {"tickangle": 0})
    if len(field.series) > 1:
        if len(field.series) <= DIRECT_LABELS and not stacked and chart.band is None:
            _name_ends(figure, field, theme, (at_values[0], at_values[-1]))
        else:
            with_legend(figure, HEIGHT)
    figure.update_layout(hovermode="x unified" if len(field.series) > 1 else "closest")
    return figure


def _along(field: Field, language: str) -> Ticks:
    first, last = field.positions[0], field.positions[-1]
    gap = max(0.02 * (last - first), 0.15)
    if field.axis.format == "percent" and last > first:
        round_ones = [t for t in nice_ticks(first / 100, last / 100, count=8) if first <= 100 * t <= last]
        labels = axis_labels(round_ones, field.axis, language)
        return Ticks([100 * t for t in round_ones], labels, (first - gap, last + gap), grid=False)
    if field.days:
        picked, labels = time_ticks(field.days, field.axis.grain, language)
    else:
        step = max(1, -(-len(field.labels) // 12))
        picked = list(range(0, len(field.labels), step))
        labels = [shortened(field.labels[i], 12) for i in picked]
    return Ticks([field.positions[i] for i in picked], labels, (first - gap, last + gap), grid=False)


def _colour(theme: Theme, one: Series, at: int, field: Field) -> str:
    """A baseline, and a measure beside its rolling mean, stay in the background."""
    roles = {s.column.role for s in field.series}
    if one.column.role == "baseline" or (one.column.role == "measure" and "rolling" in roles):
        return theme.rest
    return theme.series[at % len(theme.series)]


def _add(figure: Figure, chart: Chart, field: Field, one: Series, colour: str, theme: Theme, language: str) -> None:
    from plotly.graph_objects import Scatter

    filled, name = chart.type == "area", safe(one.name)
    stack = "one" if filled and chart.color else None
    cut = field.partial if field.partial and not stack else len(one.values)
    several = len(field.series) > 1
    texts = [_hover(field, one, i, language, several=several) for i in range(len(one.values))]
    few = sum(v is not None for v in one.values) <= MARKED_POINTS
    line = {"color": colour, "width": 2.4, "dash": "dot" if one.column.role == "baseline" else "solid"}
    figure.add_trace(
        Scatter(
            x=list(field.positions[:cut]),
            y=list(one.values[:cut]),
            name=name,
            mode="lines+markers" if few and not stack else "lines",
            line=line | ({"width": 0.8} if stack else {}),
            marker={"size": 6, "color": colour},
            fill="tonexty" if stack else "tozeroy" if filled else None,
            fillcolor=faded(colour, 0.75 if stack else 0.14) if filled else None,
            stackgroup=stack,
            hovertext=texts[:cut],
            hoverinfo="text",
        )
    )
    if cut < len(one.values):
        _add_unfinished(figure, field, one, colour, texts, theme)


def _add_band(figure: Figure, band: tuple[str, str], result: Result, field: Field, theme: Theme) -> None:
    """The range around a forecast, shaded; its bounds have no lines of their own."""
    from plotly.graph_objects import Scatter

    bounds = list(zip(result.frame[band[0]], result.frame[band[1]], strict=True))
    shown = [(x, b) for x, b in zip(field.positions, bounds[-len(field.positions) :], strict=False) if None not in b]
    if not shown:
        return
    across = [x for x, _ in shown]
    low, high = [b[0] for _, b in shown], [b[1] for _, b in shown]
    figure.add_trace(
        Scatter(
            x=[*across, *reversed(across)],
            y=[*high, *reversed(low)],
            fill="toself",
            fillcolor=faded(theme.series[1], 0.2),
            mode="none",
            hoverinfo="skip",
            showlegend=False,
        )
    )


def _add_unfinished(figure: Figure, field: Field, one: Series, colour: str, texts: list[str], theme: Theme) -> None:
    """The last step dashed, its end hollow: the period is not over."""
    from plotly.graph_objects import Scatter

    at = field.partial or 0
    figure.add_trace(
        Scatter(
            x=list(field.positions[at - 1 : at + 1]),
            y=list(one.values[at - 1 : at + 1]),
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": "dot"},
            marker={
                "size": [0, 8],
                "color": theme.ground,
                "line": {"color": colour, "width": 2},
            },
            hovertext=["", texts[at]],
            hoverinfo="text",
            showlegend=False,
        )
    )
    figure.data[-1].hoverinfo = ["skip", "text"]


def _hover(field: Field, one: Series, at: int, language: str, *, several: bool) -> str:
    value = show_cell(one.values[at], one.column, language)
    late = f" ({word('unfinished', language)})" if at == field.partial else ""
    where = f"{safe(field.labels[at])}{late}"
    return f"{safe(one.name)}: <b>{safe(value)}</b>{late}" if several else f"{where}<br><b>{safe(value)}</b>"


def _stack_sums(field: Field) -> list[float]:
    return [sum(v or 0.0 for v in column) for column in zip(*(s.values for s in field.series), strict=True)]


def _name_ends(figure: Figure, field: Field, theme: Theme, span: tuple[float, float]) -> None:
    """Each line's name at its end, pushed apart where lines end close together."""
    ends: list[tuple[float, int, int]] = []
    for at, one in enumerate(field.series):
        last = next((i for i in range(len(one.values) - 1, -1, -1) if one.values[i] is not None), None)
        value = one.values[last] if last is not None else None
        if last is not None and value is not None:
            ends.append((value, at, last))
    ends.sort()
    heights = [(e[0] - span[0]) / ((span[1] - span[0]) or 1) * _ROOM for e in ends]
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + _LABEL) if placed else height)
    overflow = max(0.0, placed[-1] - _ROOM) if placed else 0.0
    for (value, at, last), natural, height in zip(ends, heights, placed, strict=True):
        figure.add_annotation(
            x=field.positions[last],
            y=value,
            text=shortened(field.series[at].name, 14),
            showarrow=False,
            xanchor="left",
            xshift=9,
            yshift=height - overflow - natural,
            font={"color": _colour(theme, field.series[at], at, field), "size": 12},
        )
    longest = max(min(width(s.name), 14) for s in field.series)
    figure.update_layout(margin_r=24 + 7.2 * longest)
