"""In: a result. Out: its rows as a CSV file that a spreadsheet can't be made to execute."""

from __future__ import annotations

import csv
import io
import math
from datetime import date, datetime
from decimal import Decimal

from bi_chat.conversation.views.words import column_label, columns_of
from bi_chat.values.result import Result

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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
