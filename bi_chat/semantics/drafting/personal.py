"""In: a column as drafting sees it. Out: which personal matter it may hold, by its name and by the look of its values.

A guess, always: it marks a field in the drafted model, and under a policy masks it until somebody names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bi_chat.semantics.drafting.hints import ends_with, hint_groups, hints
from bi_chat.semantics.drafting.shapes import Shape

_FEW = 12
_READ = 50
_MOST = 0.8
_SEPARATORS = re.compile(r"[ .()/-]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?:\+|00)\d{8,15}|1[3-9]\d{9}")
_LOCAL_PHONE = re.compile(r"\(?0\d{1,5}\)?[ /-]\d[\d -]{3,12}|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}")
_SOCIAL_SECURITY = re.compile(r"(?!000|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}")
_CHINESE_ID = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{9}[\dXx]")
_CHINESE_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_CARD = re.compile(r"\d{13,19}")


def look_of(values: Sequence[str]) -> str:
    """What most of some values look like: email, national_id, card, phone; '' for nothing personal."""
    given = [value.strip() for value in values if value.strip()]
    for what, looks in _LOOKS:
        if given and sum(map(looks, given)) > _MOST * len(given):
            return what
    return ""


def is_chinese_id(value: str) -> bool:
    """18 characters whose last is the check digit of the others (GB 11643-1999, ISO 7064 MOD 11-2)."""
    if not _CHINESE_ID.fullmatch(value):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value, _CHINESE_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == value[-1].upper()


def is_card(value: str) -> bool:
    """13 to 19 digits, perhaps in groups, that pass the check of Luhn (ISO/IEC 7812-1)."""
    digits = re.sub(r"[ -]", "", value)
    if not _CARD.fullmatch(digits) or len(set(digits)) < 2:
        return False
    doubled = (int(d) * (1 + at % 2) for at, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def is_iban(value: str) -> bool:
    """An account number with its two check digits (ISO 13616, remainder 1 of 97)."""
    packed = value.replace(" ", "").upper()
    if not _IBAN.fullmatch(packed):
        return False
    return int("".join(str(int(c, 36)) for c in packed[4:] + packed[:4])) % 97 == 1


def _is_phone(value: str) -> bool:
    return bool(_PHONE.fullmatch(_SEPARATORS.sub("", value)) or _LOCAL_PHONE.fullmatch(value))


_LOOKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", lambda v: bool(_EMAIL.fullmatch(v))),
    ("national_id", lambda v: is_chinese_id(v) or bool(_SOCIAL_SECURITY.fullmatch(v))),
    ("card", lambda v: is_card(v) or is_iban(v)),
    ("phone", _is_phone),
)


def sensitivity_of(column: Shape, *, people: bool = False) -> str:
    """Which personal matter a column may hold ('' when none shows), by its name and the look of its values."""
    if column.family not in ("text", "integer", "date", "timestamp"):
        return ""
    if column.profile is not None and (looks := look_of(column.profile.values[:_READ])):
        return looks
    for what, names in hint_groups("sensitive").items():
        if ends_with(column.singular, names) and _plausible(what, column):
            return what
    said = column.singular
    if len(said) > 1 and said[-1] == "name" and said[-2] in hints("people") | hints("person_roles"):
        return "person_name"
    bare_name = said in (("name",), ("名称",), ("名字",), ("full", "name"))
    return "person_name" if people and bare_name and column.family == "text" else ""


def _plausible(what: str, column: Shape) -> bool:
    """`phone` may be a device and `address` an IP: numbers of few different values are neither."""
    if what == "birth_date":
        return column.family in ("date", "timestamp", "text")
    if what in ("email", "person_name", "address", "password"):
        return column.family == "text" and not (column.profile and column.seen > 50 and column.profile.distinct <= _FEW)
    return not (column.profile and column.seen > 50 and column.profile.distinct <= _FEW)
