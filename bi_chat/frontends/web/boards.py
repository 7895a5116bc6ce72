"""In: the open board. Out: its page: filters for all tiles, and the tiles with today's answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from importlib.util import find_spec

import streamlit as st

from bi_chat.conversation.answer import Answer
from bi_chat.conversation.boards import filter_fields, tile_plan
from bi_chat.conversation.chips import Asked, Values
from bi_chat.conversation.chips.periods import USUAL
from bi_chat.conversation.pipeline import asked_now
from bi_chat.conversation.session import Session
from bi_chat.conversation.views.page import board_html
from bi_chat.conversation.views.workbook import Sheet, workbook
from bi_chat.errors import StoreError
from bi_chat.frontends.web import style
from bi_chat.frontends.web.board_schedule import schedule_box
from bi_chat.frontends.web.board_share import change_board, share_box
from bi_chat.frontends.web.card_download import XLSX, file_stem
from bi_chat.frontends.web.data import given_policy
from bi_chat.frontends.web.state import Shelf, Workspace
from bi_chat.frontends.web.tile import Drawn, tile_card
from bi_chat.frontends.web.words import html, label, say
from bi_chat.narration.conditions import condition_words
from bi_chat.narration.periods import period_words
from bi_chat.values.board import Board
from bi_chat.values.period import PeriodExpr
from bi_chat.values.plan import FieldRef, In, Plan
from bi_chat.values.serial import plan_codec


def listed(place: Workspace, language: str) -> None:
    """The side bar's list of boards."""
    shelf = place.shelf
    if shelf is None:
        return
    try:
        known, shared = shelf.boards.of(shelf.owner, shelf.source), shelf.boards.shared(shelf.owner, shelf.source)
    except StoreError:
        return  # the list of conversations says so already
    if not known and not shared:
        return
    with st.expander(say("boards", language), icon=":material/dashboard:", expanded=bool(place.board)):
        for board in known:
            _entry(board, board.name, place)
        if shared:
            st.html(f'<p class="bi-label">{say("board.shared", language)}</p>')
        for board in shared:
            _entry(board, say("board.of", language, name=board.name, owner=board.owner), place)


def _entry(board: Board, said: str, place: Workspace) -> None:
    st.button(
        label(said, 80), key=f"board-open-{board.id}", width="stretch", on_click=place.open_board, args=(board.id,),
        type="secondary" if board.id == place.board else "tertiary",
    )  # fmt: skip


def board_page(place: Workspace, session: Session, language: str) -> bool:
    """Draw the open board; whether there is one."""
    shelf = place.shelf
    if shelf is None or not place.board:
        return False
    try:
        every = (*shelf.boards.of(shelf.owner, shelf.source), *shelf.boards.shared(shelf.owner, shelf.source))
        board = next((b for b in every if b.id == place.board), None)
    except StoreError as error:
        st.error(label(str(error), 400), icon=":material/error:")
        return True
    if board is None:
        place.board = ""
        return False
    now = session.today or asked_now()
    asked = Asked(Plan(), session.model, language, now.date())
    answers = [_answer(place, session, board, at, asked) for at in range(len(board.tiles))]
    _head(board, place, shelf, [a for a, _ in answers], now, asked)
    own = board.owner == shelf.owner
    if own and not place.presenting:
        _filters(board, shelf, asked, language)
    else:
        _applied(board, asked)
    if not board.tiles:
        st.info(say("board.empty", language), icon=":material/keep:")
    _grid(board, shelf if own else None, answers, language)
    return True


def _applied(board: Board, asked: Asked) -> None:
    """The board's filters, to be read only."""
    said = [_said(c, asked) for c in (board.period, *board.filters) if c is not None]
    if said:
        st.html(f'<ul class="bi-chips quiet">{"".join(f"<li>{html(s, 100)}</li>" for s in said)}</ul>')


