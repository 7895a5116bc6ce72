"""In: answers. Out: an XLSX file: their rows as typed cells in native formats, and a sheet on how each was read.

Text stays text: no cell, name of a sheet or format can become a formula, a link or a number.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bi_chat.conversation.views.words import column_label, columns_of, footer, heading, is_numeric, paragraphs
from bi_chat.language.display import SIGNS, is_label, one_line, visible, width
from bi_chat.values.answer import AnswerValue
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_EXACT_DIGITS = 15  # a spreadsheet's numbers keep no more
_LONGEST = 32_767  # characters that a cell holds
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NO_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answer under the name that its sheet bears."""

    title: str
    answer: AnswerValue


def to_xlsx(result: Result) -> bytes:
    """The rows alone, on one sheet."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        _rows(book, book.add_worksheet(), result)
    return buffer.getvalue()


def as_xlsx(answer: AnswerValue) -> bytes:
    """The rows of one answer, and how it was read."""
    return workbook((Sheet(heading("data_sheet", answer.question.language), answer),), answer.question.language)


def workbook(sheets: tuple[Sheet, ...], language: str) -> bytes:
    """A sheet for the rows of each answer that has any, and at the end how all of them were read, with SQL."""
    import xlsxwriter

    buffer, taken = io.BytesIO(), set[str]()
    last = heading("reading_sheet", language)
    taken.add(last.lower())
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        for one in sheets:
            if one.answer.result is not None:
                _rows(book, book.add_worksheet(sheet_name(one.title, taken)), one.answer.result)
        _readings(book, book.add_worksheet(last), sheets)
    return buffer.getvalue()


def sheet_name(title: str, taken: set[str]) -> str:
    """A name that spreadsheets accept and that no other sheet has; it is added to those taken (lower case)."""
    name = _NO_NAME.sub(" ", one_line(title, 200)).strip(" '") or "1"
    if name.lower() == "history":  # a name that the program keeps for itself
        name += " 1"
    made, number = name[:31].strip(" '"), 1
    while made.lower() in taken:
        number += 1
        made = f"{name[: 30 - len(str(number))].strip()} {number}"
    taken.add(made.lower())
    return made


# ------------------------------------------------------------------ rows
def _rows(book: Workbook, sheet: Worksheet, result: Result) -> None:
    """Typed cells with number formats under a frozen heading."""
    head = book.add_format({"bold": True, "bottom": 1})
    columns = columns_of(result)
    for at, column in enumerate(columns):
        cells: list[object] = result.frame.get_column(column.name).to_list()
        sheet.write_string(0, at, column_label(column), head)
        _write(sheet, at, cells, _format(book, column, cells))
        longest = max([width(column_label(column)), *(width(str(c)) for c in cells[:200] if c is not None)])
        sheet.set_column(at, at, min(50, max(9, longest + 2)))
    sheet.freeze_panes(1, 0)
    if result.frame.height > 1 and columns:
        sheet.autofilter(0, 0, result.frame.height, len(columns) - 1)


def _write(sheet: Worksheet, at: int, cells: list[object], style: Format) -> None:
    for row, cell in enumerate(cells, 1):
        if cell is None or (isinstance(cell, float | Decimal) and not math.isfinite(cell)):
            continue
        if isinstance(cell, bool):
            sheet.write_boolean(row, at, cell)
        elif isinstance(cell, int) and len(str(abs(cell))) > _EXACT_DIGITS:
            sheet.write_string(row, at, str(cell))
        elif isinstance(cell, int | float | Decimal):
            sheet.write_number(row, at, float(cell), style)
        elif isinstance(cell, date) and cell.year >= 1900:  # a spreadsheet's calendar begins there
            sheet.write_datetime(row, at, datetime(*cell.timetuple()[:6]), style)
        else:
            sheet.write_string(row, at, str(cell)[:_LONGEST])


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
    return book.add_format({"num_format": _number_format("#,##0" if whole else "#,##0.00", column.unit)})


def _number_format(digits: str, unit: str) -> str:
    """Digits with the unit before or after them, as a text of the format."""
    said = one_line(unit, 20).replace('"', "").replace("\\", "")
    if unit in SIGNS:
        return f'"{SIGNS[unit]}"{digits}'
    if not said:
        return digits
    if len(said) == 3 and said.isupper():
        return f'"{said} "{digits}'
    return f'{digits}"%"' if said == "%" else f'{digits}" {said}"'


def _cells(known: list[object]) -> list[int | float | str]:
    return [float(c) if isinstance(c, Decimal) else c if isinstance(c, int | float | str) else str(c) for c in known]


# ------------------------------------------------------------------ how they were read
def _readings(book: Workbook, sheet: Worksheet, sheets: tuple[Sheet, ...]) -> None:
    """A block of lines for each answer: what was asked, told, understood, assumed; how sure, how fresh, the SQL."""
    title = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    name = book.add_format({"italic": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 100)
    row = 0
    for one in sheets:
        sheet.write_string(row, 0, one_line(one.title, 80), title)
        sheet.write_blank(row, 1, None, title)
        for said, value in _lines(one.answer):
            row += 1
            sheet.write_string(row, 0, said, name)
            sheet.write_string(row, 1, visible(value)[:_LONGEST], text)
        row += 2


def _lines(answer: AnswerValue) -> Iterator[tuple[str, str]]:
    """(name, text) in the order of the sheet; several lines of a kind bear the name once."""
    language = answer.question.language
    phrases = [f"“{p.text}” → {p.meaning}" for p in answer.how_read]
    for key, texts in (
        ("question", [answer.question.text]),
        ("told", paragraphs(answer)),
        ("warnings", list(answer.warnings)),
        ("understood", [answer.restatement]),
        ("how_read", phrases),
        ("assumptions", list(answer.assumptions)),
        ("standing", footer(answer)),
        ("sql", [answer.sql]),
    ):
        for number, text in enumerate(t for t in texts if t):
            yield ("" if number else heading(key, language)), text
