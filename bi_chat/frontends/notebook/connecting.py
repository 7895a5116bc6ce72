"""In: names in a notebook and its variables. Out: open data: frames, files, folders, databases, a sample set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from bi_chat.conversation.session import Session
from bi_chat.errors import SourceError
from bi_chat.frontends.notebook.options import DataOptions
from bi_chat.frontends.open_data import OpenData, open_data
from bi_chat.frontends.sample_data import sample_named
from bi_chat.settings import load_settings
from bi_chat.wiring import open_store

FRAMES = ("polars", "pandas", "pyarrow")
MOST_NAMED = 6


def connect_names(
    names: tuple[str, ...],
    variables: Mapping[str, object],
    *,
    model: str | None = None,
    today: date | datetime | str | None = None,
    policy: str | None = None,
) -> OpenData:
    """Variables that hold frames come first, then sample sets and paths. Raises SourceError for what is neither."""
    frames = {name: variables[name] for name in names if is_frame(variables.get(name))}
    if len(frames) == len(names) and frames:
        return open_data(frames, model=model, today=today, policy=policy)
    for name in names:
        if name not in frames and not _is_known(name):
            known = ", ".join(frames_in(variables)[:MOST_NAMED]) or "none"
            raise SourceError(f"There is no frame, file or sample set called {name}. Frames in this notebook: {known}.")
    if frames:
        samples = {n: s.folder for n in names if n not in frames and (s := sample_named(n)) is not None}
        mixed = {n: frames.get(n, samples.get(n, Path(n).expanduser())) for n in names}
        return open_data(mixed, model=model, today=today, policy=policy)
    return open_data(names if len(names) != 1 else names[0], model=model, today=today, policy=policy)


def session_of(opened: OpenData, wanted: DataOptions) -> Session:
    """A conversation; under a policy it is recorded. Raises AccessDenied, StoreError."""
    try:
        store = open_store(load_settings()) if wanted.policy is not None else None
        return opened.session(user=wanted.user, store=store, door="notebook")
    except BaseException:
        opened.connection.close()
        raise


def is_frame(value: object) -> bool:
    """Whether it is a table of polars, pandas or Arrow."""
    kind = type(value)
    return kind.__module__.partition(".")[0] in FRAMES and kind.__name__ in ("DataFrame", "LazyFrame", "Table")


def frames_in(variables: Mapping[str, object]) -> list[str]:
    """Names of the notebook's frames."""
    return [name for name, value in variables.items() if not name.startswith("_") and is_frame(value)]


def _is_known(name: str) -> bool:
    if sample_named(name) is not None or any(c in name for c in "*?["):
        return True
    return Path(name).expanduser().exists()
