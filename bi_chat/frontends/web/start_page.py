"""In: open data. Out: the start page: what can be asked, as cards to click; for one's own files how they were read."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bi_chat.frontends.web.data import Opened
from bi_chat.frontends.web.report import report_box
from bi_chat.frontends.web.state import Wish, wish
from bi_chat.frontends.web.words import called, html, label, say
from bi_chat.semantics.model import SemanticModel

MOST_NAMES = 10


def start_page(opened: Opened, language: str, above: DeltaGenerator, below: DeltaGenerator) -> None:
    """What these data hold stands above the input, what to begin with below it."""
    connection = opened.data.connection
    with above:
        counted = html(_counted(opened, language))
        st.html(f'<h1 class="bi-hello">{say("hello", language)}</h1><p class="bi-small">{counted}</p>')
        if opened.folder is not None and connection.report is not None:
            report_box(connection.report, language, folded=False)
    measures, groups = _names(connection.model, language)
    with below:
        _questions(opened.questions_in(language), language)
        st.html(_chips(say("hello.measures", language), measures) + _chips(say("hello.groups", language), groups))


def _counted(opened: Opened, language: str) -> str:
    tables = opened.data.connection.catalog.tables
    rows = sum(t.rows or 0 for t in tables)
    today = opened.data.today
    until = say("hello.until", language, day=f"{today:%Y-%m-%d}") if today else ""
    return say("hello.data", language, tables=str(len(tables)), rows=f"{rows:,}", until=until)


def _questions(questions: tuple[str, ...], language: str) -> None:
    """Cards to click, two in a row."""
    if not questions:
        return
    st.html(f'<p class="bi-label">{say("hello.try", language)}</p>')
    for start in range(0, len(questions), 2):
        for at, column in enumerate(st.columns(2, gap="small"), start):
            if at < len(questions):
                key, made = f"try-{language}-{at}", Wish(questions[at])
                column.button(label(questions[at]), key=key, on_click=wish, args=(made,), width="stretch", wrap=True)


def _names(model: SemanticModel, language: str) -> tuple[list[str], list[str]]:
    measures = [called(m, model, language) for m in model.metrics]
    if not measures:
        measures = [called(f, model, language) for d in model.datasets for f in d.fields if f.kind == "measure"]
    groups = [called(f, model, language) for d in model.datasets for f in d.fields if f.kind == "category"]
    return list(dict.fromkeys(measures)), list(dict.fromkeys(groups))


def _chips(title: str, names: list[str]) -> str:
    if not names:
        return ""
    more = [f"+{len(names) - MOST_NAMES}"] if len(names) > MOST_NAMES else []
    items = "".join(f"<li>{html(name, 40)}</li>" for name in [*names[:MOST_NAMES], *more])
    return f'<p class="bi-label">{html(title)}</p><ul class="bi-chips quiet">{items}</ul>'
