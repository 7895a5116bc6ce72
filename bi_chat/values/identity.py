"""Out: what is known of a key of the HTTP API. The key itself is known to its owner alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ASK, SQL = "ask", "sql"
SCOPES = (ASK, SQL)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`prefix` finds it and may be shown; `digest` is a hash of the whole key; `scopes` are what it may be used for."""

    prefix: str
    user: str
    scopes: tuple[str, ...]
    digest: str
    made_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """valid, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "valid"
