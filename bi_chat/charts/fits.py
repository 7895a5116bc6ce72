"""In: a result's shape. Out: for each chart type the chart it would be, or a code that says why not."""

from __future__ import annotations

from bi_chat.charts.countries import country_code
from bi_chat.charts.shape import Shape, is_ordinal
from bi_chat.language.display import width
from bi_chat.values.chart import Chart
from bi_chat.values.query import ResultColumn

MANY_SERIES = 8
MANY_BARS = 25
SHOWN_BARS = 20
MANY_SLICES = 8
LONG_LABEL = 14
LEAST_ROWS_IN_A_BOX = 5
KNOWN_COUNTRIES = 0.6

Fit = Chart | str


def title_of(columns: tuple[ResultColumn, ...]) -> str:
    """The measures by their labels."""
    return ", ".join(dict.fromkeys(c.label or c.name.replace("_", " ") for c in columns if c.role != "baseline"))


def drawn(shape: Shape) -> tuple[ResultColumn, ...]:
    """The numeric columns that share one axis: what was asked for, and what has its unit.

    Shares, running totals and changes are what the asker wants to see when the plan computes them; a rolling mean and a
    baseline stand beside their measure.
    """
    first = next((c for c in map(shape.role, ("share", "running")) if c), None)
    change = shape.role("change")
    if first is None and change is not None and shape.role("baseline") is None:
        first = change
    if first is not None:
        return (first,)
    lead = next(iter(shape.measures), next(iter(shape.values), None))
    if lead is None:
        return ()
    roles = (lead.role, "rolling", "baseline")
    return tuple(c for c in shape.values if c.role in roles and (c.unit, _form(c)) == (lead.unit, _form(lead)))


def mixed(shape: Shape) -> bool:
    """Whether measures of different units stand side by side, which one axis can't show."""
    return len({(c.unit, _form(c)) for c in shape.measures}) > 1


def _form(column: ResultColumn) -> str:
    return {"integer": "number"}.get(column.format, column.format)


def _chart(
    kind: str, y: tuple[ResultColumn, ...], *, x: ResultColumn | None = None, color: ResultColumn | None = None
) -> Chart:
    names = tuple(c.name for c in y)
    return Chart(kind, x.name if x else None, names, color.name if color else None, title=title_of(y))


def number(shape: Shape) -> Fit:
    """One row."""
    if shape.rows != 1 or not shape.values:
        return "more_than_one_row"
    y = shape.measures or shape.values
    return _chart("number", y[:4], x=next(iter(shape.groups), None))


def line(shape: Shape) -> Fit:
    """Values along time, one line for each group or column."""
    y, (axis, color) = drawn(shape), _axes(shape, need_order=True)
    if not y:
        return "no_numbers"
    if axis is None:
        return "no_time"
    if len(shape.groups) + (shape.time is not None) > 2:
        return "too_many_groupings"
    if not _unique(shape, axis, color):
        return "rows_are_not_groups"
    return _chart("line", y[:1] if color else y, x=axis, color=color)


def area(shape: Shape) -> Fit:
    """Stacked parts along time: only what may be added up, and nothing below zero."""
    fit = line(shape)
    if isinstance(fit, str):
        return fit
    columns = [c for c in shape.values if c.name in fit.y]
    if not all(shape.non_negative(c) for c in columns):
        return "negative_parts"
    if fit.color and not all(shape.summable(c) for c in columns):
        return "parts_do_not_add_up"
    return _chart("area", tuple(columns[:1]), x=_named(shape, fit.x), color=_named(shape, fit.color))


def bar(shape: Shape) -> Fit:
    """A bar for each group; a second grouping or further columns of the same unit stand beside each other."""
    y, (axis, color) = drawn(shape), _axes(shape)
    if not y:
        return "no_numbers"
    if axis is None:
        return "no_groups"
    if len(shape.groups) + (shape.time is not None) > 2 and not shape.is_list:
        return "too_many_groupings"
    if not _unique(shape, axis, color):
        return "rows_are_not_groups"
    return _chart("bar", y[:1] if color else y, x=axis, color=color)


def stacked_bar(shape: Shape) -> Fit:
    """Parts on top of each other."""
    fit = bar(shape)
    if isinstance(fit, str):
        return fit
    columns = tuple(c for c in shape.values if c.name in fit.y)
    if not fit.color and len(columns) < 2:
        return "no_second_grouping"
    if any(c.role == "baseline" for c in columns) or not all(shape.summable(c) for c in columns):
        return "parts_do_not_add_up"
    return _chart("stacked_bar", columns, x=_named(shape, fit.x), color=_named(shape, fit.color))


def pie(shape: Shape) -> Fit:
    """Parts of a whole."""
    y, axis = drawn(shape), next(iter(shape.groups), shape.time)
    if not y or axis is None:
        return "no_groups" if y else "no_numbers"
    if y[0].role == "share" and len(shape.measures) == 1 and shape.summable(shape.measures[0]):
        y = shape.measures  # the slices are shares already
    if len(shape.groups) + (shape.time is not None) > 1:
        return "too_many_groupings"
    if not shape.non_negative(y[0]):
        return "negative_parts"
    if len(y) > 1:
        return "several_measures"
    if not shape.summable(y[0]):
        return "parts_do_not_add_up"
    if not _unique(shape, axis):
        return "rows_are_not_groups"
    return "nothing_to_show" if not sum(shape.numbers(y[0])) else _chart("pie", y[:1], x=axis)


