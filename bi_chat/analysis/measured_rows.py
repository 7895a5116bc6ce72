"""In: a result and its plan. Out: its rows with the columns told apart into time, groups and measures."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.language.display import as_number
from bi_chat.values.fact import CellRef
from bi_chat.values.period import DatePart
from bi_chat.values.plan import Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

VALUE_ROLES = ("measure", "share", "running", "rolling", "difference", "change")


@dataclass(frozen=True, slots=True)
class Point:
    """A row's value of the measure, with where it stands."""

    row: int
    value: int | float


@dataclass(frozen=True, slots=True)
class MeasuredRows:
    """The rows with the columns told apart: `whole` says that no group was left out of them."""

    rows: list[tuple[Cell, ...]]
    names: tuple[str, ...]
    time: ResultColumn | None
    dims: tuple[ResultColumn, ...]
    measures: tuple[ResultColumn, ...]
    whole: bool

    def cell(self, row: int, column: str) -> Cell:
        """A cell by row number and column name."""
        return self.rows[row][self.names.index(column)]

    def points(self, measure: ResultColumn) -> list[Point]:
        """Rows whose value is a number, in order."""
        at = self.names.index(measure.name)
        found = ((i, as_number(r[at])) for i, r in enumerate(self.rows))
        return [Point(i, v) for i, v in found if v is not None]

    def label(self, row: int) -> str:
        """The row's groups in one text."""
        return " · ".join("" if (c := self.cell(row, d.name)) is None else str(c) for d in self.dims)

    def naming(self, row: int) -> tuple[CellRef, ...]:
        """The cells that say which row it is."""
        named = (*self.dims, self.time) if self.time else self.dims
        return tuple(CellRef(row, d.name) for d in named)


def can_be_summed(column: ResultColumn) -> bool:
    """Whether adding the column's cells means anything: never for averages, ratios, distinct counts or percentages."""
    return column.role == "measure" and column.additive and column.format != "percent" and column.unit != "%"


def is_continuous(column: ResultColumn) -> bool:
    """Whether a time column runs on (months of years) instead of folding (weekdays)."""
    return column.role == "time" and (column.grain not in tuple(DatePart) or column.grain == DatePart.YEAR)


def measured_rows(result: Result, plan: Plan) -> MeasuredRows:
    """The visible columns by what they are for; measures first, computed columns where there is no measure."""
    names = tuple(result.frame.columns)
    seen = [c for c in result.columns if c.name in names and not c.hidden]
    time = next((c for c in seen if is_continuous(c)), None)
    dims = tuple(c for c in seen if c.role in ("dimension", "time") and c is not time)
    measures = tuple(c for c in seen if c.role == "measure") or tuple(c for c in seen if c.role in VALUE_ROLES)
    cut = plan.limit is not None or plan.offset > 0 or bool(plan.limit_per) or bool(plan.having) or bool(plan.combined)
    return MeasuredRows(result.rows, names, time, dims, measures, whole=not cut and result.cut_at is None)


def whole_sum(total: float, points: list[Point]) -> int | float:
    """A sum of whole numbers as a whole number, exactly."""
    return sum(p.value for p in points) if all(isinstance(p.value, int) for p in points) else total
