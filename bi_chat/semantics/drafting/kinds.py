"""In: a column as drafting sees it. Out: its kind, additivity, unit, format, usual aggregate and sensitivity."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.semantics.drafting.hints import ends_with, flag_pairs, hint_groups, hints, mentions
from bi_chat.semantics.drafting.personal import sensitivity_of
from bi_chat.semantics.drafting.shapes import NUMERIC, Shape
from bi_chat.semantics.vocabulary import Phrase, is_chinese

_FEW = 12
_LONG_TEXT = 50.0


@dataclass(frozen=True)
class Kind:
    """See `semantics.model.Field` for the words."""

    kind: str
    additivity: str = "additive"
    unit: str = ""
    format: str = ""
    default_aggregate: str = ""
    sensitivity: str = ""


def kind_of(column: Shape, *, is_key: bool, time_format: str | None, people: bool = False) -> Kind:
    """What a column is good for. `is_key`: it identifies rows or refers to them; `people`: the table holds persons."""
    sensitivity = sensitivity_of(column, people=people)
    if time_format is not None:
        year = column.family in NUMERIC and not time_format  # 2014 is shown as it is, not as a day
        return Kind("time", "none", format="text" if year else "date", sensitivity=sensitivity)
    if is_key or _is_surrogate(column):
        return Kind("key", "none", sensitivity=sensitivity)
    if is_flag(column):
        return Kind("flag", "none", default_aggregate="count")
    if column.family in NUMERIC:
        return _number(column, sensitivity)
    if column.family == "text":
        return Kind(_text_kind(column), "none", format="text", sensitivity=sensitivity)
    return Kind("time" if column.family == "time" else "other", "none", sensitivity=sensitivity)


def _is_surrogate(column: Shape) -> bool:
    """A column named like a key that refers to nothing here: still no number to add up."""
    if not column.is_key_name:
        return False
    if column.family == "integer":
        return column.singular[0] != "number" and _not_a_count(column)
    return column.family == "text" and bool(column.subject) and column.singular[-1] in ("id", "编号", "单号", "uuid")


def _not_a_count(column: Shape) -> bool:
    """`room_number` is a name, a bare or small `number` may be how many; ids are never counts."""
    if column.singular[-1] in ("number", "号码", "号"):
        return not (column.profile and column.profile.distinct <= _FEW) or bool(column.subject)
    return True


def is_flag(column: Shape) -> bool:
    """Yes or no: a boolean, a pair of values such as Y and N, or 0 and 1 under a name like is_active."""
    if column.family == "boolean":
        return True
    named = column.singular[0] in hints("flag_first") or ends_with(column.singular, hints("flag_last"))
    if column.profile is None or (column.family == "text" and not column.profile.values_complete):
        return False
    if column.family == "integer":
        bounds = (column.profile.low, column.profile.high)
        return named and column.profile.distinct <= 2 and bounds in ((0, 1), (0, 0), (1, 1))
    if column.family != "text" or len(column.profile.values) > 2:
        return False
    pair = frozenset(v.strip().lower() for v in column.profile.values)
    return pair in flag_pairs()


# ------------------------------------------------------------------ numbers
def _number(column: Shape, sensitivity: str) -> Kind:
    unit, shown = unit_and_format(column)
    role = additivity_of(column)
    if role == "":
        # nothing in the name tells: compare or average it, sum it only when told to
        return Kind("number", "additive", unit, shown, "", sensitivity)
    if role == "none":
        return Kind("number", "none", unit, shown, "avg", sensitivity)
    return Kind("measure", role, unit, shown, "sum" if role == "additive" else "last", sensitivity)


def additivity_of(column: Shape) -> str:
    """additive, semi (not over time), none, or '' when the name does not tell."""
    return additivity_of_words(column.singular)


def additivity_of_words(said: Phrase) -> str:
    """The same from the singular words of a name alone."""
    if mentions(said, hints("ratio_anywhere")) or said[0] in ("average", "mean", "maximum", "minimum", "per", "平均"):
        return "none"
    if "per" in said or (said[0] in ("unit", "单位") and len(said) > 1):
        return "none"
    if said[:2] == ("number", "of") or said[0] in ("total", "count"):
        return "additive"
    if ends_with(said, hints("not_additive")):
        return "none"
    if mentions(said, hints("semi")):
        return "semi"
    if ends_with(said, hints("additive")):
        return "additive"
    # units often stand last: amount_usd, duration_minutes, floor_area_sqft
    shorter = _without_unit(said)
    shorter = said[:-1] if shorter == said and _tells_what_for(said) else shorter
    if shorter == said:
        return ""
    return additivity_of_words(shorter) or ("additive" if _is_currency(said[-1]) else "")


def _without_unit(said: Phrase) -> Phrase:
    for n in (2, 1):
        if len(said) > n and (_is_unit(" ".join(said[-n:])) or (n == 1 and said[-1].isdigit())):
            return said[:-n]
    return said


def _tells_what_for(said: Phrase) -> bool:
    """ "amount claimed", "minutes watched": a participle at the end says what became of it, not what it is."""
    return len(said) > 1 and said[-1].endswith("ed") and len(said[-1]) > 4


def _is_currency(word: str) -> bool:
    return any(word in names for names in hint_groups("currencies").values())


def _is_unit(word: str) -> bool:
    return _is_currency(word) or any(word in names for names in hint_groups("units").values())


def unit_and_format(column: Shape) -> tuple[str, str]:
    """Unit and number format. Format percent means fractions (0.25); unit % with format number means 25."""
    said = column.singular[:-1] if _tells_what_for(column.singular) else column.singular
    if mentions(said, hints("ratio")) or ends_with(said, hints("ratio")):
        high = column.profile.high if column.profile else None
        if isinstance(high, int | float) and 0 < high <= 1.0:
            return "", "percent"
        if mentions(said, frozenset({"percent", "percentage"})) or ends_with(said, frozenset({"百分比", "占比"})):
            return "%", "number"
    for code, names in hint_groups("currencies").items():
        if mentions(column.words, names) or (said[-1].endswith("元") and code == "CNY" and is_chinese(said[-1])):
            return code, "currency"
    for unit, names in hint_groups("units").items():
        if len(said) > 1 and ends_with(column.words, names):
            return unit, "integer" if column.family == "integer" else "number"
    summed = column.family == "decimal" and said[-1] in ("total", "subtotal", "value", "合计", "总计", "小计")
    if summed or (ends_with(said, hints("money")) and not ends_with(said, hints("not_money")) and not _counts(said)):
        return "", "currency"
    return "", "integer" if column.family == "integer" else "number"


def _counts(said: tuple[str, ...]) -> bool:
    return said[:2] == ("number", "of") or said[0] == "count"


# ------------------------------------------------------------------ texts
def _text_kind(column: Shape) -> str:
    if ends_with(column.singular, hints("names")):
        return "category"
    profile = column.profile
    if profile and profile.mean_length > _LONG_TEXT:
        return "text"
    few = bool(profile and column.seen and profile.distinct <= _FEW)
    if not few and (ends_with(column.singular, hints("free_text")) or ends_with(column.singular, hints("codes"))):
        return "text"
    return "category"
