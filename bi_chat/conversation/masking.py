"""In: an answer and the model. Out: the texts that the audit log may hold: without values of sensitive fields.

What a question compares a sensitive field with is a value of that field. Texts that look like an address, a phone or
an identity number are masked wherever they stand: a question that was not understood may name one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bi_chat.semantics.model import SemanticModel
from bi_chat.values.answer import AnswerValue

MASK = "•••"
_PERSONAL = re.compile(r"[^\s@<>,;:'\"]+@[^\s@<>,;:'\"]+\.\w{2,}|(?<![\w.])\+?\d(?:[ .()-]{0,2}\d){7,18}[xX]?(?![\w.])")
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_DATED = re.compile(r"(?:19|20)\d\d[-./ ]?\d\d?[-./ ]?\d\d?|(?:19|20)\d\d\s*[-–]\s*(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Masked:
    """What may be written down."""

    question: str
    reading: str
    sql: str


def masked(answer: AnswerValue, model: SemanticModel) -> Masked:
    """The texts of an answer that an audit entry holds."""
    hidden = _sensitive_columns(model)
    values, sql = _without_values(answer.sql, hidden) if answer.sql else ((), "")
    asked = sql if answer.question.text == answer.sql else _mask(answer.question.text, values)
    return Masked(asked, _mask(answer.restatement, values), sql)


def without_personal(text: str) -> str:
    """A text for others to read: addresses, phone and identity numbers in it are masked."""
    return _PERSONAL.sub(MASK, text)


def _sensitive_columns(model: SemanticModel) -> frozenset[str]:
    fields = [f for d in model.datasets for f in d.fields if f.sensitivity]
    return frozenset(n.strip('"').lower() for f in fields for n in (f.name, f.expression))


def _without_values(sql: str, hidden: frozenset[str]) -> tuple[tuple[str, ...], str]:
    """The values that stood beside a sensitive column, and the statement without them."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except (SqlglotError, RecursionError):
        return (), _mask(_QUOTED.sub(f"'{MASK}'", sql), ())
    found: list[str] = []
    for literal in list(tree.find_all(exp.Literal)):
        beside = literal.find_ancestor(exp.Predicate, exp.Case, exp.Func)
        if beside is not None and any(c.name.lower() in hidden for c in beside.find_all(exp.Column)):
            found.append(literal.name)
            literal.replace(exp.Literal.string(MASK))
    if not found and not _PERSONAL.search(sql):
        return (), sql
    for literal in tree.find_all(exp.Literal):
        if literal.is_string:
            literal.set("this", _mask(literal.name, ()))
    return tuple(found), tree.sql(dialect="duckdb", pretty="\n" in sql)


def _mask(text: str, values: tuple[str, ...]) -> str:
    for value in sorted(values, key=len, reverse=True):
        if value.strip("%"):
            text = re.sub(re.escape(value.strip("%")), MASK, text, flags=re.IGNORECASE)
    return _PERSONAL.sub(lambda m: m.group() if _DATED.fullmatch(m.group()) else MASK, text)
