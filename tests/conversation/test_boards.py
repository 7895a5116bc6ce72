"""Boards: what filters of a board do to its tiles, and the page to send."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bi_chat.conversation.boards import filter_fields, moved, tile_plan, with_tile, without
from bi_chat.conversation.chips import Asked
from bi_chat.conversation.views.page import board_html
from bi_chat.frontends.sample_data import FOLDER
from bi_chat.settings import Settings
from bi_chat.values.board import Board, Tile
from bi_chat.values.period import Grain, Relative
from bi_chat.values.plan import FieldRef, In, Plan
from bi_chat.wiring import connect

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone")
LAST_MONTH = Relative(Grain.MONTH, -1)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = FOLDER / "teahouse"
    settings = Settings(cache_dir=tmp_path_factory.mktemp("cache"), workers=0)
    opened = connect(folder, model=folder / "model.yaml", settings=settings)
    yield opened.session(today=datetime(2025, 10, 18))
    opened.close()


def board(session, *questions, **filters):
    tiles = tuple(Tile(q, session.ask(q).plan) for q in questions)
    return Board("b", "ada", "teahouse", "Review", tiles, **filters)


def asked(session):
    return Asked(Plan(), session.model, "en", date(2025, 10, 18))


def test_a_period_of_the_board_moves_every_tile_it_means_something_to(session):
    made = board(session, "revenue by country in 2024", "customers without orders", period=LAST_MONTH)
    plan, left_out = tile_plan(made.tiles[0], made, asked(session))
    assert "Sep 2025" in session.look(plan).value.restatement and not left_out
    plan, left_out = tile_plan(made.tiles[1], made, asked(session))
    assert left_out == (LAST_MONTH,) and plan == made.tiles[1].plan


def test_a_filter_replaces_the_tile_s_own_and_is_left_out_where_it_can_not_hold(session):
    only = In(
        next(f[0] for f in filter_fields(board(session, "revenue"), asked(session)) if f[1] == "Country"), ("Canada",)
    )
    made = board(session, "revenue by month in 2024 for Germany", filters=(only,))
    plan, left_out = tile_plan(made.tiles[0], made, asked(session))
    assert plan.where == (only,) and not left_out
    nowhere = In(FieldRef("no_such", "field"), ("x",))
    plan, left_out = tile_plan(made.tiles[0], Board("b", "a", "s", "n", made.tiles, (nowhere,)), asked(session))
    assert left_out == (nowhere,) and plan == made.tiles[0].plan


def test_a_relative_tile_moves_on(session):
    made = board(session, "revenue last month")
    assert "Sep 2025" in session.look(made.tiles[0].plan).value.restatement
    assert not session.history[-1:] or session.history[-1].value.question.text == "revenue last month"


def test_tiles_are_moved_changed_and_removed(session):
    made = board(session, "revenue in 2024", "orders in 2024")
    assert [t.title for t in moved(made, 0, 1).tiles] == ["orders in 2024", "revenue in 2024"]
    assert moved(made, 0, -1) == made
    assert [t.title for t in without(made, 0).tiles] == ["orders in 2024"]
    assert with_tile(made, 1, Tile("x", made.tiles[0].plan)).tiles[1].title == "x"


def test_the_page_to_send_holds_every_tile_and_one_chart_library(session):
    answers = tuple((q, session.ask(q).value) for q in ("revenue by country in 2024", "revenue by month in 2024"))
    page = board_html("<b>Review", answers, datetime(2025, 10, 18), "en")
    assert "&lt;b&gt;Review" in page and page.count('class="bi-card"') == 2
    assert page.count("Plotly.newPlot=") <= 1 and 'src="http' not in page
