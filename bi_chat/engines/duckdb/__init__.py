"""In: a DuckDB file. Out: `DuckDBEngine`, which answers checked queries from it and can do nothing else."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bi_chat.engines.duckdb.engine import DuckDBEngine

__all__ = ["DuckDBEngine"]


def __getattr__(name: str) -> object:
    # A worker process is started before anything else is loaded, and its room lies below this one.
    if name == "DuckDBEngine":
        from bi_chat.engines.duckdb.engine import DuckDBEngine

        return DuckDBEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
