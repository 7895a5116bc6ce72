"""In: the open data. Out: the page about them: each table's profile, how they join, what their names mean."""

from __future__ import annotations

import streamlit as st

from bi_chat.conversation.session import Session
from bi_chat.frontends.web.about_joins import joins_part
from bi_chat.frontends.web.about_model import model_part
from bi_chat.frontends.web.about_tables import tables_part
from bi_chat.frontends.web.data import Opened
from bi_chat.frontends.web.report import report_box
from bi_chat.frontends.web.state import Workspace
from bi_chat.frontends.web.words import html, say

PARTS = ("tables", "joins", "meanings")


def about_page(place: Workspace, session: Session, opened: Opened, language: str) -> bool:
    """Draw it, if it is open; whether it is."""
    if not place.looks:
        return False
    connection = opened.data.connection  # as the rights are now
    catalog, model = connection.catalog, connection.model
    rows = sum(t.rows or 0 for t in catalog.tables)
    counted = say("hello.data", language, tables=str(len(catalog.tables)), rows=f"{rows:,}", until="")
    told = f" · {model.description}" if model.description else ""
    st.html(f'<h1 class="bi-hello">{say("about", language)}</h1><p class="bi-small">{html(counted + told, 1_000)}</p>')
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="about-bar"):
        st.button(
            say("board.back", language), key="about-back", icon=":material/arrow_back:",
            on_click=place.look_at_data, args=(False,),
        )  # fmt: skip
        part = st.segmented_control(
            say("about", language), PARTS, default=PARTS[0], format_func=lambda p: say(f"about.{p}", language),
            key="about-part", required=True, label_visibility="collapsed",
        )  # fmt: skip
    if part == "joins":
        joins_part(model, language)
    elif part == "meanings":
        model_part(place, session, opened, language)
    else:
        if connection.report is not None and opened.folder is not None:
            report_box(connection.report, language, folded=True)
        tables_part(place, session, connection, language)
    return True
