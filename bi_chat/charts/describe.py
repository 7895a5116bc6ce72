"""In: a chart and its result. Out: what it shows in a sentence or two, for whoever can't see it."""

from __future__ import annotations

from bi_chat.charts.series import column_named, label_of
from bi_chat.language.display import as_number, one_line, show_cell
from bi_chat.values.chart import Chart
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

WORDS = {
    "en": {
        "line": "Line chart", "area": "Area chart", "bar": "Bar chart", "stacked_bar": "Stacked bar chart",
        "scatter": "Scatter chart", "pie": "Pie chart", "histogram": "Histogram", "heatmap": "Heat map", "map": "Map",
        "box": "Box plot", "number": "Number", "table": "Table", "kind": "{kind}: {of}",
        "by": "{of} by {by}", "and": ", ", "then": ", ", "from": "from {first} to {last}", "count": "{count} values",
        "high": "Highest: {value} ({at})", "low": "lowest: {value} ({at})",
        "forecast": "The last part is a forecast with its range", "end": ". ",
    },
    "zh": {
        "line": "折线图", "area": "面积图", "bar": "柱形图", "stacked_bar": "堆叠柱形图", "scatter": "散点图",
        "pie": "饼图", "histogram": "直方图", "heatmap": "热力图", "map": "地图", "box": "箱线图", "number": "数字",
        "table": "表格", "kind": "{kind}：{of}", "by": "按{by}的{of}", "and": "、", "then": "，",
        "from": "从{first}到{last}", "count": "{count}个数值", "high": "最高：{value}（{at}）",
        "low": "最低：{value}（{at}）", "forecast": "最后一段是带区间的预测", "end": "。",
    },
}  # fmt: skip


def described(chart: Chart, result: Result, language: str) -> str:
    """Kind, measure, grouping, extent, and where the highest and lowest values are."""
    words = WORDS.get(language, WORDS["en"])
    known = {c.name for c in result.columns}
    shown = [column_named(result, y) for y in chart.y if y in known]
    groups = [column_named(result, g) for g in (chart.x, chart.color) if g in known and g is not None]
    said = words["and"].join(label_of(c) for c in shown) or chart.title
    if groups:
        named = words["and"].join(label_of(g) for g in groups)
        said = words["by"].replace("{of}", said).replace("{by}", named)
    parts = [words["kind"].replace("{kind}", words[chart.type]).replace("{of}", said)]
    if shown and groups:
        parts += _extent(groups, shown[0], result, words, language)
    if chart.band is not None:
        parts.append(words["forecast"])
    return one_line(words["end"].join((*parts, "")).strip(), 400)


def _extent(
    groups: list[ResultColumn], measure: ResultColumn, result: Result, words: dict[str, str], language: str
) -> list[str]:
    names = [g.name for g in groups]
    rows = result.frame.select([*names, measure.name]).rows()
    valued = [(number, row) for row in rows if (number := as_number(row[-1])) is not None]
    if not valued:
        return []
    count = words["count"].replace("{count}", f"{len(valued):,}")
    if groups[0].role == "time":
        first, last = (show_cell(row[0], groups[0], language) for row in (rows[0], rows[-1]))
        span = words["from"].replace("{first}", first).replace("{last}", last)
        count = f"{count}{words['then']}{span}"
    ends = []
    for key, (_, row) in (("high", max(valued, key=lambda v: v[0])), ("low", min(valued, key=lambda v: v[0]))):
        at = words["and"].join(_said(cell, g, language) for cell, g in zip(row, groups, strict=False))
        value = show_cell(row[-1], measure, language)
        ends.append(words[key].replace("{value}", value).replace("{at}", at))
    return [count, words["then"].join(ends)]


def _said(cell: Cell, column: ResultColumn, language: str) -> str:
    return one_line(show_cell(cell, column, language), 40)
