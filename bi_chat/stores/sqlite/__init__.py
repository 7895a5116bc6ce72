"""What is found again by words: an index in a SQLite file."""

from bi_chat.stores.sqlite.values import SqliteValues, write_values

__all__ = ["SqliteValues", "write_values"]
