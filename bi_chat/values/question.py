"""In: a person's words and the moment they were said. Out: `Question`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bi_chat.values.plan import Plan


@dataclass(frozen=True, slots=True)
class Question:
    """`asked_at` is the only clock there is; `previous` is the plan that a follow-up edits."""

    text: str
    asked_at: datetime
    language: str = "en"
    user: str = ""
    previous: Plan | None = None

    @property
    def asked_on(self) -> date:
        """The day of asking."""
        return self.asked_at.date()
