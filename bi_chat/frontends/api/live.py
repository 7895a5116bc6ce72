"""In: a caller and a conversation's id. Out: the session that it goes on in, over the data as they are now."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from bi_chat.conversation.session import Session
from bi_chat.errors import BiChatError
from bi_chat.frontends.api.faults import ApiFault, not_found
from bi_chat.frontends.open_data import OpenData
from bi_chat.ports import Store
from bi_chat.values.record import Conversation

_LOG = logging.getLogger("bi_chat.api")
_MOST = 200
_LOOK_EVERY = 2.0
DOOR = "api"


@dataclass(slots=True)
class Live:
    """A conversation that may go on. One question at a time."""

    session: Session
    data: OpenData
    lock: Lock = field(default_factory=Lock)


class LiveSessions:
    """`opening` opens the data; they are opened anew when they have changed. Conversations that are not in memory any
    more are taken from the store."""

    def __init__(self, opening: Callable[[], OpenData], store: Store | None) -> None:
        self.store = store
        self._opening, self._opened, self._looked = opening, opening(), time.monotonic()
        self._kept: OrderedDict[tuple[str, str], Live] = OrderedDict()
        self._running: dict[tuple[str, str], Session] = {}
        self._lock = Lock()

    def data(self) -> OpenData:
        """As they are now; as they were where they can't be opened anew."""
        with self._lock:
            if time.monotonic() - self._looked > _LOOK_EVERY:
                self._looked = time.monotonic()
                if self._opened.connection.changed():
                    self._open_anew()
            return self._opened

    @contextmanager
    def one(self, user: str, conversation: str, request: str) -> Iterator[Session]:
        """The session for one question. Raises ApiFault where there is no such conversation, or it is busy."""
        data = self.data()
        found = self._found(user, conversation, data)
        if not found.lock.acquire(blocking=False):
            raise ApiFault(409, "busy", "The question before is still being answered. Wait for it, or cancel it.")
        try:
            self._running[user, request] = found.session
            yield found.session
            self._keep(user, found)
        finally:
            self._running.pop((user, request), None)
            found.lock.release()

    def cancel(self, user: str, request: str) -> bool:
        """Stops a running request of this user; whether there was one."""
        session = self._running.get((user, request))
        if session is not None:
            session.cancel()
        return session is not None

    def conversation(self, user: str, conversation: str) -> Conversation:
        """One of the user's. Raises ApiFault."""
        for found in self.conversations(user):
            if found.id == conversation:
                return found
        raise not_found("conversation")

    def conversations(self, user: str, containing: str = "") -> tuple[Conversation, ...]:
        """The user's, over these data."""
        if self.store is None:
            return ()
        return self.store.conversations(user, source=self.data().connection.name, containing=containing)

    def delete(self, user: str, conversation: str) -> None:
        """For good."""
        found = self.conversation(user, conversation)
        with self._lock:
            self._kept.pop((user, conversation), None)
        if self.store is not None:
            self.store.delete(user, found.id)

    def close(self) -> None:
        """Free the data."""
        self._opened.connection.close()

    def _open_anew(self) -> None:
        try:
            self._opened = self._opening()
        except BiChatError as error:
            _LOG.warning("The data have changed and can't be opened: %s", error)

    def _found(self, user: str, conversation: str, data: OpenData) -> Live:
        with self._lock:
            found = self._kept.get((user, conversation)) if conversation else None
        if found is not None and found.data is data:
            return found
        made = Live(data.session(user=user, store=self.store, door=DOOR), data)
        if not conversation:
            return made
        made.session.resume(self.conversation(user, conversation))
        with self._lock:  # whoever came at the same time has the same one
            kept = self._kept.setdefault((user, conversation), made)
            if kept.data is not data:
                kept = self._kept[user, conversation] = made
        return kept

    def _keep(self, user: str, live: Live) -> None:
        if not live.session.conversation:
            return
        with self._lock:
            self._kept[user, live.session.conversation] = live
            self._kept.move_to_end((user, live.session.conversation))
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
