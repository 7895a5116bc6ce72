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
    """Keys of the data that every browser session may choose: those of the command line, then the sample sets. A policy
    is about the former, so under one there are no others."""
    given = given_specs()
    if given_policy():
        return ("given",)
    return (("given",) if given else ()) + tuple(f"sample.{s.name}" for s in sample_sets())


def given_specs(argv: Sequence[str] | None = None) -> tuple[str, ...]:
    """The specs after each --data."""
    args = list(sys.argv[1:] if argv is None else argv)
    return tuple(args[i + 1] for i, a in enumerate(args[:-1]) if a == "--data")


def given_option(name: str) -> str:
    """The last value of an option of the command line; '' without one."""
    args = sys.argv[1:]
    return next((args[i + 1] for i in reversed(range(len(args) - 1)) if args[i] == name), "")


def given_policy() -> str:
    """The policy file of the command line, or of the settings."""
    return given_option("--policy") or load_settings().policy


def given_user() -> str:
    """Who is asking where nobody signs in."""
    return given_option("--as")


@st.cache_resource(show_spinner=False, max_entries=8)
def open_shared(source: str) -> Opened:
    """Data that all browser sessions may read: one connection serves them, each with its own conversation."""
    if source == "given":
        policy = given_policy() or None
        model, today = given_option("--model") or None, given_option("--today") or None
        opened = open_data(given_specs() or None, model=model, today=today, policy=policy)
        return Opened(opened) if policy is not None else _with_questions(opened)
    found = sample_named(source.removeprefix("sample."))
    return _with_questions(open_data(found.folder if found is not None else source))


def open_current(source: str) -> Opened:
    """As `open_shared`; data that have changed on disk are read anew, and the processes over the old ones end idle."""
    opened = open_shared(source)
    if not opened.data.connection.changed():
        return opened
    open_shared.clear(source)
    return open_shared(source)


def open_seen(opened: Opened, user: str, view_as: str) -> Opened:
    """As one user sees the data. Raises AccessDenied; without a policy the same."""
    worlds = opened.data.connection.worlds
    if worlds is None:
        return opened
    world = worlds.viewed(user, view_as) if view_as else worlds.of(user)
    return _seen(world.access.fingerprint, opened.data.connection.signature, opened.data, user, view_as)


@st.cache_resource(show_spinner=False, max_entries=64)
def _seen(rights: str, signature: str, _data: OpenData, _user: str, _view_as: str) -> Opened:
    """Users of equal rights share what is offered to them, never a conversation."""
    seen = replace(_data, connection=_data.connection.seen_by(_user, view_as=_view_as))
    return _with_questions(seen, user=_user, view_as=_view_as)


def reopen(source: str, files: tuple[Upload, ...]) -> None:
    """The model was edited: the next who opens these data get them with it."""
    if files:
        open_uploaded.clear(source, files)
    else:
        open_shared.clear(source)


@st.cache_resource(show_spinner=False, scope="session", max_entries=2, on_release=Opened.close)
def open_uploaded(key: str, _files: tuple[Upload, ...]) -> Opened:
    """One browser session's own files, in a private folder that goes with the session. `key` tells uploads apart."""
    folder = Path(tempfile.mkdtemp(prefix="bi_chat_upload_"))
    try:
        paths = [_save(file, folder, at) for at, file in enumerate(_files)]
        settings = replace(load_settings(), cache_dir=folder / "derived", state_dir=_own_state())
        return _with_questions(OpenData(connect(paths, settings=settings)), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _own_state() -> Path:
    """What is edited about uploaded files goes with the browser session, as they do."""
    if "own-state" not in st.session_state:
        st.session_state["own-state"] = tempfile.TemporaryDirectory(prefix="bi_chat_edits_", ignore_cleanup_errors=True)
    return Path(st.session_state["own-state"].name)


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


def _with_questions(data: OpenData, folder: Path | None = None, *, user: str = "", view_as: str = "") -> Opened:
    tools = data.connection.tools(user=user, view_as=view_as)
    found = []
    for language in ("en", "zh"):
        listed = [q.text for q in data.sample.questions if q.language == language] if data.sample else []
        starters = [s.text for s in data.session(user=user, view_as=view_as).starters(language)]
        working = [q for q in listed if works(q, language, data, tools)] if listed else []
        working = working or [q for q in starters if works(q, language, data, tools)]
        found.append((language, tuple(working[:MOST_TRIED])))
    return Opened(data, tuple(found), folder)


def works(text: str, language: str, data: OpenData, tools: Tools) -> bool:
    """Whether a question is understood and can be computed: only such are offered."""
    question = Question(text, data.today or asked_now(), language)
    decision = decide(tools.planner.understand(question, tools.model), tools.threshold)
    return isinstance(decision, Reading) and not isinstance(
        compile_plan(decision.plan, tools.model, question.asked_on), Issue
    )
