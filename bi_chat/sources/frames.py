"""In: polars, pandas or Arrow frames by name. Out: tables with the frames' own types."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol, cast

from bi_chat.errors import SourceError
from bi_chat.sources.names import column_names, quote_identifier, table_name
from bi_chat.sources.report import DOUBT, INFO, Message, TableReport
from bi_chat.sources.settle import describe_table, size_messages

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl


class _Pandas(Protocol):
    """The part of a pandas frame that is used here."""

    @property
    def index(self) -> object: ...

    def reset_index(self) -> _Pandas: ...


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame under its table name; `messages` say what the conversion changed."""

    title: str
    data: pl.DataFrame
    messages: tuple[Message, ...] = ()


def as_frames(given: Mapping[str, object]) -> tuple[Frame, ...]:
    """Frames as polars. Raises SourceError for what is no frame."""
    if not given:
        raise SourceError("No frame was given: pass a mapping of table names to frames.")
    return tuple(_as_frame(str(name), value) for name, value in given.items())


def _as_frame(name: str, value: object) -> Frame:
    import polars as pl

    if isinstance(value, pl.LazyFrame):
        return Frame(name, value.collect())
    if isinstance(value, pl.DataFrame):
        return Frame(name, value)
    root = type(value).__module__.partition(".")[0]
    if root == "pandas" and hasattr(value, "reset_index"):
        return _from_pandas(name, cast("_Pandas", value))
    if root == "pyarrow" and hasattr(value, "schema"):
        data = pl.from_arrow(value)
        if isinstance(data, pl.DataFrame):
            return Frame(name, data)
    raise SourceError(f'"{name}" is a {type(value).__name__}; give a polars, pandas or Arrow frame.')


def _from_pandas(name: str, value: _Pandas) -> Frame:
    import polars as pl

    messages: tuple[Message, ...] = ()
    named = [n for n in getattr(value.index, "names", [None]) if n is not None]
    if named:
        value = value.reset_index()
        messages = (Message(INFO, "index_kept", f"The index became columns: {', '.join(map(str, named))}."),)
    frame = cast("dict[object, object]", value)
    series, headers = [], list(getattr(value, "columns", []))
    for index, header in enumerate(headers):
        column = frame[header] if headers.count(header) == 1 else getattr(value, "iloc")[:, index]  # noqa: B009
        try:
            series.append(pl.Series(f"c{index}", pl.from_pandas(cast("pd.DataFrame", column))))
        except Exception:  # pyarrow and polars raise many kinds over mixed objects
            text = [None if v is None or v != v else str(v) for v in cast("Iterable[object]", column)]
            series.append(pl.Series(f"c{index}", text, dtype=pl.String))
            note = f'"{header}" holds values of several kinds; kept as text.'
            messages += (Message(DOUBT, "mixed_objects", note, column=str(header)),)
    data = pl.DataFrame(series)
    names, name_messages = column_names([str(h) for h in headers])
    return Frame(name, data.rename(dict(zip(data.columns, names, strict=True))), messages + name_messages)


class _HashWriter:
    """A file that keeps only the hash of what is written to it."""

    def __init__(self) -> None:
        self.hash = hashlib.blake2b(digest_size=16)

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


def frame_digest(frame: Frame) -> str:
    """A hash of a frame's name, types and values."""
    import polars as pl

    sink = hashlib.blake2b(f"{frame.title}\0{frame.data.schema}".encode(), digest_size=16)
    plain = [c for c, t in frame.data.schema.items() if t != pl.Object]
    for column in plain:
        writer = _HashWriter()
        frame.data.select(column).rechunk().write_ipc_stream(cast("IO[bytes]", writer))
        sink.update(writer.hash.digest())
    return sink.hexdigest()


def load_frame(con: duckdb.DuckDBPyConnection, frame: Frame, taken: set[str]) -> TableReport:
    """Create the frame's table in `out`; its name joins `taken`."""
    from dataclasses import replace

    import duckdb
    import polars as pl

    target = table_name(frame.title, taken)
    taken.add(target)
    if frame.data.width == 0:
        raise SourceError(f'"{frame.title}" has no columns.')
    objects = [c for c, t in frame.data.schema.items() if t == pl.Object]
    data = frame.data.with_columns(pl.col(c).map_elements(str, return_dtype=pl.String) for c in objects)
    names, name_messages = column_names(data.columns)
    con.register("incoming", data.rename(dict(zip(data.columns, names, strict=True))).to_arrow())
    try:
        con.execute(f"CREATE TABLE out.main.{quote_identifier(target)} AS SELECT * FROM incoming")  # noqa: S608
    except duckdb.Error as fault:
        raise SourceError(f'"{frame.title}" holds a type that the database has no place for.') from fault
    finally:
        con.unregister("incoming")
    report = describe_table(con, target, "")
    return replace(report, messages=frame.messages + name_messages + size_messages(report))
