"""The web app under a policy, without a browser: each part of the page comes from what its user may see."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bi_chat.frontends.sample_data import FOLDER
from bi_chat.frontends.web import visitor
from bi_chat.frontends.web.data import sources
from bi_chat.frontends.web.past import kept_store
from bi_chat.settings import load_settings
from bi_chat.values.board import Tile
from bi_chat.wiring import open_store

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone"),
    # AppTest leaves its event loop's sockets to the collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def policy(tmp_path, monkeypatch):
    """The sample policy, in which the board may look as others; a state and a page of the test's own."""
    file = tmp_path / "policy.yaml"
    shutil.copy(FOLDER / "teahouse" / "policy.yaml", file)
    text = file.read_text("utf-8").replace(
        "    datasets: all\n\nusers", "    datasets: all\n    view_as: true\n\nusers"
    )
    assert "view_as" in text
    file.write_text(text, "utf-8")
    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path / "state"))
    st.cache_resource.clear()
    yield file
    st.cache_resource.clear()


@pytest.fixture
def page(policy, monkeypatch):
    """Opens the app as somebody."""

    def opened(user: str = "") -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app", "--policy", str(policy), *(("--as", user) if user else ())])
        return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()

    return opened


def everything(app: AppTest) -> str:
    """All text of the page, also of buttons and boxes."""
    html = [str(e.proto.html.body if hasattr(e.proto, "html") else e.proto.body) for e in app.get("html")]
    labels = [str(e.label) for e in app.button] + [str(o) for box in app.selectbox for o in box.options]
    return "\n".join([*html, *labels, *(str(e.value) for kind in (app.error, app.warning, app.info) for e in kind)])


def own_sql(app: AppTest, number: int, sql: str) -> None:
    """Change the SQL of a card and run it."""
    app.session_state[f"tabs-{number}"] = "SQL"
    app.run().toggle(key=f"sql-edit-{number}").set_value(True).run()
    app.text_area(key=f"sql-{number}").set_value(sql)
    app.button(key=f"run-{number}").click().run()


def ask(app: AppTest, question: str):
    """The answer to it."""
    app.chat_input(key="question").set_value(question).run()
    assert not app.exception
    return app.session_state["bi_chat"].turns[-1].answer


def test_start_page_suggestions_and_side_bar_are_the_user_s(page):
    app = page("ada")
    assert not app.exception
    said = everything(app)
    assert "Stock" in said and not any(
        word in said for word in ("Revenue", "Orders", "Customers", "shoppers", "Refund")
    )
    offered = [b for b in app.button if (b.key or "").startswith("try-")]
    assert offered
    offered[0].click().run()
    assert app.session_state["bi_chat"].turns[0].answer.status == "answered"
    assert ask(app, "revenue by month").status == "declined"


def test_answers_and_own_sql_hold_the_user_s_rows_alone(page):
    app = page("mia")
    cut = ask(app, "revenue in 2024").frame.item(0, 0)
    own_sql(app, 1, "SELECT DISTINCT billing_nation AS n FROM purchases")
    assert app.session_state["bi_chat"].turns[1].answer.frame.rows() == [("NL",)]
    own_sql(app, 1, "SELECT buying_price FROM articles")
    assert app.session_state["bi_chat"].turns[2].answer.status == "declined"
    assert cut < ask(page("li"), "revenue in 2024").frame.item(0, 0)


def test_under_a_policy_there_are_no_other_data_to_choose(page):
    assert page("mia").selectbox(key="source").options == ["Your data: teahouse"]
    assert sources() == ("given",)


def test_who_the_policy_doesn_t_know_gets_a_calm_page(page):
    for app in (page("stranger"), page()):
        said = everything(app)
        assert not app.exception and not app.chat_input and not app.get("file_uploader")
        assert "policy" in said and "Revenue" not in said and "Error" not in said


def test_somebody_else_s_past_conversations_are_not_listed(page):
    ask(page("mia"), "revenue by month in 2024")
    assert [b for b in page("mia").button if (b.key or "").startswith("past-open-")]
    assert not [b for b in page("jan").button if (b.key or "").startswith("past-open-")]


