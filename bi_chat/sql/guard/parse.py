"""In: a cleaned statement. Out: the engine's own parse tree of it, made without binding a single name.

The text goes as a parameter into `json_serialize_sql` on a connection of its own: empty, without files, locked. It is
never given to `execute` itself before it has passed.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, TypeAlias

from bi_chat.sql.guard.refusal import Refusal
from bi_chat.sql.progress import hide_progress

if TYPE_CHECKING:
    import duckdb

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Node: TypeAlias = "dict[str, Json]"

LOCKED_DOWN = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "python_scan_all_frames": "false",
    "threads": "1",
    "memory_limit": "256MB",
}

_LOCK = threading.Lock()
_connection: duckdb.DuckDBPyConnection | None = None


def parse(text: str) -> Node:
    """The tree of the single statement in `text`; raises Refusal where the engine can't parse it as a query."""
    with _LOCK:
        row = _parser().execute("SELECT json_serialize_sql(?)", [text]).fetchone()
    answer = _loaded(str(row[0]) if row else "{}")
    if answer.get("error") is not False:
        raise _unparsed(text, answer)
    statements = answer.get("statements")
    if not isinstance(statements, list) or len(statements) != 1:
        raise Refusal("Only one statement is run at a time.", advice="Ask for one SELECT.")
    statement = statements[0]
    if not isinstance(statement, dict) or set(statement) - {"node", "named_param_map"} or statement["named_param_map"]:
        raise Refusal("A statement with parameters is refused.", advice="Write the values out.")
    node = statement["node"]
    if not isinstance(node, dict):
        raise Refusal("Only queries are run.", advice="Start with SELECT, WITH or FROM.")
    return node


def empty_connection() -> duckdb.DuckDBPyConnection:
    """A new in-memory database that reaches nothing; its configuration is not locked yet."""
    import duckdb

    connection = duckdb.connect(":memory:", config=dict(LOCKED_DOWN))
    hide_progress(connection)
    connection.execute("PRAGMA disable_optimizer")
    connection.execute("SET temp_directory=''")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET disabled_filesystems='LocalFileSystem'")
    return connection


def _parser() -> duckdb.DuckDBPyConnection:
    global _connection
    if _connection is None:
        connection = empty_connection()
        connection.execute("SET lock_configuration=true")
        _connection = connection
    return _connection


def _loaded(text: str) -> Node:
    try:
        answer = json.loads(text)
    except RecursionError:
        raise too_deep() from None
    return answer if isinstance(answer, dict) else {}


def too_deep() -> Refusal:
    """For a statement nested beyond what is read."""
    return Refusal("The statement is nested too deeply.", advice="Split it with WITH.")


def _unparsed(text: str, answer: Node) -> Refusal:
    message = str(answer.get("error_message", ""))
    if "Only SELECT" in message:
        if text.lstrip("( \n\t\r")[:5].upper() in ("PIVOT", "WITH ", "FROM ", "SELEC") and "PIVOT" in text.upper():
            return Refusal(
                "A PIVOT without listed values is refused: its columns are not known before it runs.",
                advice="List the values: PIVOT … ON status IN ('open', 'paid').",
            )
        return Refusal(
            "Only queries are run; this statement changes or inspects something.", advice="Start with SELECT or WITH."
        )
    if "nest" in message.lower() or "depth" in message.lower():
        return too_deep()
    position = str(answer.get("position", ""))
    start = char_offset(text, int(position)) if position.isdigit() else None
    near = text[start:].split(maxsplit=1)[:1] if start is not None else []
    place = f" at '{near[0][:40]}'" if near else ""
    span = (start, start + len(near[0])) if start is not None and near else None
    return Refusal(
        f"This is not valid SQL{place}.", advice="Check the words before it, commas and brackets.", span=span
    )


def char_offset(text: str, byte_offset: int) -> int:
    """Characters before `byte_offset` in the UTF-8 form of `text` (the engine counts bytes)."""
    if text.isascii():
        return min(byte_offset, len(text))
    return len(text.encode()[:byte_offset].decode(errors="ignore"))
