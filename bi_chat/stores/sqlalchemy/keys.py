"""In: keys of the HTTP API, as hashes. Out: kept in the store's database, found by their public prefix."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, insert, select, update

from bi_chat.stores.sqlalchemy import chain
from bi_chat.stores.sqlalchemy.opening import opened, told
from bi_chat.stores.sqlalchemy.tables import keys
from bi_chat.values.identity import ApiKey


def open_keys(address: str) -> SqlKeys:
    """The keys in a store, by its address. Raises StoreError."""
    return SqlKeys(opened(address))


class SqlKeys:
    """`Keys` (see ports) for many threads and processes at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, key: ApiKey) -> None:
        """Keeps a new key."""
        with self._at(writes=True) as at:
            at.execute(
                insert(keys).values(
                    prefix=key.prefix,
                    owner=key.user,
                    scopes=" ".join(key.scopes),
                    digest=key.digest,
                    made_at=chain.stamp(key.made_at),
                    expires_at=chain.stamp(key.expires_at) if key.expires_at is not None else None,
                )
            )

    def find(self, prefix: str) -> ApiKey | None:
        """The key of that prefix, whatever its state."""
        with self._at() as at:
            row = at.execute(select(keys).where(keys.c.prefix == prefix)).one_or_none()
        return _key(row) if row is not None else None

    def listed(self) -> tuple[ApiKey, ...]:
        """All of them, the oldest first."""
        with self._at() as at:
            return tuple(_key(r) for r in at.execute(select(keys).order_by(keys.c.made_at, keys.c.prefix)))

    def revoke(self, prefix: str, at: datetime) -> bool:
        """Ends a key for good; whether there was one to end."""
        change = update(keys).where(keys.c.prefix == prefix, keys.c.revoked_at.is_(None))
        with self._at(writes=True) as connection:
            return bool(connection.execute(change.values(revoked_at=chain.stamp(at))).rowcount)

    def close(self) -> None:
        """Free what is held."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _at(self, *, writes: bool = False) -> Iterator[Connection]:
        with told(), self._engine.connect().execution_options(writes=writes) as at, at.begin():
            yield at


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    expires = chain.moment(row.expires_at) if row.expires_at else None
    revoked = chain.moment(row.revoked_at) if row.revoked_at else None
    scopes = tuple(row.scopes.split())
    return ApiKey(row.prefix, row.owner, scopes, row.digest, chain.moment(row.made_at), expires, revoked)
