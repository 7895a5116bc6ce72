"""In: the engine's parse tree and the catalog. Out: `Inspection` (tables, functions and names used), or a Refusal.

Allow-lists only: every node has a known shape, every function a known name, every table is a single name that the CTE
scope or the catalog holds. The walk keeps its own stack, so a long sum can't exhaust Python's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bi_chat.sql.guard import dated, limits, nodes
from bi_chat.sql.guard.names import allowed_functions, folded
from bi_chat.sql.guard.parse import Json, Node
from bi_chat.sql.guard.refusal import Refusal, near
from bi_chat.sql.guard.tree import arguments, children, node, place, text, texts
from bi_chat.values.catalog import Catalog, Table

Scope = frozenset[str]

# The keys under which a node gives names.
_RENAMING = frozenset({"qualified_exclude_list", "replace_list", "rename_list"})
_NAMING = _RENAMING | {
    "alias",
    "name",
    "column_name_alias",
    "aliases",
    "unpivot_names",
    "using_columns",
    "exclude_list",
    "groups",
}

# In front of a function's name these would be a schema or a database; any other word is a column, as in tags.len().
_SCHEMAS = frozenset({"main", "memory", "system", "temp", "sys", "pg_catalog", "information_schema"})


@dataclass(slots=True)
class Inspection:
    """What a statement uses: `tables` by catalog name; `mentions` (tables, CTEs), `functions`, `names` are folded."""

    tables: dict[str, Table] = field(default_factory=dict)
    mentions: Counter[str] = field(default_factory=Counter)
    functions: dict[str, int] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def inspect(root: Node, sql: str, catalog: Catalog, *, compiled: bool = False) -> Inspection:
    """Checks every node of the tree; raises Refusal at the first that isn't allowed."""
    walk = _Walk(sql, catalog, compiled)
    walk.run(root)
    return walk.seen


