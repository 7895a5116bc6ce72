"""In: a turn with rows. Out: a menu of its files: rows, the whole answer, and the chart as the browser draws it."""

from __future__ import annotations

import re
from importlib.util import find_spec

import streamlit as st

from bi_chat.conversation.views import as_xlsx, to_csv
from bi_chat.frontends.web import style
from bi_chat.frontends.web.card_tabs import drawn_types
from bi_chat.frontends.web.state import Turn
from bi_chat.frontends.web.words import say
from bi_chat.language.display import one_line

_ODD = re.compile(r"[^\w-]+")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ICON = ":material/download:"


def file_stem(text: str) -> str:
    """A file's name from what was asked, in any language; never empty, never a path."""
    return _ODD.sub("_", one_line(text, 60)).strip("_-") or "answer"


def download(turn: Turn, language: str) -> None:
    """The menu. Files are made when they are asked for."""
    result, answer = turn.answer.value.result, turn.answer
    if result is None:
        return
    key = f"download-{turn.number}"
    box = st.popover(say("download", language), icon=_ICON, key=key, type="tertiary", on_change="rerun")
    if st.session_state.pop(f"{key}-page", False):
        st.rerun()  # the chart lies in another part of the page
    drawn = st.session_state.pop(f"{key}-picture", None)
    if drawn is not None:
        style.save_chart(turn.number, *drawn)
    if not box.open:
        return
    stem = file_stem(turn.text)
    with box:
        st.download_button(
            say("csv", language), lambda: to_csv(result), f"{stem}.csv", "text/csv", key=f"csv-{turn.number}",
            icon=":material/csv:", on_click="ignore", width="stretch",
        )  # fmt: skip
        if find_spec("xlsxwriter") is not None:
            st.download_button(
                say("xlsx", language), lambda: as_xlsx(answer.value), f"{stem}.xlsx", XLSX, key=f"xlsx-{turn.number}",
                icon=":material/table:", on_click="ignore", width="stretch",
            )  # fmt: skip
        if drawn_types(turn):
            for kind in ("png", "svg"):
                st.button(
                    say(kind, language), key=f"{kind}-{turn.number}", icon=":material/image:", width="stretch",
                    on_click=_draw, args=(turn, kind, stem, language),
                )  # fmt: skip
        st.download_button(
            say("html", language), lambda: answer.to_html(), f"{stem}.html", "text/html", key=f"html-{turn.number}",
            icon=":material/html:", on_click="ignore", width="stretch",
        )  # fmt: skip
        st.download_button(
            say("json", language), lambda: answer.to_json(), f"{stem}.json", "application/json",
            key=f"json-{turn.number}", icon=":material/data_object:", on_click="ignore", width="stretch",
        )  # fmt: skip


def _draw(turn: Turn, kind: str, stem: str, language: str) -> None:
    """A click's callback: the browser draws it; for that the chart has to be there."""
    key, tab, chart = f"download-{turn.number}", f"tabs-{turn.number}", say("tab.chart", language)
    st.session_state["pictures"] = step = st.session_state.get("pictures", 0) + 1
    st.session_state[f"{key}-picture"] = (step, kind, stem)
    if st.session_state.get(tab) not in (None, chart):
        st.session_state[tab], st.session_state[f"{key}-page"] = chart, True
