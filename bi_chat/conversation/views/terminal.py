"""In: an answer's value. Out: it as plain text for a terminal, at most twenty rows, aligned for wide signs too."""

from __future__ import annotations

from bi_chat.conversation.views.words import (
    choices,
    column_label,
    columns_of,
    footer,
    heading,
    is_numeric,
    paragraphs,
    texts,
    ways_on,
)
from bi_chat.language.display import one_line, width
from bi_chat.values.answer import AnswerValue
from bi_chat.values.result import Result

MOST_ROWS = 20
MOST_COLUMNS = 8
CELL_WIDTH = 40


def as_text(answer: AnswerValue, *, with_sql: bool = False) -> str:
    """Headline and sentences, the first rows, how it was read, assumptions, warnings, what to ask next."""
    language = answer.question.language
    parts = ["\n".join(paragraphs(answer))]
    parts.append(_listed(heading("choose", language), [f"{n}. {c}" for n, c in enumerate(choices(answer), 1)]))
    parts.append(_listed(heading("warnings", language), [f"! {w}" for w in answer.warnings]))
    if answer.result is not None and answer.result.frame.height:
        parts.append(table_text(answer.result, language))
    if answer.restatement:
        parts.append(f"{heading('understood', language)}: {answer.restatement}")
    parts.append(_listed(heading("how_read", language), _read(answer)))
    parts.append(_listed(heading("assumptions", language), [f"- {a}" for a in answer.assumptions]))
    if with_sql and answer.sql:
        parts.append(f"{heading('sql', language)}\n{answer.sql}")
    ways = [f"> {one_line(s.text, 120)}" for s in ways_on(answer)]
    parts.append(_listed(heading("next" if answer.status == "answered" else "suggestions", language), ways))
    parts.append(" · ".join(footer(answer)))
    return "\n\n".join(p for p in parts if p)


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)]) if lines else ""


def _read(answer: AnswerValue) -> list[str]:
    return [f"“{one_line(p.text, 60)}” → {one_line(p.meaning, 100)}" for p in answer.how_read]


def table_text(result: Result, language: str) -> str:
    """The first rows as an aligned table; numbers stand right."""
    columns = columns_of(result)[:MOST_COLUMNS]
    count = min(MOST_ROWS, result.frame.height)
    drawn: list[list[str]] = []
    for column in columns:
        cells = result.frame.get_column(column.name).to_list()[:count]
        right = is_numeric(column, cells)
        shown = [_cut(t) for t in [column_label(column), *texts(column, cells, language)]]
        wide = max(map(width, shown))
        pads = [" " * (wide - width(t)) for t in shown]
        aligned = [p + t if right else t + p for t, p in zip(shown, pads, strict=True)]
        drawn.append([aligned[0], "─" * wide, *aligned[1:]])
    lines = ["  ".join(row).rstrip() for row in zip(*drawn, strict=True)]
    more = result.frame.height - count
    return "\n".join([*lines, heading("more_rows", language, count=f"{more:,}")] if more else lines)


def _cut(text: str) -> str:
    if width(text) <= CELL_WIDTH:
        return text
    kept = ""
    for sign in text:
        if width(kept + sign) > CELL_WIDTH - 1:
            break
        kept += sign
    return kept + "…"
