"""In: a browser session. Out: the page: the side bar, the start page or the conversation, and the input."""

from __future__ import annotations

import logging
from importlib import import_module

import streamlit as st

from bi_chat.conversation.session import Session
from bi_chat.errors import BiChatError, StoreError
from bi_chat.frontends.web import style
from bi_chat.frontends.web.asking import answer_wish
from bi_chat.frontends.web.card import asked, card
from bi_chat.frontends.web.data import Opened, open_current, open_uploaded
from bi_chat.frontends.web.past import kept_store, past
from bi_chat.frontends.web.report import report_box
from bi_chat.frontends.web.sidebar import Chosen, sidebar
from bi_chat.frontends.web.start_page import start_page
from bi_chat.frontends.web.state import Turn, Wish, Workspace, wish, workspace
from bi_chat.frontends.web.words import label, say
from bi_chat.settings import LOCAL

log = logging.getLogger("bi_chat")


def main() -> None:
    """Draw the page; Streamlit calls this anew at every click."""
    st.set_page_config(page_title="bi_chat", page_icon=":material/query_stats:", layout="centered")
    style.apply()
    place = workspace()
    chosen = sidebar(place)
    place.use(chosen.source)
    opened = _open(chosen)
    if opened is None:
        return
    if place.session is None or place.opened is not opened:
        place.session, place.opened = _session(opened), opened
    chosen.about(opened)
    if opened.folder is None:
        with chosen.past:
            past(place, opened.data.connection.name, chosen.language)
    _page(place, place.session, opened, chosen.language)
    warm_up()


def _page(place: Workspace, session: Session, opened: Opened, language: str) -> None:
    above, bar, below = st.container(key="above"), st.container(key="ask-bar"), st.container(key="below")
    with bar:
        typed = st.chat_input(say("ask", language), key="question", max_chars=2_000)
    if typed:
        wish(Wish(typed))
    made = place.take_wish()
    if not place.turns and made is None:
        start_page(opened, language, above, below)
        return
    warm_up()
    with above:
        if opened.folder is not None and opened.data.connection.report is not None:
            report_box(opened.data.connection.report, language, folded=True)
        for at, turn in enumerate(place.turns):
            if made is not None and made.changes == turn.number:
                _changed_turn(made, at, place, session, language)
            else:
                card(turn, session.model, language)
        if made is not None and not made.changes:
            _new_turn(made, place, session, language)


def _new_turn(made: Wish, place: Workspace, session: Session, language: str) -> None:
    asked(made.text or say("sql.asked", language))
    style.show_newest(2 * place.asked)
    turn = _answered(made, place, session, language)
    if turn is not None:
        place.turns.append(turn)
        card(turn, session.model, language, with_question=False)
        style.show_newest(2 * place.asked + 1)


def _changed_turn(made: Wish, at: int, place: Workspace, session: Session, language: str) -> None:
    """A chip was changed: the answer takes the place of the one before, and says what it answers now."""
    said = st.empty()
    with said:
        asked(place.turns[at].text)
    turn = _answered(made, place, session, language)
    if turn is not None:
        place.turns[at] = turn
        with said:
            asked(turn.text)
    card(place.turns[at], session.model, language, with_question=False)


def _answered(made: Wish, place: Workspace, session: Session, language: str) -> Turn | None:
    try:
        return answer_wish(made, place, session, language)
    except Exception:
        # the asker keeps the conversation; what went wrong goes to the log alone, because it may hold values
        log.exception("a question failed")
        st.error(say("broken", language), icon=":material/error:")
        return None


def _session(opened: Opened) -> Session:
    """A conversation that is kept. Uploaded files go with the browser session, and so does what was asked of them."""
    try:
        return opened.data.session(user=LOCAL, store=kept_store() if opened.folder is None else None, door="web")
    except StoreError as error:
        st.warning(label(str(error), 400), icon=":material/history_toggle_off:")
        return opened.data.session()


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """What the first chart needs, imported while the page is already there to read.

    A chart waits for it: plotly takes a pandas that another thread is still importing for a whole one.
    """
    for name in ("pandas", "plotly.graph_objects"):
        import_module(name)


def _open(chosen: Chosen) -> Opened | None:
    """The data, or a message in their place."""
    if not chosen.source:
        st.info(say("no_data", chosen.language), icon=":material/upload_file:")
        return None
    waiting = "upload.reading" if chosen.files else "opening"
    try:
        with st.spinner(say(waiting, chosen.language)):
            return open_uploaded(chosen.source, chosen.files) if chosen.files else open_current(chosen.source)
    except BiChatError as error:
        st.error(f"**{say('failed', chosen.language)}**  \n{label(str(error), 2_000)}", icon=":material/error:")
        return None
