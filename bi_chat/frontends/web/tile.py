"""In: a tile of a board and its answer. Out: its card: title, chart or numbers, a sentence, warnings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from bi_chat.charts.describe import described
from bi_chat.conversation.answer import Answer
from bi_chat.conversation.boards import moved, with_tile, without
from bi_chat.conversation.views.words import paragraphs
from bi_chat.frontends.web import style
from bi_chat.frontends.web.board_share import change_board
from bi_chat.frontends.web.card_numbers import numbers, says_no_more, show_numbers
from bi_chat.frontends.web.card_table import EAGER, ROW, prepared
from bi_chat.frontends.web.state import Shelf, Wish, wish, workspace
from bi_chat.frontends.web.words import html, label, say
from bi_chat.values.board import Board, Tile

Drawn = tuple[Answer, tuple[str, ...]]  # today's answer, and the board's filters that mean nothing to it
_NOT_DRAWN = ("number", "table")
_SHORT, _TALL, _CLOSE = 300, 480, 620  # pixels


def tile_card(board: Board, at: int, found: Drawn, shelf: Shelf | None, language: str) -> None:
    """One tile; without a shelf it is another's, to look at."""
    tile, (answer, left_out) = board.tiles[at], found
    with st.container(border=True, key=f"card-tile-{at}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"tile-head-{at}"):
            st.html(f'<h2 class="bi-tile">{html(tile.title, 120)}</h2>', width="stretch")
            _menu(board, at, answer, shelf, language)
        if shelf is None and answer.status != "answered":
            st.html(f'<p class="bi-told">{say("board.not_yours", language)}</p>')
            return
        _shown(tile, at, answer, _TALL if tile.tall else _SHORT)
        notes = [*answer.value.warnings]
        if left_out:
            notes.append(say("board.not_here", language, filters=", ".join(left_out)))
        if notes:
            rows = "".join(f"<li>{html(n)}</li>" for n in notes)
            st.html(f'<div class="bi-careful" role="alert"><ul>{rows}</ul></div>')


def _shown(tile: Tile, at: int | str, answer: Answer, height: int) -> None:
    value = answer.value
    told = paragraphs(value)
    large = numbers(value)
    if large:
        show_numbers(large)
    if told and not (large and says_no_more(told[0], large)):
        st.html(f'<p class="bi-told">{html(told[0], 400)}</p>')
    if value.chart is None or value.result is None or large:
        return
    if value.chart.type in _NOT_DRAWN:
        shown, config = prepared(value.result, tile.language)
        st.dataframe(
            shown, hide_index=True, column_config=config, key=f"tile-table-{at}",
            height=min(height, ROW * (shown.height + 1) + 3), alt=told[0] if told else None, lazy=shown.height > EAGER,
        )  # fmt: skip
        return
    from bi_chat.charts.draw import draw

    figure = draw(value.chart, value.result, theme=style.theme(), language=tile.language)
    figure.update_layout(font_family=style.FONT, height=height)
    st.plotly_chart(
        figure, theme=None, key=f"tile-chart-{at}", config={"displaylogo": False},
        alt=described(value.chart, value.result, tile.language),
    )  # fmt: skip


def _closer(tile: Tile, answer: Answer, language: str) -> None:
    """The tile alone, as large as the window lets it be."""

    @st.dialog(label(tile.title, 100), width="large")
    def shown() -> None:
        _shown(tile, "closer", answer, _CLOSE)
        if answer.value.result is not None and answer.value.chart is not None:
            rows, config = prepared(answer.value.result, tile.language)
            st.dataframe(rows, hide_index=True, column_config=config, key="tile-rows-closer", lazy=rows.height > EAGER)

    shown()


def _menu(board: Board, at: int, answer: Answer, shelf: Shelf | None, language: str) -> None:
    key, tile = f"tile-{at}", board.tiles[at]
    box = st.popover("", icon=":material/more_horiz:", key=f"{key}-menu", type="tertiary", on_change="rerun",
                     help=say("tile.menu", language))  # fmt: skip
    if not box.open:
        return

    def entry(word: str, icon: str, change: Callable[[Board], Board]) -> None:
        if shelf is not None:
            st.button(
                say(word, language), key=f"{key}-{word}", icon=icon, width="stretch",
                on_click=_do, args=(shelf, board, change),
            )  # fmt: skip

    with box:
        closer = st.button(
            say("tile.large", language), key=f"{key}-large", icon=":material/open_in_full:", width="stretch"
        )
        st.button(
            say("tile.ask", language), key=f"{key}-ask", icon=":material/forum:", width="stretch",
            on_click=_ask, args=(tile, answer),
        )  # fmt: skip
        entry("tile.narrow" if tile.wide else "tile.wide", ":material/width:",
              lambda b: with_tile(b, at, replace(tile, wide=not tile.wide)))  # fmt: skip
        entry("tile.short" if tile.tall else "tile.tall", ":material/height:",
              lambda b: with_tile(b, at, replace(tile, tall=not tile.tall)))  # fmt: skip
        entry("tile.up", ":material/arrow_upward:", lambda b: moved(b, at, -1))
        entry("tile.down", ":material/arrow_downward:", lambda b: moved(b, at, 1))
        entry("tile.remove", ":material/close:", lambda b: without(b, at))
    if closer:
        _closer(tile, answer, language)


def _do(shelf: Shelf, board: Board, change: Callable[[Board], Board]) -> None:
    """Nothing is changed where another tab changed the tiles meanwhile: places would mean others."""
    change_board(shelf, board, lambda b: change(b) if b.tiles == board.tiles else b)


def _ask(tile: Tile, answer: Answer) -> None:
    """Back into the conversation with the tile as a question."""
    if answer.plan is not None:
        workspace().board = ""
        wish(Wish(tile.title, plan=answer.plan, language=tile.language))
