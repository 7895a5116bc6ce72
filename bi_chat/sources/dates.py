"""In: text as people write dates (14/03/2024 · Mar 14, 2024 · 2024年3月14日). Out: its shape and formats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class DateShape:
    """A way to write a date. `formats` are strptime formats by order ("" for the only one, else "dmy" and "mdy")."""

    family: str
    pattern: str
    formats: tuple[tuple[str, str], ...]
    label: str


def _fixed(family: str, pattern: str, fmt: str, label: str) -> DateShape:
    return DateShape(family, pattern, (("", fmt),), label)


def _day_month(separator: str, year: str, digits: str) -> DateShape:
    s = re.escape(separator)
    formats = (("dmy", f"%d{separator}%m{separator}{year}"), ("mdy", f"%m{separator}%d{separator}{year}"))
    return DateShape("day-month", rf"\d{{1,2}}{s}\d{{1,2}}{s}{digits}", formats, f"DD{separator}MM{separator}YYYY")


_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_FULL = "(?:January|February|March|April|June|July|August|September|October|November|December)"
_SHAPES: tuple[DateShape, ...] = (
    _fixed("year-first", r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d", "YYYY-MM-DD"),
    _fixed("year-first", r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d", "YYYY/MM/DD"),
    _fixed("year-first", r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d", "YYYY.MM.DD"),
    _fixed("year-first", r"\d{4}年\d{1,2}月\d{1,2}日", "%Y年%m月%d日", "YYYY年MM月DD日"),
    _fixed("year-first", r"\d{4}年\d{1,2}月\d{1,2}号", "%Y年%m月%d号", "YYYY年MM月DD号"),
    _fixed("compact", r"(?:19|20)\d{6}", "%Y%m%d", "YYYYMMDD"),
    _day_month("/", "%Y", r"\d{4}"),
    _day_month("-", "%Y", r"\d{4}"),
    _day_month("/", "%y", r"\d{2}"),
    _day_month("-", "%y", r"\d{2}"),
    _fixed("day-first", r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y", "DD.MM.YYYY"),
    _fixed("day-first", r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y", "DD.MM.YY"),
    *(
        shape
        for month, code in ((_FULL, "%B"), (_MONTH, "%b"))
        for shape in (
            _fixed("month-name", rf"{month} \d{{1,2}}, \d{{4}}", f"{code} %d, %Y", "Mon DD, YYYY"),
            _fixed("month-name", rf"{month} \d{{1,2}} \d{{4}}", f"{code} %d %Y", "Mon DD YYYY"),
            _fixed("month-name", rf"\d{{1,2}} {month} \d{{4}}", f"%d {code} %Y", "DD Mon YYYY"),
            _fixed("month-name", rf"\d{{1,2}} {month},? \d{{4}}", f"%d {code}, %Y", "DD Mon, YYYY"),
            _fixed("month-name", rf"\d{{1,2}}-{month}-\d{{4}}", f"%d-{code}-%Y", "DD-Mon-YYYY"),
            _fixed("month-name", rf"\d{{1,2}}-{month}-\d{{2}}", f"%d-{code}-%y", "DD-Mon-YY"),
            _fixed("month-name", rf"\d{{1,2}}\. {month} \d{{4}}", f"%d. {code} %Y", "DD. Mon YYYY"),
            _fixed("month", rf"{month} \d{{4}}", f"{code} %Y", "Mon YYYY"),
            _fixed("month", rf"{month}-\d{{4}}", f"{code}-%Y", "Mon-YYYY"),
        )
    ),
    _fixed("month", r"\d{4}-\d{1,2}", "%Y-%m", "YYYY-MM"),
    _fixed("month", r"(?:19|20)\d{2}/\d{1,2}", "%Y/%m", "YYYY/MM"),
    _fixed("month", r"\d{4}年\d{1,2}月", "%Y年%m月", "YYYY年MM月"),
)
_TIMES: tuple[tuple[str, str], ...] = (
    ("", ""),
    (r"[ T]\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"[ T]\d{1,2}:\d{2}", "%H:%M"),
    (r"[ T]\d{1,2}:\d{2}:\d{2}\.\d{1,6}", "%H:%M:%S.%f"),
    (r" \d{1,2}:\d{2} ?[APap][Mm]", "%I:%M %p"),
    (r" \d{1,2}:\d{2}:\d{2} ?[APap][Mm]", "%I:%M:%S %p"),
)
_OFFSET = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d{2}(?::?\d{2})?)")
_COMPILED = tuple((re.compile(s.pattern, re.IGNORECASE), s) for s in _SHAPES)
_COMPILED_TIMES = tuple((re.compile(p), f) for p, f in _TIMES)
DATE_START = re.compile(r"\s*(?:\d{1,4}[-/.年]|(?:19|20)\d{6}|\d{1,2}[ .]|[A-Za-z]{3,9}[ -]\d)")


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """How one cell is written: its shape, the strptime format of its time ('' for none), whether it has an offset."""

    shape: DateShape
    time: str = ""
    joint: str = " "
    offset: bool = False

    def format(self, order: str) -> str:
        """strptime format when days and months come in `order` ("dmy" or "mdy")."""
        by_order = dict(self.shape.formats)
        day = by_order.get("") or by_order[order]
        return f"{day}{self.joint}{self.time}" if self.time else day


@lru_cache(maxsize=20_000)
def written_date(text: str) -> WrittenDate | None:
    """The shape of a cell that looks like a date (it need not exist in the calendar), or None."""
    value = text.strip()
    if not 6 <= len(value) <= 40 or not DATE_START.match(value):
        return None
    if _OFFSET.fullmatch(value):
        return WrittenDate(_SHAPES[0], "%H:%M:%S", value[10], offset=True)
    for pattern, shape in _COMPILED:
        match = pattern.match(value)
        if match is None:
            continue
        rest = value[match.end() :]
        for time_pattern, time_format in _COMPILED_TIMES:
            if time_pattern.fullmatch(rest) if time_pattern.pattern else not rest:
                compact = time_format.replace(" %p", "%p") if " " not in rest[1:] else time_format
                return WrittenDate(shape, compact, rest[:1] or " ")
    return None


def looks_like_date(text: str) -> bool:
    """Whether a cell is written like a date; eight bare digits alone are no evidence."""
    found = written_date(text)
    return found is not None and found.shape.family != "compact"


def shape_sql_pattern(written: list[WrittenDate]) -> str:
    """A regular expression (RE2) that matches every cell of these shapes, existing date or not."""
    days = "|".join(sorted({w.shape.pattern for w in written}))
    times = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?[APap][Mm])?)?"
    return f"(?i)\\s*(?:{days}){times}\\s*".replace(r"\d", "[0-9]")


def date_sql(column: str, formats: tuple[str, ...]) -> str:
    """SQL for the moment a text column tells, NULL where it fits no format or does not exist in the calendar."""
    listed = ", ".join("'" + f.replace("'", "''") + "'" for f in formats)
    return f"try_strptime(trim({column}), [{listed}])"


def order_evidence_sql(column: str) -> tuple[str, str]:
    """Two aggregates: rows whose first number can only be a day, and rows whose second number can only be one."""
    pattern = "^\\s*([0-9]{1,2})[/-]([0-9]{1,2})[/-]"
    parts = [f"try_cast(regexp_extract({column}, '{pattern}', {i}) AS INTEGER)" for i in (1, 2)]
    return tuple(f"count(*) FILTER ({p} > 12)" for p in parts)  # type: ignore[return-value]
