"""In: a result, its plan and perhaps a wish. Out: the chart that shows it, as data, with its reason and its rivals."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.charts.fits import FITS, MANY_BARS, MANY_SERIES, SHOWN_BARS, is_long, mixed
from bi_chat.charts.shape import Shape, is_date_part, is_ordinal, shape_of, with_grains
from bi_chat.values.chart import Chart
from bi_chat.values.plan import Plan
from bi_chat.values.query import Note
from bi_chat.values.result import Result

MANY_COLUMNS = 5
MANY_CELLS = 40
FEW_PARTS = 6
ENOUGH_DOTS = 10
ALIASES = {"donut": "pie", "doughnut": "pie", "column": "bar", "stacked": "stacked_bar", "choropleth": "map"}
# what comes nearest to a type that is impossible, best first
NEAREST = {
    "pie": ("bar", "stacked_bar", "line"),
    "area": ("line", "stacked_bar", "bar"),
    "stacked_bar": ("bar", "line"),
    "line": ("bar",),
    "bar": ("histogram", "number"),
    "histogram": ("bar", "line"),
    "box": ("bar", "line"),
    "map": ("bar", "heatmap"),
    "heatmap": ("bar", "line"),
    "scatter": ("bar", "line"),
    "number": ("bar", "line"),
    "table": (),
}


def choose_chart(result: Result, plan: Plan, *, requested: str | None = None, partial_last: bool = False) -> Chart:
    """The chart for a result. A wish (`requested`, else the plan's) is met where it can be drawn truthfully.

    `reason` is "requested", the rule that chose, or "<type>_not:<why>" where a wish could not be met (`chart_note` says
    so). `partial_last` marks the latest period of a time axis as incomplete.
    """
    result = with_grains(result, plan)
    shape = shape_of(result, plan)
    wish = requested or plan.chart or ""
    wish = ALIASES.get(wish, wish)
    if shape.rows == 0:
        return Chart("table", reason="empty")
    chart = _wished(shape, wish) if wish in FITS else _fitting(shape)
    chart = _finished(chart, shape, partial_last=partial_last)
    unfit = {chart.type, "table"} if shape.is_list else {chart.type, "table", "box", "histogram"}
    others = (k for k, fit in FITS.items() if k not in unfit and isinstance(fit(shape), Chart))
    tables = () if chart.type == "table" else ("table",)
    return replace(chart, alternatives=(*others, *tables))


def chart_note(chart: Chart) -> Note | None:
    """A note where a wish could not be met, or where the picture shows less than the table."""
    if "_not:" in chart.reason:
        kind, why = chart.reason.split("_not:")
        return Note("chart_not_possible", (("wished", kind), ("why", why), ("shown", chart.type)))
    if chart.reason == "part_of_whole":
        return Note("pie_of_a_part", (), warning=True)
    return Note("chart_cut", (("count", str(chart.cut)),)) if chart.cut else None


def _wished(shape: Shape, wish: str) -> Chart:
    fit = FITS[wish](shape)
    if isinstance(fit, Chart):
        return replace(fit, reason="part_of_whole" if wish == "pie" and not shape.whole else "requested")
    for kind in NEAREST[wish]:
        near = FITS[kind](shape)
        if isinstance(near, Chart):
            return replace(near, reason=f"{wish}_not:{fit}")
    return replace(_make("table", shape), reason=f"{wish}_not:{fit}")


def _fitting(shape: Shape) -> Chart:
    kind, reason = _kind(shape)
    fit = FITS[kind](shape)
    return replace(fit if isinstance(fit, Chart) else _make("table", shape), reason=reason)


def _make(kind: str, shape: Shape) -> Chart:
    fit = FITS[kind](shape)
    assert isinstance(fit, Chart)
    return fit


def _kind(shape: Shape) -> tuple[str, str]:
    """Type and the rule that chose it; the first that holds wins."""
    if shape.is_list or not shape.values:
        return "table", "list"
    if shape.rows == 1:
        return ("number", "one_value") if len(shape.measures) <= 4 else ("table", "many_columns")
    if shape.others or len(shape.values) > MANY_COLUMNS:
        return "table", "many_columns"
    if any(g.name in shape.binned for g in shape.groups):
        return "histogram", "bins"
    if len(shape.groups) + (shape.time is not None) > 2:
        return "table", "many_groupings"
    if mixed(shape):
        return _of_mixed_units(shape)
    return _over_time(shape) if shape.time is not None else _of_groups(shape)


def _of_mixed_units(shape: Shape) -> tuple[str, str]:
    two = len(shape.measures) == 2 and len(shape.groups) == 1 and shape.time is None
    if two and shape.rows >= ENOUGH_DOTS and not is_ordinal(shape.groups[0], shape.cells[shape.groups[0].name]):
        return "scatter", "two_measures"
    return "table", "mixed_units"


def _over_time(shape: Shape) -> tuple[str, str]:
    assert shape.time is not None
    periods = shape.distinct(shape.time)
    if not shape.groups:
        return ("line", "time_series") if periods > 2 else ("bar", "few_periods")
    if shape.role("share") is not None and shape.whole:
        return ("area" if periods > 5 else "stacked_bar"), "shares_over_time"
    if periods <= 2:
        return "bar", "few_periods"
    return "line", "few_series" if shape.distinct(shape.groups[0]) <= MANY_SERIES else "largest_series"


def _of_groups(shape: Shape) -> tuple[str, str]:
    if not shape.groups:
        return "table", "list"
    if len(shape.groups) == 2:
        parts = sum(is_date_part(g) for g in shape.groups)
        least = min(shape.distinct(g) for g in shape.groups)
        if parts == 2 or (least > 4 and shape.rows >= MANY_CELLS):
            return "heatmap", "two_groupings"
        value = next(iter(shape.measures or shape.values))
        stacks = shape.summable(value) and shape.non_negative(value) and least <= MANY_SERIES
        return ("stacked_bar", "parts_by_group") if stacks else ("bar", "two_groupings")
    share = shape.role("share")
    if share is not None and len(shape.measures) <= 1 and shape.rows <= FEW_PARTS and _is_whole(shape):
        return "pie", "parts_of_whole"
    return "bar", "groups"


def _is_whole(shape: Shape) -> bool:
    share = shape.role("share")
    assert share is not None
    return shape.whole and shape.non_negative(share) and abs(sum(shape.numbers(share)) - 1) < 0.005


def _finished(chart: Chart, shape: Shape, *, partial_last: bool) -> Chart:
    """What does not depend on the type alone: how many groups are left out, lying bars, the unfinished period."""
    axis = next((g for g in shape.groups if g.name == chart.x), None)
    if chart.type in ("bar", "stacked_bar") and axis is not None:
        many = shape.distinct(axis)
        kept = is_ordinal(axis, shape.cells[axis.name]) or many <= MANY_BARS
        chart = replace(chart, horizontal=is_long(shape, axis), cut=0 if kept else many - SHOWN_BARS)
    color = next((g for g in shape.groups if g.name == chart.color), None)
    if chart.type in ("line", "area", "stacked_bar", "bar") and color is not None and not chart.cut:
        chart = replace(chart, cut=max(0, shape.distinct(color) - MANY_SERIES))
    if partial_last and shape.time is not None and chart.x == shape.time.name:
        latest = max((c for c in shape.cells[chart.x] if c is not None), key=str, default=None)
        chart = replace(chart, partial_from=None if latest is None else str(latest))
    return chart
