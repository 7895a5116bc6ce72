"""In: forecasts as they are made. Out: kept in the store's database, each its asker's alone."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Engine, Row, delete, insert, select

from bi_chat.stores.sqlalchemy import chain
from bi_chat.stores.sqlalchemy.opening import told
from bi_chat.stores.sqlalchemy.tables import foretold
from bi_chat.stores.sqlalchemy.words import Words
from bi_chat.values.foretold import KeptForecast
from bi_chat.values.serial import SerialError, plan_codec

MOST = 500  # of one person over one source; the oldest go first


class SqlForetold:
    """A `Foretold` (see ports) for many threads and processes at once."""

    def __init__(self, engine: Engine, words: Words) -> None:
        self._engine = engine
        self._words = words

    def of(self, owner: str, source: str, scope: str) -> tuple[KeptForecast, ...]:
        """The latest first; one that this version can't read is left out."""
        wanted = select(foretold).where(*_whose(owner, source), foretold.c.scope == scope)
        with told(), self._engine.connect() as at, at.begin():
            rows = at.execute(wanted.order_by(foretold.c.made_at.desc(), foretold.c.id)).all()
        return tuple(k for r in rows if (k := self._kept(r)) is not None)

    def add(self, owner: str, source: str, kept: KeptForecast) -> None:
        """One more; the first of those that the same plan makes of the same history stays."""
        digest = _digest(kept)
        same = (*_whose(owner, source), foretold.c.scope == kept.scope, foretold.c.digest == digest)
        with told(), self._engine.connect().execution_options(writes=True) as at, at.begin():
            if at.execute(select(foretold.c.id).where(*same)).first() is not None:
                return
            name = secrets.token_hex(16)
            content = self._words.sealed(plan_codec().dumps(replace(kept, scope="")), f"{name} foretold")
            at.execute(
                insert(foretold).values(
                    id=name,
                    owner=owner,
                    source=source,
                    scope=kept.scope,
                    digest=digest,
                    made_at=chain.stamp(datetime.now(UTC)),
                    content=content,
                )
            )
            mine = select(foretold.c.id).where(*_whose(owner, source)).order_by(foretold.c.made_at.desc())
            old = at.execute(mine.offset(MOST).limit(MOST)).scalars().all()
            if old:
                at.execute(delete(foretold).where(foretold.c.id.in_(old)))

    def _kept(self, row: Row[tuple[object, ...]]) -> KeptForecast | None:
        with suppress(SerialError):
            found = plan_codec().loads(self._words.opened(row.content, f"{row.id} foretold"))
            if isinstance(found, KeptForecast):
                return replace(found, scope=row.scope)
        return None


def _whose(owner: str, source: str) -> tuple[ColumnElement[bool], ...]:
    return foretold.c.owner == owner, foretold.c.source == source


def _digest(kept: KeptForecast) -> str:
    begins = min((s.times[0] for s in kept.series if s.times), default=None)
    return sha256(f"{plan_codec().dumps(kept.plan)}\n{begins}".encode()).hexdigest()
