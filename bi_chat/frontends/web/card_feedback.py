"""In: a turn. Out: the card's last line: was it right, what was meant if not, and the question to change."""

from __future__ import annotations

import streamlit as st

from bi_chat.frontends.web.card_download import download
from bi_chat.frontends.web.pin import pin
from bi_chat.frontends.web.state import Turn, Wish, confirm, wish, workspace
from bi_chat.frontends.web.words import label, say

UP, DOWN = 1, 0


@st.fragment
def feedback(turn: Turn, language: str) -> None:
    """Thumbs up teaches this reading; thumbs down offers the others, and takes what a word means."""
    if workspace().wish is not None:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"feedback-{turn.number}"):
        if turn.answer.plan is not None and turn.answer.status == "answered":
            key = f"thumbs-{turn.number}"
            st.feedback("thumbs", key=key, on_change=_judged, args=(key, turn))
        _ask_again(turn, language)
        pin(turn, language)
        download(turn, language)
    judged = st.session_state.get(f"thumbs-{turn.number}")
    if judged == UP:
        st.caption(say("feedback.kept", language))
    if judged == DOWN:
        _what_then(turn, language)


def _judged(key: str, turn: Turn) -> None:
    if st.session_state[key] == UP:
        confirm(turn)


def _what_then(turn: Turn, language: str) -> None:
    """The readings that came next, and a line to teach in."""
    others = [r for r in turn.answer.value.choices if r.plan != turn.answer.plan]
    st.caption(say("feedback.others" if others else "feedback.none", language))
    for at, reading in enumerate(others):
        said = reading.label or ", ".join(dict.fromkeys(p.meaning for p in reading.phrases))
        made = Wish(turn.text, reading)
        st.button(label(said, 160), key=f"choice-{turn.number}-else-{at}", on_click=wish, args=(made,), width="stretch")
    key = f"teach-{turn.number}"
    st.text_input(
        say("feedback.teach", language), key=key, max_chars=300, placeholder=say("feedback.example", language),
        on_change=_asked, args=(key,),
    )  # fmt: skip


def _ask_again(turn: Turn, language: str) -> None:
    icon, key = ":material/edit:", f"reask-{turn.number}"
    box = st.popover(say("feedback.again", language), icon=icon, key=key, type="tertiary", on_change="rerun")
    if not box.open:
        return
    text, go = f"{key}-text", f"{key}-go"
    with box:
        st.text_area(
            say("you", language), turn.text, key=text, max_chars=2_000, width=520, label_visibility="collapsed"
        )
        st.button(say("feedback.ask", language), type="primary", key=go, on_click=_asked, args=(text,))


def _asked(key: str) -> None:
    text = str(st.session_state[key]).strip()
    if text:
        wish(Wish(text))
