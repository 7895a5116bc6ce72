"""In: a user and what a key is for. Out: a new key; and for a key that is shown, whose it is.

A key is `bic_`, a prefix of twelve digits, `_` and 256 random bits. Only an Argon2 hash of it is kept (RFC 9106; costs
as OWASP recommends for servers). The prefix alone finds the row; the rest is compared in constant time.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from bi_chat.ports import Keys
from bi_chat.values.identity import ApiKey

START = "bic_"
_SHAPE = re.compile(r"bic_([0-9a-f]{12})_[\w-]{43}", re.ASCII)
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_MOST_KNOWN = 1_000


def new_key(user: str, scopes: tuple[str, ...], now: datetime, expires: datetime | None) -> tuple[str, ApiKey]:
    """The key, to be shown once, and what is kept of it."""
    prefix = secrets.token_hex(6)
    shown = f"{START}{prefix}_{secrets.token_urlsafe(32)}"
    return shown, ApiKey(prefix, user, scopes, _HASHER.hash(shown), now, expires)


class KeyCheck:
    """Tells whose a key is. Its state is read from the store at every request, so a revoked key ends at once;
    the slow hash is computed once for each key and process."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: dict[str, tuple[bytes, str]] = {}
        self._salt = secrets.token_bytes(32)
        self._lock = Lock()
        self._nobody = _HASHER.hash(secrets.token_hex(32))

    def is_known(self, shown: str) -> bool:
        """Whether this very key has been found right before: then nobody is guessing."""
        shape = _SHAPE.fullmatch(shown)
        kept = self._known.get(shape[1]) if shape is not None else None
        return kept is not None and hmac.compare_digest(kept[0], self._mark(shown))

    def owner(self, shown: str, now: datetime) -> ApiKey | None:
        """The valid key that was shown; None for any other. An unknown prefix takes as long as a wrong key."""
        shape = _SHAPE.fullmatch(shown)
        if shape is None:
            return None
        key = self._keys.find(shape[1])
        if key is not None and self.is_known(shown) and self._known[key.prefix][1] == key.digest:
            return key if key.state(now) == "valid" else None
        right = self._matches(key.digest if key is not None else self._nobody, shown)
        if key is None or not right or key.state(now) != "valid":
            return None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key.prefix] = (self._mark(shown), key.digest)
        return key

    def _matches(self, digest: str, shown: str) -> bool:
        with self._lock:  # one at a time: each takes 19 MB and a core
            try:
                return _HASHER.verify(digest, shown)
            except (Argon2Error, InvalidHashError):
                return False

    def _mark(self, shown: str) -> bytes:
        return hmac.new(self._salt, shown.encode(), sha256).digest()
