"""In: a column, or a table's time columns. Out: whether it holds dates, in which format, and the business date."""

from __future__ import annotations

import re
from datetime import datetime

from bi_chat.semantics.drafting.hints import ends_with, hints, mentions, time_weights
from bi_chat.semantics.drafting.shapes import NUMERIC, TEMPORAL, Shape

_YEARS = (1000, 2200)
_FORMATS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), formats)
    for pattern, formats in (
        (r"\d{4}-\d{1,2}-\d{1,2}", ("%Y-%m-%d",)),
        (r"\d{4}/\d{1,2}/\d{1,2}", ("%Y/%m/%d",)),
        (r"\d{4}\.\d{1,2}\.\d{1,2}", ("%Y.%m.%d",)),
        (r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}:\d{2}", ("%Y-%m-%d %H:%M:%S",)),
        (r"\d{4}-\d{1,2}-\d{1,2}T\d{2}:\d{2}:\d{2}", ("%Y-%m-%dT%H:%M:%S",)),
        (r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}", ("%Y-%m-%d %H:%M",)),
        (r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2}", ("%Y/%m/%d %H:%M:%S",)),
        (r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}", ("%Y/%m/%d %H:%M",)),
        (r"\d{8}", ("%Y%m%d",)),
        (r"\d{1,2}/\d{1,2}/\d{4}", ("%m/%d/%Y", "%d/%m/%Y")),
        (r"\d{1,2}-\d{1,2}-\d{4}", ("%m-%d-%Y", "%d-%m-%Y")),
        (r"\d{1,2}\.\d{1,2}\.\d{4}", ("%d.%m.%Y",)),
        (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}(:\d{2})?", ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M")),
        (r"[A-Z][a-z]{2,8} \d{1,2}, \d{4}", ("%B %d, %Y", "%b %d, %Y")),
        (r"\d{1,2} [A-Z][a-z]{2,8} \d{4}", ("%d %B %Y", "%d %b %Y")),
        (r"\d{1,2}-[A-Z][a-z]{2}-\d{4}", ("%d-%b-%Y",)),
        (r"\d{1,2}-[A-Z][a-z]{2}-\d{2}", ("%d-%b-%y",)),
        (r"\d{4}年\d{1,2}月\d{1,2}日", ("%Y年%m月%d日",)),
        (r"\d{4}年\d{1,2}月", ("%Y年%m月",)),
        (r"\d{4}-\d{2}", ("%Y-%m",)),
        (r"[A-Z][a-z]{2,8} \d{4}", ("%B %Y", "%b %Y")),
        (r"\d{4}", ("%Y",)),
    )
)
_ENOUGH = 0.98
_SAMPLE = 200
_EMPTY = frozenset({"", "-", "--", "n/a", "na", "null", "none", "nil", "unknown", "tbd", "无", "未知", "空"})


def time_format(column: Shape) -> str | None:
    """'' for a date type, a strptime format for dates kept as text or whole numbers, None when it holds no dates.

    Day and month that no value tells apart are left undecided: the column is then no time field,
    for a wrong month would go unseen.
    """
    if column.family in TEMPORAL:
        return ""
    if column.family in NUMERIC:
        return _number_format(column)
    if column.family == "text" and column.profile and column.profile.values:
        return _text_format(column)
    return None


def _number_format(column: Shape) -> str | None:
    """A whole year stays the number it is (''), a compact day such as 20240131 is parsed."""
    low, high = (column.profile.low, column.profile.high) if column.profile else (None, None)
    if ends_with(column.singular, frozenset({"year", "年", "年份", "年度", "财年"})):
        bounded = isinstance(low, int | float) and isinstance(high, int | float)
        whole = bounded and float(low or 0).is_integer() and float(high or 0).is_integer()
        return "" if whole and _YEARS[0] <= float(low or 0) and float(high or 0) <= _YEARS[1] else None
    if column.family != "integer":
        return None
    dated = mentions(column.singular, frozenset({"date", "day", "日期"}))
    if dated and isinstance(low, int | float) and isinstance(high, int | float):
        return "%Y%m%d" if _is_compact_day(int(low)) and _is_compact_day(int(high)) else None
    return None


def _is_compact_day(value: int) -> bool:
    return 10_000_101 <= value <= 22_001_231 and parses(str(value), "%Y%m%d")


def _text_format(column: Shape) -> str | None:
    listed = column.profile.values[:_SAMPLE] if column.profile else ()
    values = [v.strip() for v in listed if v.strip().lower() not in _EMPTY]
    if not values:
        return None
    for pattern, formats in _FORMATS:
        if pattern.fullmatch(values[0]):
            if pattern.pattern in (r"\d{4}", r"\d{8}") and not _speaks_of_time(column):
                return None
            return _agreeing(values, formats)
    return None


def _speaks_of_time(column: Shape) -> bool:
    listed = frozenset({"date", "day", "time", "year", "founded", "established", "年份", "年", "日期", "时间"})
    return ends_with(column.singular, listed) or any(time_weights().get(w, 0) for w in column.singular)


def _agreeing(values: list[str], formats: tuple[str, ...]) -> str | None:
    fits = [f for f in formats if sum(parses(v, f) for v in values) >= _ENOUGH * len(values)]
    two_orders = {"%m/%d", "%d/%m"} <= {f[:5].replace("-", "/") for f in fits}
    return fits[0] if fits and not two_orders else None


def parses(text: str, time_format: str) -> bool:
    """Whether a text is a date of that format."""
    try:
        datetime.strptime(text, time_format)
    except ValueError:
        return False
    return True


def business_time(columns: list[tuple[Shape, str]], table_words: tuple[str, ...]) -> str:
    """The date a row belongs to: order, created or issued rather than shipped, due or updated; '' when none qualifies.

    `columns` are a table's time fields with their formats; birth dates never qualify.
    """
    best: tuple[float, int, str] = (-4.0, 0, "")
    for column, fmt in columns:
        only_year = fmt == "%Y" or (column.family in NUMERIC and fmt == "")
        score = _weight(column, table_words) - (2.5 if only_year else 0.0)
        score -= 9.0 if column.profile is not None and column.profile.nulls > 0 else 0.0  # what rows lack ends them
        best = max(best, (score, -column.position, column.name))
    return best[2]


def _weight(column: Shape, table_words: tuple[str, ...]) -> float:
    weights = time_weights()
    said = column.singular
    known = [weights[w] for w in said if w in weights and w != "date"]
    own = 3.0 if set(said) & set(table_words) else 0.0
    if any(w <= -20 for w in known):
        return -20.0
    if not known:
        plain = 5.0 if said in (("date",), ("day",), ("日期",), ("timestamp",), ("time",)) else 2.0
        return plain + own
    return (min(known) if min(known) < 0 else max(known)) + own


def is_birth(column: Shape) -> bool:
    """Whether a date tells when a person was born."""
    return mentions(column.singular, hints("birth_words"))
