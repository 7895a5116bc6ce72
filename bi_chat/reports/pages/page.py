"""In: a composed report, or a part of it. Out: what all pages share: names of files, what of an answer is seen."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from bi_chat.conversation.views.words import column_label, columns_of, is_numeric, texts
from bi_chat.language.display import one_line
from bi_chat.reports.composed import Composed, Part, Source
from bi_chat.reports.words import word
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.page import Page
from bi_chat.values.result import Result

KINDS = {
    "html": "text/html",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "png": "image/png",
}
MOST_ROWS, MOST_COLUMNS = 40, 8
_PARTS = re.compile(r"[^\w]+")


def page(composed: Composed, form: str, content: bytes) -> Page:
    """A page of a form, named after the report and the moment that it is about."""
    return Page(f"{file_stem(composed.title)}-{composed.at:%Y-%m-%d-%H%M}.{form}", KINDS[form], content)


def file_stem(title: str) -> str:
    """A title as a file's name: letters, digits and hyphens of any script, at most 60."""
    plain = unicodedata.normalize("NFKC", one_line(title, 200)).lower()
    return _PARTS.sub("-", plain).strip("-_")[:60].strip("-_") or "report"


def shown(part: Part) -> tuple[str, ...]:
    """What of an answer is seen: told, chart, table. Without a chart the table stands in for it."""
    assert part.answer is not None
    answer = part.answer.answer
    if answer.status != "answered":
        return ("told",)
    wanted = part.show or ("told", "chart")
    if "chart" in wanted and not has_chart(answer) and many_cells(answer):
        wanted = (*(w for w in wanted if w not in ("chart", "table")), "table")
    return tuple(w for w in wanted if w != "chart" or has_chart(answer))


def has_chart(answer: AnswerValue) -> bool:
    """Whether a picture says more than the headline or the rows."""
    return answer.chart is not None and answer.result is not None and answer.chart.type not in ("table", "number")


def many_cells(answer: AnswerValue) -> bool:
    """Whether there are rows beyond the single number of a headline."""
    return answer.result is not None and answer.result.frame.height > 0 and answer.result.frame.shape != (1, 1)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as text: its heads, which columns stand on the right, its rows, and how many more there are, in words."""

    heads: tuple[str, ...]
    right: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str


def grid(result: Result, language: str) -> Grid:
    """The rows for a printed page; long and wide tables are cut, and say so."""
    columns = columns_of(result)[:MOST_COLUMNS]
    count = min(MOST_ROWS, result.frame.height)
    cells = [result.frame.get_column(c.name).to_list()[:count] for c in columns]
    said = (texts(c, v, language) for c, v in zip(columns, cells, strict=True))
    more = result.frame.height - count
    return Grid(
        tuple(column_label(c) for c in columns),
        tuple(is_numeric(c, v) for c, v in zip(columns, cells, strict=True)),
        tuple(zip(*said, strict=True)),
        word("rows_more", language, count=f"{more:,}") if more else "",
    )


def as_part(source: Source, show: tuple[str, ...]) -> AnswerValue:
    """The answer with only what a reader of the report's body needs; how it was made stands in the appendix."""
    answer = source.answer
    return replace(
        answer,
        question=replace(answer.question, text=source.title),
        chart=answer.chart if "chart" in show else None,
        result=answer.result if "chart" in show or "table" in show else None,
        narrative=answer.narrative if "told" in show else Narrative(),
        text=answer.text if "told" in show else "",
        how_read=(),
        assumptions=(),
        restatement="",
        sql="",
        choices=(),
        next_questions=(),
        timings=(),
        confidence=0.0,
    )
