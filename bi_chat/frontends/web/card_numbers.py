"""In: an answer of one row. Out: its numbers, large."""

from __future__ import annotations

import streamlit as st

from bi_chat.conversation.views.words import column_label
from bi_chat.frontends.web.words import html
from bi_chat.language.display import show_cell
from bi_chat.values.answer import AnswerValue

MOST = 4


def numbers(value: AnswerValue) -> tuple[tuple[str, str], ...]:
    """Label and number of each, at most four, where the chart is a number card; else none."""
    chart, result = value.chart, value.result
    if chart is None or result is None or chart.type != "number" or result.frame.height != 1:
        return ()
    by_name = {c.name: c for c in result.columns}
    cells = result.frame.row(0, named=True)
    shown = [by_name[n] for n in chart.y[:MOST] if n in by_name]
    return tuple((column_label(c), show_cell(cells[c.name], c, value.question.language)) for c in shown)


def show_numbers(found: tuple[tuple[str, str], ...]) -> None:
    """Side by side."""
    shown = "".join(f"<div><strong>{html(number)}</strong><span>{html(name)}</span></div>" for name, number in found)
    st.html(f'<div class="bi-numbers">{shown}</div>')


def says_no_more(headline: str, found: tuple[tuple[str, str], ...]) -> bool:
    """Whether the headline is the one number and its name, which the card shows already."""
    if len(found) != 1:
        return False
    name, number = found[0]
    return number in headline and len(headline) <= len(name) + len(number) + 4
