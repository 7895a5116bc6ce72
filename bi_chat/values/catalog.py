"""Out: what a database physically holds: tables, columns, keys and what profiling found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """A physical column; `type` is DuckDB's type name (e.g. VARCHAR, DECIMAL(10,2), TIMESTAMP)."""

    name: str
    type: str
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Declared reference from `table.columns` to `to_table.to_columns`."""

    table: str
    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A table that answers only in groups of at least `least` different values of `person`.

    Its rows may be chosen and grouped by `dimensions` alone; the other columns are read inside plain aggregates.
    """

    least: int
    person: str
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A physical table or view; `rows` is exact or None when not counted."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    rows: int | None = None
    comment: str = ""
    groups: GroupRule | None = None

    def column(self, name: str) -> Column | None:
        """The column of that name, without regard to case."""
        return next((c for c in self.columns if c.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What profiling found. `sampled` rows were read (all when equal to the table's rows); counts refer to them.

    `values` are the most frequent distinct values as text (for text columns all of them up to the profiler's limit);
    `low`/`high` are min and max as ISO text or numbers.
    """

    column: str
    sampled: int
    nulls: int
    distinct: int
    unique: bool
    low: str | float | int | None = None
    high: str | float | int | None = None
    values: tuple[str, ...] = ()
    values_complete: bool = False
    mean_length: float = 0.0


@dataclass(frozen=True, slots=True)
class TableProfile:
    """Profiles of a table's columns."""

    table: str
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile | None:
        """The profile of a column, by exact name."""
        return next((c for c in self.columns if c.column == name), None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All tables of a database. `fingerprint` changes whenever the data or the schema does."""

    tables: tuple[Table, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    fingerprint: str = ""
    name: str = ""
    _by_name: dict[str, Table] = field(default_factory=dict, repr=False, compare=False, hash=False)

    def table(self, name: str) -> Table | None:
        """The table of that name, without regard to case."""
        if not self._by_name:
            self._by_name.update({t.name.lower(): t for t in self.tables})
        return self._by_name.get(name.lower())
