"""Out: the tables of the store as they are now. A change here needs a migration beside it (`migrations/versions`)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

LATEST = "0005"  # the newest migration; a store that stands there is opened without looking at any

metadata = MetaData()

conversations = Table(
    "conversation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("begun_at", String(32), nullable=False),  # ISO, UTC: sorts as it should, and SQLite knows no time zones
    Column("changed_at", String(32), nullable=False),
    Index("conversation_of_owner", "owner", "changed_at"),
)

turns = Table(
    "turn",
    metadata,
    Column("conversation", ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("asked_at", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("said", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("plan", Text),
    Column("scope", String(64), nullable=False, server_default=""),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False, index=True),
    Column("entry", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)

boards = Table(
    "board",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False),  # a Board as JSON: a plan is no table of ours
    Column("changed_at", String(32), nullable=False),
    Index("board_of_owner", "owner", "source"),
)

foretold = Table(
    "foretold",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("scope", String(64), nullable=False),
    Column("digest", String(64), nullable=False),  # of plan and first time: the same history is foretold once
    Column("made_at", String(32), nullable=False),
    Column("content", Text, nullable=False),  # a KeptForecast as JSON
    Index("foretold_of_owner", "owner", "source", "scope"),
)

keys = Table(
    "api_key",
    metadata,
    Column("prefix", String(32), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("expires_at", String(32)),
    Column("revoked_at", String(32)),
)

reports = Table(
    "report",
    metadata,
    Column("name", Text, primary_key=True),
    Column("through", String(32)),  # due moments up to here were entered into the ledger
    Column("paused", Integer, nullable=False, server_default="0"),
)

deliveries = Table(
    "delivery",
    metadata,
    Column("key", String(32), primary_key=True),  # of report, moment, variant, recipient, channel, address
    Column("report", Text, nullable=False),
    Column("due", String(32), nullable=False),
    Column("variant", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("target", String(16), nullable=False),
    Column("stand", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", String(32)),
    Column("changed_at", String(32), nullable=False),
    Column("said", Text, nullable=False),
    Index("delivery_to_do", "stand", "next_try"),
    Index("delivery_of_report", "report", "due"),
)
