"""In: a file of questions and a folder of databases. Out: a prediction for each question; a summary on stderr.

Expected answers are never read: `conversation.evaluation` looks at the question's own keys alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from math import ceil
from pathlib import Path
from statistics import median
from typing import TextIO

from bi_chat.conversation.evaluation import Asked, Prediction, evaluate, read_questions
from bi_chat.conversation.pipeline import asked_now
from bi_chat.conversation.running import Tools
from bi_chat.errors import BiChatError, SettingsError, SourceError
from bi_chat.frontends.cli.arguments import Options
from bi_chat.ports import LanguageModel
from bi_chat.settings import ModelServer, load_settings
from bi_chat.wiring import Connection, connect, open_language_model

SUFFIXES = (".duckdb", ".ddb", ".sqlite", ".db", "")
EVERY = 0.5


class Databases:
    """Opens one database after another; the one before is closed."""

    def __init__(self, folder: Path, models: Path | None, llm: tuple[ModelServer, LanguageModel] | None = None) -> None:
        self._folder, self._models, self._llm = folder, models, llm
        self._open: Connection | None = None
        if not folder.is_dir():
            raise SourceError(f"There is no folder {folder}.")

    def open_tools(self, name: str) -> Tools | str:
        """The tools of a database, or why there are none."""
        self.close()
        inside = self._folder.resolve()
        files = [f for s in SUFFIXES if (f := (inside / f"{name}{s}").resolve()).exists() and f.is_relative_to(inside)]
        if not files or not name:
            return f"There is no database {name} in {self._folder}."
        model = self._models / f"{name}.yaml" if self._models is not None else None
        try:
            self._open = connect(
                files[0],
                model=model if model is not None and model.is_file() else None,
                settings=replace(load_settings(), llm=None),
            )
        except BiChatError as error:
            return str(error)
        if self._llm is not None:
            server, asked = self._llm
            self._open = replace(self._open, settings=replace(self._open.settings, llm=server), llm=asked)
        return self._open.tools()

    def close(self) -> None:
        """Close the open one."""
        if self._open is not None:
            self._open.close()
            self._open = None


def run(options: Options) -> int:
    """Predict; the summary says how many were answered and how long they took."""
    questions = _questions(Path(options.file))[: options.limit]
    models = Path(options.models) if options.models else None
    databases = Databases(Path(options.databases), models, language_model(options))
    made: list[Prediction] = []
    progress = Progress(len(questions))
    try:
        with _target(options.output) as out:
            for prediction in evaluate(questions, databases.open_tools, now=asked_now()):
                made.append(prediction)
                print(prediction.to_json(), file=out)
                progress.show(len(made))
    finally:
        databases.close()
    progress.end()
    print(summary(made), file=sys.stderr)
    return 0


def language_model(options: Options) -> tuple[ModelServer, LanguageModel] | None:
    """The one to ask, from files or from the settings. Raises SettingsError where there is none."""
    if options.planner == "grammar":
        return None
    from bi_chat.llms.replay import Recorded, Replayed

    when = "always" if options.planner == "llm" else "unsure"
    settings = load_settings()
    if options.replay:
        return replace(settings.llm or ModelServer("replayed"), when=when), Replayed(Path(options.replay))
    if settings.llm is None:
        raise SettingsError("No language model is set: see BI_CHAT_LLM_MODEL and BI_CHAT_LLM_URL, or give --replay.")
    asked = open_language_model(settings)
    assert asked is not None
    return replace(settings.llm, when=when), Recorded(asked, Path(options.record)) if options.record else asked


def summary(made: list[Prediction]) -> str:
    """Answered, asked back, declined; median and 95th percentile of the seconds."""
    counts = Counter(p.status for p in made)
    answered, back, declined = counts["answered"], counts["clarify"], counts["declined"]
    said = f"{len(made)} questions: {answered} answered, {back} asked back, {declined} declined"
    if not made:
        return said
    seconds = sorted(p.seconds for p in made)
    p95 = seconds[max(0, ceil(len(seconds) * 0.95) - 1)]
    return f"{said}; {median(seconds):.3f} s median, {p95:.3f} s at the 95th percentile"


class Progress:
    """A line on stderr that counts, for a person only."""

    def __init__(self, total: int) -> None:
        self._total, self._last, self._shown = total, 0.0, sys.stderr.isatty()

    def show(self, done: int) -> None:
        """At most twice a second."""
        if self._shown and time.monotonic() - self._last > EVERY:
            self._last = time.monotonic()
            print(f"\r{done} of {self._total}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Make room for the summary."""
        if self._shown:
            print("\r", end="", file=sys.stderr)


def _questions(file: Path) -> list[Asked]:
    try:
        with file.open(encoding="utf-8-sig") as lines:
            return read_questions(lines)
    except OSError as error:
        raise SourceError(f"{file} can't be read: {error.strerror}.") from error
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"{file} is no file of questions: each line is an object with id, db and question."
        ) from error


def _target(output: str | None) -> AbstractContextManager[TextIO]:
    return nullcontext(sys.stdout) if output is None else Path(output).open("w", encoding="utf-8")
