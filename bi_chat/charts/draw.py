"""In: a chart as data, its result, a theme, a language. Out: a plotly figure.

Built from graph objects alone (plotly.express would need pandas), and without anything from the network. Data is not
to be trusted: its text is escaped, because the library reads some tags in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bi_chat.charts.bars import draw_bars
from bi_chat.charts.lines import draw_lines
from bi_chat.charts.parts import draw_heatmap, draw_pie
from bi_chat.charts.plain import draw_number, draw_table
from bi_chat.charts.series import column_named, label_of
from bi_chat.charts.spread import draw_box, draw_histogram, draw_scatter
from bi_chat.charts.theme import theme_named, word
from bi_chat.charts.ticks import shortened
from bi_chat.charts.world import draw_map
from bi_chat.values.chart import Chart
from bi_chat.values.result import Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PAINTERS = {
    "number": draw_number,
    "table": draw_table,
    "line": draw_lines,
    "area": draw_lines,
    "bar": draw_bars,
    "stacked_bar": draw_bars,
    "scatter": draw_scatter,
    "pie": draw_pie,
    "histogram": draw_histogram,
    "heatmap": draw_heatmap,
    "map": draw_map,
    "box": draw_box,
}


def draw(chart: Chart, result: Result, *, theme: Literal["light", "dark"] = "light", language: str = "en") -> Figure:
    """The figure of a chart; it fills the width it is given, heights are pixels. KeyError on an unknown type."""
    return PAINTERS[chart.type](chart, result, theme_named(theme), language, _heading(chart, result, language))


def _heading(chart: Chart, result: Result, language: str) -> tuple[str, str]:
    """The title names what is measured; the line below it the grouping and the unit."""
    title = chart.title or ", ".join(label_of(column_named(result, y)) for y in chart.y)
    values = [column_named(result, y) for y in chart.y]
    axes = [chart.x, chart.color] if chart.type not in ("scatter", "heatmap", "histogram", "number", "table") else []
    if chart.type == "heatmap":
        axes, values = [chart.y[0], chart.x], [column_named(result, chart.color)]
    if chart.type == "scatter":
        axes = [chart.color]
    named = [label_of(column_named(result, a)) for a in axes if a]
    grouping = word("by", language, of=(" × " if language == "zh" else ", ").join(named)) if named else ""
    unit = next((v.unit for v in values if v.unit and v.role != "share" and chart.type not in ("number", "table")), "")
    parts = [shortened(p, 70) for p in (grouping, unit) if p]
    return shortened(title, 70), " · ".join(parts)
