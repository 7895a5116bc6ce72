"""In: what is due to whom. Out: it is kept in the store's database until it was sent, once; every step is on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from bi_chat.stores.sqlalchemy import chain
from bi_chat.stores.sqlalchemy.opening import told
from bi_chat.stores.sqlalchemy.tables import deliveries, reports
from bi_chat.stores.sqlalchemy.words import Words
from bi_chat.values.delivery import Delivery, Stand

_SAID = 500


class SqlLedger:
    """A `Ledger` (see ports) for many threads and processes at once."""

    def __init__(self, engine: Engine, words: Words) -> None:
        self._engine = engine
        self._words = words

    def through(self, report: str) -> datetime | None:
        """The moment up to which a report's due moments were entered."""
        with self._at(writes=False) as at:
            found = at.execute(select(reports.c.through).where(reports.c.name == report)).scalar()
        return chain.moment(found) if found is not None else None

    def enter(self, report: str, through: datetime, due: tuple[Delivery, ...]) -> int:
        """New deliveries, and the moment, in one transaction: a crash leaves both or neither."""
        with self._at(writes=True) as at:
            since = min((chain.stamp(d.due) for d in due), default="")
            there = select(deliveries.c.key).where(deliveries.c.report == report, deliveries.c.due >= since)
            known = set(at.execute(there).scalars()) if due else set()
            fresh = {d.key: d for d in due if d.key not in known}
            if fresh:
                at.execute(insert(deliveries), [self._columns(d, through) for d in fresh.values()])
            self._set(at, report, through=chain.stamp(through))
        return len(fresh)

    def claim(self, now: datetime, most: int) -> tuple[Delivery, ...]:
        """The oldest that may be sent now and whose report is not paused; the write lock keeps others away."""
        waiting = select(reports.c.name).where(reports.c.paused == 1)
        wanted = (
            select(deliveries)
            .where(deliveries.c.stand == Stand.DUE, deliveries.c.next_try <= chain.stamp(now))
            .where(deliveries.c.report.not_in(waiting))
            .order_by(deliveries.c.due, deliveries.c.report, deliveries.c.variant, deliveries.c.recipient)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        with self._at(writes=True) as at:
            rows = at.execute(wanted).all()
            if rows:
                mine = update(deliveries).where(deliveries.c.key.in_([r.key for r in rows]))
                attempts = deliveries.c.attempts + 1
                at.execute(mine.values(stand=Stand.CLAIMED, attempts=attempts, changed_at=chain.stamp(now)))
        return tuple(self._delivery(r, stand=Stand.CLAIMED, more=1) for r in rows)

    def mark(self, key: str, stand: Stand, now: datetime, *, said: str = "", next_try: datetime | None = None) -> None:
        """How far it has come."""
        values = {"stand": stand, "said": self._sealed(said, key), "changed_at": chain.stamp(now)}
        if next_try is not None:
            values["next_try"] = chain.stamp(next_try)
        with self._at(writes=True) as at:
            at.execute(update(deliveries).where(deliveries.c.key == key).values(values))

    def orphans(self, now: datetime) -> tuple[Delivery, ...]:
        """What a process that is gone had taken: what was not being sent yet is due again, the rest is returned."""
        with self._at(writes=True) as at:
            claimed = update(deliveries).where(deliveries.c.stand == Stand.CLAIMED)
            at.execute(claimed.values(stand=Stand.DUE, next_try=chain.stamp(now), attempts=deliveries.c.attempts - 1))
            rows = at.execute(select(deliveries).where(deliveries.c.stand == Stand.SENDING)).all()
        return tuple(self._delivery(r) for r in rows)

    def listed(self, *, report: str = "", stands: tuple[Stand, ...] = (), most: int = 200) -> tuple[Delivery, ...]:
        """The latest first."""
        wanted = select(deliveries).order_by(deliveries.c.due.desc(), deliveries.c.changed_at.desc()).limit(most)
        if report:
            wanted = wanted.where(deliveries.c.report == report)
        if stands:
            wanted = wanted.where(deliveries.c.stand.in_([*stands]))
        with self._at(writes=False) as at:
            return tuple(self._delivery(r) for r in at.execute(wanted))

    def next_try(self) -> datetime | None:
        """When the first of those that wait may be sent."""
        wanted = select(func.min(deliveries.c.next_try)).where(deliveries.c.stand == Stand.DUE)
        with self._at(writes=False) as at:
            found = at.execute(wanted).scalar()
        return chain.moment(found) if found is not None else None

    def reports(self) -> frozenset[str]:
        """The names of all that were ever due or asked to wait."""
        with self._at(writes=False) as at:
            return frozenset(at.execute(select(reports.c.name)).scalars())

    def paused(self) -> frozenset[str]:
        """The reports that wait."""
        with self._at(writes=False) as at:
            return frozenset(at.execute(select(reports.c.name).where(reports.c.paused == 1)).scalars())

    def pause(self, report: str, *, paused: bool, now: datetime) -> None:
        """Lets it wait, or go on: what fell due meanwhile is passed over."""
        with self._at(writes=True) as at:
            self._set(at, report, paused=int(paused))
            if not paused:
                begun = update(reports).where(reports.c.name == report, reports.c.through.is_not(None))
                at.execute(begun.values(through=chain.stamp(now)))

    def _set(self, at: Connection, report: str, **values: object) -> None:
        changed = at.execute(update(reports).where(reports.c.name == report).values(**values))
        if not changed.rowcount:
            at.execute(insert(reports).values(name=report, **values))

    @contextmanager
    def _at(self, *, writes: bool) -> Iterator[Connection]:
        with told(), self._engine.connect().execution_options(writes=writes) as at, at.begin():
            yield at

    def _columns(self, of: Delivery, now: datetime) -> dict[str, object]:
        return {
            "key": of.key,
            "report": of.report,
            "due": chain.stamp(of.due),
            "variant": of.variant,
            "recipient": of.recipient,
            "channel": of.channel,
            "target": of.target,
            "stand": of.stand,
            "attempts": of.attempts,
            "next_try": chain.stamp(of.next_try or of.due),
            "changed_at": chain.stamp(now),
            "said": self._sealed(of.said, of.key),
        }

    def _delivery(self, row: Row[tuple[object, ...]], *, stand: Stand | None = None, more: int = 0) -> Delivery:
        return Delivery(
            row.key,
            row.report,
            chain.moment(row.due),
            row.variant,
            row.recipient,
            row.channel,
            row.target,
            stand or Stand(row.stand),
            row.attempts + more,
            chain.moment(row.next_try) if row.next_try is not None else None,
            chain.moment(row.changed_at),
            self._words.opened(row.said, f"{row.key} delivery"),
        )

    def _sealed(self, said: str, key: str) -> str:
        """What was found may hold figures, so it is kept like what answers say."""
        return self._words.sealed(said[:_SAID], f"{key} delivery")
