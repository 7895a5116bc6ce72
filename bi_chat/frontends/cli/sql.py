"""In: a file of SQL statements and data, perhaps a policy and a user. Out: for each what was decided, and its rows.

A row of the output: {id, decision: allow | refuse, code, message, columns, rows}. What ran into a limit gave nothing
and counts as refused; `code` says which.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from bi_chat.conversation.own_sql import rows_of
from bi_chat.conversation.running import Tools
from bi_chat.conversation.views.plain_json import plain_cell
from bi_chat.errors import SourceError
from bi_chat.frontends.cli.arguments import Options
from bi_chat.frontends.cli.ask import say_progress
from bi_chat.frontends.open_data import open_data
from bi_chat.settings import load_settings
from bi_chat.values.issue import Issue


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of the file."""

    id: str
    sql: str


def run(options: Options) -> int:
    """Check each statement in turn; 0 also where some were refused."""
    statements = list(_statements(Path(options.file)))
    settings = load_settings()
    settings = settings if options.limit is None else replace(settings, row_limit=options.limit)
    opened = open_data(
        options.data, model=options.model, settings=settings, progress=say_progress, policy=options.policy
    )
    counts: Counter[str] = Counter()
    try:
        tools = opened.connection.tools(user=options.user)
        with _target(options.output) as out:
            for statement in statements:
                row = checked(statement, tools)
                counts[str(row["decision"])] += 1
                print(json.dumps(row, ensure_ascii=False), file=out)
    finally:
        opened.connection.close()
    print(f"{len(statements)} statements: {counts['allow']} allowed, {counts['refuse']} refused", file=sys.stderr)
    return 0


def checked(statement: Statement, tools: Tools) -> dict[str, object]:
    """One row of the output."""
    result = rows_of(statement.sql, tools)
    if isinstance(result, Issue):
        row = {"id": statement.id, "decision": "refuse", "code": result.code.value, "message": result.problem}
        return {**row, "columns": [], "rows": []}
    rows = [[plain_cell(cell) for cell in row] for row in result.rows]
    columns = [column.name for column in result.columns]
    return {"id": statement.id, "decision": "allow", "code": "", "message": "", "columns": columns, "rows": rows}


def _statements(file: Path) -> Iterator[Statement]:
    try:
        for at, line in enumerate(file.read_text("utf-8-sig").split("\n"), start=1):
            if line.strip():
                row = json.loads(line)
                yield Statement(str(row.get("id", at)), str(row["sql"]))
    except OSError as error:
        raise SourceError(f"{file} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise SourceError(f'{file}: each line is an object such as {{"id": "1", "sql": "SELECT 1"}}.') from error


def _target(output: str | None) -> AbstractContextManager[TextIO]:
    return nullcontext(sys.stdout) if output is None else Path(output).open("w", encoding="utf-8")
