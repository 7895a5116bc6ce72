"""In: a question and data. Out: an answer that shows its work. Everything heavy is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from bi_chat.conversation.answer import Answer
    from bi_chat.conversation.session import Session
    from bi_chat.errors import (
        BiChatError,
        EngineError,
        GuardError,
        ModelError,
        QueryCancelled,
        QueryOutOfMemory,
        QueryTimeout,
        SettingsError,
        SourceError,
    )
    from bi_chat.wiring import Connection, Spec, connect

_HOMES = {
    "Answer": "bi_chat.conversation.answer",
    "Session": "bi_chat.conversation.session",
    "Connection": "bi_chat.wiring",
    "connect": "bi_chat.wiring",
    "BiChatError": "bi_chat.errors",
    "EngineError": "bi_chat.errors",
    "GuardError": "bi_chat.errors",
    "ModelError": "bi_chat.errors",
    "QueryCancelled": "bi_chat.errors",
    "QueryOutOfMemory": "bi_chat.errors",
    "QueryTimeout": "bi_chat.errors",
    "SettingsError": "bi_chat.errors",
    "SourceError": "bi_chat.errors",
}

__all__ = [
    "Answer",
    "BiChatError",
    "Connection",
    "EngineError",
    "GuardError",
    "ModelError",
    "QueryCancelled",
    "QueryOutOfMemory",
    "QueryTimeout",
    "Session",
    "SettingsError",
    "SourceError",
    "ask",
    "connect",
    "load_ipython_extension",
]


def ask(
    question: str,
    data: Spec,
    *,
    model: str | Path | None = None,
    today: date | datetime | str | None = None,
) -> Answer:
    """Answer one question about files, a folder, a database, frames by name, or a sample data set by its name.

    `today` is the moment that "last month" counts from: now when it is left out, or a sample data set's own day.
    Raises SourceError when the data can't be read and ModelError when the model file has faults; what the asker can
    mend is never raised: it stands in the answer's issues.
    """
    from bi_chat.frontends.open_data import open_data

    opened = open_data(data, model=model, today=today)
    try:
        return opened.session().ask(question)
    finally:
        opened.connection.close()


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext bi_chat`: adds %ask, %%ask and %ask_data to a notebook or IPython."""
    from bi_chat.frontends.notebook import load

    load(shell)


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'bi_chat' has no attribute {name!r}")
    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
