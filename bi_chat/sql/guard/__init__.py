"""In: a Query or SQL text. Out: the only CheckedQuery there is, or an Issue; see `check`."""

from bi_chat.sql.guard.check import check

__all__ = ["check"]
