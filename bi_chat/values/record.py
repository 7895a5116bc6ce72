"""Out: what is kept of conversations, and of who asked what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bi_chat.values.plan import Plan


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person's questions over one source; `title` is the first question until it is renamed. Times are UTC."""

    id: str
    owner: str
    source: str
    title: str
    begun_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what was answered. The plan is kept, not the rows: asked again, it gives today's figures.

    `asked_at` is the moment that the question counts from, as its asker's clock has it. `scope` is the fingerprint of
    the rights under which it was answered.
    """

    text: str
    asked_at: datetime
    language: str
    status: str
    said: str = ""
    sql: str = ""
    warnings: tuple[str, ...] = ()
    plan: Plan | None = None
    scope: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who asked what, and what came of it. Values of sensitive fields are masked before an entry is made.

    `decision`: answered, clarify, declined or refused, with the issue's `code`; `door`: web, cli, notebook, api;
    `left` says what went to another machine ('' is nothing); `scope` is the fingerprint of the rights in force;
    `viewed_as` names whose data `user` looked at, where these were another's.
    """

    at: datetime
    user: str
    door: str
    source: str
    question: str
    decision: str
    code: str = ""
    reading: str = ""
    sql: str = ""
    rows: int | None = None
    left: str = ""
    scope: str = ""
    viewed_as: str = ""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An entry in its chain: `digest` covers the entry, its number and the digest before it."""

    number: int
    entry: AuditEntry
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class AuditState:
    """What looking through the chain found: `broken` is the first number that doesn't fit, None when all do."""

    entries: int
    first: int
    last_digest: str
    broken: int | None = None
