"""In: a DuckDB file. Out: answers from processes of their own that can be limited and killed: see `engine`."""
