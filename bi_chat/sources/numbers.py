"""In: text as people write numbers (1.234,50 € · ($30.00) · 12.5% · 3.5万). Out: its shape, and SQL that reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

CURRENCIES = {
    "US$": "USD", "HK$": "HKD", "A$": "AUD", "C$": "CAD", "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY",
    "￥": "CNY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₫": "VND", "₪": "ILS", "₺": "TRY", "฿": "THB", "USD": "USD",
    "EUR": "EUR", "GBP": "GBP", "CNY": "CNY", "RMB": "CNY", "JPY": "JPY", "CHF": "CHF", "HKD": "HKD", "INR": "INR",
    "KRW": "KRW", "AUD": "AUD", "CAD": "CAD", "SGD": "SGD", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "PLN": "PLN",
    "元": "CNY", "人民币": "CNY", "kr": "kr", "zł": "PLN",
}  # fmt: skip
UNITS = {
    "万亿": 1e12, "千万": 1e7, "百万": 1e6, "亿": 1e8, "万": 1e4, "千": 1e3, "百": 1e2, "k": 1e3, "K": 1e3, "M": 1e6,
    "mn": 1e6, "bn": 1e9, "B": 1e9,
}  # fmt: skip
_LATIN_UNITS = frozenset({"k", "K", "M", "mn", "bn", "B"})

_SPACE = "[ \u00a0\u202f\u2009]"
_QUOTE = "['’]"
_CUR = "|".join(re.escape(c) for c in sorted(CURRENCIES, key=len, reverse=True))
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_MINUS = "[-−－]"
_ISO_CURRENCY = {c for c in CURRENCIES if c.isascii() and c.isalpha()}


def _grouped(mark: str) -> str:
    return rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+"


# a point for decimals, with commas, spaces or apostrophes between groups (and the Indian 1,23,456); or the reverse
POINT_CORE = (
    rf"(?:\d+|{_grouped(',')}|{_grouped(_SPACE)}|{_grouped(_QUOTE)}|[1-9]\d?(?:,\d\d)+,\d{{3}})(?:\.\d*)?|\.\d+"
)
COMMA_CORE = rf"(?:\d+|{_grouped('[.]')}|{_grouped(_SPACE)}|{_grouped(_QUOTE)})(?:,\d*)?|,\d+"


def _pattern(core: str) -> str:
    exponent = r"(?:[eE][+-]?\d{1,3})?"
    return (
        rf"\s*\(?\s*(?:{_MINUS}|\+)?\s*(?:{_CUR})?\s*(?:{_MINUS}|\+)?\s*((?:{core}){exponent})\s*(?:{_UNIT})?\s*"
        rf"(?:[%％‰])?\s*(?:{_CUR})?\s*{_MINUS}?\s*\)?\s*"
    )


POINT_PATTERN, COMMA_PATTERN = _pattern(POINT_CORE), _pattern(COMMA_CORE)
_POINT, _COMMA = re.compile(POINT_PATTERN), re.compile(COMMA_PATTERN)
_ANY = re.compile(f"(?:{POINT_PATTERN})|(?:{COMMA_PATTERN})")
_CUR_RE, _UNIT_RE = re.compile(_CUR), re.compile(rf"[\d.]\s*({_UNIT})")
INTEGER_PATTERN = r"[+-]?(?:0|[1-9]\d{0,14})"
DECIMAL_PATTERN = r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]\d{1,3})?"
_LEADING_ZERO = re.compile(r"[+-]?0\d+")
_LONG_ID = re.compile(r"[+-]?\d{16,}")
_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d{2,3}")
_BARE_EXPONENT = re.compile(r"\d+[eE]\d+")


def looks_like_number(text: str) -> bool:
    """Whether a cell reads as a number in some style; dates in digits and bare words do not."""
    return len(text) <= 60 and any(c.isdecimal() for c in text) and _ANY.fullmatch(text.strip()) is not None


def currency_of(text: str) -> str:
    """ISO code of the currency mark in a cell, '' without one."""
    found = _CUR_RE.search(text)
    return CURRENCIES[found.group(0)] if found else ""


@dataclass(frozen=True, slots=True)
class NumberShape:
    """How the numbers of a column are written; `ambiguous` is the mark that may mean either ("1.234")."""

    decimal: str = "."
    whole: bool = True
    plain: bool = True
    grouped: bool = False
    currency: bool = False
    percent: bool = False
    unit: bool = False
    brackets: bool = False
    shortened: bool = False
    ambiguous: str = ""


def number_shape(values: list[str], *, comma_decimal: bool | None, comma_file: bool) -> NumberShape | None:
    """The one shape that fits all values; None when they are no numbers, or labels made of digits.

    Labels: leading zeros (postcodes, phones), more than 15 digits (exceeding what a double keeps), 12E5.
    """
    texts = [v.strip() for v in values]
    if not texts or any(_is_label(t) for t in texts):
        return None
    point = all(len(t) <= 60 and _POINT.fullmatch(t) for t in texts)
    comma = all(len(t) <= 60 and _COMMA.fullmatch(t) for t in texts)
    if (not point and not comma) or not _units_plausible(texts):
        return None
    marks = {m for t in texts for m in ",." if m in t}
    ambiguous = next(iter(marks)) if point and comma and len(marks) == 1 else ""
    decimal = "." if point else ","
    if ambiguous:
        decimal, ambiguous = _settle_mark(texts, ambiguous, comma_decimal, comma_file)
    return _describe(texts, decimal, ambiguous)


def decimal_evidence(values: list[str]) -> bool | None:
    """True when only a decimal comma fits these values, False when only a decimal point does, None when undecided."""
    texts = [v.strip() for v in values if looks_like_number(v)]
    if len(texts) < max(1, len(values) // 2):
        return None
    point = all(_POINT.fullmatch(t) for t in texts)
    comma = all(_COMMA.fullmatch(t) for t in texts)
    return None if point == comma else comma


def _is_label(text: str) -> bool:
    return any(p.fullmatch(text) for p in (_LEADING_ZERO, _LONG_ID, _BARE_EXPONENT))


def _units_plausible(texts: list[str]) -> bool:
    # 2K or 12B may be a room or a size: Latin letters count as units only beside money or decimals
    letters = [t for t in texts if (m := _UNIT_RE.search(t)) and m.group(1) in _LATIN_UNITS]
    return not letters or any(currency_of(t) or "." in t for t in letters)


def _settle_mark(texts: list[str], mark: str, comma_decimal: bool | None, comma_file: bool) -> tuple[str, str]:
    """(decimal mark, remaining doubt) where every mark is followed by exactly three digits."""
    if comma_decimal is not None:
        return ("," if comma_decimal else "."), ""
    if mark == ",":
        return ".", "" if comma_file or any(t.count(",") > 1 for t in texts) else mark
    if any(t.count(".") > 1 for t in texts):
        return ",", ""
    # plain numbers below 1000 beside dotted ones suggest that the dot marks thousands
    plain = [t for t in texts if "." not in t]
    return ("," if plain and not comma_file else "."), mark


def _describe(texts: list[str], decimal: str, ambiguous: str) -> NumberShape:
    cores = [m.group(1) for t in texts if (m := (_POINT if decimal == "." else _COMMA).fullmatch(t))]
    integer, number = re.compile(INTEGER_PATTERN), re.compile(DECIMAL_PATTERN)
    plain = decimal == "." and all(number.fullmatch(t) for t in texts)
    percent = any(c in t for t in texts for c in "%％‰")
    unit = any(_UNIT_RE.search(t) for t in texts)
    whole = not percent and not unit and not any(decimal in c or "e" in c.lower() for c in cores)
    return NumberShape(
        decimal=decimal,
        whole=whole and (not plain or all(integer.fullmatch(t) for t in texts)),
        plain=plain,
        grouped=any(set(c) - set("0123456789eE+-" + decimal) for c in cores),
        currency=any(currency_of(t) for t in texts),
        percent=percent,
        unit=unit,
        brackets=any(t.startswith("(") for t in texts),
        shortened=all(_SHORTENED.fullmatch(t) for t in texts),
        ambiguous=ambiguous,
    )


def number_sql(column: str, shape: NumberShape) -> str:
    """SQL for the value of a text column, NULL where the text doesn't have the shape."""
    if shape.plain:
        pattern = INTEGER_PATTERN if shape.whole else DECIMAL_PATTERN
        target = "BIGINT" if shape.whole else "DOUBLE"
        return f"CASE WHEN regexp_full_match({column}, ' *{pattern} *') THEN try_cast({column} AS {target}) END"
    pattern = (POINT_PATTERN if shape.decimal == "." else COMMA_PATTERN).replace("'", "''")
    pattern = pattern.replace(r"\d", "[0-9]")
    core = f"regexp_extract({column}, '^{pattern}$', 1)"
    kept = f"regexp_replace({core}, '[^0-9eE+{shape.decimal}-]', '', 'g')"
    value = f"try_cast(replace({kept}, ',', '.') AS DOUBLE)"
    negative = f"regexp_matches({column}, '^\\s*\\(|^[^0-9]*{_MINUS}|{_MINUS}[^0-9]*$')"
    signed = f"(CASE WHEN {negative} THEN -1 ELSE 1 END) * {value}{_scale_sql(column, shape)}"
    if shape.whole:
        signed = f"try_cast({signed} AS BIGINT)"
    return f"CASE WHEN regexp_full_match({column}, '{pattern}') THEN {signed} END"


def _scale_sql(column: str, shape: NumberShape) -> str:
    text = ""
    if shape.unit:
        cases = " ".join(f"WHEN '{u}' THEN {f:.0f}.0" for u, f in UNITS.items())
        text += f" * (CASE regexp_extract({column}, '[0-9.]\\s*({_UNIT})', 1) {cases} ELSE 1.0 END)"
    if shape.percent:
        cases = f"WHEN contains({column}, '‰') THEN 1000.0 WHEN regexp_matches({column}, '[%％]') THEN 100.0"
        text += f" / (CASE {cases} ELSE 1 END)"
    return text


def currency_sql(column: str) -> str:
    """SQL for the currency mark in a text column, '' without one."""
    return f"regexp_extract({column}, '{_CUR}')"
