"""In: a theme, a title and the axes' ticks. Out: the layout that all charts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bi_chat.charts.theme import CLEAR, FONT, Theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 380


@dataclass(frozen=True, slots=True)
class Ticks:
    """Where an axis is labelled, with what, and from where to where it runs."""

    at: Sequence[float]
    labels: Sequence[str]
    span: tuple[float, float] | None = None
    grid: bool = True
    visible: bool = True


def empty_figure(theme: Theme, title: str, subtitle: str, *, height: int = HEIGHT) -> Figure:
    """A figure without traces: quiet ground, left-aligned title, a hover box that reads well."""
    from plotly.graph_objects import Figure

    heading = {"text": f"<b>{title}</b>", "x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container"}
    heading |= {"yanchor": "top", "pad": {"l": 16, "t": 14}, "font": {"size": 16, "color": theme.ink}}
    heading["subtitle"] = {"text": subtitle, "font": {"size": 12, "color": theme.muted}}
    return Figure(
        layout={
            "title": heading,
            "autosize": True,
            "height": height,
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "font": {"family": FONT, "size": 12, "color": theme.ink},
            "colorway": list(theme.series),
            "margin": {"l": 16, "r": 20, "t": 72, "b": 44, "pad": 0},
            "hoverlabel": {
                "bgcolor": theme.ground,
                "bordercolor": theme.rest,
                "font": {"family": FONT, "size": 12, "color": theme.ink},
                "align": "left",
            },
            "showlegend": False,
            "legend": {
                "orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "title": {"text": ""},
                "font": {"size": 12, "color": theme.muted}, "bgcolor": CLEAR, "itemsizing": "constant",
                "traceorder": "normal",
            },
            "modebar": {"bgcolor": CLEAR, "color": theme.rest, "activecolor": theme.ink},
            "template": None,
            "separators": ".,",
            "bargap": 0.3,
            "bargroupgap": 0.06,
        }
    )  # fmt: skip


def axis(theme: Theme, ticks: Ticks, *, title: str = "") -> dict[str, object]:
    """An axis with these ticks: a hair line for the grid, no frame, room for its labels."""
    found: dict[str, object] = {
        "tickmode": "array",
        "tickvals": list(ticks.at),
        "ticktext": list(ticks.labels),
        "showgrid": ticks.grid,
        "gridcolor": theme.grid,
        "gridwidth": 1,
        "zeroline": ticks.grid,
        "zerolinecolor": theme.rest,
        "zerolinewidth": 1,
        "showline": False,
        "ticks": "",
        "ticklabelstandoff": 6,
        "tickfont": {"color": theme.muted, "size": 12},
        "automargin": True,
        "fixedrange": True,
        "visible": ticks.visible,
        "showspikes": False,
        "title": {"text": title, "font": {"size": 12, "color": theme.muted}, "standoff": 10},
    }
    if ticks.span is not None:
        found["range"] = list(ticks.span)
    return found


def with_legend(figure: Figure, height: int) -> None:
    """A legend below the plot, where it may wrap on a narrow screen without covering anything."""
    plot = max(120, height - 116)
    figure.update_layout(showlegend=True, legend_y=-46 / plot, legend_yanchor="top", height=height + 36)
