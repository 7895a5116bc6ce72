"""In: a cell and what its column means. Out: the cell as the language writes it: numbers, money, shares, dates.

It stands this low because sentences, charts and tables must all print the same number the same way.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from bi_chat.values.period import DatePart
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell

SIGNS = {
    "USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "RMB": "¥", "JPY": "JP¥", "INR": "₹", "KRW": "₩", "BRL": "R$",
    "AUD": "A$", "CAD": "C$", "HKD": "HK$", "TWD": "NT$", "SGD": "S$", "MXN": "MX$", "ILS": "₪", "VND": "₫", "THB": "฿",
}  # fmt: skip
STEPS = {
    "en": ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")),
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
}
UNITS_ZH = {
    "second": "秒", "minute": "分钟", "hour": "小时", "day": "天", "week": "周", "month": "个月", "year": "年",
}  # fmt: skip
_PLAIN_ENDINGS = ("id", "year", "code", "zip", "phone", "no", "number", "key", "年", "年份", "编号", "编码", "号")
NOTHING = "—"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")  # control, direction, surrogate, private, line breaks


def missing_word(language: str) -> str:
    """What a group without a value is called."""
    return "(空)" if language == "zh" else "(missing)"


def one_line(text: str, length: int = 80) -> str:
    """Text from the data made safe to stand in a line: no control or direction signs, cut with … past `length`."""
    clean = "".join(c if unicodedata.category(c) not in _UNSEEN else " " for c in text)
    clean = " ".join(clean.split())
    return clean if len(clean) <= length else clean[: length - 1].rstrip() + "…"


def visible(text: str) -> str:
    """A person's words without signs that nobody sees; the ends of lines stay."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in _UNSEEN else " " for c in text)


def width(text: str) -> int:
    """Columns a text takes: East Asian wide signs count twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def as_number(cell: object) -> int | float | None:
    """The cell as a finite number; None for text, dates, truth values, missing and not-a-number."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        return None
    value = cell if isinstance(cell, int) else float(cell)
    return value if math.isfinite(value) else None


def show_cell(
    cell: Cell, column: ResultColumn, language: str, *, short: bool = False, decimals: int | None = None
) -> str:
    """A cell as its column asks. `short` abbreviates large numbers (1.23M); `decimals` aligns a table's column."""
    if cell is None:
        return missing_word(language) if column.role in ("dimension", "time") else NOTHING
    if isinstance(cell, bool):
        return {"zh": ("否", "是")}.get(language, ("no", "yes"))[cell]
    if column.grain in tuple(DatePart) and column.grain != DatePart.YEAR and isinstance(cell, int):
        return show_part(cell, DatePart(column.grain), language)
    if isinstance(cell, date):
        return show_date(cell, column.grain, language)
    value = as_number(cell)
    if value is None:
        return str(cell)
    if is_label(column):
        return f"{value:g}" if isinstance(value, float) and abs(value) < 1e15 else str(value)
    return show_number(value, language=language, format=column.format, unit=column.unit, short=short, decimals=decimals)


def is_label(column: ResultColumn) -> bool:
    """Whether the column's numbers are names (years, ids), which take no thousands separators."""
    if column.format == "percent":  # as a grouping, too: how much more or less is no name
        return False
    if column.role in ("dimension", "time") or (column.role == "attribute" and column.format == "text"):
        return True
    words = column.name.lower().replace("_", " ").split()
    return column.role == "attribute" and not column.unit and bool(words) and words[-1].endswith(_PLAIN_ENDINGS)


def show_number(
    value: int | float,
    *,
    language: str,
    format: str = "number",  # noqa: A002 - the column's own word for it
    unit: str = "",
    short: bool = False,
    decimals: int | None = None,
    signed: bool = False,
) -> str:
    """A number as written in the language: 1,234,567 · $1.23M · 12.3% · 3.5 days. A percent's value is a fraction."""
    if format == "percent":
        body, tail = _percent(abs(value) * 100, decimals), "%"
    else:
        body, tail = _short(abs(value), language) if short else (_full(abs(value), format, decimals), "")
    sign = "-" if value < 0 and body.strip("0.,") else "+" if signed and value > 0 else ""
    head, after = ("", "") if format == "percent" else _unit(unit, language, one=abs(value) == 1)
    return f"{sign}{head}{body}{tail}{after}"


def _percent(value: float, decimals: int | None) -> str:
    if decimals is None:
        decimals = 1 if value >= 0.1 or value == 0 else min(6, 1 - math.floor(math.log10(value)))
    return f"{value:,.{decimals}f}"


