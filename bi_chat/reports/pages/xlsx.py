"""In: a composed report. Out: one workbook: the rows of each answer, and how all of them were read."""

from __future__ import annotations

from bi_chat.conversation.views.workbook import Sheet, workbook
from bi_chat.reports.composed import Composed
from bi_chat.reports.pages.page import page
from bi_chat.values.page import Page


def as_page(composed: Composed) -> Page:
    """Every answer of the report, those of its summary as well, in the order of their numbers."""
    sheets = tuple(Sheet(f"{s.number} {s.title}", s.answer) for s in composed.sources)
    return page(composed, "xlsx", workbook(sheets, composed.language))
