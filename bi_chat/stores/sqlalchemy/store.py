"""In: turns and audit entries. Out: kept in a database, found again; each transaction is on disk when it returns."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, delete, func, insert, or_, select, text, update

from bi_chat.errors import StoreError
from bi_chat.ports import Sealer
from bi_chat.stores.sqlalchemy import chain
from bi_chat.stores.sqlalchemy.boards import SqlBoards
from bi_chat.stores.sqlalchemy.foretold import SqlForetold
from bi_chat.stores.sqlalchemy.ledger import SqlLedger
from bi_chat.stores.sqlalchemy.opening import opened, told
from bi_chat.stores.sqlalchemy.tables import audit, boards, conversations, deliveries, foretold, turns
from bi_chat.stores.sqlalchemy.words import Words
from bi_chat.values.delivery import OVER
from bi_chat.values.record import AuditEntry, AuditRecord, AuditState, Conversation, Turn

_TITLE = 120
_BATCH = 1_000


def open_store(address: str, sealer: Sealer | None = None) -> SqlStore:
    """Opens a store by its address, making or upgrading it; a sealer keeps its words in cipher. Raises StoreError."""
    made = SqlStore(opened(address), sealer)
    try:
        made.look()
    except StoreError:
        made.close()
        raise
    return made


class SqlStore:
    """A `Store` (see ports) for many threads and processes at once."""

    def __init__(self, engine: Engine, sealer: Sealer | None = None) -> None:
        self._engine = engine
        self._words = Words(sealer)
        self.boards = SqlBoards(engine, self._words)
        self.foretold = SqlForetold(engine, self._words)
        self.ledger = SqlLedger(engine, self._words)

    def look(self) -> None:
        """Raises StoreError where the latest that is kept can't be read with this key: nothing may be added then."""
        latest = select(audit).order_by(audit.c.number.desc()).limit(1)
        titled = select(conversations).order_by(conversations.c.changed_at.desc()).limit(1)
        with self._reading() as at:
            for row in at.execute(latest):
                self._words.entry(row.number, row.entry)
            for row in at.execute(titled):
                self._words.conversation(row)

    def begin(self, owner: str, source: str, title: str) -> Conversation:
        """A new conversation."""
        now = _now()
        made = Conversation(secrets.token_hex(16), owner, source, title.strip()[:_TITLE], now, now)
        with self._writing() as at:
            at.execute(
                insert(conversations).values(
                    id=made.id,
                    owner=owner,
                    source=source,
                    title=self._words.title(made.id, made.title),
                    begun_at=chain.stamp(now),
                    changed_at=chain.stamp(now),
                )
            )
        return made

    def conversations(self, owner: str, *, source: str = "", containing: str = "") -> tuple[Conversation, ...]:
        """The owner's, the latest first; of one source, or with a text in title or questions."""
        wanted = select(conversations).where(conversations.c.owner == owner)
        if source:
            wanted = wanted.where(conversations.c.source == source)
        if containing and not self._words.sealing:
            asked = select(turns.c.conversation).where(turns.c.text.icontains(containing, autoescape=True))
            titled = conversations.c.title.icontains(containing, autoescape=True)
            wanted = wanted.where(or_(titled, conversations.c.id.in_(asked)))
        with self._reading() as at:
            found = tuple(map(self._words.conversation, at.execute(wanted.order_by(conversations.c.changed_at.desc()))))
            if not containing or not self._words.sealing:
                return found
            return tuple(c for c in found if self._mentions(at, c, containing.casefold()))

    def append(self, owner: str, conversation: str, turn: Turn) -> int:
        """Adds a turn; its number, from 1."""
        with self._writing() as at:
            self._own(at, owner, conversation)
            last = at.execute(select(func.max(turns.c.number)).where(turns.c.conversation == conversation)).scalar()
            number = int(last or 0) + 1
            at.execute(insert(turns).values(self._words.written(conversation, number, turn)))
            self._touch(at, conversation, {"changed_at": chain.stamp(_now())})
        return number

    def turns(self, owner: str, conversation: str) -> tuple[Turn, ...]:
        """The turns of a conversation, oldest first."""
        with self._reading() as at:
            self._own(at, owner, conversation)
            rows = at.execute(select(turns).where(turns.c.conversation == conversation).order_by(turns.c.number))
            return tuple(map(self._words.turn, rows))

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """Another title."""
        with self._writing() as at:
            self._own(at, owner, conversation)
            self._touch(at, conversation, {"title": self._words.title(conversation, title.strip()[:_TITLE])})

    def delete(self, owner: str, conversation: str) -> None:
        """Removes a conversation with its turns."""
        with self._writing() as at:
            self._own(at, owner, conversation)
            at.execute(delete(conversations).where(conversations.c.id == conversation))

    def delete_owner(self, owner: str) -> int:
        """Removes all that is remembered of a person; how many conversations that were."""
        with self._writing() as at:
            for table in (boards, foretold):
                at.execute(delete(table).where(table.c.owner == owner))
            at.execute(delete(deliveries).where(deliveries.c.recipient == owner, deliveries.c.stand.in_(OVER)))
            return at.execute(delete(conversations).where(conversations.c.owner == owner)).rowcount

    def record(self, entry: AuditEntry) -> AuditRecord:
        """Adds an entry to the audit log."""
        with self._writing() as at:
            return self._link(at, entry)

    def audit(self, *, since: datetime | None = None) -> Iterator[AuditRecord]:
        """The audit log, oldest first; read in batches, so that no long transaction holds writers up."""
        number = 0
        while True:
            wanted = select(audit).where(audit.c.number > number).order_by(audit.c.number).limit(_BATCH)
            if since is not None:
                wanted = wanted.where(audit.c.at >= chain.stamp(since))
            with self._reading() as at:
                rows = at.execute(wanted).all()
            if not rows:
                return
            for row in rows:
                yield self._words.record(row)
            number = rows[-1].number

    def verify(self) -> AuditState:
        """Whether the audit log is as it was written."""
        columns = (audit.c.number, audit.c.entry, audit.c.previous, audit.c.digest)
        with self._reading() as at:
            rows = at.execute(select(*columns).order_by(audit.c.number).execution_options(yield_per=_BATCH))
            return chain.look_through(
                (r.number, self._words.as_found(r.number, r.entry), r.previous, r.digest) for r in rows
            )

    def prune(self, before: datetime) -> int:
        """Ends the keeping of entries older than a moment, and records that; how many those were."""
        with self._writing() as at:
            newer = select(func.min(audit.c.number)).where(audit.c.at >= chain.stamp(before)).scalar_subquery()
            end = at.execute(select(func.coalesce(newer, func.max(audit.c.number) + 1)).select_from(audit)).scalar()
            last = at.execute(select(audit).where(audit.c.number == int(end or 0) - 1)).one_or_none()
            if last is None:
                return 0
            self._link(at, chain.pruning(_now(), self._words.record(last)))
            return at.execute(delete(audit).where(audit.c.number <= last.number)).rowcount

    def close(self) -> None:
        """Free what is held."""
        self._engine.dispose()

    def _link(self, at: Connection, entry: AuditEntry) -> AuditRecord:
        if at.dialect.name == "postgresql":  # SQLite's write transactions are alone already
            at.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
        last = at.execute(select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)).first()
        made = chain.linked(entry, last.number + 1 if last else 1, last.digest if last else chain.START)
        at.execute(
            insert(audit).values(
                number=made.number,
                at=chain.stamp(entry.at),
                entry=self._words.sealed(chain.written(entry), f"audit {made.number}"),
                previous=made.previous,
                digest=made.digest,
            )
        )
        return made

    def _mentions(self, at: Connection, found: Conversation, said: str) -> bool:
        """What is in cipher can't be searched where it lies."""
        if said in found.title.casefold():
            return True
        rows = at.execute(select(turns).where(turns.c.conversation == found.id))
        return any(said in self._words.turn(r).text.casefold() for r in rows)

    @staticmethod
    def _own(at: Connection, owner: str, conversation: str) -> None:
        wanted = select(conversations.c.id).where(conversations.c.id == conversation, conversations.c.owner == owner)
        # whoever writes to it next waits here until we are done (SQLite's writers wait already)
        locked = wanted.with_for_update() if at.get_execution_options().get("writes") else wanted
        if at.execute(locked).first() is None:
            raise StoreError("There is no such conversation. It may have been deleted.")

    @staticmethod
    def _touch(at: Connection, conversation: str, changed: dict[str, str]) -> None:
        at.execute(update(conversations).where(conversations.c.id == conversation).values(changed))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with told(), self._engine.connect().execution_options(writes=True) as at, at.begin():
            yield at

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(), self._engine.connect() as at, at.begin():
            yield at


def _now() -> datetime:
    return datetime.now(UTC)
