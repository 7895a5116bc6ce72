"""In: an answer of one row. Out: its numbers, large."""

from __future__ import annotations

import streamlit as st

from bi_chat.conversation.views.words import column_label
from bi_chat.frontends.web.words import html
from bi_chat.language.display import show_cell
from bi_chat.values.answer import AnswerValue

MOST = 4


def numbers(value: AnswerValue) -> None:
    """Up to four numbers side by side, where the chart is a number card."""
    chart, result = value.chart, value.result
    if chart is None or result is None or chart.type != "number" or result.frame.height != 1:
        return
    language = value.question.language
    by_name = {c.name: c for c in result.columns}
    cells = result.frame.row(0, named=True)
    shown = "".join(
        f"<div><strong>{html(show_cell(cells[n], by_name[n], language))}</strong><span>{html(column_label(by_name[n]))}</span></div>"
        for n in chart.y[:MOST]
        if n in by_name
    )
    if shown:
        st.html(f'<div class="bi-numbers">{shown}</div>')
