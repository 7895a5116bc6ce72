"""The plugs: one protocol for each kind of thing that can be exchanged. `wiring` chooses; stages only see these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal, Protocol

from bi_chat.semantics.model import SemanticModel
from bi_chat.values.board import Board
from bi_chat.values.catalog import Catalog, TableProfile
from bi_chat.values.chart import Chart
from bi_chat.values.delivery import Delivery, Stand
from bi_chat.values.exchange import ModelReply, ModelRequest
from bi_chat.values.foretold import KeptForecast
from bi_chat.values.identity import ApiKey
from bi_chat.values.learned import Learned
from bi_chat.values.page import Parcel
from bi_chat.values.query import CheckedQuery
from bi_chat.values.question import Question
from bi_chat.values.reading import Understanding
from bi_chat.values.record import AuditEntry, AuditRecord, AuditState, Conversation, Turn
from bi_chat.values.result import Result
from bi_chat.values.view import Views


class Engine(Protocol):
    """Runs checked queries. One engine serves many threads; each call uses its own cursor."""

    def catalog(self) -> Catalog:
        """Tables, columns, keys; cheap (no scan of data beyond counting)."""
        ...

    def profile(self, table: str, *, sample_rows: int = 100_000, value_limit: int = 50_000) -> TableProfile:
        """Statistics and frequent values of a table's columns, from at most `sample_rows` rows."""
        ...

    def run(
        self, query: CheckedQuery, *, timeout: float | None = None, progress: Callable[[str], None] | None = None
    ) -> Result:
        """Rows of a query. Raises QueryTimeout, QueryCancelled or another EngineError.

        `progress` hears "waiting" while other queries come first and "running" while this one runs, about twice a
        second; what it raises stops the query.
        """
        ...

    def scoped(self, views: Views) -> Engine:
        """An engine over the same data whose only tables are these views; close it like any other."""
        ...

    def seat(self, asker: str = "") -> Engine:
        """The same engine for one asker: `cancel` and `close` touch only what was asked through the seat.

        Seats of one `asker` share that asker's turns, and so do seats given from a seat: for the queries of one answer,
        say, which then keep their place while others wait. A seat of the engine without a name has turns of its own.
        """
        ...

    def cancel(self) -> None:
        """Stop what was asked through this engine and its seats, from another thread; it stays usable."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class Planner(Protocol):
    """Reads a question against a semantic model."""

    def understand(self, question: Question, model: SemanticModel) -> Understanding:
        """Readings best first, or issues."""
        ...


class LanguageModel(Protocol):
    """A language model on some server. One serves many threads."""

    @property
    def name(self) -> str:
        """The model, as its server calls it."""
        ...

    @property
    def server(self) -> str:
        """Where it runs: host and port."""
        ...

    def complete(self, request: ModelRequest, *, user: str = "", stop: Callable[[], bool] | None = None) -> ModelReply:
        """A reply to what was said. Raises LanguageModelError.

        `user` is who pays for it; `stop` is asked all the while, and ends the call when it says so.
        """
        ...


class Memory(Protocol):
    """Keeps what one person taught about one source. Raises StoreError."""

    def learned(self) -> Learned:
        """All of it."""
        ...

    def keep(self, learned: Learned) -> None:
        """This, in place of what was there."""
        ...


class Boards(Protocol):
    """Keeps boards; another's that isn't shared is as if it did not exist, and nobody changes another's."""

    def of(self, owner: str, source: str) -> tuple[Board, ...]:
        """The owner's boards over a source, by name."""
        ...

    def shared(self, reader: str, source: str) -> tuple[Board, ...]:
        """Boards of others over a source that a person may look at, by name."""
        ...

    def add(self, owner: str, source: str, name: str) -> Board:
        """A new, empty board."""
        ...

    def change(self, owner: str, board: str, changed: Callable[[Board], Board]) -> Board:
        """Reads, changes and writes it in one transaction."""
        ...

    def delete(self, owner: str, board: str) -> None:
        """Removes a board."""
        ...


class Foretold(Protocol):
    """Keeps forecasts until what they foretold has come; another's are as if they did not exist. Raises StoreError."""

    def of(self, owner: str, source: str, scope: str) -> tuple[KeptForecast, ...]:
        """The owner's over a source, made under these rights, the latest first."""
        ...

    def add(self, owner: str, source: str, kept: KeptForecast) -> None:
        """One more; the first of those that the same plan makes of the same history stays."""
        ...


