"""Out: what is said between the program and a worker process; each is answered by one of the answers or `Failed`."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.view import View


@dataclass(frozen=True, slots=True)
class Open:
    """Open the database once more for a scope: all its tables but the hidden ones, or these views alone.

    `data` is its secret name, `memory` what the whole process may hold in bytes. Answered by `Ready`.
    """

    scope: str
    database: str
    data: str
    memory: int
    threads: int
    timeout: float
    time_zone: str
    result_bytes: int
    hidden: tuple[str, ...] = ()
    views: tuple[View, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReadCatalog:
    """Answered by a `Catalog`."""

    scope: str


@dataclass(frozen=True, slots=True)
class ReadProfile:
    """Answered by a `TableProfile`."""

    scope: str
    table: str
    sample_rows: int
    value_limit: int


@dataclass(frozen=True, slots=True)
class Run:
    """A checked statement. Answered by `Rows`."""

    scope: str
    sql: str
    few: bool
    timeout: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the order of the same number; not answered itself."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Comes before an answer: for the program's log, at this level of `logging`."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The schema that is served, the file's identity, and when it was last changed, in seconds since 1970."""

    schema: str
    identity: str
    changed: float


@dataclass(frozen=True, slots=True)
class Rows:
    """The body of the letter holds the columns as JSON, or as an Arrow stream."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    streamed: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The class of one of our own errors, and its sentence."""

    error: str
    text: str
