"""The page about the data, without a browser: profiles, joins, meanings that are changed and changed back."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="streamlit is missing: the web extra is not installed")

import streamlit as st
from streamlit.testing.v1 import AppTest

from bi_chat.frontends.sample_data import FOLDER
from bi_chat.frontends.web.about_joins import joins_dot
from bi_chat.frontends.web.about_metric import words_of
from bi_chat.semantics.model import Dataset, Relationship, SemanticModel

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone"),
    # AppTest leaves its event loop's sockets to the collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path / "state"))
    st.cache_resource.clear()
    made = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90).run()
    assert not made.exception
    yield made
    st.cache_resource.clear()


def shown(app: AppTest) -> str:
    return "\n".join(str(e.proto.html.body if hasattr(e.proto, "html") else e.proto.body) for e in app.get("html"))


def meanings(app: AppTest) -> AppTest:
    app.button(key="about").click().run()
    app.session_state["about-part"] = "meanings"
    app.run()
    assert not app.exception
    return app


def ask(app: AppTest, question: str):
    app.chat_input(key="question").set_value(question).run()
    assert not app.exception
    return app.session_state["bi_chat"].turns[-1].answer


def test_a_table_is_counted_and_the_page_is_left_again(app):
    app.button(key="about").click().run()
    app.selectbox(key="about-table").select("feedback").run()
    said = shown(app)
    assert "4,557 rows" in said and "en <span>3,216</span>" in said and "2% missing" in said
    assert 'role="img"' in said and "2023-01-08 – 2025-10-17" in said
    app.button(key="about-back").click().run()
    assert app.chat_input and not app.exception


def test_a_measure_is_tried_out_saved_asked_for_and_undone(app):
    meanings(app).selectbox(key="meaning-metric").select("").run()
    app.text_input(key="metric--label").set_value("Baskets of note").run()
    app.text_area(key="metric--expression").set_value("COUNT(DISTINCT purchase_lines.purchase_nr)").run()
    assert "purchase_nr, which purchase_lines does not have" in shown(app) and app.button(key="meaning-save").disabled
    app.text_area(key="metric--expression").set_value("COUNT(DISTINCT purchase_lines.purchase_no)").run()
    assert "What it comes to" in shown(app) and not app.button(key="meaning-save").disabled
    app.button(key="meaning-save").click().run()
    assert not app.exception and "Your changes: 1" in shown(app) and "already means" not in shown(app)
    assert app.selectbox(key="meaning-metric").value == "baskets_of_note"
    app.button(key="about-back").click().run()
    assert ask(app, "baskets of note in 2024").frame.item(0, 0) > 1_000
    meanings(app).button(key="meaning-undo").click().run()
    assert not app.exception and "Your changes:" not in shown(app)
    app.button(key="about-back").click().run()
    assert not app.exception, "the card of a measure that is gone still stands"
    assert app.session_state["bi_chat"].session.model.metric("baskets_of_note") is None


def test_a_conversation_goes_on_over_an_edited_model(app):
    ask(app, "revenue by month in 2024")
    meanings(app)
    first = app.session_state["meaning-metric"]
    app.text_input(key=f"metric-{first}-synonyms").set_value("the till, 进账").run()
    app.button(key="meaning-save").click().run()
    app.button(key="about-back").click().run()
    answer = ask(app, "by product group")
    assert answer.status == "answered" and answer.frame.width == 3
    assert ask(app, "the till in 2024").status == "answered"


def test_words_are_written_with_western_or_chinese_commas():
    assert words_of("till,  takings，进账、流水,, till") == ("till", "takings", "进账", "流水")


def test_names_of_the_data_can_not_write_into_the_picture():
    model = SemanticModel(
        "m",
        (Dataset('a"];x[label="', "a"), Dataset("b\\", "b")),
        (Relationship("r", 'a"];x[label="', "b\\", ("k",), ("k",)),),
    )
    drawn = joins_dot(model, "en", "light")
    assert '"];x' not in drawn and '\\"' not in drawn and drawn.count("->") == 1