def _answer(place: Workspace, session: Session, board: Board, at: int, asked: Asked) -> Drawn:
    """A tile's answer of this visit: computed when the board is opened, or where its plan was changed."""
    tile = board.tiles[at]
    plan, left_out = tile_plan(tile, board, replace(asked, language=tile.language))
    key = f"{tile.language} {plan_codec().dumps(plan)}"
    if key not in place.tiles:
        place.tiles[key] = session.look(plan, language=tile.language)
    said = [_said(f, asked) for f in left_out]
    return place.tiles[key], tuple(said)


def _said(condition: In | PeriodExpr, asked: Asked) -> str:
    if isinstance(condition, In):
        return condition_words(condition, asked.tongue)
    return period_words(condition, asked.asked_on, asked.language, asked.model.calendar)


def _head(board: Board, place: Workspace, shelf: Shelf, answers: list[Answer], now: datetime, asked: Asked) -> None:
    language = asked.language
    own, when = board.owner == shelf.owner, say("board.as_of", language, when=f"{now:%Y-%m-%d %H:%M}")
    whose = "" if own else f" {say('board.read', language, owner=board.owner)}"
    st.html(f'<h1 class="bi-hello">{html(board.name, 80)}</h1><p class="bi-small">{html(when + whose)}</p>')
    if place.presenting:
        style.present()
        leave = say("board.leave", language)
        st.button(leave, key="board-leave", icon=":material/fullscreen_exit:", on_click=place.present, args=(False,))
        return
    with st.container(horizontal=True, gap="xsmall", key="board-bar"):
        back = say("board.back", language)
        st.button(back, key="board-back", icon=":material/arrow_back:", on_click=place.open_board, args=("",))
        fresh = say("board.refresh", language)
        st.button(fresh, key="board-refresh", icon=":material/refresh:", on_click=place.open_board, args=(board.id,))
        _files(board, answers, now, language)
        if board.tiles:
            schedule_box(board, asked, place.data, file_stem(board.name))
        full = say("board.full", language)
        st.button(full, key="board-full", icon=":material/fullscreen:", on_click=place.present, args=(True,))
        if own and given_policy():
            share_box(board, shelf, language)
        if own:
            _settings(board, place, shelf, language)


def _files(board: Board, answers: list[Answer], now: datetime, language: str) -> None:
    """The board as it is now, to send to somebody."""
    box = st.popover(say("download", language), icon=":material/download:", key="board-files", on_change="rerun")
    if not box.open:
        return
    stem = file_stem(board.name)
    titled = tuple((t.title, a.value) for t, a in zip(board.tiles, answers, strict=True))
    sheets = tuple(Sheet(title, value) for title, value in titled)
    with box:
        st.download_button(
            say("board.page", language), lambda: board_html(board.name, titled, now, language), f"{stem}.html",
            "text/html", key="board-html", icon=":material/html:", on_click="ignore", width="stretch",
        )  # fmt: skip
        if find_spec("xlsxwriter") is not None:
            st.download_button(
                say("board.book", language), lambda: workbook(sheets, language), f"{stem}.xlsx", XLSX,
                key="board-xlsx", icon=":material/table:", on_click="ignore", width="stretch",
            )  # fmt: skip


def _settings(board: Board, place: Workspace, shelf: Shelf, language: str) -> None:
    with st.popover(say("board.change", language), icon=":material/settings:", key="board-settings"):
        st.text_input(
            say("board.name", language), board.name, key="board-name", max_chars=80,
            on_change=lambda: change_board(shelf, board, lambda b: replace(b, name=st.session_state["board-name"])),
        )  # fmt: skip
        st.button(
            say("board.delete", language), key="board-delete", icon=":material/delete:",
            on_click=_deleted, args=(place, shelf, board),
        )  # fmt: skip


def _deleted(place: Workspace, shelf: Shelf, board: Board) -> None:
    try:
        shelf.boards.delete(shelf.owner, board.id)
    except StoreError as error:
        st.toast(label(str(error), 300), icon=":material/error:")
        return
    place.open_board("")


