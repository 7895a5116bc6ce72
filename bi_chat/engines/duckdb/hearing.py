"""In: a locked connection. Out: it knows `tone(text)`: how customers' words sound.

The function is ours and runs where the query runs, on the very text that the query reads: behind a policy's rows and
masks, under the same limits. Nothing it finds is kept, so nothing of one person's rows can reach another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bi_chat.analysis.feedback.tone import tone

if TYPE_CHECKING:
    import duckdb

_CALLED = re.compile(r"\btone\b", re.IGNORECASE)


def listens(sql: str) -> bool:
    """Whether a statement may call `tone`; only then is it taught, since that takes a tenth of a second or more."""
    return _CALLED.search(sql) is not None


def teach(connection: duckdb.DuckDBPyConnection) -> None:
    """All cursors of the connection know the function from now on. Once for each connection."""
    from duckdb.func import FunctionNullHandling

    missing = FunctionNullHandling.SPECIAL  # a text without words has no tone
    connection.create_function("tone", tone, ["VARCHAR"], "DOUBLE", null_handling=missing)
