"""In: a turn that was answered. Out: a pin: its plan goes onto a board, an old one or a new one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from bi_chat.errors import StoreError
from bi_chat.frontends.web.state import Shelf, Turn, workspace
from bi_chat.frontends.web.words import label, say
from bi_chat.language.display import one_line
from bi_chat.values.board import Board, Tile


def pin(turn: Turn, language: str) -> None:
    """A popover with the boards there are; nothing where none can be kept."""
    shelf, value = workspace().shelf, turn.answer.value
    if shelf is None or value.plan is None or value.status != "answered":
        return
    key = f"pin-{turn.number}"
    box = st.popover(say("pin", language), icon=":material/keep:", key=key, type="tertiary", on_change="rerun")
    if not box.open:
        return
    with box:
        if said := st.session_state.get(f"{key}-said"):
            st.caption(label(str(said), 300))
        try:
            known = shelf.boards.of(shelf.owner, shelf.source)
        except StoreError as error:
            st.caption(label(str(error), 400))
            return
        title = st.text_input(say("pin.title", language), one_line(turn.text, 80), key=f"{key}-title", max_chars=120)
        for at, board in enumerate(known):
            st.button(
                label(board.name, 60), key=f"{key}-{at}", icon=":material/dashboard:", width="stretch",
                on_click=_pinned, args=(shelf, board, turn, title, language),
            )  # fmt: skip
        name = st.text_input(say("pin.new", language), key=f"{key}-name", max_chars=80)
        if name.strip():
            st.button(
                say("pin.make", language), key=f"{key}-make", type="primary", on_click=_made,
                args=(shelf, name, turn, title, language),
            )  # fmt: skip


def _made(shelf: Shelf, name: str, turn: Turn, title: str, language: str) -> None:
    try:
        _pinned(shelf, shelf.boards.add(shelf.owner, shelf.source, name), turn, title, language)
    except StoreError as error:
        _told(turn, str(error))


def _pinned(shelf: Shelf, board: Board, turn: Turn, title: str, language: str) -> None:
    value = turn.answer.value
    if value.plan is None:
        return
    drawn = value.chart.type if value.chart is not None else ""
    kind = str(st.session_state.get(f"type-{turn.number}") or drawn)
    tile = Tile(title.strip() or turn.text, replace(value.plan, hidden=()), value.question.language, kind)
    try:
        shelf.boards.change(shelf.owner, board.id, lambda b: replace(b, tiles=(*b.tiles, tile)))
    except StoreError as error:
        _told(turn, str(error))
        return
    st.session_state[f"pin-{turn.number}-name"] = ""
    _told(turn, say("pin.done", language, board=board.name))


def _told(turn: Turn, said: str) -> None:
    """Shown where the click was made: a callback of a part of the page can't draw anything elsewhere."""
    st.session_state[f"pin-{turn.number}-said"] = said
