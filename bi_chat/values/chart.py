"""Out: a chart as data. A painter draws it; nothing here knows a drawing library."""

from __future__ import annotations

from dataclasses import dataclass

CHART_TYPES = (
    "number",
    "table",
    "line",
    "area",
    "bar",
    "stacked_bar",
    "scatter",
    "pie",
    "histogram",
    "heatmap",
    "map",
    "box",
)


@dataclass(frozen=True, slots=True)
class Chart:
    """`x`, `y` and `color` name columns of the result; several `y` share one axis and unit.

    `type` is one of CHART_TYPES. `horizontal` turns bars on their side. `cut` says how many groups were left out of the
    picture (never out of the table); `band` names the columns of a range to shade; `reason` says in a code why this
    type was chosen; `partial_from` marks the first x value of an incomplete period.
    """

    type: str
    x: str | None = None
    y: tuple[str, ...] = ()
    color: str | None = None
    title: str = ""
    horizontal: bool = False
    cut: int = 0
    reason: str = ""
    partial_from: str | None = None
    band: tuple[str, str] | None = None
    alternatives: tuple[str, ...] = ()
