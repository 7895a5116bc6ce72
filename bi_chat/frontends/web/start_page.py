"""In: open data. Out: the start page: what can be asked, as cards to click; for one's own files how they were read."""

from __future__ import annotations

import streamlit as st

from bi_chat.frontends.web.data import Opened
from bi_chat.frontends.web.report import report_box
from bi_chat.frontends.web.state import Wish, wish
from bi_chat.frontends.web.words import html, label, say
from bi_chat.semantics.model import SemanticModel

MOST_NAMES = 10


def start_page(opened: Opened, language: str) -> None:
    """What these data hold and what to begin with."""
    connection = opened.data.connection
    rows = sum(t.rows or 0 for t in connection.catalog.tables)
    today = opened.data.today
    until = say("hello.until", language, day=f"{today:%Y-%m-%d}") if today else ""
    counted = say("hello.data", language, tables=str(len(connection.catalog.tables)), rows=f"{rows:,}", until=until)
    st.html(f'<h1 class="bi-hello">{say("hello", language)}</h1><p class="bi-small">{html(counted)}</p>')
    if opened.folder is not None and connection.report is not None:
        report_box(connection.report, language, folded=False)
    _questions(opened.questions_in(language), language)
    measures, groups = _names(connection.model)
    _chips(say("hello.measures", language), measures)
    _chips(say("hello.groups", language), groups)


def _questions(questions: tuple[str, ...], language: str) -> None:
    if not questions:
        return
    st.html(f'<p class="bi-label">{say("hello.try", language)}</p>')
    columns = st.columns(2, gap="small")
    for at, text in enumerate(questions):
        with columns[at % 2]:
            st.button(label(text), key=f"try-{language}-{at}", on_click=wish, args=(Wish(text),), width="stretch")


def _names(model: SemanticModel) -> tuple[list[str], list[str]]:
    measures = [m.label or m.name for m in model.metrics]
    if not measures:
        measures = [f.label or f.name for d in model.datasets for f in d.fields if f.kind == "measure"]
    groups = [f.label or f.name for d in model.datasets for f in d.fields if f.kind == "category"]
    return list(dict.fromkeys(measures)), list(dict.fromkeys(groups))


def _chips(title: str, names: list[str]) -> None:
    if not names:
        return
    more = [f"+{len(names) - MOST_NAMES}"] if len(names) > MOST_NAMES else []
    items = "".join(f"<li>{html(name, 40)}</li>" for name in [*names[:MOST_NAMES], *more])
    st.html(f'<p class="bi-label">{html(title)}</p><ul class="bi-chips quiet">{items}</ul>')
