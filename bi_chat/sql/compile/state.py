"""In: a model and the day of asking. Out: what one compilation gathers: tables, notes, common table expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.sql import nodes
from bi_chat.sql.joins import JoinGraph
from bi_chat.sql.refusal import Refusal
from bi_chat.values.period import BusinessCalendar, Period
from bi_chat.values.plan import Condition, FieldRef, Measure, Plan, Scalar
from bi_chat.values.query import Note


@dataclass(frozen=True, slots=True)
class Span:
    """The window in dates. `field` None: each measure's own time. `gap` is cut out of it (see `calculations`)."""

    period: Period
    field: FieldRef | None = None
    gap: Period | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be grouped: measures by dimensions, of rows that meet the conditions within the span."""

    measures: tuple[Measure, ...]
    dimensions: tuple[Scalar, ...]
    where: tuple[Condition, ...]
    span: Span | None


@dataclass(frozen=True, slots=True)
class Relation:
    """A query used inside another one, with the names of its columns."""

    query: exp.Query
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(slots=True)
class Compilation:
    """Shared by all parts of one statement. `grouped` and `subplan` are the two ways to compile a part of it."""

    model: SemanticModel
    graph: JoinGraph
    asked_on: date
    grouped: Callable[[Compilation, Request], Relation]
    subplan: Callable[[Compilation, Plan], Relation]
    notes: dict[Note, None] = field(default_factory=dict)
    tables: dict[str, None] = field(default_factory=dict)
    ctes: dict[str, exp.Query] = field(default_factory=dict)
    _sources: dict[str, str] = field(default_factory=dict)

    @property
    def calendar(self) -> BusinessCalendar:
        """The model's calendar."""
        return self.model.calendar

    def note(self, code: str, *, warning: bool = False, **args: str) -> None:
        """Say once what had to be assumed or warned of."""
        self.notes[Note(code, tuple(args.items()), warning)] = None

    def dataset(self, name: str) -> Dataset:
        """The dataset of that name; refuses an unknown one."""
        found = self.model.dataset(name)
        if found is None:
            raise Refusal("unknown", name=name)
        return found

    def source(self, dataset: str) -> str:
        """The physical table of a dataset, as a single name, remembered as used."""
        found = self._sources.get(dataset)
        if found is None:
            found = self._sources[dataset] = _last_part(self.dataset(dataset).source)
        self.tables[found] = None
        return found

    def add_cte(self, name: str, query: exp.Query) -> str:
        """Keep a common table expression; its name never hides a table or another one."""
        taken = {n.lower() for n in self.ctes}
        taken |= {_last_part(d.source).lower() for d in self.model.datasets} | {
            d.name.lower() for d in self.model.datasets
        }
        name = unique(name, taken)
        self.ctes[name] = query
        return name

    def with_ctes(self, query: exp.Query) -> exp.Query:
        """The query headed by all common table expressions gathered so far."""
        if self.ctes:
            parts = [
                exp.CTE(this=q, alias=exp.TableAlias(this=nodes.identifier(name))) for name, q in self.ctes.items()
            ]
            query.set("with_", exp.With(expressions=parts))
        return query


def unique(name: str, taken: set[str]) -> str:
    """The name, numbered when it is taken already (names in `taken` are lower case)."""
    found, count = name, 1
    while found.lower() in taken:
        count += 1
        found = f"{name}_{count}"
    return found


def _last_part(source: str) -> str:
    """The table's own name in `database.schema.table`, where parts may be quoted."""
    if '"' not in source:
        return source.rsplit(".", 1)[-1]
    return exp.to_table(source, dialect="duckdb").name
