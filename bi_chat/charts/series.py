"""In: a chart and its result. Out: what stands on the axis and the series over it, sorted, cut, with their labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from bi_chat.charts.fits import MANY_SERIES, SHOWN_BARS
from bi_chat.charts.shape import is_ordinal
from bi_chat.charts.theme import word
from bi_chat.language.display import as_number, one_line, show_cell, show_date
from bi_chat.values.chart import Chart
from bi_chat.values.period import Grain, shift
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

MOST_POSITIONS = 5000


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of bars: a value, or None, for each position of the axis. `of`: the cell of the colour's
    column that it stands for, in a tuple; empty where it is a column of its own, or adds others up."""

    name: str
    values: tuple[float | None, ...]
    column: ResultColumn
    of: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """`positions` along the axis with full `labels` and the `cells` they stand for; `days` are set for a time axis;
    `partial`: the unfinished one."""

    axis: ResultColumn
    positions: tuple[float, ...]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    days: tuple[date, ...] = ()
    partial: int | None = None
    all_groups: int = 0
    all_series: int = 1
    added_up: bool = False
    cells: tuple[Cell, ...] = ()

    @property
    def left_out(self) -> tuple[int, int] | None:
        """How many groups or series are shown of how many, where some are left out and not added up in another."""
        if self.all_groups > len(self.positions) and not self.days:
            return len(self.positions), self.all_groups
        if self.all_series > len(self.series) and not self.added_up:
            return len(self.series), self.all_series
        return None

    @property
    def values(self) -> list[float]:
        """All numbers of all series."""
        return [v for s in self.series for v in s.values if v is not None]


def column_named(result: Result, name: str | None) -> ResultColumn:
    """A column by name; a plain one where the result does not describe it."""
    return next((c for c in result.columns if c.name == name), ResultColumn(name or "", "attribute"))


def label_of(column: ResultColumn) -> str:
    """What a column is called."""
    return one_line(column.label or column.name.replace("_", " "))


def cells_of(result: Result, name: str) -> list[Cell]:
    """A column's cells."""
    cells: list[Cell] = result.frame.get_column(name).to_list()
    return cells


def field_of(chart: Chart, result: Result, language: str, *, other: bool = False) -> Field:
    """Axis and series of a line, area or bar chart. `other`: what the cut leaves out is added up in a last series."""
    axis = column_named(result, chart.x)
    cells = cells_of(result, axis.name)
    keys = list(dict.fromkeys(cells))
    series = _series(chart, result, cells, keys, language)
    timed = axis.role in ("time", "attribute") and all(isinstance(k, date) for k in keys if k is not None)
    if timed:
        field = _timed(axis, keys, _largest(series, language, other=other), chart, language)
        return replace(field, all_series=len(series), added_up=other)
    order = _order(axis, keys, series)
    if chart.cut and axis.role != "time" and not (chart.color and len(keys) <= SHOWN_BARS):
        order = order[:SHOWN_BARS]
    arranged = tuple(replace(s, values=tuple(s.values[i] for i in order)) for s in series)
    labels = tuple(show_cell(keys[i], axis, language) for i in order)
    partial = next((at for at, i in enumerate(order) if str(keys[i]) == chart.partial_from), None)
    return Field(
        axis,
        _along_numbers(chart, axis, [keys[i] for i in order]) or tuple(float(i) for i in range(len(order))),
        labels,
        _largest(arranged, language, other=other),
        partial=partial,
        all_groups=len(keys),
        all_series=len(series),
        added_up=other,
        cells=tuple(keys[i] for i in order),
    )


def _along_numbers(chart: Chart, axis: ResultColumn, keys: list[Cell]) -> tuple[float, ...]:
    """Where percentages stand on a line's axis, in percent; empty where the groups are no such numbers."""
    numbers = [n for n in map(as_number, keys) if n is not None]
    apart = chart.type == "line" and axis.format == "percent" and len(numbers) == len(keys) > 1
    return tuple(100.0 * n for n in numbers) if apart else ()


def subtitle(given: str, field: Field, language: str) -> str:
    """The line below the title, with what the picture leaves out and what is not over yet."""
    parts = [given] if given else []
    if field.left_out is not None:
        shown, every = field.left_out
        parts.append(word("shown", language, shown=str(shown), all=str(every)))
    if field.partial is not None:
        parts.append(f"{field.labels[field.partial]}: {word('unfinished', language)}")
    return " · ".join(parts)


