"""In: rows that have a date of birth or an age. Out: their age, as a value of each row."""

from __future__ import annotations

from collections.abc import Iterable

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Cond
from bi_chat.semantics.model import Dataset, Field
from bi_chat.semantics.naming import split, words
from bi_chat.values.plan import Age, FieldRef

AGE_WORDS = {"age", "birth", "birthday", "birthdate", "dob", "born", "年龄", "生日", "出生", "出生日期"}
SAID = ("age", "ages", "年龄")
YEARS = (12, 110)  # an amount that may be somebody's age


def age_field(near: Iterable[Dataset]) -> FieldRef | Age | None:
    """The age, or the age at a date of birth."""
    for dataset in near:
        for field in dataset.fields:
            if AGE_WORDS & {*split(field.name), *words(field.name)}:
                ref = FieldRef(dataset.name, field.name)
                return Age(ref) if field.is_time else ref
    return None


def tells_age(piece: Piece, field: Field | None) -> bool:
    """Whether "age" is said of a date of birth."""
    return field is not None and field.is_time and piece.text.lower().replace(" ", "") in SAID


def aged(cond: Cond, near: Iterable[Dataset]) -> FieldRef | Age | None:
    """ "older than 30"; "members over 65", of people whose date of birth is known."""
    plain = cond.hint == "" and not cond.amounts[0].unit and YEARS[0] <= cond.amounts[0].value <= YEARS[1]
    if cond.hint != "age" and not (plain and cond.op != "="):
        return None
    return age_field(near)
