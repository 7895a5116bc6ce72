"""In: what was taken of a query. Out: a polars frame, and the meaning of its columns.

Every column comes out as Int64, Float64, Boolean, Date, Datetime or String. Integers beyond 64 bits become Int64 where
all of them fit, or Float64.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from bi_chat.engines.duckdb.taking import ZONED, Cell, Taken, plain_type
from bi_chat.values.query import CheckedQuery, ResultColumn
from bi_chat.values.result import Result

if TYPE_CHECKING:
    import polars as pl

_WIDE = frozenset({"HUGEINT", "UBIGINT", "UHUGEINT", "BIGNUM", "VARINT"})


def as_result(taken: Taken, query: CheckedQuery, time_zone: str, *, since: float, as_of: datetime) -> Result:
    """The rows with their meaning, cut at the query's limit; `since` is when it was asked, of `time.perf_counter`."""
    frame = as_frame(taken, time_zone)
    cut = query.row_limit if frame.height > query.row_limit else None
    if cut is not None:
        frame = frame.head(cut)
    return Result(frame, meaning(frame, query.columns), cut, time.perf_counter() - since, as_of)


def as_frame(taken: Taken, time_zone: str) -> pl.DataFrame:
    """The frame; moments are told in `time_zone`."""
    frame = _from_arrow(taken.stream, time_zone) if taken.stream else _from_columns(taken, time_zone)
    wide = [name for name, kind in zip(taken.names, taken.kinds, strict=True) if kind in _WIDE]
    return frame.with_columns(_whole(frame[name]) for name in wide) if wide else frame


def meaning(frame: pl.DataFrame, known: tuple[ResultColumn, ...]) -> tuple[ResultColumn, ...]:
    """The compiler's columns where it gave them; otherwise (a person's SQL) what the types alone say."""
    if len(known) == frame.width:
        return known
    by_name = {column.name: column for column in known}
    return tuple(by_name.get(name) or _by_type(name, str(kind)) for name, kind in frame.schema.items())


def _from_columns(taken: Taken, time_zone: str) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        [
            _series(name, column, plain_type(kind), time_zone)
            for name, column, kind in zip(taken.names, taken.columns, taken.kinds, strict=True)
        ]
    )


def _series(name: str, column: list[Cell], kind: str, time_zone: str) -> pl.Series:
    """Days and microseconds arrive as whole numbers: Python's own dates cost more and need a time zone library."""
    import polars as pl

    if kind == "DATE":
        return pl.Series(name, column, pl.Int32).cast(pl.Date)
    if kind == "TIMESTAMP":
        return pl.Series(name, column, pl.Int64).cast(pl.Datetime("us"))
    if kind == ZONED:
        return pl.Series(name, column, pl.Int64).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(time_zone)
    kinds = {"BIGINT": pl.Int64(), "DOUBLE": pl.Float64(), "BOOLEAN": pl.Boolean()}
    return pl.Series(name, column, kinds.get(kind, pl.String()))


def _from_arrow(stream: bytes, time_zone: str) -> pl.DataFrame:
    import polars as pl

    # Arrow gives the zone under the engine's name for it (Etc/UTC).
    return pl.read_ipc_stream(stream).with_columns(pl.col(pl.Datetime("us", "*")).dt.convert_time_zone(time_zone))


def _whole(column: pl.Series) -> pl.Series:
    """Wide integers travel as text: whole numbers where all fit into 64 bits, else floats."""
    import polars as pl

    whole = column.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == column.null_count() else column.cast(pl.Float64, strict=False)


def _by_type(name: str, kind: str) -> ResultColumn:
    if kind.startswith("Datetime"):
        return ResultColumn(name, "time", label=name, format="text", additive=False)
    if kind == "Date":
        return ResultColumn(name, "time", label=name, format="date", additive=False)
    if kind in ("Int64", "Float64"):
        form = "integer" if kind == "Int64" else "number"
        return ResultColumn(name, "measure", label=name, format=form, additive=False)
    return ResultColumn(name, "dimension", label=name)
