"""Out: what was read, what was changed and what was doubtful, as frozen values that go to JSON and back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TypedDict

INFO, CHANGED, DOUBT, ERROR = "info", "changed", "doubt", "error"

# Doubts that only the user can settle: the safe reading was loaded, and `Choices` takes the answer.
ASK_CODES = frozenset({"date_order", "hidden_sheet"})


@dataclass(frozen=True, slots=True)
class Message:
    """One remark. `level`: info, changed, doubt or error; `text` is a whole sentence; `line` counts from 1."""

    level: str
    code: str
    text: str
    line: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class TableReport:
    """What became of one table; `columns`, `types` (DuckDB's names) and `nulls` run side by side."""

    table: str
    file: str
    rows: int
    columns: tuple[str, ...]
    types: tuple[str, ...]
    nulls: tuple[int, ...]
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceReport:
    """`outcome`: load, load_with_warning, ask (loaded on the safe reading, a question is open) or error (no table)."""

    outcome: str
    tables: tuple[TableReport, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def all_messages(self) -> tuple[Message, ...]:
        """Messages about the source, then those of each table."""
        return self.messages + tuple(m for t in self.tables for m in t.messages)

    def to_json(self) -> str:
        """The report as a JSON object; for a single table its rows, columns and types stand at the top as well."""
        body: dict[str, object] = {"outcome": self.outcome}
        if len(self.tables) == 1:
            only = self.tables[0]
            body |= {"rows": only.rows, "columns": only.columns, "types": only.types}
        body["messages"] = [asdict(m) for m in self.all_messages]
        body["source_messages"] = len(self.messages)
        body["tables"] = [asdict(t) for t in self.tables]
        return json.dumps(body, ensure_ascii=False, indent=1)


class _MessageJson(TypedDict):
    level: str
    code: str
    text: str
    line: int | None
    column: str | None


class _TableJson(TypedDict):
    table: str
    file: str
    rows: int
    columns: list[str]
    types: list[str]
    nulls: list[int]
    messages: list[_MessageJson]


class _ReportJson(TypedDict):
    outcome: str
    tables: list[_TableJson]
    messages: list[_MessageJson]
    source_messages: int


def report_from_json(text: str) -> SourceReport:
    """The report that `to_json` wrote. Raises ValueError or KeyError when the text is something else."""
    body: _ReportJson = json.loads(text)
    tables = tuple(
        TableReport(
            t["table"],
            t["file"],
            t["rows"],
            tuple(t["columns"]),
            tuple(t["types"]),
            tuple(t["nulls"]),
            tuple(Message(**m) for m in t["messages"]),
        )
        for t in body["tables"]
    )
    own = body["messages"][: body["source_messages"]]
    return SourceReport(body["outcome"], tables, tuple(Message(**m) for m in own))


def make_report(tables: tuple[TableReport, ...], messages: tuple[Message, ...] = ()) -> SourceReport:
    """A report whose outcome follows from its messages."""
    every = messages + tuple(m for t in tables for m in t.messages)
    if not tables:
        outcome = "error"
    elif any(m.code in ASK_CODES and m.level == DOUBT for m in every):
        outcome = "ask"
    elif any(m.level in (DOUBT, ERROR) for m in every):
        outcome = "load_with_warning"
    else:
        outcome = "load"
    return SourceReport(outcome, tables, messages)


def name_lines(lines: list[int], limit: int = 5) -> str:
    """Line numbers in words: "line 3 and line 4", "line 3, line 4, line 9 and 12 more"."""
    shown = [f"line {n}" for n in lines[:limit]]
    if len(lines) > limit:
        shown.append(f"{len(lines) - limit:,} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]


def shorten(text: str, width: int = 40) -> str:
    """Data quoted in a message: one line, printable, at most `width` characters."""
    clean = "".join(c if c.isprintable() else " " for c in text[: width * 2])
    return clean if len(clean) <= width else clean[: width - 1] + "…"
