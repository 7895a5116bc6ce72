"""In: an answer's value. Out: its parts as finished lines, in the asker's language, for every view alike."""

from __future__ import annotations

from bi_chat.language.display import as_number, decimals_of, one_line, show_cell, show_number
from bi_chat.narration.pack import knows, say
from bi_chat.values.answer import AnswerValue
from bi_chat.values.issue import Suggestion
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result


def heading(key: str, language: str, **fields: str) -> str:
    """A view's own words: the name of a part."""
    return say(language, "views", key, **fields)


def role_word(role: str, language: str) -> str:
    """What a phrase of the question was taken for."""
    return say(language, "views", f"role.{role}") if knows(language, "views", f"role.{role}") else role


def paragraphs(answer: AnswerValue) -> list[str]:
    """What to say first: the headline and its sentences, or what stands in the way."""
    if answer.status == "answered":
        told = [answer.narrative.headline, *answer.narrative.sentences]
    else:
        told = [t for i in answer.issues for t in (i.understood, i.problem, i.exists)]
    return [t for t in ([answer.text, *told] if answer.text and answer.text not in told else told) if t]


def ways_on(answer: AnswerValue) -> list[Suggestion]:
    """What to ask next: what the issues suggest, else the follow-ups."""
    found = [s for i in answer.issues for s in i.suggestions] or list(answer.next_questions)
    return list({s.text: s for s in found}.values())


def choices(answer: AnswerValue) -> list[str]:
    """The readings to choose from, when the question has more than one meaning."""
    return [one_line(r.label, 120) for r in answer.choices if r.label] if answer.status == "clarify" else []


def columns_of(result: Result) -> list[ResultColumn]:
    """The columns to show, in order; those without a description show as they are."""
    described = {c.name: c for c in result.columns}
    every = [described.get(n, ResultColumn(n, "attribute")) for n in result.frame.columns]
    return [c for c in every if not c.hidden]


def column_label(column: ResultColumn) -> str:
    """A column's heading, with its unit where the cells do not show it."""
    return one_line(column.label or column.name.replace("_", " "), 60)


def texts(column: ResultColumn, cells: list[Cell], language: str) -> list[str]:
    """A column's cells with equal decimals, so that they line up."""
    decimals = decimals_of(cells, column.format)
    return [one_line(show_cell(c, column, language, decimals=decimals), 200) for c in cells]


def is_numeric(column: ResultColumn, cells: list[Cell]) -> bool:
    """Whether a column stands right-aligned."""
    known = [c for c in cells if c is not None]
    return column.role not in ("dimension", "time") and bool(known) and all(as_number(c) is not None for c in known)


def footer(answer: AnswerValue) -> list[str]:
    """How sure, how many rows, how fresh, how long."""
    language, parts = answer.question.language, []
    if answer.result is not None:
        count = answer.result.frame.height
        parts.append(heading("rows.one" if count == 1 else "rows", language, count=f"{count:,}"))
        if answer.result.cut_at:
            parts.append(heading("cut", language, count=f"{answer.result.cut_at:,}"))
        if answer.result.as_of is not None:
            parts.append(heading("as_of", language, when=f"{answer.result.as_of:%Y-%m-%d %H:%M}"))
    if answer.confidence:
        share = show_number(answer.confidence, language=language, format="percent", decimals=0)
        parts.append(heading("confidence", language, share=share))
    if answer.timings:
        parts.append(heading("seconds", language, seconds=f"{sum(t.seconds for t in answer.timings):.2f}"))
    return parts
