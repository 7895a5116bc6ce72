"""In: an open connection. Out: the same, without a progress bar, which would print to stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def hide_progress(connection: duckdb.DuckDBPyConnection) -> None:
    """Switch it off. In a notebook without ipywidgets it is off already, and the engine refuses to set it (2.0)."""
    import duckdb

    try:
        connection.execute("SET enable_progress_bar=false")
    except duckdb.InvalidInputException:
        shown = connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()
        if shown is None or shown[0]:
            raise
