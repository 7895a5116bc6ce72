"""In: a turn with a statement. Out: the statement to copy, and the same to change and run through the guard."""

from __future__ import annotations

import streamlit as st

from bi_chat.frontends.web.state import Turn, Wish, wish
from bi_chat.frontends.web.words import say

_LINE, _LEAST, _MOST = 21, 160, 520


def sql_tab(turn: Turn, language: str) -> None:
    """Read first; a switch turns it into a field to write in."""
    sql, number = turn.answer.sql, turn.number
    if not st.toggle(say("sql.edit", language), key=f"sql-edit-{number}"):
        st.code(sql, language="sql", wrap_lines=True)
        return
    key = f"sql-{number}"
    height = max(_LEAST, min(_MOST, _LINE * (sql.count("\n") + 3)))
    st.text_area("SQL", sql, height=height, key=key, label_visibility="collapsed")
    st.caption(say("sql.checked", language))
    st.button(
        say("sql.run", language), type="primary", key=f"run-{number}", icon=":material/play_arrow:",
        on_click=_run, args=(key,),
    )  # fmt: skip


def _run(key: str) -> None:
    wish(Wish("", sql=str(st.session_state[key])))
