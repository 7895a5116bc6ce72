"""In: reports, a ledger, channels, a clock. Out: what is due is made and sent, once; what fails is tried again.

Entered before it is made, marked before it is handed over, marked again when it was taken: at every moment a crash
leaves a line in the ledger that says what is to be done next.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from bi_chat.conversation.session import Session
from bi_chat.errors import AccessDenied, BiChatError, DeliveryError
from bi_chat.ports import Channel, Ledger, Pictures
from bi_chat.reports.compose import Variant, compose
from bi_chat.reports.composed import Composed, Withheld
from bi_chat.reports.due import deliveries_at, due_deliveries, variant_name
from bi_chat.reports.parcels import Parcels
from bi_chat.reports.report import Report
from bi_chat.values.delivery import Delivery, Stand

_LOG = logging.getLogger(__name__)
WAITS = (1, 5, 15, 60, 240)  # minutes before the second attempt, the third …; after the last it is given up
BATCH = 64
GONE = "The report's file no longer names this recipient, or is gone."
IN_DOUBT = "The program was stopped while this was being sent, and this channel can't tell whether it arrived."


class Desk(Protocol):
    """Opens the data of reports."""

    @property
    def pictures(self) -> Pictures:
        """Draws charts."""
        ...

    def session(self, report: Report, user: str, due: datetime) -> tuple[Session, datetime]:
        """A session of that user, and the moment that questions count from."""
        ...

    def tidy(self) -> None:
        """Nobody is asking now: what is no longer needed may be freed."""
        ...


@dataclass(slots=True)
class Scheduler:
    """`channel` gives a channel by its kind. Several reports are made at once, at most `workers`. Once it is `stopping`
    only what was begun is finished."""

    ledger: Ledger
    desk: Desk
    channel: Callable[[str], Channel]
    clock: Callable[[], datetime]
    workers: int = 2
    waits: tuple[float, ...] = WAITS
    stopping: threading.Event = field(default_factory=threading.Event)
    _channels: dict[str, Channel] = field(default_factory=dict)

    def recover(self) -> tuple[Delivery, ...]:
        """After a start: what was being sent when the last process ended is sent again where the receiver can tell a
        repetition, and given to a person where not. Those are returned."""
        now, held = self.clock(), []
        for one in self.ledger.orphans(now):
            if self._channel(one.channel).keyed:
                self.ledger.mark(one.key, Stand.DUE, now, said="", next_try=now)
            else:
                self.ledger.mark(one.key, Stand.DEAD, now, said=IN_DOUBT)
                held.append(one)
        return tuple(held)

    def enter(self, reports: Mapping[str, Report]) -> int:
        """Writes down what has become due; a report that is new begins now."""
        now, count, waiting = self.clock(), 0, self.ledger.paused()
        for report in reports.values():
            if report.schedule is None or report.id in waiting:
                continue
            after = self.ledger.through(report.id)
            due = due_deliveries(report, after, now) if after is not None else ()
            if due or after is None:
                count += self.ledger.enter(report.id, now, due)
        return count

    def enter_now(self, report: Report) -> int:
        """Makes a report due at once, beside its schedule."""
        now = self.clock()
        return self.ledger.enter(report.id, self.ledger.through(report.id) or now, deliveries_at(report, now))

    def deliver(self, reports: Mapping[str, Report]) -> int:
        """Sends what may be sent now; how many deliveries were looked at. One that fails stops no other."""
        looked_at = 0
        with ThreadPoolExecutor(self.workers, thread_name_prefix="report") as pool:
            while not self.stopping.is_set() and (claimed := self.ledger.claim(self.clock(), BATCH)):
                looked_at += len(claimed)
                groups = [tuple(g) for _, g in groupby(claimed, key=_together)]
                list(pool.map(lambda g: self._group(g, reports.get(g[0].report)), groups))
        self.desk.tidy()
        return looked_at

    def tick(self, reports: Mapping[str, Report]) -> int:
        """Enters and delivers; how many deliveries were looked at."""
        self.enter(reports)
        return self.deliver(reports)

    # -------------------------------------------------------------- one composition, several addresses
    def _group(self, group: tuple[Delivery, ...], report: Report | None) -> None:
        if self.stopping.is_set():
            for one in group:
                self.ledger.mark(one.key, Stand.DUE, self.clock(), said=one.said, next_try=one.next_try)
            return
        first = group[0]
        variant = next((v for v in report.variants if variant_name(v) == first.variant), None) if report else None
        if report is None or variant is None:
            self._all(group, Stand.SKIPPED, GONE)
            return
        try:
            composed = self._composed(report, variant, first)
        except Exception as error:  # whatever it is, it concerns this report alone
            self._failed(group, error)
            return
        if isinstance(composed, Withheld):
            self._all(group, Stand.WITHHELD, " ".join(composed.said))
            return
        self._send_all(group, report, composed)

    def _composed(self, report: Report, variant: Variant, one: Delivery) -> Composed | Withheld:
        session, at = self.desk.session(report, one.recipient, _local(report, one.due))
        try:
            return compose(report, variant, session, at)
        finally:
            session.close()

    def _send_all(self, group: tuple[Delivery, ...], report: Report, composed: Composed) -> None:
        parcels = Parcels(report, composed, self.desk.pictures)
        for one in group:
            try:
                parcel = parcels.parcel(one)
                if parcel is None:
                    self._all((one,), Stand.SKIPPED, GONE)
                    continue
                channel = self._channel(one.channel)
                self.ledger.mark(one.key, Stand.SENDING, self.clock())
                channel.send(parcel, self.clock())
                self.ledger.mark(one.key, Stand.SENT, self.clock())
            except Exception as error:  # the next address may be well
                self._failed((one,), error)

    def _failed(self, group: Iterable[Delivery], error: Exception) -> None:
        """Again after a while, or given up where another attempt can't help or all were made."""
        ours = isinstance(error, BiChatError)
        said = str(error) if ours else f"The report could not be made ({type(error).__name__})."
        if not ours:
            _LOG.error("a report failed", exc_info=error)
        hopeless = isinstance(error, AccessDenied) or (isinstance(error, DeliveryError) and not error.again)
        now = self.clock()
        for one in group:
            tried = max(one.attempts, 1)
            if hopeless or tried > len(self.waits):
                self.ledger.mark(one.key, Stand.DEAD, now, said=said)
            else:
                again = now + timedelta(minutes=self.waits[tried - 1])
                self.ledger.mark(one.key, Stand.DUE, now, said=said, next_try=again)

    def _all(self, group: Iterable[Delivery], stand: Stand, said: str) -> None:
        for one in group:
            self.ledger.mark(one.key, stand, self.clock(), said=said)

    def _channel(self, kind: str) -> Channel:
        if kind not in self._channels:
            self._channels[kind] = self.channel(kind)
        return self._channels[kind]


def _together(one: Delivery) -> tuple[str, datetime, str, str]:
    """Deliveries that one composition serves."""
    return one.report, one.due, one.variant, one.recipient


def _local(report: Report, due: datetime) -> datetime:
    return due.astimezone(report.schedule.zone) if report.schedule is not None else due
