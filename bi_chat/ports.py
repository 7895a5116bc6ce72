"""The plugs: one protocol for each kind of thing that can be exchanged. `wiring` chooses; stages only see these."""

from __future__ import annotations

from typing import Protocol

from bi_chat.semantics.model import SemanticModel
from bi_chat.values.catalog import Catalog, TableProfile
from bi_chat.values.query import CheckedQuery
from bi_chat.values.question import Question
from bi_chat.values.reading import Understanding
from bi_chat.values.result import Result
from bi_chat.values.view import Views


class Engine(Protocol):
    """Runs checked queries. One engine serves many threads; each call uses its own cursor."""

    def catalog(self) -> Catalog:
        """Tables, columns, keys; cheap (no scan of data beyond counting)."""
        ...

    def profile(self, table: str, *, sample_rows: int = 100_000, value_limit: int = 5_000) -> TableProfile:
        """Statistics and frequent values of a table's columns, from at most `sample_rows` rows."""
        ...

    def run(self, query: CheckedQuery, *, timeout: float | None = None) -> Result:
        """Rows of a query. Raises QueryTimeout, QueryCancelled or EngineError."""
        ...

    def scoped(self, views: Views) -> Engine:
        """An engine over the same data whose only tables are these views; close it like any other."""
        ...

    def cancel(self) -> None:
        """Stop what runs now, from another thread; the engine stays usable."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class Planner(Protocol):
    """Reads a question against a semantic model."""

    def understand(self, question: Question, model: SemanticModel) -> Understanding:
        """Readings best first, or issues."""
        ...