class _Walk:
    def __init__(self, sql: str, catalog: Catalog, compiled: bool) -> None:
        self.sql = sql
        self.catalog = catalog
        self.compiled = compiled
        self.seen = Inspection()
        self.session_words: list[tuple[str, Node]] = []
        self.bounds: list[tuple[str, Node]] = []
        self.stack: list[tuple[Json, str, Scope]] = []

    def run(self, root: Node) -> None:
        if root.get("type") not in ("SELECT_NODE", "SET_OPERATION_NODE"):
            raise Refusal("Only queries are run.", advice="Start with SELECT, WITH or FROM.")
        self.stack.append((root, "node", frozenset()))
        while self.stack:
            value, key, scope = self.stack.pop()
            if isinstance(value, list):
                self.stack.extend((v, key, scope) for v in reversed(value))
            elif isinstance(value, dict) and key not in nodes.VALUES:
                self.node(value, key, scope)
        self.check_session_words()
        self.check_bounds()

    def node(self, at: Node, key: str, scope: Scope) -> None:
        kind = text(at.get("class")) or text(at.get("type"))
        if key == "values" and "is_null" in at:  # a value of a PIVOT's list, as release 1.5 keeps it
            return
        if "class" in at and kind in nodes.EXPRESSIONS:
            self.expression(at, kind, key, scope)
        elif kind in nodes.QUERIES and key in ("node", "query_node", "left", "right", "children"):
            self.query(at, kind, scope)
        elif kind in nodes.TABLES and "class" not in at:
            self.table(at, kind, scope)
        elif kind in nodes.MODIFIERS:
            self.descend(at, nodes.MODIFIERS[kind], scope)
        elif kind in nodes.ORDERS:
            self.descend(at, nodes.ORDER_KEYS, scope)
        elif not kind and key in nodes.PARTS:
            self.descend(at, nodes.PARTS[key], scope)
        else:
            raise self.refused(at, f"{_spoken(kind)} is refused.", advice=_ADVICE.get(kind, "Leave it out."))

    def descend(self, at: Node, allowed: frozenset[str], scope: Scope, *, skip: frozenset[str] = frozenset()) -> None:
        for key, value in reversed(at.items()):
            if key not in allowed:
                if value:
                    raise self.refused(at, f"{_spoken(key)} is refused.", advice=_ADVICE.get(key, "Leave it out."))
            elif isinstance(value, dict | list) and value and key not in skip:
                self.stack.append((value, key, scope))
        self.note(at)

    def note(self, at: Node) -> None:
        """Remembers the names that a node gives, so that a later look at column names knows them."""
        for key in at.keys() & _NAMING:
            value = at[key]
            if not value:
                continue
            self.seen.names.update(folded(n) for n in texts([value] if isinstance(value, str) else value))
            for entry in children(value) if key in _RENAMING else ():
                named = node(entry.get("key")) or entry
                self.seen.names |= {folded(text(entry.get("key"))), folded(text(named.get("column")))}

    # Queries ---------------------------------------------------------------------------------------------------

    def query(self, at: Node, kind: str, scope: Scope) -> None:
        inner = self.with_scope(at, scope)
        recursive = kind == "RECURSIVE_CTE_NODE"
        skip = frozenset({"cte_map", "right"}) if recursive else frozenset({"cte_map"})
        if recursive:
            limits.check_recursion(node(at.get("right")))
            self.stack.append((at.get("right"), "right", inner | {folded(text(at.get("cte_name")))}))
        if kind == "SELECT_NODE":
            limits.check_cross_join(at, self.rows)
        self.descend(at, nodes.QUERIES[kind], inner, skip=skip)

    def with_scope(self, at: Node, scope: Scope) -> Scope:
        """Each CTE sees those before it, never itself; the query sees all of them."""
        entries = node(at.get("cte_map")) or {}
        for entry in children(entries.get("map")):
            body, name = node(entry.get("value")), folded(text(entry.get("key")))
            if body is None or not name or set(entry) - {"key", "value"}:
                raise self.refused(at, "This WITH clause is refused.", advice="Use plain WITH name AS (SELECT …).")
            self.descend(body, nodes.PARTS["cte_value"], scope)
            self.seen.names.add(name)
            scope = scope | {name}
        return scope

    # Tables ----------------------------------------------------------------------------------------------------

    def table(self, at: Node, kind: str, scope: Scope) -> None:
        if kind == "BASE_TABLE":
            self.base_table(at, scope)
        if kind == "TABLE_FUNCTION":
            self.table_function(at)
        if kind == "PIVOT":
            self.pivot(at)
        self.descend(at, nodes.TABLES[kind], scope)

    def base_table(self, at: Node, scope: Scope) -> None:
        name, schema = text(at.get("table_name")), folded(text(at.get("schema_name")))
        key = folded(name)
        single = not at.get("catalog_name") and self.path_is(at, [*([schema] if schema else []), key])
        if not single or schema not in ("", "main"):
            raise self.refused(at, "Tables are named by one name.", advice="Leave out the schema and the database.")
        self.seen.mentions[key] += 1
        self.seen.names.add(key)
        if key in scope and not schema:
            return
        table = self.catalog.table(name)
        if table is None or folded(table.name) != key:
            known = near(name, (t.name for t in self.catalog.tables))
            raise self.refused(at, f"There is no table '{name}' here.", advice="Use one of your tables.", known=known)
        self.seen.tables[table.name] = table

    def table_function(self, at: Node) -> None:
        function = node(at.get("function")) or {}
        name = text(function.get("function_name")).lower()
        if name not in nodes.TABLE_FUNCTIONS:
            raise self.refused(
                at,
                f"{name or 'this'}() as a table is refused.",
                advice="Only range(), generate_series() and unnest() stand after FROM.",
            )
        if name != "unnest":
            limits.check_series(function, name)

    def pivot(self, at: Node) -> None:
        for pivot in children(at.get("pivots")):
            if not pivot.get("entries") and not pivot.get("unpivot_names"):
                raise self.refused(
                    at, "A PIVOT without listed values is refused.", advice="List them: ON status IN ('open', 'paid')."
                )

    # Expressions -----------------------------------------------------------------------------------------------

    def expression(self, at: Node, kind: str, key: str, scope: Scope) -> None:
        match kind:
            case "OPERATOR" if at.get("type") not in nodes.OPERATORS:
                raise self.refused(at, f"{_spoken(text(at.get('type')))} is refused.")
            case "FUNCTION" | "WINDOW":
                self.call(at, as_table=key == "function")
            case "COLUMN_REF":
                self.column(at)
            case "TYPE":
                self.type_name(at)
            case "CONSTANT":
                self.note(at)
                return
            case "CAST":
                self.old_type(at.get("cast_type"), at)
        skip = frozenset({"cast_type"})
        self.descend(at, nodes.EXPRESSIONS[kind], scope, skip=skip)

    def call(self, at: Node, *, as_table: bool) -> None:
        name, before = text(at.get("function_name")).lower(), folded(text(at.get("schema")))
        if name not in allowed_functions():
            raise self.refused(at, f"The function {name}() is refused.", known=near(name, allowed_functions()))
        if at.get("catalog") or before in _SCHEMAS or not self.path_is(at, [*([before] if before else []), name]):
            raise self.refused(at, f"{name}() stands after a schema.", advice=f"Write {name}(…).")
        if not as_table:
            limits.check_call(at, name, compiled=self.compiled)
            if name in ("range", "generate_series") and not self.compiled:
                self.bounds += [(folded(column), at) for column in dated.bounds(arguments(at))]
        if before:
            self.seen.columns.add(before)
        if not at.get("is_operator"):
            self.seen.functions[name] = max(self.seen.functions.get(name, 0), len(arguments(at)))

    def column(self, at: Node) -> None:
        path = [folded(n) for n in texts(at.get("column_names"))]
        self.seen.columns.update(path)
        if path and path[-1] in nodes.SESSION_WORDS:
            self.session_words.append((path[-1], at))

    def type_name(self, at: Node) -> None:
        if at.get("catalog") or at.get("schema") or not self.path_is(at, [folded(text(at.get("type_name")))]):
            raise self.refused(at, "Types are named by one name.")

    def old_type(self, value: Json, at: Node) -> None:
        """Release 1.5 keeps a cast's type as a value of its own form; only plain names are let through."""
        pending = [value]
        while pending:
            part = pending.pop()
            if isinstance(part, dict):
                if part.get("catalog") or part.get("schema") or "class" in part or "query" in part:
                    raise self.refused(at, "Types are named by one name.")
                pending.extend(part.values())
            elif isinstance(part, list):
                pending.extend(part)

    def check_session_words(self) -> None:
        for word, at in self.session_words:
            real = word in self.seen.names or any(t.column(word) for t in self.seen.tables.values())
            if not real:
                raise self.refused(at, f"'{word}' is not a column here; as a word of the engine it is refused.")

    def check_bounds(self) -> None:
        """A list of dates is as long as its bounds are apart: stored dates are trusted, worked out ones are not."""
        for column, at in self.bounds:
            stored = any(t.column(column) for t in self.seen.tables.values())
            if not stored or column in self.seen.names:
                raise self.refused(
                    at,
                    f"'{column}' has to be a stored column here.",
                    advice="Use it as a table: FROM generate_series(…).",
                )

    # ---------------------------------------------------------------------------------------------------------

    def path_is(self, at: Node, expected: list[str]) -> bool:
        """Release 2 also gives the whole path of a name; nothing may stand in it beyond what was looked at."""
        path = (node(at.get("qualified_name")) or {}).get("path")
        return path is None or (isinstance(path, list) and [folded(text(p)) for p in path] == expected)

    def rows(self, name: str) -> int | None:
        table = self.catalog.table(name)
        return table.rows if table else None

    def refused(self, at: Node, problem: str, *, advice: str = "", known: tuple[str, ...] = ()) -> Refusal:
        return Refusal(problem, advice=advice, near=known, span=place(self.sql, at))


_ADVICE = {
    "SHOW_REF": "The tables and columns are listed in the data overview.",
    "PARAMETER": "Write the value out.",
    "at_clause": "Ask for the table as it is now.",
}


def _spoken(kind: str) -> str:
    names = {
        "SHOW_REF": "DESCRIBE, SHOW or SUMMARIZE",
        "PARAMETER": "A parameter",
        "DEFAULT": "DEFAULT",
        "at_clause": "AT (…) after a table",
        "export_state": "EXPORT_STATE",
    }
    if kind.endswith("_QUERY_NODE"):
        return f"{kind.split('_')[0]} inside a query"
    return names.get(kind, f"'{kind.lower().replace('_', ' ')}'" if kind else "This construct")
