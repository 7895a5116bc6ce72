"""In: the data's catalog and model. Out: which table and which columns a policy means by its datasets and fields.

A policy may say the names of the model or those of the database: what it comes to are tables and columns, since rights
on anything less could be walked around by another name for the same column.
"""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.semantics.ossie.expressions import read_expression
from bi_chat.semantics.ossie.fault import listed, nearest
from bi_chat.values.catalog import Catalog, Column, Table


class UnknownName(ValueError):
    """A name that leads nowhere: the problem, and a sentence of what to write instead."""

    def __init__(self, problem: str, suggestion: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a policy over these data may use."""

    catalog: Catalog
    model: SemanticModel | None = None

    def table(self, dataset: str) -> Table:
        """The table of a dataset. Raises UnknownName."""
        found = self.model.dataset(dataset) if self.model is not None else None
        table = self.catalog.table(found.source if found is not None else dataset)
        if table is None:
            known = [*(d.name for d in (self.model.datasets if self.model else ())), *(t.name for t in _all(self))]
            hint = nearest(dataset, known) or f"There are {listed(dict.fromkeys(known))}."
            raise UnknownName(f"There is no dataset {dataset}.", hint)
        return table

    def column(self, dataset: str, field: str) -> Column:
        """The column of a field. Raises UnknownName, also for a field that is computed."""
        table = self.table(dataset)
        if (found := table.column(field)) is not None:
            return found
        owner = self.model.dataset(dataset) if self.model is not None else None
        said = owner.field(field) if owner is not None else None
        columns = columns_of(said) if said is not None else ()
        if said is not None and len(columns) != 1:
            raise UnknownName(f"{field} is computed from {listed(columns)}.", "Name these columns instead.")
        column = table.column(columns[0]) if columns else None
        if column is None:
            known = [c.name for c in table.columns] + [f.name for f in (owner.fields if owner else ())]
            hint = nearest(field, known) or f"There are {listed(dict.fromkeys(known))}."
            raise UnknownName(f"{dataset} has no field {field}.", hint)
        return column

    def sensitive(self, table: Table) -> frozenset[str]:
        """The columns of a table in which the model knows or guesses personal matters."""
        fields = [f for d in self._datasets(table) for f in d.fields if f.sensitivity]
        named = {name.lower() for field in fields for name in columns_of(field)}
        return frozenset(c.name for c in table.columns if c.name.lower() in named)

    def _datasets(self, table: Table) -> list[Dataset]:
        every = self.model.datasets if self.model is not None else ()
        return [d for d in every if d.source.lower() == table.name.lower()]


def columns_of(field: Field) -> tuple[str, ...]:
    """The columns that a field reads, in the order of its expression."""
    text = field.expression.strip()
    if not text:
        return (field.name,)
    return tuple(dict.fromkeys(name for _, name in read_expression(text).columns))


def _all(names: Names) -> tuple[Table, ...]:
    return names.catalog.tables
