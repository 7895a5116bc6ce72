"""In: a sample set, specs of the command line, or uploaded files. Out: open data, and what can be asked of them."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import streamlit as st

from bi_chat.conversation.pipeline import asked_now, decide
from bi_chat.conversation.running import Tools
from bi_chat.frontends.open_data import OpenData, open_data
from bi_chat.frontends.sample_data import sample_named, sample_sets
from bi_chat.settings import load_settings
from bi_chat.sql.compile import compile_plan
from bi_chat.values.issue import Issue
from bi_chat.values.question import Question
from bi_chat.values.reading import Reading
from bi_chat.wiring import connect

MOST_MEGABYTES = 200
SUFFIXES = ("csv", "tsv", "txt", "xlsx", "parquet", "json", "jsonl", "ndjson", "duckdb", "sqlite", "sqlite3", "db")
MOST_TRIED = 8
_UNSAFE = re.compile(r"[^\w-]+")


class Upload(Protocol):
    """A file as the browser sent it."""

    name: str
    file_id: str

    def getbuffer(self) -> memoryview:
        """Its bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """Open data; `folder` is the private one that holds an upload."""

    data: OpenData
    questions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    folder: Path | None = None

    def questions_in(self, language: str) -> tuple[str, ...]:
        """Questions that work here, in a language."""
        return dict(self.questions).get(language, ())

    def close(self) -> None:
        """Free the engine; an upload's files go."""
        self.data.connection.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def sources() -> tuple[str, ...]:
    """Keys of the data that every browser session may choose: those of the command line, then the sample sets."""
    given = given_specs()
    return (("given",) if given else ()) + tuple(f"sample.{s.name}" for s in sample_sets())


def given_specs(argv: Sequence[str] | None = None) -> tuple[str, ...]:
    """The specs after each --data."""
    args = list(sys.argv[1:] if argv is None else argv)
    return tuple(args[i + 1] for i, a in enumerate(args[:-1]) if a == "--data")


@st.cache_resource(show_spinner=False, max_entries=8)
def open_shared(source: str) -> Opened:
    """Data that all browser sessions may read: one connection serves them, each with its own conversation."""
    if source == "given":
        specs = given_specs()
        return _with_questions(open_data(specs if len(specs) > 1 else specs[0]))
    found = sample_named(source.removeprefix("sample."))
    return _with_questions(open_data(found.folder if found is not None else source))


def open_current(source: str) -> Opened:
    """As `open_shared`; data that have changed on disk are read anew, and the processes over the old ones end idle."""
    opened = open_shared(source)
    if not opened.data.connection.changed():
        return opened
    open_shared.clear(source)
    return open_shared(source)


@st.cache_resource(show_spinner=False, scope="session", max_entries=2, on_release=Opened.close)
def open_uploaded(key: str, _files: tuple[Upload, ...]) -> Opened:
    """One browser session's own files, in a private folder that goes with the session. `key` tells uploads apart."""
    folder = Path(tempfile.mkdtemp(prefix="bi_chat_upload_"))
    try:
        paths = [_save(file, folder, at) for at, file in enumerate(_files)]
        settings = replace(load_settings(), cache_dir=folder / "derived")
        return _with_questions(OpenData(connect(paths, settings=settings)), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def safe_name(name: str, at: int) -> str:
    """A file name of word characters alone, with an ending that we know; `at` keeps equal names apart."""
    stem, _, suffix = Path(name.replace("\\", "/")).name.rpartition(".")
    kept = _UNSAFE.sub("_", stem).strip("_")[:60] or f"file_{at + 1}"
    return f"{kept}.{suffix.lower() if suffix.lower() in SUFFIXES else 'txt'}"


def _save(file: Upload, folder: Path, at: int) -> Path:
    target = folder / safe_name(file.name, at)
    if target.exists():
        target = target.with_stem(f"{target.stem}_{at + 1}")
    target.write_bytes(file.getbuffer())
    return target


def _with_questions(data: OpenData, folder: Path | None = None) -> Opened:
    tools = data.connection.tools()
    found = []
    for language in ("en", "zh"):
        listed = [q.text for q in data.sample.questions if q.language == language] if data.sample else []
        listed = listed or [s.text for s in data.session().starters(language)]
        working = [q for q in listed if works(q, language, data, tools)]
        found.append((language, tuple(working[:MOST_TRIED])))
    return Opened(data, tuple(found), folder)


def works(text: str, language: str, data: OpenData, tools: Tools) -> bool:
    """Whether a question is understood and can be computed: only such are offered."""
    question = Question(text, data.today or asked_now(), language)
    decision = decide(tools.planner.understand(question, tools.model), tools.threshold)
    return isinstance(decision, Reading) and not isinstance(
        compile_plan(decision.plan, tools.model, question.asked_on), Issue
    )
