"""In: the store. Out: this person's past conversations over these data: to find, go on with, rename, save, delete."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from shlex import quote

import streamlit as st

from bi_chat.conversation.pipeline import asked_now
from bi_chat.conversation.views.page import conversation_html, conversation_json, conversation_notebook
from bi_chat.errors import StoreError
from bi_chat.frontends.web.card_download import file_stem
from bi_chat.frontends.web.data import Opened
from bi_chat.frontends.web.state import Workspace
from bi_chat.frontends.web.words import label, say
from bi_chat.ports import Store
from bi_chat.settings import load_settings
from bi_chat.values.record import Conversation
from bi_chat.wiring import open_store

_MANY = 4
FILES = (
    ("html", "html", "text/html", ":material/html:"),
    ("json", "json", "application/json", ":material/data_object:"),
    ("notebook", "ipynb", "application/x-ipynb+json", ":material/note:"),
)
_LOG = logging.getLogger("bi_chat")


@st.cache_resource(show_spinner=False)
def kept_store() -> Store | None:
    """The one store of this server; None where nothing can be kept, which the log tells."""
    try:
        return open_store(load_settings())
    except StoreError as error:
        _LOG.warning("Conversations are not kept: %s", error)
        return None


def past(place: Workspace, owner: str, source: str, language: str) -> None:
    """The side bar's list of the owner's, the latest first."""
    store = kept_store()
    if store is None:
        return
    try:
        _listed(store, place, owner, source, language)
    except StoreError as error:
        st.caption(label(str(error), 400))


def _listed(store: Store, place: Workspace, owner: str, source: str, language: str) -> None:
    every = store.conversations(owner, source=source)
    if not every:
        return
    with st.expander(say("past", language), icon=":material/history:"):
        if len(every) > _MANY:
            containing = st.text_input(
                say("past.find", language), key="past-find", placeholder=say("past.find", language)
            )
            every = store.conversations(owner, source=source, containing=containing) if containing else every
        if not every:
            st.caption(say("past.none", language))
        for found in every[: place.past_shown]:
            _line(found, store, place, language)
        if len(every) > place.past_shown:
            st.button(say("past.more", language), key="past-more", type="tertiary", on_click=place.show_more_past)


def _line(found: Conversation, store: Store, place: Workspace, language: str) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"past-{found.id}"):
        st.button(
            label(found.title, 60) or "…", key=f"past-open-{found.id}", on_click=place.resume, args=(found,),
            type="tertiary", width="stretch", help=f"{found.changed_at:%Y-%m-%d %H:%M} UTC",
        )  # fmt: skip
        box = st.popover(
            "", icon=":material/more_horiz:", key=f"past-menu-{found.id}", type="tertiary", on_change="rerun",
            help=say("past.menu", language),
        )  # fmt: skip
        if box.open:
            with box:
                _menu(found, store, place, language)


def _menu(found: Conversation, store: Store, place: Workspace, language: str) -> None:
    """Another title, files of it, and its end."""
    key = f"past-title-{found.id}"
    st.text_input(
        say("past.title", language), found.title, key=key, max_chars=120, on_change=_renamed, args=(key, found, store)
    )
    stem, title = file_stem(found.title), found.title
    for kind, ending, mime, icon in FILES:
        st.download_button(
            say(f"past.{kind}", language), partial(_file, kind, found, place, title, language), f"{stem}.{ending}",
            mime, key=f"past-{kind}-{found.id}", icon=icon, on_click="ignore", width="stretch",
        )  # fmt: skip
    st.button(
        say("past.delete", language), key=f"past-drop-{found.id}", icon=":material/delete:", width="stretch",
        on_click=_drop, args=(found, store, place),
    )  # fmt: skip


def _renamed(key: str, found: Conversation, store: Store) -> None:
    title = str(st.session_state[key]).strip()
    if title:
        try:
            store.rename(found.owner, found.id, title)
        except StoreError as error:
            st.toast(label(str(error), 300), icon=":material/error:")


def _file(kind: str, found: Conversation, place: Workspace, title: str, language: str) -> str:
    """The open conversation with its rows and charts; another one as it is kept: words, plans and SQL."""
    session = place.session
    if session is None:
        return ""
    shown = session.conversation == found.id
    answers = tuple(t.answer.value for t in place.turns) if shown else tuple(a.value for a in session.kept(found))
    if kind == "json":
        return conversation_json(title, answers)
    if kind == "notebook":
        return conversation_notebook(title, answers, _data_of(place.opened))
    return conversation_html(title, answers, session.today or asked_now(), language)


def _data_of(opened: object) -> str:
    """Where the data lie, for a person at the machine where they do."""
    if not isinstance(opened, Opened) or opened.data.connection.worlds is not None:
        return ""
    if opened.data.sample is not None:
        return opened.data.sample.name
    source = opened.data.connection.source
    return quote(str(source)) if isinstance(source, str | Path) else ""


def _drop(found: Conversation, store: Store, place: Workspace) -> None:
    """Deletes it; the one that is shown is left as well, or the next question would have nowhere to go."""
    if place.session is not None and place.session.conversation == found.id:
        place.begin()
    store.delete(found.owner, found.id)
