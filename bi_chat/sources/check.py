"""In: a file. Out: the report of reading it for real, without keeping anything."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bi_chat.errors import SourceError
from bi_chat.sources.ingest import ingest_files
from bi_chat.sources.locate import find_files
from bi_chat.sources.native import open_report
from bi_chat.sources.report import ERROR, Message, SourceReport
from bi_chat.sources.signature import file_kind
from bi_chat.sources.stage import Choices


def check_file(path: str | Path, *, choices: Choices | None = None) -> SourceReport:
    """What loading `path` would give; never raises for what is wrong with the file."""
    try:
        files = find_files(path)
        if len(files) == 1 and file_kind(files[0]) == "duckdb":
            return open_report(files[0])
    except SourceError as fault:
        return SourceReport("error", (), (Message(ERROR, "unreadable", str(fault)),))
    with tempfile.TemporaryDirectory(prefix="bi_chat_check_", ignore_cleanup_errors=True) as folder:
        return ingest_files(files, Path(folder) / "check.duckdb", choices=choices)
