"""In: file stems, sheet names and headers written by anyone. Out: readable, unique, harmless names, and SQL quoting."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from bi_chat.sources.report import DOUBT, Message, shorten

MAX_TABLE_NAME = 60
MAX_COLUMN_NAME = 120


def quote_identifier(name: str) -> str:
    """A name as a DuckDB or SQLite identifier."""
    return '"' + name.replace("\0", "").replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Text as an SQL string literal (DuckDB and SQLite know no backslash escapes in plain literals)."""
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def table_name(raw: str, taken: Iterable[str] = ()) -> str:
    """A readable identifier from a stem or sheet name, unlike all in `taken` without regard to case.

    Letters and digits of any script stay; everything else becomes one underscore. Paths keep only their last part.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", raw))[-1]
    kept = "".join(c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") else "_" for c in last[:400])
    name = re.sub(r"_+", "_", kept).strip("_")[:MAX_TABLE_NAME].rstrip("_") or "table"
    return _unlike(name, {t.casefold() for t in taken})


def safe_file_name(raw: str) -> str:
    """A file name fit for an upload folder: no path, no hidden file, the extension kept."""
    last = re.split(r"[/\\]", raw)[-1]
    stem, dot, extension = last.rpartition(".")
    ending = re.sub(r"[^A-Za-z0-9]", "", extension)[:10] if dot else ""
    name = table_name(stem if dot else last)
    return f"{name}.{ending.lower()}" if ending else name


def column_names(headers: Sequence[str | None]) -> tuple[tuple[str, ...], tuple[Message, ...]]:
    """Unique column names, as close to the headers as can be, with a message for each kind of repair."""
    names: list[str] = []
    taken: set[str] = set()
    empty: list[str] = []
    doubled: list[str] = []
    cut: list[str] = []
    for position, header in enumerate(headers, start=1):
        clean = _printable(header or "")
        if not clean:
            clean = f"column_{position}"
            empty.append(clean)
        if len(clean) > MAX_COLUMN_NAME:
            clean = clean[:MAX_COLUMN_NAME].rstrip()
            cut.append(shorten(clean, 30))
        name = _unlike(clean, taken)
        if name != clean:
            doubled.append(name)
        taken.add(name.casefold())
        names.append(name)
    return tuple(names), _name_messages(empty, doubled, cut)


def _name_messages(empty: list[str], doubled: list[str], cut: list[str]) -> tuple[Message, ...]:
    messages = []
    if empty:
        text = f"{_count(empty)} without a name in the header; called {_some(empty)}."
        messages.append(Message(DOUBT, "empty_column_name", text))
    if doubled:
        text = f"{_count(doubled)} with a name that another column already has; renamed to {_some(doubled)}."
        messages.append(Message(DOUBT, "duplicate_column_name", text))
    if cut:
        text = f"{_count(cut)} with a name longer than {MAX_COLUMN_NAME} characters; cut to {_some(cut)}."
        messages.append(Message(DOUBT, "long_column_name", text))
    return tuple(messages)


def _count(names: list[str]) -> str:
    return "1 column" if len(names) == 1 else f"{len(names):,} columns"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return ", ".join(f'"{n}"' for n in names[:3]) + more


def _printable(text: str) -> str:
    # control characters and invisible format marks (zero width, right-to-left) would make two names look alike
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if not _invisible(c))
    return re.sub(r"\s+", " ", kept).strip()


def _invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cf", "Cs", "Co", "Cn")


def _unlike(name: str, taken: set[str]) -> str:
    if name.casefold() not in taken:
        return name
    number = 2
    while f"{name}_{number}".casefold() in taken:
        number += 1
    return f"{name}_{number}"
