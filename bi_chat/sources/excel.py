"""In: a workbook (XLSX, XLSM, XLSB, ODS). Out: a stage of raw text for each visible sheet that holds a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SourceError
from bi_chat.sources.layout import find_layout
from bi_chat.sources.report import CHANGED, DOUBT, INFO, Message, shorten
from bi_chat.sources.stage import Choices, Stage, fetch_ints
from bi_chat.sources.workbook import SheetFaults, inspect_workbook

if TYPE_CHECKING:
    import duckdb
    import polars as pl

_HEAD = 200


@dataclass(frozen=True, slots=True)
class Sheets:
    """Stages of the sheets that hold tables, and remarks about those that do not."""

    stages: tuple[Stage, ...]
    messages: tuple[Message, ...]


def stage_workbook(con: duckdb.DuckDBPyConnection, path: Path, table: str, choices: Choices) -> Sheets:
    """Read all sheets of a workbook. Raises SourceError when it is unsafe, damaged or holds no table."""
    faults = inspect_workbook(path)
    frames, hidden = _read(path)
    messages: list[Message] = []
    stages: list[Stage] = []
    kept = {n: f for n, f in frames.items() if _is_table(n, f, hidden, choices, messages)}
    for index, (name, frame) in enumerate(kept.items()):
        title = name if len(kept) > 1 else (path.stem if _is_default(name) else name)
        stages.append(_stage(con, frame, f"{table}_{index}", title, path.name, faults.get(name, SheetFaults())))
    if not stages and not messages:
        raise SourceError(f"{path.name} is empty: no sheet holds any cell.")
    if not stages:
        told = " ".join(m.text for m in messages)
        raise SourceError(f"{path.name} holds no table. {told}")
    return Sheets(tuple(stages), tuple(messages))


def _is_default(name: str) -> bool:
    return name.rstrip("0123456789 ").lower() in ("sheet", "data", "tabelle", "feuil", "hoja", "工作表")


def _read(path: Path) -> tuple[dict[str, pl.DataFrame], frozenset[str]]:
    try:
        import fastexcel
    except ImportError as fault:
        raise SourceError('Reading workbooks needs the extra "excel": pip install "bi_chat[excel]".') from fault
    try:
        reader = fastexcel.read_excel(str(path))
        frames, hidden = {}, set()
        for name in reader.sheet_names:
            sheet = reader.load_sheet(name, header_row=None, dtypes="string")
            frames[str(name)] = sheet.to_polars()
            if sheet.visible != "visible":
                hidden.add(str(name))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:  # a panic of the native reader is no Exception
        raise SourceError(f"{path.name} is a damaged or incomplete workbook. Save it again.") from fault
    return frames, frozenset(hidden)


def _is_table(
    name: str, frame: pl.DataFrame, hidden: frozenset[str], choices: Choices, messages: list[Message]
) -> bool:
    shown = f'"{shorten(name)}"'
    cells = sum(frame.height - n for n in frame.null_count().row(0)) if frame.width else 0
    if cells == 0:
        messages.append(Message(INFO, "empty_sheet", f"Sheet {shown} is empty."))
        return False
    if name in hidden and not choices.hidden_sheets:
        text = f"Sheet {shown} is hidden in the workbook and was left out. Say so if it should be loaded as well."
        messages.append(Message(DOUBT, "hidden_sheet", text))
        return False
    if frame.height == 1 and frame.width == 1:
        text = f'Sheet {shown} holds a single cell ("{shorten(str(frame.item()))}"), no table; left out.'
        messages.append(Message(CHANGED, "note_sheet", text))
        return False
    return True


def _stage(
    con: duckdb.DuckDBPyConnection, frame: pl.DataFrame, table: str, title: str, file: str, faults: SheetFaults
) -> Stage:
    import polars as pl

    columns = tuple(f"c{i}" for i in range(frame.width))
    frame = frame.rename(dict(zip(frame.columns, columns, strict=True)))
    # a time of day without a date comes as a moment on day zero of the spreadsheet calendar
    frame = frame.with_columns(pl.all().str.replace(r"^1899-12-3[01] ", ""))
    head = [tuple(r) for r in frame.head(_HEAD).rows()]
    layout = find_layout(head, frame.width)
    body = frame.slice(layout.body_start)
    filled = body.filter(~pl.all_horizontal(pl.all().is_null()))
    con.register("incoming", filled.to_arrow())
    try:
        con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming")  # noqa: S608
    finally:
        con.unregister("incoming")
    if fetch_ints(con, ["count(*)"], table)[0] != filled.height:
        raise SourceError(f"{file}: not every row of the sheet could be read.")
    headers = layout.headers if layout.header_rows else tuple(f"column_{i + 1}" for i in range(len(columns)))
    messages = (*(_without_line(m) for m in layout.messages), *_blank_rows(body, filled), *_fault_messages(faults))
    return Stage(table, columns, headers, title, file, messages=messages, midnight_is_date=True)


def _without_line(message: Message) -> Message:
    return Message(message.level, message.code, message.text, None, message.column)


def _blank_rows(body: pl.DataFrame, filled: pl.DataFrame) -> tuple[Message, ...]:
    blank = body.height - filled.height
    if not blank:
        return ()
    return (Message(INFO, "blank_rows", f"{blank:,} blank row{'s' * (blank > 1)} skipped."),)


def _fault_messages(faults: SheetFaults) -> tuple[Message, ...]:
    found = []
    if faults.error_count:
        where = ", ".join(faults.errors)
        text = f"{faults.error_count:,} cells hold an error such as #N/A ({where}); they are empty here."
        found.append(Message(DOUBT, "error_cells", text))
    if faults.unsaved_count:
        text = (
            f"{faults.unsaved_count:,} formulas were saved without their result ({', '.join(faults.unsaved)}); they "
            "are empty here. Open and save the workbook in a spreadsheet program."
        )
        found.append(Message(DOUBT, "formulas_without_result", text))
    return tuple(found)