# ------------------------------------------------------------------ filters for all tiles
def _filters(board: Board, shelf: Shelf, asked: Asked, language: str) -> None:
    """One period and the values of some fields, for every tile that they mean something to."""
    found = filter_fields(board, asked) if board.tiles else []
    with st.container(horizontal=True, gap="xsmall", key="board-filters"):
        _period(board, shelf, asked, language)
        for ref, said, known in found:
            now = next((f for f in board.filters if f.of == ref), None)
            if now is None:
                continue
            kept = tuple(str(v) for v in now.values)
            shown = f"{label(said, 40)} **{label(', '.join(kept), 60)}**"
            box = st.popover(shown, key=f"board-filter-{ref.dataset}-{ref.field}", on_change="rerun")
            if box.open:
                with box:
                    _pick(ref, known, kept, board, shelf, said)
        _one_more([f for f in found if all(f[0] != n.of for n in board.filters)], board, shelf, language)


def _one_more(found: list[tuple[FieldRef, str, Values]], board: Board, shelf: Shelf, language: str) -> None:
    box = st.popover(say("board.filter", language), key="board-filter-more", icon=":material/add:", on_change="rerun")
    if not box.open or not found:
        return
    with box:
        at = st.selectbox(
            say("chip.narrow", language), range(len(found)), index=None, key="board-field",
            format_func=lambda i: found[i][1], placeholder=say("chip.choose", language),
        )  # fmt: skip
        if at is not None:
            ref, said, known = found[at]
            _pick(ref, known, (), board, shelf, said)


def _pick(ref: FieldRef, known: Values, kept: tuple[str, ...], board: Board, shelf: Shelf, said: str) -> None:
    key = f"board-values-{ref.dataset}-{ref.field}"
    st.multiselect(
        label(said, 40), known.known, default=kept, key=key, on_change=_filtered, args=(key, board, shelf, ref)
    )


def _filtered(key: str, board: Board, shelf: Shelf, ref: FieldRef) -> None:
    kept = tuple(st.session_state[key])

    def change(of: Board) -> Board:
        others = tuple(f for f in of.filters if f.of != ref)
        return replace(of, filters=(*others, In(ref, kept)) if kept else others)

    change_board(shelf, board, change)


def _period(board: Board, shelf: Shelf, asked: Asked, language: str) -> None:
    options = [None, *USUAL, *((board.period,) if board.period is not None and board.period not in USUAL else ())]
    said = [
        say("board.own_period", language)
        if p is None
        else period_words(p, asked.asked_on, language, asked.model.calendar)
        for p in options
    ]
    at = options.index(board.period)
    box = st.popover(
        f"{say('chip.period', language)} **{label(said[at], 60)}**", key="board-filter-period", on_change="rerun"
    )
    if box.open:
        with box:
            st.radio(
                say("chip.period", language), range(len(options)), index=at, key="board-period",
                format_func=lambda i: label(said[i], 80), label_visibility="collapsed",
                on_change=lambda: change_board(
                    shelf, board, lambda b: replace(b, period=options[st.session_state["board-period"]])
                ),
            )  # fmt: skip


# ------------------------------------------------------------------ tiles
def _grid(board: Board, shelf: Shelf | None, answers: list[Drawn], language: str) -> None:
    """Two in a row; a wide one has a row of its own."""
    rows: list[list[int]] = []
    for at, tile in enumerate(board.tiles):
        beside = rows and len(rows[-1]) == 1 and not tile.wide and not board.tiles[rows[-1][0]].wide
        if beside:
            rows[-1].append(at)
        else:
            rows.append([at])
    for row in rows:
        wide = board.tiles[row[0]].wide
        for at, column in zip(row, st.columns(1 if wide else 2, gap="small"), strict=False):
            with column:
                tile_card(board, at, answers[at], shelf, language)
