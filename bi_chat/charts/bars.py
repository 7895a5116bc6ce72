"""In: a chart over groups (bar, stacked bar) and its result. Out: the figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.charts.frame import HEIGHT, Ticks, axis, empty_figure, with_legend
from bi_chat.charts.pick import marks
from bi_chat.charts.series import Field, Series, field_of, subtitle
from bi_chat.charts.theme import Theme, faded, word
from bi_chat.charts.ticks import safe, shortened, time_ticks, value_ticks
from bi_chat.language.display import show_cell, show_number, width
from bi_chat.values.chart import Chart
from bi_chat.values.result import Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LABELLED_BARS = 12
LABEL_COLUMNS = 28
_PIXELS_A_BAR = 26


def draw_bars(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """Upright bars, or lying ones where labels are long or many; single bars carry their values."""
    stacked = chart.type == "stacked_bar"
    field = field_of(chart, result, language, other=stacked)
    count, height = len(field.positions), HEIGHT
    if chart.horizontal:
        rows = count * (1 if stacked else max(1, 0.7 * len(field.series)))
        height = max(220, int(rows * _PIXELS_A_BAR) + 100)
    figure = empty_figure(theme, heading[0], subtitle(heading[1], field, language), height=height)
    labelled = len(field.series) == 1 and (chart.horizontal or count <= LABELLED_BARS)
    for at, one in enumerate(field.series):
        _add(figure, chart, field, one, _colour(theme, one, at), theme, language, labelled=labelled)
        figure.data[-1].customdata = marks(field, at)
    _axes(figure, chart, field, theme, language, labelled=labelled)
    if len(field.series) > 1:
        with_legend(figure, height)
    figure.update_layout(barmode="relative" if stacked else "group", hovermode="closest")
    return figure


def _colour(theme: Theme, one: Series, at: int) -> str:
    return theme.rest if one.column.role == "baseline" else theme.series[at % len(theme.series)]


def _add(
    figure: Figure, chart: Chart, field: Field, one: Series, colour: str, theme: Theme, language: str, *, labelled: bool
) -> None:
    from plotly.graph_objects import Bar

    places, values = list(field.positions), list(one.values)
    several = len(field.series) > 1
    shades = [faded(colour, 0.35) if i == field.partial else colour for i in range(len(values))]
    lies = chart.horizontal
    figure.add_trace(
        Bar(
            x=values if lies else places,
            y=places if lies else values,
            orientation="h" if lies else "v",
            name=safe(one.name),
            marker={"color": shades, "line": {"width": 0}, "cornerradius": 3 if chart.type == "bar" else 0},
            text=[_label(v, one, language) for v in values] if labelled else None,
            textposition="outside" if labelled else "none",
            textfont={"color": theme.muted, "size": 12},
            textangle=0,
            cliponaxis=False,
            hovertext=[_hover(field, one, i, language, several=several) for i in range(len(values))],
            hoverinfo="text",
        )
    )


def _label(value: float | None, one: Series, language: str) -> str:
    if value is None:
        return ""
    unit = one.column.unit if len(one.column.unit) <= 3 else ""
    return safe(show_number(value, language=language, format=one.column.format, unit=unit, short=abs(value) >= 1000))


def _hover(field: Field, one: Series, at: int, language: str, *, several: bool) -> str:
    late = f" ({word('unfinished', language)})" if at == field.partial else ""
    value = safe(show_cell(one.values[at], one.column, language))
    name = f"{safe(one.name)}: " if several else ""
    return f"{safe(field.labels[at])}{late}<br>{name}<b>{value}</b>"


def _axes(figure: Figure, chart: Chart, field: Field, theme: Theme, language: str, *, labelled: bool) -> None:
    heights = _heights(field, stacked=chart.type == "stacked_bar")
    at, texts = value_ticks(heights, field.series[0].column, language, from_zero=True)
    span = (at[0], at[-1])
    if labelled:
        # the outermost label stands past the bar's end, on either side
        reach = (max([*heights, 0.0]) - min([*heights, 0.0])) or 1.0
        room = 0.24 if chart.horizontal else 0.1
        span = (
            min([*heights, 0.0]) - (room * reach if min(heights, default=0) < 0 else 0),
            max([*heights, 0.0]) + room * reach,
        )
    value_axis = axis(theme, Ticks(at, texts, span, visible=not labelled))
    group_axis = axis(theme, _along(field, chart, language))
    if chart.horizontal:
        group_axis["range"] = [len(field.positions) - 0.5, -0.5]
        figure.update_xaxes(value_axis)
        figure.update_yaxes(group_axis)
    else:
        figure.update_xaxes(group_axis)
        figure.update_yaxes(value_axis)


def _along(field: Field, chart: Chart, language: str) -> Ticks:
    span = (field.positions[0] - 0.6, field.positions[-1] + 0.6)
    if field.days:
        picked, labels = time_ticks(field.days, field.axis.grain, language)
        return Ticks([field.positions[i] for i in picked], labels, span, grid=False)
    count = len(field.positions)
    longest = max(map(width, field.labels), default=1)
    room = LABEL_COLUMNS if chart.horizontal else max(6, 96 // count)
    # only labels that follow from their neighbours (hours, numbers) may be skipped
    step = max(1, -(-longest * count // 45)) if count > LABELLED_BARS and longest <= 6 and not chart.horizontal else 1
    picked = list(range(0, count, step))
    labels = [shortened(field.labels[i], room) for i in picked]
    return Ticks([field.positions[i] for i in picked], labels, span, grid=False)


def _heights(field: Field, *, stacked: bool) -> list[float]:
    if not stacked:
        return field.values
    columns = list(zip(*(s.values for s in field.series), strict=True))
    ups = [sum(v for v in c if v is not None and v > 0) for c in columns]
    downs = [sum(v for v in c if v is not None and v < 0) for c in columns]
    return [*ups, *downs]
