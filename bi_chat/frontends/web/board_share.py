"""In: a board of one's own. Out: who else may look at it: names are added and taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from bi_chat.errors import StoreError
from bi_chat.frontends.web.state import Shelf
from bi_chat.frontends.web.words import label, say
from bi_chat.values.board import EVERYBODY, Board

_MOST = 50


def change_board(shelf: Shelf, board: Board, change: Callable[[Board], Board]) -> None:
    """A click's callback; what can't be kept is told."""
    try:
        shelf.boards.change(shelf.owner, board.id, change)
    except StoreError as error:
        st.toast(label(str(error), 300), icon=":material/error:")


def share_box(board: Board, shelf: Shelf, language: str) -> None:
    """A popover. Nobody is told who else is known here: a name is taken as it is written."""
    key = "board-share"
    box = st.popover(say("board.share", language), icon=":material/group:", key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        st.toggle(
            say("board.share.all", language), EVERYBODY in board.readers, key=f"{key}-all",
            on_change=_everybody, args=(f"{key}-all", shelf, board),
        )  # fmt: skip
        st.text_input(
            say("board.share.with", language), key=f"{key}-name", max_chars=200, on_change=_added,
            args=(f"{key}-name", shelf, board), help=say("board.share.help", language),
        )  # fmt: skip
        for at, name in enumerate(n for n in board.readers if n != EVERYBODY):
            st.button(
                label(name, 80), key=f"{key}-drop-{at}", icon=":material/close:", type="tertiary",
                help=label(say("board.unshare", language, name=name), 200), on_click=_readers,
                args=(shelf, board, tuple(n for n in board.readers if n != name)),
            )  # fmt: skip
        st.caption(say("board.share.own", language))


def _everybody(key: str, shelf: Shelf, board: Board) -> None:
    named = tuple(n for n in board.readers if n != EVERYBODY)
    _readers(shelf, board, (*named, EVERYBODY) if st.session_state[key] else named)


def _added(key: str, shelf: Shelf, board: Board) -> None:
    name = str(st.session_state[key]).strip()
    if name and name != EVERYBODY:
        _readers(shelf, board, tuple(dict.fromkeys((*board.readers, name)))[:_MOST])
    st.session_state[key] = ""


def _readers(shelf: Shelf, board: Board, readers: tuple[str, ...]) -> None:
    change_board(shelf, board, lambda b: replace(b, readers=readers))
