"""In: JSON in one document or one object a line. Out: a stage of raw text, nested objects spread over columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SourceError
from bi_chat.sources.encoding import decode_text
from bi_chat.sources.json_document import Records, records_of
from bi_chat.sources.names import quote_literal
from bi_chat.sources.report import DOUBT, Message, shorten
from bi_chat.sources.stage import Stage, fetch_ints

if TYPE_CHECKING:
    import duckdb

_MAX_DEPTH_OF_COLUMNS = 6
_MAX_COLUMNS = 5_000
_OBJECT_SIZE = 64 << 20
_SCALARS = frozenset({"VARCHAR", "BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT", "DOUBLE", "BOOLEAN", "NULL"})


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One column to be: the JSON pointer to it, its title, and the JSON types found there."""

    pointer: str
    title: str
    types: frozenset[str]


def stage_json(con: duckdb.DuckDBPyConnection, path: Path, workdir: Path, table: str) -> tuple[Stage, ...]:
    """Read a JSON file into stages (several when one document holds several lists). Raises SourceError."""
    decoded = decode_text(path, workdir)
    stages = []
    for index, records in enumerate(records_of(decoded.path, path, workdir)):
        name = f"{table}_{index}"
        messages = (*decoded.messages, *records.messages) if index == 0 else records.messages
        stages.append(_stage(con, path, records, name, messages))
    return tuple(stages)


def _stage(
    con: duckdb.DuckDBPyConnection, path: Path, records: Records, table: str, messages: tuple[Message, ...]
) -> Stage:
    objects = f"{table}_objects"
    _read_objects(con, path, records, objects)
    leaves, nested = _leaves(con, objects)
    if not leaves:
        raise SourceError(f'{path.name} holds no named values; a table needs a list of objects such as [{{"id": 1}}].')
    columns = tuple(f"c{i}" for i in range(len(leaves)))
    selected = ", ".join(f"{_text(leaf)} AS {c}" for leaf, c in zip(leaves, columns, strict=True))
    con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT {selected} FROM {objects}")  # noqa: S608
    messages += _nested_messages(leaves, nested) + _missing(con, objects, leaves)
    con.execute(f"DROP TABLE {objects}")
    title = f"{path.stem}_{records.title}" if records.title else path.stem
    return Stage(table, columns, tuple(leaf.title for leaf in leaves), title, path.name, messages=messages)


def _read_objects(con: duckdb.DuckDBPyConnection, path: Path, records: Records, objects: str) -> None:
    import duckdb

    form = "newline_delimited" if records.by_line else "array"
    sql = (
        f"CREATE OR REPLACE TABLE {objects} AS SELECT json FROM read_json_objects({quote_literal(str(records.path))}, "  # noqa: S608
        f"format='{form}', maximum_object_size={_OBJECT_SIZE})"
    )
    try:
        con.execute(sql)
    except duckdb.Error as fault:
        raise SourceError(
            f"{path.name} is not valid JSON all the way. Check it with a JSON tool and save it again."
        ) from fault
    if records.rows is not None and fetch_ints(con, ["count(*)"], objects)[0] != records.rows:
        raise SourceError(f"{path.name}: not every object could be read. Check it with a JSON tool and save it again.")


def _text(leaf: _Leaf) -> str:
    pointer = quote_literal(leaf.pointer)
    return f"json ->> {pointer}" if leaf.types <= _SCALARS else f"CAST(json -> {pointer} AS VARCHAR)"


def _leaves(con: duckdb.DuckDBPyConnection, objects: str) -> tuple[list[_Leaf], list[str]]:
    """Columns in the order in which they first appear, and titles of the objects that were spread."""
    leaves: list[_Leaf] = []
    nested: list[str] = []

    def spread(pointer: str, title: str, depth: int) -> None:
        for child in _children(con, objects, pointer, title):
            if child.types <= {"OBJECT", "NULL"} and "OBJECT" in child.types and depth < _MAX_DEPTH_OF_COLUMNS:
                nested.append(child.title)
                spread(child.pointer, child.title, depth + 1)
            else:
                leaves.append(child)
            if len(leaves) > _MAX_COLUMNS:
                raise SourceError(f"The objects hold more than {_MAX_COLUMNS:,} different keys: that is no table.")

    spread("", "", 1)
    return leaves, nested


def _children(con: duckdb.DuckDBPyConnection, objects: str, pointer: str, title: str) -> list[_Leaf]:
    keys = f"json_keys(json, {quote_literal(pointer)})" if pointer else "json_keys(json)"
    found = con.execute(
        f"SELECT k FROM (SELECT unnest(keys) AS k, unnest(range(len(keys))) AS i, r FROM "  # noqa: S608
        f"(SELECT {keys} AS keys, rowid AS r FROM {objects})) GROUP BY k ORDER BY min(r * 100000 + i)"
    ).fetchall()
    pointers = [f"{pointer}/{_escape(str(k))}" for (k,) in found]
    types = _types(con, objects, pointers)
    titles = [f"{title}.{k}" if title else str(k) for (k,) in found]
    return [_Leaf(p, t, kinds) for p, t, kinds in zip(pointers, titles, types, strict=True)]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _types(con: duckdb.DuckDBPyConnection, objects: str, pointers: Sequence[str]) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    for start in range(0, len(pointers), 100):
        listed = ", ".join(f"list(DISTINCT json_type(json, {quote_literal(p)}))" for p in pointers[start : start + 100])
        [row] = con.execute(f"SELECT {listed} FROM {objects}").fetchall()  # noqa: S608
        found.extend(frozenset(str(t) for t in (kinds or []) if t) for kinds in row)
    return found


def _nested_messages(leaves: list[_Leaf], nested: list[str]) -> tuple[Message, ...]:
    found = []
    if nested:
        text = f"Nested objects were spread over columns named with a dot: {_some(nested)}."
        found.append(Message(DOUBT, "nested_objects", text))
    lists = [leaf.title for leaf in leaves if "ARRAY" in leaf.types]
    if lists:
        text = f"Lists were kept as JSON text, one cell each: {_some(lists)}. Their members can't be summed or counted."
        found.append(Message(DOUBT, "nested_lists", text))
    mixed = [leaf.title for leaf in leaves if "OBJECT" in leaf.types]
    if mixed:
        found.append(
            Message(DOUBT, "mixed_objects", f"Objects mixed with other values were kept as JSON text: {_some(mixed)}.")
        )
    return tuple(found)


def _some(titles: list[str]) -> str:
    more = f" and {len(titles) - 4:,} more" if len(titles) > 4 else ""
    return ", ".join(shorten(t) for t in titles[:4]) + more


def _missing(con: duckdb.DuckDBPyConnection, objects: str, leaves: list[_Leaf]) -> tuple[Message, ...]:
    top = [leaf for leaf in leaves if leaf.pointer.count("/") == 1]
    counts = fetch_ints(
        con, [f"count(*) FILTER (NOT json_exists(json, {quote_literal(x.pointer)}))" for x in top], objects
    )
    lacking = [f"{shorten(x.title)} ({n:,})" for x, n in zip(top, counts, strict=True) if n]
    if not lacking:
        return ()
    text = f"Some objects lack a key that others have; empty there: {_some(lacking)}."
    return (Message(DOUBT, "missing_keys", text),)