def _full(value: int | float, form: str, decimals: int | None) -> str:
    if decimals is None:
        decimals = decimals_of((value,), form)
    return f"{value:,.{decimals}f}" if decimals or isinstance(value, float) else f"{value:,}"


def decimals_of(cells: Sequence[Cell], form: str) -> int:
    """How many decimals a column needs, so that its numbers line up: none for whole numbers, two for money."""
    numbers = [abs(float(n)) for n in map(as_number, cells) if n is not None]
    if form == "percent":
        return 1 if not numbers or max(numbers) >= 0.001 or not max(numbers) else 3
    if form == "integer" or all(n == round(n) for n in numbers):
        return 0
    if form == "currency":
        return 2
    if all(abs(n * 10 - round(n * 10)) < 1e-9 for n in numbers):
        return 1
    largest = max(numbers)
    return 2 if largest >= 1 else min(8, 2 - math.floor(math.log10(largest)))


def _short(value: int | float, language: str) -> tuple[str, str]:
    """Three significant digits and the step's sign; rounding comes first, so that 999,999 is 1M and not 1000K."""
    steps = STEPS.get(language, STEPS["en"])
    rounded = float(f"{value:.3g}")
    for size, sign in steps:
        if rounded >= size:
            return f"{_three_digits(value / size)}", sign
    return _three_digits(value), ""


def _three_digits(value: float) -> str:
    if value >= 100:
        return f"{float(f'{value:.3g}') if value < 1000 else value:,.0f}"
    text = f"{value:.3g}"
    return f"{float(text):f}".rstrip("0").rstrip(".") if "e" in text else text


def _unit(unit: str, language: str, *, one: bool) -> tuple[str, str]:
    """What stands before and after the digits."""
    if not unit:
        return "", ""
    if unit in SIGNS:
        return SIGNS[unit], ""
    if unit == "%":
        return "", "%"
    if len(unit) == 3 and unit.isupper():
        return f"{unit} ", ""
    stem = unit.rstrip("s") if unit.rstrip("s") in UNITS_ZH else ""
    if language == "zh":
        return "", UNITS_ZH[stem] if stem else f" {unit}"
    return "", f" {stem}" if stem and one else f" {stem}s" if stem else f" {unit}"


def show_date(day: date, grain: str, language: str) -> str:
    """A date as its grain: 2025, Q1 2025, Jan 2025, 6 Jan 2025. A quarter or year off the calendar says so."""
    chinese, year, month = language == "zh", day.year, f"{MONTHS[day.month - 1]} {day.year}"
    plain = grain.removeprefix("fiscal_")
    off_calendar = plain != grain or (day.month - 1) % {"quarter": 3, "year": 12}.get(plain, 1) != 0
    if plain in ("quarter", "year") and off_calendar:
        word = {"quarter": "季度", "year": "年度"}[plain] if chinese else plain
        return f"{year}年{day.month}月起的{word}" if chinese else f"{word} from {month}"
    if plain == "year":
        return f"{year}年" if chinese else str(year)
    if plain == "quarter":
        quarter = (day.month + 2) // 3
        return f"{year}年第{quarter}季度" if chinese else f"Q{quarter} {year}"
    if plain == "month":
        return f"{year}年{day.month}月" if chinese else month
    return _show_day(day, plain, chinese=chinese)


def _show_day(day: date, grain: str, *, chinese: bool) -> str:
    text = f"{day.year}年{day.month}月{day.day}日" if chinese else f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    if grain == "week":
        return f"{text}起的一周" if chinese else f"week of {text}"
    if (
        isinstance(day, datetime)
        and grain != "day"
        and (grain == "hour" or (day.hour, day.minute, day.second) != (0, 0, 0))
    ):
        return f"{text} {day:%H:%M}" if not day.second else f"{text} {day:%H:%M:%S}"
    return text


def show_part(number: int, part: DatePart, language: str) -> str:
    """A recurring part of a date by its name: 1 → Monday, January, 01:00, Q1."""
    chinese = language == "zh"
    match part:
        case DatePart.DAY_OF_WEEK if 1 <= number <= 7:
            return WEEKDAYS["zh" if chinese else "en"][number - 1]
        case DatePart.MONTH_OF_YEAR if 1 <= number <= 12:
            return f"{number}月" if chinese else MONTHS[number - 1]
        case DatePart.HOUR_OF_DAY:
            return f"{number}时" if chinese else f"{number:02d}:00"
        case DatePart.QUARTER_OF_YEAR:
            return f"第{number}季度" if chinese else f"Q{number}"
        case DatePart.WEEK_OF_YEAR:
            return f"第{number}周" if chinese else f"week {number}"
    return str(number)
