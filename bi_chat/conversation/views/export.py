"""In: a result. Out: its rows as a CSV or XLSX file that a spreadsheet can't be made to execute."""

from __future__ import annotations

import csv
import io
import math
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bi_chat.conversation.views.words import column_label, columns_of, is_numeric
from bi_chat.language.display import SIGNS, is_label
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_EXACT_DIGITS = 15  # a spreadsheet's numbers keep no more


def to_csv(result: Result) -> bytes:
    """UTF-8 with a byte-order mark, so that spreadsheets read it right. Numbers stay numbers, dates are ISO.

    Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
    """
    columns = columns_of(result)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(column_label(c)) for c in columns])
    for row in result.frame.select([c.name for c in columns]).iter_rows():
        writer.writerow([_csv_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def harmless(text: str) -> str:
    """Text that no spreadsheet reads as a formula."""
    risky = text.startswith(_STARTS) or text.lstrip(" \u00a0\u3000\ufeff\u200b").startswith(_STARTS)
    return f"'{text}" if risky else text


def _csv_cell(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | Decimal):
        return str(cell)
    if isinstance(cell, float):
        return repr(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return harmless(str(cell))


def to_xlsx(result: Result) -> bytes:
    """A sheet with typed cells, number formats and a frozen heading. Text stays text, never formula or link."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1})
        for at, column in enumerate(columns_of(result)):
            cells: list[object] = result.frame.get_column(column.name).to_list()
            sheet.write_string(0, at, column_label(column), head)
            _write(sheet, at, cells, _format(book, column, cells))
            longest = max([len(column_label(column)), *(len(str(c)) for c in cells[:200] if c is not None)])
            sheet.set_column(at, at, min(50, max(9, longest + 2)))
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def _write(sheet: Worksheet, at: int, cells: list[object], style: Format) -> None:
    for row, cell in enumerate(cells, 1):
        if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
            continue
        if isinstance(cell, bool):
            sheet.write_boolean(row, at, cell)
        elif isinstance(cell, int) and len(str(abs(cell))) > _EXACT_DIGITS:
            sheet.write_string(row, at, str(cell))
        elif isinstance(cell, int | float | Decimal):
            sheet.write_number(row, at, float(cell), style)
        elif isinstance(cell, datetime):
            sheet.write_datetime(row, at, cell.replace(tzinfo=None), style)
        elif isinstance(cell, date):
            sheet.write_datetime(row, at, datetime(cell.year, cell.month, cell.day), style)
        else:
            sheet.write_string(row, at, str(cell)[:32_767])


def _format(book: Workbook, column: ResultColumn, cells: list[object]) -> Format:
    known = [c for c in cells if c is not None]
    if known and all(isinstance(c, date) for c in known):
        with_time = any(isinstance(c, datetime) and (c.hour or c.minute or c.second) for c in known)
        return book.add_format({"num_format": "yyyy-mm-dd hh:mm" if with_time else "yyyy-mm-dd"})
    if column.format == "percent":
        return book.add_format({"num_format": "0.0%"})
    if is_label(column) or not is_numeric(column, list(_cells(known))):
        return book.add_format()
    whole = column.format == "integer" or all(isinstance(c, int) for c in known)
    digits = "#,##0" if whole else "#,##0.00"
    sign = SIGNS.get(column.unit, "")
    return book.add_format({"num_format": f'"{sign}"{digits}' if sign else digits})


def _cells(known: list[object]) -> list[int | float | str]:
    return [float(c) if isinstance(c, Decimal) else c if isinstance(c, int | float | str) else str(c) for c in known]
