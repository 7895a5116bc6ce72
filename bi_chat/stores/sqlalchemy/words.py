"""In: what is kept in words: titles, questions, answers, plans, audit entries. Out: as it lies in tables, and back.

With a sealer all of it is in cipher, each text bound to its row and column; who asked, when, and over which data stay
readable, since rows are found by them. What was written before there was a key stays in clear.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Row

from bi_chat.errors import StoreError
from bi_chat.ports import Sealer
from bi_chat.stores.sqlalchemy import chain
from bi_chat.values.plan import Plan
from bi_chat.values.record import AuditRecord, Conversation, Turn
from bi_chat.values.serial import SerialError, plan_codec

Columns = dict[str, str | int | None]


class Words:
    """Reads and writes rows; raises StoreError for what is in cipher under another key."""

    def __init__(self, sealer: Sealer | None) -> None:
        self._sealer = sealer
        self.sealing = sealer is not None and sealer.sealed("", "") != ""

    def sealed(self, text: str, place: str) -> str:
        """As it lies in a table."""
        return self._sealer.sealed(text, place) if self._sealer is not None else text

    def title(self, conversation: str, title: str) -> str:
        """A title as it lies in the table."""
        return self.sealed(title, f"{conversation} title")

    def written(self, conversation: str, number: int, turn: Turn) -> Columns:
        """The columns of a turn."""
        place = f"{conversation} {number}"
        plan = plan_codec().dumps(turn.plan) if turn.plan is not None else None
        return {
            "conversation": conversation,
            "number": number,
            "text": self.sealed(turn.text, f"{place} text"),
            "asked_at": turn.asked_at.isoformat(),
            "language": turn.language,
            "status": turn.status,
            "said": self.sealed(turn.said, f"{place} said"),
            "sql": self.sealed(turn.sql, f"{place} sql"),
            "warnings": self.sealed(json.dumps(turn.warnings, ensure_ascii=False), f"{place} warnings"),
            "plan": self.sealed(plan, f"{place} plan") if plan is not None else None,
            "scope": turn.scope,
        }

    def conversation(self, row: Row[tuple[object, ...]]) -> Conversation:
        """A row of conversations."""
        begun, changed = chain.moment(row.begun_at), chain.moment(row.changed_at)
        title = self.opened(row.title, f"{row.id} title")
        return Conversation(row.id, row.owner, row.source, title, begun, changed)

    def turn(self, row: Row[tuple[object, ...]]) -> Turn:
        """A row of turns. A plan that this version can't read any more is left out; the words stay."""
        place = f"{row.conversation} {row.number}"
        text, said, sql, warnings = (
            self.opened(getattr(row, column), f"{place} {column}") for column in ("text", "said", "sql", "warnings")
        )
        found: Plan | None = None
        if row.plan is not None:
            with contextlib.suppress(SerialError):
                loaded = plan_codec().loads(self.opened(row.plan, f"{place} plan"))
                found = loaded if isinstance(loaded, Plan) else None
        made = Turn(text, datetime.fromisoformat(row.asked_at), row.language, row.status, said, sql)
        return replace(made, warnings=tuple(json.loads(warnings)), plan=found, scope=row.scope)

    def entry(self, number: int, entry: str) -> str:
        """The text of an audit entry, which the chain's digests are over."""
        return self.opened(entry, f"audit {number}")

    def as_found(self, number: int, entry: str) -> str:
        """The same for who looks for changes: a cipher that was changed doesn't open, and fits no digest."""
        try:
            return self.entry(number, entry)
        except StoreError:
            return entry

    def record(self, row: Row[tuple[object, ...]]) -> AuditRecord:
        """A row of the audit log."""
        return AuditRecord(row.number, chain.read(self.entry(row.number, row.entry)), row.previous, row.digest)

    def opened(self, text: str, place: str) -> str:
        """What lies in a table, as it was."""
        return self._sealer.opened(text, place) if self._sealer is not None else text
