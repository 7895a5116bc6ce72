"""In: a DuckDB file. Out: `DuckDBEngine`, which answers checked queries from it and can do nothing else."""

from bi_chat.engines.duckdb.engine import DuckDBEngine

__all__ = ["DuckDBEngine"]
