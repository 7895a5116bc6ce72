"""In: the authorization of a request and where it comes from. Out: the caller, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bi_chat.frontends.api.faults import ApiFault
from bi_chat.frontends.api.keys import START, KeyCheck
from bi_chat.frontends.api.limits import Mistakes, Rates
from bi_chat.frontends.api.tokens import TokenCheck
from bi_chat.values.identity import SCOPES


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what for they may; `by` tells in the log what they showed."""

    user: str
    scopes: tuple[str, ...]
    by: str


def utc_now() -> datetime:
    """When keys expire is looked at by the wall clock."""
    return datetime.now(UTC)


class Callers:
    """`local`: who is asking where nothing is shown, on a server for this machine alone; None elsewhere."""

    def __init__(
        self,
        keys: KeyCheck | None,
        tokens: TokenCheck | None,
        *,
        local: str | None,
        per_minute: float,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._keys, self._tokens, self._now = keys, tokens, now
        self.local = local
        self._rates, self._mistakes = Rates(per_minute), Mistakes()

    def of(self, authorization: str, address: str) -> Caller:
        """The caller. Raises ApiFault: nobody, a wrong key, too many wrong ones, or too many requests."""
        scheme, _, shown = authorization.partition(" ")
        shown = shown.strip()
        if not authorization and self.local is not None:
            found: Caller | None = Caller(self.local, SCOPES, "local")
        elif scheme.lower() != "bearer" or not shown:
            raise ApiFault(401, "unauthorized", "Send your key: Authorization: Bearer bic_…")
        else:
            found = self._shown(shown, address)
        if found is None:
            self._mistakes.made(address)
            raise ApiFault(401, "unauthorized", "This key or token isn't valid, or not any more.")
        if wait := self._rates.wait(found.by if found.by.startswith(START) else found.user):
            raise ApiFault(429, "too_many_requests", "You ask faster than is allowed here. Wait a moment.", wait=wait)
        return found

    def _shown(self, shown: str, address: str) -> Caller | None:
        known = self._keys is not None and self._keys.is_known(shown)
        if not known and (wait := self._mistakes.wait(address)):
            raise ApiFault(429, "too_many_mistakes", "Too many wrong keys came from your address.", wait=wait)
        if shown.startswith(START):
            key = self._keys.owner(shown, self._now()) if self._keys is not None else None
            return Caller(key.user, key.scopes, START + key.prefix) if key is not None else None
        user = self._tokens.user(shown) if self._tokens is not None else None
        return Caller(user, SCOPES, "token") if user is not None else None