def _series(chart: Chart, result: Result, cells: list[Cell], keys: list[Cell], language: str) -> tuple[Series, ...]:
    if not chart.color:
        return tuple(_column_series(result, cells, keys, name) for name in chart.y)
    color, value = column_named(result, chart.color), column_named(result, chart.y[0])
    groups, numbers = cells_of(result, color.name), cells_of(result, value.name)
    found: dict[Cell, dict[Cell, float | None]] = {}
    for key, group, number in zip(cells, groups, numbers, strict=True):
        found.setdefault(group, {})[key] = as_number(number)
    names = list(found)
    if is_ordinal(color, tuple(names)):
        names.sort(key=_sort_key)
    return tuple(
        Series(show_cell(g, color, language), tuple(found[g].get(k) for k in keys), value, (g,)) for g in names
    )


def _column_series(result: Result, cells: list[Cell], keys: list[Cell], name: str) -> Series:
    column = column_named(result, name)
    by_key = dict(zip(cells, cells_of(result, name), strict=True))
    return Series(label_of(column), tuple(as_number(by_key[k]) for k in keys), column)


def _sort_key(cell: Cell) -> tuple[bool, float, str]:
    number = as_number(cell)
    return (cell is None, number if number is not None else 0.0, str(cell))


def _order(axis: ResultColumn, keys: list[Cell], series: tuple[Series, ...]) -> list[int]:
    """Own order where the groups have one; the result's where it is sorted by value already; else largest first."""
    every = list(range(len(keys)))
    if is_ordinal(axis, tuple(keys)):
        return sorted(every, key=lambda i: _sort_key(keys[i]))
    sums = [sum(s.values[i] or 0.0 for s in series) for i in every]
    if sums in (sorted(sums), sorted(sums, reverse=True)):
        return every
    return sorted(every, key=lambda i: -sums[i])


def _largest(series: tuple[Series, ...], language: str, *, other: bool) -> tuple[Series, ...]:
    """At most eight series, the largest; the rest in one where parts may be added up."""
    if len(series) <= MANY_SERIES:
        return series
    ranked = sorted(series, key=lambda s: -sum(v or 0.0 for v in s.values))
    if not other:
        return tuple(ranked[:MANY_SERIES])
    kept, rest = ranked[: MANY_SERIES - 1], ranked[MANY_SERIES - 1 :]
    columns = zip(*(s.values for s in rest), strict=True)
    sums = tuple(sum(v for v in column if v is not None) for column in columns)
    return (*kept, Series(word("other", language), sums, rest[0].column))


# ------------------------------------------------------------------ time
def _timed(axis: ResultColumn, keys: list[Cell], series: tuple[Series, ...], chart: Chart, language: str) -> Field:
    """Positions follow the calendar, so that a missing month leaves its gap instead of closing up."""
    order = sorted((i for i, k in enumerate(keys) if k is not None), key=lambda i: str(keys[i]))
    known = [k for i in order if isinstance(k := keys[i], date)]
    place = _places(known[0] if known else date.min, axis.grain)
    days = _calendar(known, axis.grain)
    at = {place(k): i for k, i in zip(known, order, strict=True)}
    positions = tuple(sorted({*at, *(place(d) for d in days)}))
    arranged = tuple(replace(s, values=tuple(s.values[at[p]] if p in at else None for p in positions)) for s in series)
    partial = next((n for n, p in enumerate(positions) if p in at and str(keys[at[p]]) == chart.partial_from), None)
    shown = {place(d): d for d in (*days, *known)}
    full = tuple(shown[p] for p in positions)
    labels = tuple(show_date(d, axis.grain, language) for d in full)
    return Field(axis, positions, labels, arranged, full, partial, len(keys), cells=full)


def _places(first: date, grain: str) -> Callable[[date], float]:
    """Where a date stands, in grains after the first; a date without a grain by its days."""
    size = {"month": 1, "quarter": 3, "year": 12}.get(grain.removeprefix("fiscal_"))

    def place(day: date) -> float:
        if size is not None:
            return ((day.year - first.year) * 12 + day.month - first.month) / size
        if isinstance(day, datetime) and isinstance(first, datetime):
            return (day - first).total_seconds() / (3600 if grain == "hour" else 86400 * (7 if grain == "week" else 1))
        return (day.toordinal() - first.toordinal()) / (7 if grain == "week" else 1)

    return place


def _calendar(known: list[date], grain: str) -> list[date]:
    """Every period from the first to the last, for grains that a calendar counts."""
    plain = grain.removeprefix("fiscal_")
    if not known or plain not in tuple(Grain) or plain == Grain.HOUR:
        return known
    days, day = [known[0]], known[0]
    while day < known[-1] and len(days) < MOST_POSITIONS:
        day = shift(known[0], Grain(plain), len(days))
        days.append(day)
    return [d for d in days if d <= known[-1]]
