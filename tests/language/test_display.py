"""Numbers, money, shares and dates as each language writes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from bi_chat.language.display import as_number, decimals_of, one_line, show_cell, show_date, show_number, width
from bi_chat.values.query import ResultColumn

NUMBERS = [
    (1234567, {}, "1,234,567", "1,234,567"),
    (1234567, {"short": True}, "1.23M", "123万"),
    (999_999, {"short": True}, "1M", "100万"),
    (123_456_789, {"short": True}, "123M", "1.23亿"),
    (950, {"short": True}, "950", "950"),
    (0.000004, {"short": True}, "0.000004", "0.000004"),
    (1234.5, {"format": "currency", "unit": "USD"}, "$1,234.50", "$1,234.50"),
    (-5, {"format": "currency", "unit": "EUR"}, "-€5", "-€5"),
    (12, {"unit": "CHF"}, "CHF 12", "CHF 12"),
    (0.1234, {"format": "percent"}, "12.3%", "12.3%"),
    (0.00004, {"format": "percent"}, "0.0040%", "0.0040%"),
    (12.5, {"unit": "%"}, "12.5%", "12.5%"),
    (1, {"unit": "days"}, "1 day", "1天"),
    (3.5, {"unit": "hours"}, "3.5 hours", "3.5小时"),
    (0, {"format": "percent"}, "0.0%", "0.0%"),
    (5, {"signed": True}, "+5", "+5"),
    (-0.0, {}, "0", "0"),
]


@pytest.mark.parametrize(("value", "options", "english", "chinese"), NUMBERS)
def test_numbers(value: float, options: dict[str, str], english: str, chinese: str) -> None:
    assert show_number(value, language="en", **options) == english
    assert show_number(value, language="zh", **options) == chinese


DATES = [
    (date(2025, 1, 1), "year", "2025", "2025年"),
    (date(2025, 4, 1), "quarter", "Q2 2025", "2025年第2季度"),
    (date(2025, 2, 1), "quarter", "quarter from Feb 2025", "2025年2月起的季度"),
    (date(2024, 4, 1), "year", "year from Apr 2024", "2024年4月起的年度"),
    (date(2025, 4, 1), "month", "Apr 2025", "2025年4月"),
    (date(2025, 1, 6), "week", "week of 6 Jan 2025", "2025年1月6日起的一周"),
    (datetime(2025, 1, 6, 14), "hour", "6 Jan 2025 14:00", "2025年1月6日 14:00"),
    (datetime(2025, 1, 6), "", "6 Jan 2025", "2025年1月6日"),
]


@pytest.mark.parametrize(("day", "grain", "english", "chinese"), DATES)
def test_dates(day: date, grain: str, english: str, chinese: str) -> None:
    assert (show_date(day, grain, "en"), show_date(day, grain, "zh")) == (english, chinese)


def test_cells_follow_their_column() -> None:
    weekday = ResultColumn("d", "dimension", grain="day_of_week")
    assert (show_cell(1, weekday, "en"), show_cell(7, weekday, "zh")) == ("Monday", "星期日")
    assert show_cell(2025, ResultColumn("year", "dimension"), "en") == "2025"
    assert show_cell(10234, ResultColumn("order_id", "attribute", format="integer"), "en") == "10234"
    assert show_cell(10234, ResultColumn("visits", "attribute", format="integer"), "en") == "10,234"
    assert show_cell(None, ResultColumn("region", "dimension"), "zh") == "(空)"
    assert show_cell(None, ResultColumn("revenue", "measure"), "en") == "—"
    assert show_cell(True, ResultColumn("paid", "attribute"), "zh") == "是"
    assert show_cell(float("nan"), ResultColumn("x", "measure"), "en") == "nan"


def test_a_columns_decimals_line_up() -> None:
    assert decimals_of((1.0, 2.0), "number") == 0
    assert decimals_of((1.0, 2.5), "currency") == 2
    assert decimals_of((0.0123, 0.55), "number") == 3


def test_numbers_are_told_from_the_rest() -> None:
    assert (as_number(Decimal("1.5")), as_number(True), as_number("1"), as_number(float("inf"))) == (
        1.5,
        None,
        None,
        None,
    )


def test_text_from_the_data_becomes_one_safe_line() -> None:
    assert one_line("a\nb\u202ec\x00", 20) == "a b c"
    assert one_line("x" * 30, 10) == "x" * 9 + "…"
    assert width("宽a") == 3
