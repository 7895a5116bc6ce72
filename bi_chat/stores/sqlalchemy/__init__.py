"""The store in a database: SQLite by default, PostgreSQL where several machines share it."""

from bi_chat.stores.sqlalchemy.store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
