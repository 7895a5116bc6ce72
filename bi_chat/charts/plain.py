"""In: a number or a table as data and its result. Out: the figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.charts.frame import empty_figure
from bi_chat.charts.series import cells_of, column_named, label_of
from bi_chat.charts.theme import CLEAR, Theme, word
from bi_chat.charts.ticks import safe, shortened
from bi_chat.language.display import as_number, decimals_of, show_cell
from bi_chat.values.chart import Chart
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SHOWN_ROWS = 20
SHORT_FROM = 100_000


def draw_number(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """One large number, or up to four side by side; the exact number stands below where it was shortened."""
    figure = empty_figure(theme, heading[0], heading[1], height=176)
    columns = [column_named(result, name) for name in chart.y]
    baseline = next((c for c in columns if c.role == "baseline"), next(iter(result.role("baseline")), None))
    shown = [c for c in columns if c.role != "baseline"] or columns
    for at, column in enumerate(shown):
        cell = cells_of(result, column.name)[0]
        number = as_number(cell)
        short = number is not None and abs(number) >= SHORT_FROM
        big, exact = (show_cell(cell, column, language, short=s) for s in (short, False))
        below = [label_of(column)] if len(shown) > 1 else []
        below += [exact] if short else []
        if baseline is not None and len(shown) == 1:
            below.append(word("before", language, of=show_cell(cells_of(result, baseline.name)[0], column, language)))
        size = 46 if len(shown) == 1 else 30
        figure.add_annotation(
            text=f"<b>{safe(big)}</b>", x=at / len(shown), y=0.66, xref="paper", yref="paper", xanchor="left",
            yanchor="middle", showarrow=False, font={"size": size, "color": theme.series[0]},
        )  # fmt: skip
        figure.add_annotation(
            text=shortened(" · ".join(below), 60), x=at / len(shown), y=0.08, xref="paper", yref="paper",
            xanchor="left", yanchor="middle", showarrow=False, font={"size": 13, "color": theme.muted},
        )  # fmt: skip
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    figure.update_layout(margin={"t": 60, "b": 10})
    return figure


def draw_table(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """The first rows as text; numbers stand right."""
    from plotly.graph_objects import Table

    columns = [c for c in result.columns if not c.hidden and c.name in result.frame.columns]
    count = min(SHOWN_ROWS, result.frame.height)
    more = result.frame.height - count
    subtitle = word("more_rows", language, count=f"{more:,}") if more else heading[1]
    figure = empty_figure(theme, heading[0], subtitle, height=110 + 28 * (count + 1))
    aligned = [_side(c, result) for c in columns]
    figure.add_trace(
        Table(
            header={
                "values": [f"<b>{safe(label_of(c))}</b>" for c in columns], "align": aligned, "height": 28,
                "fill": {"color": CLEAR}, "font": {"color": theme.muted, "size": 12}, "line": {"color": theme.grid},
            },
            cells={
                "values": [_texts(c, result, count, language) for c in columns], "align": aligned, "height": 28,
                "fill": {"color": CLEAR}, "font": {"color": theme.ink, "size": 12}, "line": {"color": theme.grid},
            },
        )
    )  # fmt: skip
    figure.update_layout(margin={"l": 16, "r": 16, "t": 72, "b": 8})
    return figure


def _side(column: ResultColumn, result: Result) -> str:
    known = [c for c in cells_of(result, column.name) if c is not None]
    numeric = known and all(as_number(c) is not None for c in known) and column.role not in ("dimension", "time")
    return "right" if numeric else "left"


def _texts(column: ResultColumn, result: Result, count: int, language: str) -> list[str]:
    cells = cells_of(result, column.name)[:count]
    decimals = decimals_of(cells, column.format)
    return [shortened(show_cell(c, column, language, decimals=decimals), 40) for c in cells]
