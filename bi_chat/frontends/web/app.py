"""In: a browser session. Out: the page: the side bar, the start page or the conversation, and the input."""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path

import streamlit as st

from bi_chat.conversation.session import Session
from bi_chat.errors import BiChatError, StoreError
from bi_chat.frontends.web import style
from bi_chat.frontends.web.about import about_page
from bi_chat.frontends.web.asking import answer_wish
from bi_chat.frontends.web.boards import board_page, listed
from bi_chat.frontends.web.card import asked, card
from bi_chat.frontends.web.data import (
    Opened,
    given_policy,
    open_current,
    open_seen,
    open_shared,
    open_uploaded,
    reopen,
)
from bi_chat.frontends.web.past import kept_store, past
from bi_chat.frontends.web.report import report_box
from bi_chat.frontends.web.sidebar import Chosen, chosen_language, sidebar
from bi_chat.frontends.web.start_page import start_page
from bi_chat.frontends.web.state import Shelf, Turn, Wish, Workspace, wish, workspace
from bi_chat.frontends.web.visitor import Visitor, account, banner, may_see, visitor
from bi_chat.frontends.web.words import label, say

SHOWN, STEP = 6, 4  # answers at least; each costs every click some 10 ms. Earlier ones go a few at a time
log = logging.getLogger("bi_chat")


def main() -> None:
    """Draw the page; Streamlit calls this anew at every click."""
    # a picture of our own: a named one would be fetched from another server
    st.set_page_config(page_title="bi_chat", page_icon=str(Path(__file__).with_name("icon.svg")), layout="centered")
    style.apply()
    place = workspace()
    who = visitor(chosen_language())
    if who is None or not _let_in(who):
        return
    chosen = sidebar(place)
    place.use(f"{who.user} {who.view_as} {chosen.source}")
    if place.remodelled:
        place.remodelled = False
        reopen(chosen.source, chosen.files)
    whole = _open(chosen)
    if whole is None:
        return
    try:
        opened = open_seen(whole, who.user, who.view_as)
        if place.session is None or place.opened is not whole:
            place.session, place.opened = _carried_on(place.session, _session(whole, who), who, whole), whole
    except BiChatError as error:
        _failed(error, chosen.language)
        return
    _beside(place, who, chosen, opened)
    banner(who, chosen.language)
    session, language = place.session, chosen.language
    if not board_page(place, session, language) and not about_page(place, session, opened, language):
        _page(place, place.session, opened, chosen.language)
    warm_up()


def _beside(place: Workspace, who: Visitor, chosen: Chosen, opened: Opened) -> None:
    """What the side bar says of the data, of earlier conversations and of who is here."""
    store, place.shelf = kept_store(), None
    if opened.folder is None and not who.view_as:
        if store is not None:
            place.shelf = Shelf(store.boards, who.user, opened.data.connection.name)
        with chosen.past:
            listed(place, chosen.language)
            past(place, who.user, opened.data.connection.name, chosen.language)
    worlds = open_shared("given").data.connection.worlds if given_policy() else None
    with st.sidebar:
        account(who, worlds.policy if worlds is not None else None, chosen.language)


def _let_in(who: Visitor) -> bool:
    """Under a policy nobody gets further than the door whom it doesn't know, not even to their own files."""
    if not given_policy():
        return True
    try:
        return may_see(open_current("given"), who, chosen_language())
    except BiChatError as error:
        _failed(error, chosen_language())
        return False


def _page(place: Workspace, session: Session, opened: Opened, language: str) -> None:
    above, bar, below = st.container(key="above"), st.container(key="ask-bar"), st.container(key="below")
    with bar:
        typed = st.chat_input(say("ask", language), key="question", max_chars=2_000)
    if typed:
        wish(Wish(typed))
    made = place.take_wish()
    if not place.turns and made is None and place.stopped is None:
        start_page(opened, language, above, below)
        return
    warm_up()
    with above:
        if opened.folder is not None and opened.data.connection.report is not None:
            report_box(opened.data.connection.report, language, folded=True)
        more = len(place.turns) + (made is not None and not made.changes) - SHOWN
        first = 0 if place.all_turns else max(0, more // STEP * STEP)
        if first:
            st.button(
                say("earlier", language, count=str(first)), key="earlier", type="tertiary", width="stretch",
                on_click=place.show_all_turns, icon=":material/expand_less:",
            )  # fmt: skip
        for at, turn in enumerate(place.turns[first:], first):
            if made is not None and made.changes == turn.number:
                _changed_turn(made, at, place, session, language)
            else:
                card(turn, session.model, language)
        if made is not None and not made.changes:
            _new_turn(made, place, session, language)
        elif place.stopped is not None:
            _stopped(place.stopped, language)


def _stopped(made: Wish, language: str) -> None:
    """What was asked and not answered stays in sight, to be asked again."""
    if not made.changes:
        asked(made.text or say("sql.asked", language))
    with st.container(border=True, key="card-stopped", horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="bi-told">{say("stopped", language)}</p>', width="stretch")
        st.button(say("again", language), key="ask-stopped", icon=":material/refresh:", on_click=wish, args=(made,))


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


def _session(opened: Opened, who: Visitor) -> Session:
    """A conversation that is kept. Uploaded files go with the browser session, and so does what was asked of them, but
    for the audit log's entries on a server with a policy.

    Where rights are in force, nothing is asked that can't be recorded. Raises StoreError.
    """
    own, ruled = opened.folder is not None, opened.data.connection.worlds is not None
    store = kept_store() if not own or given_policy() else None
    if ruled and store is None:
        raise StoreError("Under a policy each question is recorded, and there is no store to do it in: bi-chat doctor.")
    try:
        view_as = who.view_as if ruled else ""
        return opened.data.session(user=who.user, store=store, door="web", view_as=view_as, remembered=not own)
    except StoreError as error:
        if ruled:
            raise
        st.warning(label(str(error), 400), icon=":material/history_toggle_off:")
        return opened.data.session()


def _carried_on(old: Session | None, new: Session, who: Visitor, opened: Opened) -> Session:
    """Over data that changed, or that a person named anew, the same conversation goes on."""
    store = kept_store() if opened.folder is None else None
    if old is None or not old.history:
        return new
    try:
        kept = store.conversations(who.user, source=opened.data.connection.name) if store is not None else ()
        same = next((c for c in kept if c.id == old.conversation), None)
        if same is not None:
            new.resume(same)
        else:
            new.go_on_from(old.history[-1])
    except StoreError as error:
        log.warning("The conversation can't be gone on with: %s", error)
    return new


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
        _failed(error, chosen.language)
        return None


def _failed(error: BiChatError, language: str) -> None:
    """Under a policy the log alone says why: a fault may name what somebody may not see."""
    if given_policy():
        log.error("The data can't be opened: %s", error)
    reason = "" if given_policy() else f"  \n{label(str(error), 2_000)}"
    st.error(f"**{say('failed', language)}**{reason}", icon=":material/error:")
