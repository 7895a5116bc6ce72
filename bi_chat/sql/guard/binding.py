"""In: a checked text and the tables it uses. Out: a Refusal where a column is missing or types don't fit.

The engine's binder answers, but over an empty twin: tables of the same names and types in a locked in-memory database
without a single row. So its words can hold no value, and a hidden table isn't there to be found.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from bi_chat.sql.guard.parse import empty_connection
from bi_chat.sql.guard.refusal import Refusal, near
from bi_chat.values.catalog import Catalog, Table

if TYPE_CHECKING:
    import duckdb

_KEPT = 32  # a catalog for each world under a policy
_LOCK = threading.Lock()
_twins: OrderedDict[int, Twin] = OrderedDict()


class Twin:
    """An empty copy of a catalog; tables are made when a statement first uses them. One thread at a time."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.lock = threading.Lock()
        self.connection: duckdb.DuckDBPyConnection = empty_connection()
        self.connection.execute("CREATE MACRO tone(words) AS CAST(length(words) AS DOUBLE)")  # stands for ours
        self.connection.execute("SET lock_configuration=true")
        self.made: dict[str, bool] = {}

    def bind(self, text: str, tables: dict[str, Table]) -> None:
        """Raises Refusal where the statement doesn't fit the tables."""
        import duckdb

        with self.lock:
            if not all(self._made(table) for table in tables.values()):
                return
            try:
                self.connection.execute(f"PREPARE checked AS {text}")
            except duckdb.Error as error:
                refusal = _explained(str(error), tables)
            else:
                return
        if refusal is not None:
            raise refusal

    def _made(self, table: Table) -> bool:
        """Whether the table exists; False where a type is unknown here, and the engine itself has to judge."""
        import duckdb

        if table.name not in self.made:
            try:
                self.connection.execute(_table(table))
                self.made[table.name] = True
            except duckdb.Error:
                self.made[table.name] = False
        return self.made[table.name]


def twin(catalog: Catalog) -> Twin:
    """The twin of a catalog, kept for the last few catalogs."""
    with _LOCK:
        found = _twins.pop(id(catalog), None) or Twin(catalog)
        _twins[id(catalog)] = found
        if len(_twins) > _KEPT:
            _twins.popitem(last=False)
        return found


def _table(table: Table) -> str:
    columns = ", ".join(f"{_quoted(column.name)} {column.type}" for column in table.columns)
    return f"CREATE TABLE {_quoted(table.name)} ({columns})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _explained(message: str, tables: dict[str, Table]) -> Refusal | None:
    for pattern, explain in _EXPLANATIONS:
        if found := re.search(pattern, message):
            return explain(found, tables)
    return None if "INTERNAL" in message else Refusal("The names or types in this statement don't fit together.")


def _unknown_column(found: re.Match[str], tables: dict[str, Table]) -> Refusal:
    name = found["column"]
    columns = [c.name for t in tables.values() for c in t.columns]
    return Refusal(f"There is no column '{name}' in the tables of this statement.", near=near(name, columns))


def _unknown_table(found: re.Match[str], tables: dict[str, Table]) -> Refusal:
    return Refusal(f"'{found['table']}' is not a table or alias here.", near=near(found["table"], tables))


def _ambiguous(found: re.Match[str], tables: dict[str, Table]) -> Refusal:
    return Refusal(f"'{found['column']}' stands in more than one table.", advice="Put the table's name before it.")


def _not_grouped(found: re.Match[str], tables: dict[str, Table]) -> Refusal:
    return Refusal(f"'{found['column']}' is neither grouped nor aggregated.", advice="Add it to GROUP BY.")


def _wrong_types(found: re.Match[str], tables: dict[str, Table]) -> Refusal:
    return Refusal(f"The values given to {found['call']} have types it can't take.", advice="Cast them.")


_EXPLANATIONS = (
    (r'Referenced column "(?P<column>[^"]*)" (?:was )?not found', _unknown_column),
    (r'does not have a column named "(?P<column>[^"]*)"', _unknown_column),
    (r'Referenced table "(?P<table>[^"]*)" not found', _unknown_table),
    (r'Ambiguous reference to column name "(?P<column>[^"]*)"', _ambiguous),
    (r'[Cc]olumn "?(?P<column>[^"]*)"? must appear in the GROUP BY', _not_grouped),
    (r"given name and argument types '(?P<call>[^('\s]+)", _wrong_types),
)
