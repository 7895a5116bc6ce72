"""In: a catalog and profiles. Out: each column with its words, its family of types and its profile, side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bi_chat.semantics import naming
from bi_chat.semantics.vocabulary import Phrase
from bi_chat.values.catalog import Catalog, Column, ColumnProfile, Table, TableProfile

_SCALE = re.compile(r"\(\s*\d+\s*,\s*(\d+)\s*\)")
_FAMILIES = (
    ("integer", ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
                 "UHUGEINT", "INT", "LONG", "SHORT", "INT1", "INT2", "INT4", "INT8")),
    ("float", ("FLOAT", "DOUBLE", "REAL", "FLOAT4", "FLOAT8")),
    ("text", ("VARCHAR", "TEXT", "STRING", "CHAR", "BPCHAR", "ENUM", "UUID")),
    ("boolean", ("BOOLEAN", "BOOL", "LOGICAL")),
    ("date", ("DATE",)),
    ("time", ("TIME",)),
    ("timestamptz", ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")),
)  # fmt: skip
_BY_TYPE = {t: family for family, types in _FAMILIES for t in types}
_DATATYPES = {
    "integer": "Integer",
    "decimal": "Decimal",
    "float": "Float",
    "text": "String",
    "boolean": "Boolean",
    "date": "Date",
    "time": "Time",
    "timestamp": "DateTime",
    "timestamptz": "DateTimeTz",
}
NUMERIC = frozenset({"integer", "decimal", "float"})
TEMPORAL = frozenset({"date", "timestamp", "timestamptz"})


def family(type_name: str) -> str:
    """integer, decimal, float, text, boolean, date, time, timestamp, timestamptz or other, from DuckDB's type name."""
    upper = type_name.upper().strip()
    if upper.endswith("]") or upper.startswith(("STRUCT", "MAP", "LIST", "UNION")):
        return "other"
    if upper.startswith(("DECIMAL", "NUMERIC")):
        scale = _SCALE.search(upper)
        return "integer" if scale and scale.group(1) == "0" else "decimal"
    if upper.startswith("TIMESTAMP") and upper not in _BY_TYPE:
        return "timestamp"
    return _BY_TYPE.get(upper.split("(")[0].strip(), "timestamp" if upper == "DATETIME" else "other")


def datatype(type_name: str) -> str:
    """Ossie's word for DuckDB's type."""
    return _DATATYPES.get(family(type_name), "Opaque")


@dataclass(frozen=True)
class Shape:
    """A column as drafting sees it. `rows` is the table's row count, None when unknown."""

    table: str
    column: Column
    position: int
    rows: int | None
    profile: ColumnProfile | None
    words: Phrase

    @property
    def name(self) -> str:
        """The column's name as the database writes it."""
        return self.column.name

    @cached_property
    def family(self) -> str:
        """The family of its type."""
        return family(self.column.type)

    @cached_property
    def singular(self) -> Phrase:
        """Its words, each in the singular."""
        return tuple(naming.singular(w) for w in self.words)

    @cached_property
    def said(self) -> Phrase:
        """Singular words without a running number at the end (club_id_2)."""
        end = len(self.singular)
        while end > 1 and self.singular[end - 1].isdigit():
            end -= 1
        return self.singular[:end]

    @cached_property
    def subject(self) -> Phrase:
        """What the column is a key of: its words without the key word at the end."""
        return naming.subject(self.said)

    @cached_property
    def is_key_name(self) -> bool:
        """Whether its last word is id, code, number, 编号 …"""
        return naming.is_key_name(self.said)

    @cached_property
    def key_family(self) -> str:
        """integer or text when it may hold keys; whole numbers kept as floats (spreadsheets) count as integer."""
        return "integer" if self.family in NUMERIC and self.is_key_name else self.family

    @cached_property
    def value_set(self) -> frozenset[str]:
        """The listed values, for looking up."""
        return frozenset(self.profile.values if self.profile else ())

    @property
    def seen(self) -> int:
        """Non-null values that profiling read."""
        return 0 if self.profile is None else self.profile.sampled - self.profile.nulls

    @property
    def is_unique(self) -> bool:
        """Unique and never null among the rows read, of which there was at least one."""
        return bool(self.profile and self.profile.sampled and self.profile.unique and not self.profile.nulls)


@dataclass(frozen=True)
class TableShape:
    """A table as drafting sees it: its words in the singular, without storage words."""

    table: Table
    words: Phrase
    prefix: str
    columns: tuple[Shape, ...]

    @property
    def name(self) -> str:
        """The table's name as the database writes it."""
        return self.table.name

    def column(self, name: str) -> Shape | None:
        """A column by name, without regard to case."""
        return next((c for c in self.columns if c.name.lower() == name.lower()), None)


def shapes(catalog: Catalog, profiles: Mapping[str, TableProfile]) -> tuple[TableShape, ...]:
    """Every table of the catalog; a table without a profile is judged by names and types alone."""
    return tuple(_shape(table, profiles.get(table.name)) for table in catalog.tables)


def _shape(table: Table, profile: TableProfile | None) -> TableShape:
    prefix = naming.shared_prefix([c.name for c in table.columns])
    by_name = {p.column: p for p in profile.columns} if profile else {}
    # a schema-qualified name is judged by its last part
    words = tuple(naming.singular(w) for w in naming.words(table.name.rsplit(".", 1)[-1]))
    return TableShape(
        table=table,
        words=words,
        prefix=prefix,
        columns=tuple(
            Shape(table.name, c, i, table.rows, by_name.get(c.name), naming.words(c.name, prefix=prefix))
            for i, c in enumerate(table.columns)
        ),
    )
