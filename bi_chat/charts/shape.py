"""In: a result and its plan. Out: the result's shape: which columns are time, groups and numbers, and how many of each.

Rows of a list carry no roles, so there the kind of a column is taken from its values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bi_chat.analysis.measured_rows import can_be_summed, is_continuous
from bi_chat.language.display import as_number
from bi_chat.values.period import DatePart
from bi_chat.values.plan import Bin, PartOfDate, Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

_COMPUTED = ("share", "running", "rolling", "difference", "change", "rank")


@dataclass(frozen=True, slots=True)
class Shape:
    """`groups` are the dimensions with more than one value; `values` the numeric columns to draw.

    `is_list`: rows are entities, not groups. `whole`: no row was cut. `binned`: groupings that are bins.
    """

    cells: dict[str, tuple[Cell, ...]]
    rows: int
    time: ResultColumn | None
    groups: tuple[ResultColumn, ...]
    values: tuple[ResultColumn, ...]
    others: int
    is_list: bool
    binned: tuple[str, ...] = ()
    whole: bool = True

    @property
    def measures(self) -> tuple[ResultColumn, ...]:
        """The measures proper."""
        return tuple(v for v in self.values if v.role in ("measure", "attribute"))

    def role(self, role: str) -> ResultColumn | None:
        """The first drawn column of that role."""
        return next((v for v in self.values if v.role == role), None)

    def numbers(self, column: ResultColumn) -> list[int | float]:
        """The column's numbers, without what is missing."""
        return [n for n in map(as_number, self.cells[column.name]) if n is not None]

    def distinct(self, column: ResultColumn) -> int:
        """How many different values a column has."""
        return len(set(self.cells[column.name]))

    def summable(self, column: ResultColumn) -> bool:
        """Whether stacking the column's values shows something true."""
        return column.role == "share" or can_be_summed(column)

    def non_negative(self, column: ResultColumn) -> bool:
        """Whether no value is below zero."""
        return all(n >= 0 for n in self.numbers(column))


def shape_of(result: Result, plan: Plan) -> Shape:
    """The shape of a result. Dimensions with a single value are no groups: a filter pinned them."""
    names = result.frame.columns
    cells: dict[str, tuple[Cell, ...]] = {n: tuple(result.frame.get_column(n).to_list()) for n in names}
    seen = [c for c in result.columns if c.name in cells and not c.hidden]
    is_list = not any(c.role in ("measure", "baseline", *_COMPUTED) for c in seen)
    kinds = {c.name: _kind(c, cells[c.name], is_list=is_list) for c in seen}
    time = next((c for c in seen if kinds[c.name] == "time"), None)
    groups = [c for c in seen if kinds[c.name] == "group" or (kinds[c.name] == "time" and c is not time)]
    varied = [c for c in groups if len(set(cells[c.name])) > 1]
    cut = plan.limit is not None or plan.offset > 0 or bool(plan.limit_per or plan.having or plan.combined)
    return Shape(
        cells=cells,
        rows=result.frame.height,
        time=time,
        groups=tuple(varied if result.frame.height > 1 else groups),
        values=tuple(c for c in seen if kinds[c.name] == "value"),
        others=sum(kinds[c.name] == "other" for c in seen),
        is_list=is_list,
        binned=_binned(plan, seen),
        whole=not cut and result.cut_at is None,
    )


def _kind(column: ResultColumn, cells: tuple[Cell, ...], *, is_list: bool) -> str:
    known = [c for c in cells if c is not None]
    if column.role == "rank":
        return "other"
    if column.role == "time" and is_continuous(column):
        return "time"
    if column.role in ("dimension", "time"):
        return "group"
    if is_list:
        return _kind_in_list(column, known)
    return "value" if known and all(map(_is_numeric, known)) else "other"


def _kind_in_list(column: ResultColumn, known: Sequence[Cell]) -> str:
    if known and all(isinstance(c, date) for c in known):
        return "time"
    if known and all(map(_is_numeric, known)):
        return "value"
    return "group" if known else "other"


def _is_numeric(cell: Cell) -> bool:
    """A number of any kind, not-a-number and infinity included: they are left out when drawn."""
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


def _binned(plan: Plan, seen: list[ResultColumn]) -> tuple[str, ...]:
    """Columns that hold the lower bounds of bins; groupings stand first in a result, in the plan's order."""
    groupings = [c for c in seen if c.role in ("dimension", "time")]
    pairs = zip(groupings, plan.dimensions, strict=False)
    return tuple(c.name for c, d in pairs if isinstance(d.of, Bin))


def is_ordinal(column: ResultColumn, cells: tuple[Cell, ...]) -> bool:
    """Whether the groups have an order of their own (weekdays, bins, years), which a chart keeps."""
    known = [c for c in cells if c is not None]
    dated = column.role == "time" or column.grain in tuple(DatePart)
    return dated or (bool(known) and all(isinstance(c, date) or as_number(c) is not None for c in known))


def is_date_part(column: ResultColumn) -> bool:
    """Whether the column folds time (weekday, hour)."""
    return column.grain in tuple(DatePart) and column.grain != DatePart.YEAR


def with_grains(result: Result, plan: Plan) -> Result:
    """The result with the grain of each date part noted on its column, where the compiler left it out."""
    groupings = [c for c in result.columns if c.role in ("dimension", "time")]
    parts = {
        c.name: d.of.part
        for c, d in zip(groupings, plan.dimensions, strict=False)
        if isinstance(d.of, PartOfDate) and not c.grain
    }
    if not parts:
        return result
    columns = tuple(replace(c, grain=parts[c.name].value) if c.name in parts else c for c in result.columns)
    return replace(result, columns=columns)
