"""In: the store. Out: this person's past conversations over the data in use, to find, go on with, or delete."""

from __future__ import annotations

import logging

import streamlit as st

from bi_chat.errors import StoreError
from bi_chat.frontends.web.state import Workspace
from bi_chat.frontends.web.words import label, say
from bi_chat.ports import Store
from bi_chat.settings import load_settings
from bi_chat.values.record import Conversation
from bi_chat.wiring import open_store

SHOWN = 8
_MANY = 4
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
        for found in every[:SHOWN]:
            _line(found, store, place, language)


def _line(found: Conversation, store: Store, place: Workspace, language: str) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"past-{found.id}"):
        st.button(
            label(found.title, 60) or "…",
            key=f"past-open-{found.id}",
            on_click=place.resume,
            args=(found,),
            type="tertiary",
            width="stretch",
            help=f"{found.changed_at:%Y-%m-%d %H:%M} UTC",
        )
        st.button(
            "",
            key=f"past-drop-{found.id}",
            icon=":material/delete:",
            on_click=_drop,
            args=(found, store, place),
            type="tertiary",
            help=say("past.delete", language),
        )


def _drop(found: Conversation, store: Store, place: Workspace) -> None:
    """Deletes it; the one that is shown is left as well, or the next question would have nowhere to go."""
    if place.session is not None and place.session.conversation == found.id:
        place.begin()
    store.delete(found.owner, found.id)
