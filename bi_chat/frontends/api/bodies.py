"""In: the bytes of a request. Out: what is asked for, as typed values; else a fault that says what to send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bi_chat.errors import SettingsError
from bi_chat.frontends.api.faults import ApiFault, bad
from bi_chat.frontends.open_data import day_of
from bi_chat.narration.pack import LANGUAGES

MOST_BYTES = 65_536
MOST_QUESTION = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, in a conversation or as the first of a new one (''); `today` is the day it counts from."""

    question: str
    conversation: str = ""
    today: datetime | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class OwnSql:
    """A statement that a person wrote."""

    sql: str
    conversation: str = ""


def asked(body: bytes) -> Asked:
    """Raises ApiFault."""
    found = _texts(body, required="question", known=("question", "conversation", "today", "language"))
    question = found["question"].strip()
    if not question or len(question) > MOST_QUESTION:
        raise bad(f"A question has 1 to {MOST_QUESTION:,} characters.")
    language = found.get("language")
    if language is not None and language not in LANGUAGES:
        raise bad(f"The language is one of {', '.join(LANGUAGES)}; left out, it is the question's.")
    try:
        return Asked(question, found.get("conversation", ""), day_of(found.get("today")), language)
    except SettingsError as error:
        raise bad(str(error)) from None


def own_sql(body: bytes) -> OwnSql:
    """Raises ApiFault."""
    found = _texts(body, required="sql", known=("sql", "conversation"))
    return OwnSql(found["sql"], found.get("conversation", ""))


def _texts(body: bytes, *, required: str, known: tuple[str, ...]) -> dict[str, str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise bad(f'Send a JSON object such as {{"{required}": "…"}}.') from None
    if not isinstance(found, Mapping) or required not in found:
        raise bad(f'Send a JSON object such as {{"{required}": "…"}}.')
    if unknown := sorted(set(map(str, found)) - set(known)):
        raise bad(f"There is no {unknown[0][:40]}. Known are {', '.join(known)}.")
    given = {str(k): v for k, v in found.items() if v is not None}
    for name, value in given.items():
        if not isinstance(value, str):
            raise bad(f"{name} should be a text.")
    if required not in given:
        raise bad(f"{required} should be a text.")
    return given


def read_json(kind: str) -> None:
    """Only JSON is read: a form of another site can't send it unasked. Raises ApiFault."""
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise ApiFault(415, "not_json", "Send JSON, with the header Content-Type: application/json.")