def scatter(shape: Shape) -> Fit:
    """Two numbers of each entity or group."""
    y = shape.measures
    if len(y) < 2:
        return "needs_two_numbers"
    color = next(
        (g for g in shape.groups if shape.distinct(g) <= MANY_SERIES and shape.distinct(g) * 3 <= shape.rows), None
    )
    return Chart("scatter", y[0].name, (y[1].name,), color.name if color else None, title=title_of(y[:2]))


def histogram(shape: Shape) -> Fit:
    """How often values occur: bins that the query made, or the raw numbers of a list."""
    axis = next((g for g in shape.groups if g.name in shape.binned), None)
    if axis is not None and shape.measures:
        return _chart("histogram", shape.measures[:1], x=axis)
    y = shape.measures
    if y and (shape.is_list or (len(shape.groups) == 1 and shape.time is None and shape.rows > MANY_BARS)):
        return Chart("histogram", y[0].name, (), title=title_of(y[:1]))
    return "needs_single_values"


def heatmap(shape: Shape) -> Fit:
    """A field of two groupings, shaded by the number."""
    y = drawn(shape)
    if not y:
        return "no_numbers"
    axes = [*([shape.time] if shape.time else []), *shape.groups]
    if len(axes) != 2 or not _unique(shape, *axes):
        return "needs_two_groupings"
    across, down = sorted(axes, key=lambda c: (c is not shape.time, -shape.distinct(c)))
    return Chart("heatmap", across.name, (down.name,), y[0].name, title=title_of(y[:1]))


def box(shape: Shape) -> Fit:
    """How numbers spread within each group, from single rows."""
    y = shape.measures[:1]
    if not y or len(shape.numbers(y[0])) < LEAST_ROWS_IN_A_BOX:
        return "needs_single_values"
    enough = [g for g in shape.groups if shape.distinct(g) * 3 <= shape.rows]
    axis = min(enough, key=shape.distinct, default=None)
    if axis is None and shape.groups and not shape.is_list and shape.time is None and len(shape.groups) > 1:
        return "needs_single_values"
    return _chart("box", y, x=axis)


def world_map(shape: Shape) -> Fit:
    """Countries, shaded by the number."""
    y = drawn(shape)
    if not y:
        return "no_numbers"
    axis = next((g for g in shape.groups if _names_countries(shape, g)), None)
    if axis is None:
        return "no_countries"
    return _chart("map", y[:1], x=axis) if _unique(shape, axis) else "too_many_groupings"


def _names_countries(shape: Shape, group: ResultColumn) -> bool:
    """Two letters alone are weak evidence: states have such codes too, so there every one must be known."""
    known = {str(c) for c in shape.cells[group.name] if c is not None}
    found = sum(country_code(c) is not None for c in known)
    codes_only = all(len(c) == 2 and c.isascii() for c in known)
    return bool(known) and found >= (1 if codes_only else KNOWN_COUNTRIES) * len(known)


def _unique(shape: Shape, *axes: ResultColumn | None) -> bool:
    """Whether each row has a place of its own on these axes."""
    cells = [shape.cells[a.name] for a in axes if a is not None]
    return len(set(zip(*cells, strict=True))) == shape.rows


def table(shape: Shape) -> Fit:
    """Anything."""
    return Chart("table", y=tuple(c.name for c in shape.values), title=title_of(shape.measures))


FITS = {
    "number": number,
    "table": table,
    "line": line,
    "area": area,
    "bar": bar,
    "stacked_bar": stacked_bar,
    "scatter": scatter,
    "pie": pie,
    "histogram": histogram,
    "heatmap": heatmap,
    "map": world_map,
    "box": box,
}


def _axes(shape: Shape, *, need_order: bool = False) -> tuple[ResultColumn | None, ResultColumn | None]:
    """The axis and the colour: time before groups, else the grouping with more values before the one with fewer."""
    if shape.time is not None:
        return shape.time, next(iter(shape.groups), None)
    groups = list(shape.groups)
    if shape.is_list:
        return (max(groups, key=shape.distinct, default=None), None) if not need_order else (None, None)
    if need_order:
        ordered = [g for g in groups if is_ordinal(g, shape.cells[g.name])]
        axis = max(ordered, key=shape.distinct, default=None)
        return axis, next((g for g in groups if g is not axis), None)
    if len(groups) == 2:
        first, second = groups
        swap = shape.distinct(second) > MANY_SERIES >= shape.distinct(first)
        swap = swap or (is_ordinal(second, shape.cells[second.name]) and not is_ordinal(first, shape.cells[first.name]))
        return (second, first) if swap else (first, second)
    return next(iter(groups), None), next(iter(groups[1:]), None)


def _named(shape: Shape, name: str | None) -> ResultColumn | None:
    every = (*([shape.time] if shape.time else []), *shape.groups, *shape.values)
    return next((c for c in every if c.name == name), None)


def is_long(shape: Shape, column: ResultColumn) -> bool:
    """Whether the labels are too long, or too many, to stand under upright bars."""
    if is_ordinal(column, shape.cells[column.name]):
        return False
    labels = {str(c) for c in shape.cells[column.name] if c is not None}
    return max(map(width, labels), default=0) > LONG_LABEL or len(labels) > 10