def test_looking_as_somebody_else_is_said_and_recorded_under_the_own_name(page):
    app = page("li")
    whole = ask(app, "revenue in 2024").frame.item(0, 0)
    app.selectbox(key="view-as").select("mia").run()
    assert "You see what mia sees" in everything(app) and not app.session_state["bi_chat"].turns
    assert ask(app, "revenue in 2024").frame.item(0, 0) < whole
    store = open_store(load_settings())
    entry = [r.entry for r in store.audit()][-1]
    store.close()
    assert (entry.user, entry.viewed_as, entry.door) == ("li", "mia", "web")
    app.selectbox(key="view-as").select("").run()
    assert "You see what" not in everything(app)
    assert ask(app, "revenue in 2024").frame.item(0, 0) == whole
    assert all(box.key != "view-as" for box in page("mia").selectbox)


def test_a_right_that_is_taken_away_ends_while_the_page_is_open(page, policy):
    app = page("mia")
    ask(app, "revenue in 2024")
    policy.write_text(
        policy.read_text("utf-8").replace("  mia: {roles: [country_manager]", "  mia: {roles: [buyer]"), "utf-8"
    )
    assert ask(app, "by month").status != "answered"
    assert ask(app, "stock on hand").status == "answered"
    policy.write_text(policy.read_text("utf-8").replace("  mia:", "  someone:"), "utf-8")
    app.run()
    assert "policy" in everything(app) and not app.chat_input


def test_nothing_is_asked_under_a_policy_that_can_not_be_recorded(page, monkeypatch):
    monkeypatch.setattr("bi_chat.frontends.web.past.open_store", lambda _: None)
    kept_store.clear()
    app = page("mia")
    assert app.error and not app.chat_input


def test_without_sign_in_the_page_is_for_this_machine_alone(page, monkeypatch):
    monkeypatch.setattr(visitor, "_is_here", lambda: False)
    app = page("li")
    assert "machine that it runs on" in everything(app) and not app.chat_input


def pinned(app: AppTest, *names: str) -> str:
    """What was asked last, on a board that the others may look at."""
    place = app.session_state["bi_chat"]
    plan = place.turns[-1].answer.plan
    made = place.shelf.boards.add(place.shelf.owner, place.shelf.source, "Review")
    place.shelf.boards.change(
        place.shelf.owner, made.id, lambda b: replace(b, tiles=(Tile("Revenue of 2024", plan),), readers=names)
    )
    return made.id


def test_a_shared_board_shows_each_what_they_may_see_themselves(page):
    app = page("li")
    whole = ask(app, "revenue in 2024")
    board = pinned(app, "mia", "ada")
    shown = page("mia")
    next(b for b in shown.button if b.key == f"board-open-{board}").click().run()
    said = everything(shown)
    assert not shown.exception and "li shares this board with you" in said and "Revenue of 2024" in said
    figure = next(iter(shown.session_state["bi_chat"].tiles.values())).frame.item(0, 0)
    assert 0 < figure < whole.frame.item(0, 0) and whole.text.split()[-1] not in said
    assert not [b for b in shown.button if b.key in ("tile-0-tile.remove", "board-delete")]
    stock = page("ada")
    next(b for b in stock.button if b.key == f"board-open-{board}").click().run()
    said = everything(stock)
    assert not stock.exception and "something that you may not see" in said and "€" not in said
    assert not [b for b in page("jan").button if b.key == f"board-open-{board}"]


def test_a_board_is_shared_by_name_and_no_longer(page):
    app = page("li")
    ask(app, "revenue in 2024")
    board = pinned(app)
    app.run()
    next(b for b in app.button if b.key == f"board-open-{board}").click().run()
    app.session_state["board-share"] = True
    app.run().text_input(key="board-share-name").set_value(" mia ").run()
    assert [b for b in page("mia").button if b.key == f"board-open-{board}"]
    app.button(key="board-share-drop-0").click().run()
    assert not app.exception and not [b for b in page("mia").button if b.key == f"board-open-{board}"]


def test_meanings_can_only_be_read_under_a_policy(page):
    app = page("ada")
    app.button(key="about").click().run()
    assert not app.exception and "Revenue" not in everything(app)
    app.session_state["about-part"] = "meanings"
    app.run()
    assert not app.exception and "whoever runs this server" in everything(app)
    assert not [b for b in app.button if b.key in ("meaning-save", "fields-save")]


def test_profiles_hold_what_one_may_see_and_are_audited(page):
    app = page("mia")
    app.button(key="about").click().run()
    app.selectbox(key="about-table").select("purchases").run()
    said = everything(app)
    assert not app.exception and "NL <span>2,051</span>" in said and "purchases: 2,051 rows" in said
    store = open_store(load_settings())
    entry = [r.entry for r in store.audit()][-1]
    store.close()
    assert entry.user == "mia" and "purchases" in entry.sql