class Keys(Protocol):
    """Keeps the keys of the HTTP API as hashes. Raises StoreError."""

    def add(self, key: ApiKey) -> None:
        """Keeps a new key."""
        ...

    def find(self, prefix: str) -> ApiKey | None:
        """The key of that prefix, whatever its state."""
        ...

    def listed(self) -> tuple[ApiKey, ...]:
        """All of them, the oldest first."""
        ...

    def revoke(self, prefix: str, at: datetime) -> bool:
        """Ends a key for good; whether there was one to end."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class Ledger(Protocol):
    """Keeps what is due to whom and how far it has come. What it has returned from is on disk. Raises StoreError."""

    def through(self, report: str) -> datetime | None:
        """The moment up to which a report's due moments were entered; None for one that is new."""
        ...

    def enter(self, report: str, through: datetime, deliveries: tuple[Delivery, ...]) -> int:
        """Enters what is due and moves the moment on, in one transaction; how many were not there before."""
        ...

    def claim(self, now: datetime, most: int) -> tuple[Delivery, ...]:
        """At most so many that may be sent now, the oldest first; nobody else gets them."""
        ...

    def mark(self, key: str, stand: Stand, now: datetime, *, said: str = "", next_try: datetime | None = None) -> None:
        """How far it has come. To DUE it goes back with a `next_try`."""
        ...

    def orphans(self, now: datetime) -> tuple[Delivery, ...]:
        """After a crash: what was only claimed is due again; those that were being sent are returned."""
        ...

    def listed(self, *, report: str = "", stands: tuple[Stand, ...] = (), most: int = 200) -> tuple[Delivery, ...]:
        """The latest first."""
        ...

    def next_try(self) -> datetime | None:
        """When the first of those that wait may be sent."""
        ...

    def reports(self) -> frozenset[str]:
        """The names of all that were ever due or asked to wait."""
        ...

    def paused(self) -> frozenset[str]:
        """The reports that wait."""
        ...

    def pause(self, report: str, *, paused: bool, now: datetime) -> None:
        """Lets a report wait, or go on from `now`."""
        ...


class Store(Protocol):
    """Keeps conversations, boards and the audit log. What it has returned from is on disk. Every call that reads or
    changes a conversation names its owner; another's conversation is as if it did not exist. Raises StoreError."""

    @property
    def boards(self) -> Boards:
        """Pinned answers."""
        ...

    @property
    def foretold(self) -> Foretold:
        """Forecasts that were made."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Deliveries of reports."""
        ...

    def begin(self, owner: str, source: str, title: str) -> Conversation:
        """A new conversation."""
        ...

    def conversations(self, owner: str, *, source: str = "", containing: str = "") -> tuple[Conversation, ...]:
        """The owner's, the latest first; of one source, or with a text in title or questions."""
        ...

    def append(self, owner: str, conversation: str, turn: Turn) -> int:
        """Adds a turn; its number, from 1."""
        ...

    def turns(self, owner: str, conversation: str) -> tuple[Turn, ...]:
        """The turns of a conversation, oldest first."""
        ...

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """Another title."""
        ...

    def delete(self, owner: str, conversation: str) -> None:
        """Removes a conversation with its turns."""
        ...

    def delete_owner(self, owner: str) -> int:
        """Removes all that is remembered of a person; how many conversations that were. The audit log stays."""
        ...

    def record(self, entry: AuditEntry) -> AuditRecord:
        """Adds an entry to the audit log."""
        ...

    def audit(self, *, since: datetime | None = None) -> Iterator[AuditRecord]:
        """The audit log, oldest first."""
        ...

    def verify(self) -> AuditState:
        """Whether the audit log is as it was written."""
        ...

    def prune(self, before: datetime) -> int:
        """Ends the keeping of entries older than a moment, and records that; how many those were."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class Sealer(Protocol):
    """Texts in cipher, each bound to the place where it is kept."""

    def sealed(self, text: str, place: str) -> str:
        """As it is kept."""
        ...

    def opened(self, text: str, place: str) -> str:
        """As it was. Raises StoreError where the key is another."""
        ...


class Pictures(Protocol):
    """Draws charts as still pictures, for mails and pages that are printed."""

    def picture(
        self,
        chart: Chart,
        result: Result,
        *,
        form: Literal["svg", "png"],
        language: str = "en",
        width: int = 760,
        scale: float = 2.0,
    ) -> bytes:
        """A chart of any kind but table and number, as on the screen; `width` in pixels. Raises PictureError."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class Channel(Protocol):
    """Brings parcels to people or programs."""

    @property
    def keyed(self) -> bool:
        """Whether the receiver can tell a repetition by the parcel's key: then a doubtful one may be sent again."""
        ...

    def send(self, parcel: Parcel, at: datetime) -> None:
        """Delivers it; when this returns it has been taken. `at` is the moment of sending. Raises DeliveryError."""
        ...


class Secrets(Protocol):
    """Secrets that the program needs of others: the password of a mail account, the key of a service."""

    def names(self) -> tuple[str, ...]:
        """Their names; no value."""
        ...

    def read(self, name: str) -> str:
        """The secret. Raises StoreError where there is none."""
        ...

    def keep(self, name: str, value: str) -> None:
        """Keeps it, in place of what was there. Raises StoreError."""
        ...

    def delete(self, name: str) -> bool:
        """Whether there was one."""
        ...
