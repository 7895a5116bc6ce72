"""In: facts. Out: a headline and one or two sentences, in which every number is a fact's value, put there by code."""

from __future__ import annotations

from datetime import date

from bi_chat.language.display import one_line, show_cell, show_date, show_number
from bi_chat.narration.pack import knows, say
from bi_chat.values.answer import Narrative
from bi_chat.values.fact import Fact
from bi_chat.values.plan import Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

MOST_SENTENCES = 2
SHORT_FROM = 1_000_000
LABEL_LENGTH = 60
_PERCENTS = ("share", "relative")
_COUNTS = ("rows", "groups", "count", "top", "horizon")
_PERIODS = ("period", "from_period", "to_period")


def tell(facts: tuple[Fact, ...], result: Result, plan: Plan, language: str) -> Narrative:
    """The first fact that has a headline becomes it; the next ones become sentences; caveats are never left out."""
    first = next((f for f in facts if _key(f, "headline", language)), None)
    if first is None:
        return Narrative()
    fields = {f: fact_texts(f, result, language) for f in facts}
    headline = _say(first, "headline", language, fields[first])
    told: list[str] = []
    exact = _exact(first, result, language)
    if exact:
        told.append(say(language, "sentences", "exact", exact=exact))
    for fact in facts:
        repeats = fact is first and first.kind not in ("empty", "no_value")
        if len(told) < MOST_SENTENCES and not repeats and _key(fact, "sentences", language):
            told.append(_say(fact, "sentences", language, fields[fact]))
    told += [_say(f, "caveats", language, fields[f]) for f in facts if f is not first and _key(f, "caveats", language)]
    return Narrative(headline, tuple(told))


def _key(fact: Fact, section: str, language: str) -> str:
    """The template's key: by kind, by direction where the fact has one, by singular where it counts one."""
    difference = fact.value("difference")
    if isinstance(difference, int | float):
        way = "up" if difference > 0 else "down" if difference < 0 else "flat"
        if knows(language, section, f"{fact.kind}.{way}"):
            return f"{fact.kind}.{way}"
    if fact.value("rows") == 1 and knows(language, section, f"{fact.kind}.one"):
        return f"{fact.kind}.one"
    return fact.kind if knows(language, section, fact.kind) else ""


def _say(fact: Fact, section: str, language: str, fields: dict[str, str]) -> str:
    return say(language, section, _key(fact, section, language), **fields)


def fact_texts(fact: Fact, result: Result, language: str) -> dict[str, str]:
    """Each value of a fact as text; numbers take the format of the fact's first cell's column."""
    subject = _column(result, fact.cells[0].column) if fact.cells else None
    fields = {name: _show(name, value, subject, result, language) for name, value in fact.values}
    fields["group"] = _group(fact, result, language) if fact.value("group") is not None else ""
    items = [_item(v, subject, language) for n, v in fact.values if n.startswith("item_")]
    return {**fields, "items": ("、" if language == "zh" else ", ").join(items)}


def _item(value: Cell, column: ResultColumn | None, language: str) -> str:
    return one_line(show_cell(value, column, language) if column else str(value), LABEL_LENGTH)


def _show(name: str, value: Cell, subject: ResultColumn | None, result: Result, language: str) -> str:
    if name == "measure":
        return measure_label(_column(result, str(value)), str(value))
    if name in _PERIODS:
        return show_period(value, result, language)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return one_line(str(value), LABEL_LENGTH) if value is not None else ""
    if name in _PERCENTS:
        return show_number(abs(value), language=language, format="percent")
    if name in _COUNTS or subject is None:
        return show_number(value, language=language, format="integer")
    value = abs(value) if name == "difference" else value
    return show_number(
        value, language=language, format=subject.format, unit=subject.unit, short=abs(value) >= SHORT_FROM
    )


def show_period(value: Cell, result: Result, language: str) -> str:
    """A cell of the result's time column in words."""
    column = next(iter(result.role("time")), None)
    if isinstance(value, date):
        return show_date(value, column.grain if column else "", language)
    return show_cell(value, column, language) if column and value is not None else one_line(str(value), LABEL_LENGTH)


def measure_label(column: ResultColumn | None, name: str) -> str:
    """What a measure is called: its label, else its name made readable."""
    return one_line((column.label if column else "") or name.replace("_", " ").strip(), LABEL_LENGTH)


def _group(fact: Fact, result: Result, language: str) -> str:
    """The subject's row named by its dimension cells, shown as their columns ask (weekdays by name)."""
    row, parts = fact.cells[0].row, []
    for ref in fact.cells[1:]:
        column = _column(result, ref.column)
        if (
            ref.row == row
            and column is not None
            and column.role in ("dimension", "time")
            and not _is_period(column, fact)
        ):
            parts.append(one_line(show_cell(result.frame.item(row, ref.column), column, language), LABEL_LENGTH))
    return " · ".join(dict.fromkeys(parts))


def _is_period(column: ResultColumn, fact: Fact) -> bool:
    """In a series the time column names the period, not the group; a total over time has no period either."""
    return column.role == "time" and (fact.value("period") is not None or fact.kind == "largest_series")


def _column(result: Result, name: str) -> ResultColumn | None:
    return next((c for c in result.columns if c.name == name), None)


def _exact(fact: Fact, result: Result, language: str) -> str:
    """The full number, where the headline of a single value shortened it."""
    value = fact.value("value")
    if fact.kind != "value" or isinstance(value, bool) or not isinstance(value, int | float) or abs(value) < SHORT_FROM:
        return ""
    column = _column(result, fact.cells[0].column)
    if column is None:
        return ""
    return show_number(value, language=language, format=column.format, unit=column.unit)
