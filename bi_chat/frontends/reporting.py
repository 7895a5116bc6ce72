"""In: report files. Out: their data opened once for all of them, and each composed for a user and a moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from bi_chat.charts.kaleido import KaleidoPictures
from bi_chat.conversation.session import Session
from bi_chat.frontends.open_data import OpenData, day_of, open_data
from bi_chat.ports import Store
from bi_chat.reports.report import Report
from bi_chat.settings import Settings


@dataclass(slots=True)
class Desk:
    """Data are opened when a report needs them, and anew when they changed on disk. `data`, `model` and `policy` stand
    in for what a file doesn't name; `today` for the moment that questions count from. For several threads.
    """

    settings: Settings
    store: Store | None = None
    data: tuple[str, ...] = ()
    model: str = ""
    policy: str = ""
    today: datetime | None = None
    pictures: KaleidoPictures = field(default_factory=KaleidoPictures)
    _open: dict[tuple[tuple[str, ...], str, str], OpenData] = field(default_factory=dict)
    _stale: list[OpenData] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def session(self, report: Report, user: str, due: datetime) -> tuple[Session, datetime]:
        """A session of that user over the report's data, and the moment that its questions count from."""
        opened = self._opened(report)
        at = self.today or day_of(report.today or None) or opened.today or due.replace(tzinfo=None)
        connection = opened.connection
        return connection.session(user=user, today=at, store=self.store, door="report", remembered=False), at

    def _opened(self, report: Report) -> OpenData:
        with self._lock:
            return self._found(report)

    def _found(self, report: Report) -> OpenData:
        key = (report.data or self.data, report.model or self.model, report.policy or self.policy)
        found = self._open.get(key)
        if found is not None and found.connection.changed():
            self._stale.append(found)  # others may still be asking it
            found = None
        if found is None:
            data, model, policy = key
            found = open_data(list(data) or None, model=model or None, settings=self.settings, policy=policy or None)
            self._open[key] = found
        return found

    def tidy(self) -> None:
        """Frees data that changed since they were opened; nobody may be asking them now."""
        with self._lock:
            for opened in self._stale:
                opened.connection.close()
            self._stale.clear()

    def close(self) -> None:
        """Free the data and the browser."""
        self.tidy()
        for opened in self._open.values():
            opened.connection.close()
        self._open.clear()
        self.pictures.close()
