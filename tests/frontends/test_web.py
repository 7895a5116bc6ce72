"""The web app's logic, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="streamlit is missing: the web extra is not installed")

from streamlit.testing.v1 import AppTest

from bi_chat.conversation.answer import Answer
from bi_chat.frontends.sample_data import FOLDER
from bi_chat.frontends.web.card_download import file_stem
from bi_chat.frontends.web.data import given_specs, safe_name
from bi_chat.frontends.web.past import _file, kept_store
from bi_chat.values.reading import Reading

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone"),
    # AppTest leaves its event loop's sockets to the collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def shown(app: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(str(e.proto.html.body if hasattr(e.proto, "html") else e.proto.body) for e in app.get("html"))


def ask(app: AppTest, question: str) -> AppTest:
    return app.chat_input(key="question").set_value(question).run()


def own_sql(app: AppTest, number: int, sql: str) -> None:
    """Change the SQL of a card and run it."""
    app.session_state[f"tabs-{number}"] = "SQL"
    app.run().toggle(key=f"sql-edit-{number}").set_value(True).run()
    app.text_area(key=f"sql-{number}").set_value(sql)
    app.button(key=f"run-{number}").click().run()


def past_menu(app: AppTest, conversation: str) -> AppTest:
    """Open what can be done with a past conversation."""
    app.session_state[f"past-menu-{conversation}"] = True
    return app.run()


@pytest.fixture
def app():
    made = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90).run()
    assert not made.exception
    return made


def test_the_start_page_offers_questions_that_are_answered(app):
    offered = [b for b in app.button if (b.key or "").startswith("try-")]
    assert len(offered) >= 3
    answered = offered[0].click().run()
    assert not answered.exception
    assert answered.session_state["bi_chat"].turns[0].answer.status == "answered"


def test_a_follow_up_builds_on_the_answer_before(app):
    ask(ask(app, "revenue by month in 2024"), "by product group")
    turns = app.session_state["bi_chat"].turns
    assert [t.answer.status for t in turns] == ["answered", "answered"]
    assert turns[1].answer.frame.width == 3
    assert "How I read this" in shown(app)


def test_warnings_stand_in_the_card(app):
    ask(app, "Show revenue by month for this year")
    assert 'role="alert"' in shown(app) and "not complete" in shown(app)


def test_what_is_not_understood_offers_ways_on(app):
    ask(app, "how many wibbly wobblies")
    assert app.session_state["bi_chat"].turns[0].answer.status == "declined"
    ways = [b for b in app.button if (b.key or "").startswith("next-")]
    assert ways
    ways[0].click().run()
    assert len(app.session_state["bi_chat"].turns) == 2


def test_readings_to_choose_from_are_buttons(app):
    ask(app, "revenue in 2024")
    turn = app.session_state["bi_chat"].turns[0]
    value = turn.answer.value
    readings = (Reading(value.plan, 0.4, label="![x](y) Revenue of 2024"), Reading(value.plan, 0.4, label="The other"))
    turn.answer = Answer(replace(value, status="clarify", choices=readings, result=None, chart=None))
    app.run()
    offered = [b for b in app.button if (b.key or "").startswith("choice-")]
    assert len(offered) == 2 and "![" not in offered[0].label
    offered[0].click().run()
    assert app.session_state["bi_chat"].turns[1].answer.status == "answered"


def test_own_sql_passes_the_guard(app):
    ask(app, "revenue in 2024")
    own_sql(app, 1, "SELECT count(*) AS n FROM purchases")
    answer = app.session_state["bi_chat"].turns[1].answer
    assert answer.status == "answered" and answer.frame.row(0)[0] > 20_000


def test_own_sql_that_writes_is_refused(app):
    ask(app, "revenue in 2024")
    own_sql(app, 1, "DROP TABLE purchases")
    assert app.session_state["bi_chat"].turns[1].answer.status == "declined"


def test_a_new_conversation_forgets(app):
    ask(app, "revenue in 2024")
    app.button(key="new").click().run()
    place = app.session_state["bi_chat"]
    assert not place.turns and not place.session.history


def test_other_data_begin_another_conversation(app):
    ask(app, "revenue in 2024")
    first = app.session_state["bi_chat"].session
    app.selectbox(key="source").select("sample.market").run()
    place = app.session_state["bi_chat"]
    assert not place.turns and place.session is not first
    assert place.session.model.dataset("markets") is not None


def test_the_interface_speaks_chinese(app):
    app.session_state["language"] = "zh"
    app.run()
    assert "你想知道什么" in shown(app)


def test_two_browser_sessions_share_no_conversation(app):
    other = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90).run()
    ask(app, "revenue in 2024")
    other.run()
    assert not other.session_state["bi_chat"].turns
    assert other.session_state["bi_chat"].session is not app.session_state["bi_chat"].session


def test_a_question_can_not_write_html(app):
    ask(app, "<img src=x onerror=alert(1)> revenue")
    assert "<img src=x" not in shown(app)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("sales.csv", "sales.csv"),
        ("../../etc/passwd", "file_1.txt"),
        ("..\\..\\a b.XLSX", "a_b.xlsx"),
        ("销售 2025.csv", "销售_2025.csv"),
        ("x.exe", "x.txt"),
        (".csv", "file_1.csv"),
    ],
)
def test_an_upload_gets_a_safe_name(name, safe):
    assert safe_name(name, 0) == safe


def test_specs_of_the_command_line():
    assert given_specs(["--data", "a.csv", "--data", "b.csv"]) == ("a.csv", "b.csv")
    assert given_specs(["--data"]) == ()


def test_the_packaged_configuration_is_the_clone_s():
    packaged = ROOT / "bi_chat" / "frontends" / "web" / ".streamlit" / "config.toml"
    assert packaged.read_text() == (ROOT / ".streamlit" / "config.toml").read_text()


def test_a_past_conversation_is_found_and_gone_on_with(app):
    ask(app, "revenue by month in 2024")
    again = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90).run()
    opened = next(b for b in again.button if (b.key or "").startswith("past-open-"))
    assert "revenue by month" in opened.label
    opened.click().run()
    assert not again.exception
    assert "Run again" in [b.label for b in again.button]
    turns = ask(again, "by product group").session_state["bi_chat"].turns
    assert [t.answer.status for t in turns] == ["answered", "answered"]
    assert turns[1].answer.frame.width == 3


def test_a_deleted_conversation_is_gone(app):
    ask(app, "orders by month in 2024").run()
    kept = app.session_state["bi_chat"].session.conversation
    past_menu(app, kept).button(key=f"past-drop-{kept}").click().run()
    assert not app.exception
    assert app.session_state["bi_chat"].turns == []
    assert f"past-open-{kept}" not in [b.key for b in app.button]
    ask(app, "revenue in 2024")
    assert app.session_state["bi_chat"].turns[0].answer.status == "answered"


def test_a_conversation_is_renamed_and_saved_as_page_json_and_notebook(app):
    ask(ask(app, "revenue by month in 2024"), "customers without orders").run()
    place = app.session_state["bi_chat"]
    kept = place.session.conversation
    past_menu(app, kept).text_input(key=f"past-title-{kept}").set_value("Year in <b>review</b>").run()
    opened = next(b for b in app.button if b.key == f"past-open-{kept}")
    assert "Year in" in opened.label and not app.exception
    found = next(c for c in kept_store().conversations("local") if c.id == kept)
    page = _file("html", found, place, found.title, "en")
    assert "Year in &lt;b&gt;review" in page and page.count('class="bi-card"') == 2 and 'src="http' not in page
    said = json.loads(_file("json", found, place, found.title, "en"))["answers"]
    assert [a["question"]["text"] for a in said] == ["revenue by month in 2024", "customers without orders"]
    assert said[0]["result"]["row_count"] == 12
    lines = [c["source"][0] for c in json.loads(_file("notebook", found, place, found.title, "en"))["cells"]]
    assert lines[1:] == [
        "%load_ext bi_chat",
        "%ask_data teahouse",
        "%ask revenue by month in 2024",
        "%ask customers without orders",
    ]
    app.button(key="new").click().run()
    said = json.loads(_file("json", found, place, found.title, "en"))["answers"]
    assert len(said) == 2 and "€" in said[0]["headline"], "as it is kept: words, no rows"


def test_of_many_answers_the_last_are_drawn_and_the_others_when_they_are_wanted(app):
    for at in range(10):
        ask(app, f"revenue in {2023 + at % 3}")
        assert shown(app).count('class="bi-asked"') == (6 if at == 9 else at + 1)
    app.button(key="earlier").click().run()
    assert shown(app).count('class="bi-asked"') == 10 and not app.exception


def test_an_answer_s_files_are_made_when_they_are_asked_for(app):
    ask(app, "revenue by month in 2024")
    app.session_state["download-1"] = True
    app.run()
    assert not app.exception
    offered = [e.proto.label for e in app.get("download_button")]
    assert offered == [
        "Rows as CSV",
        "Excel (XLSX), with how it was read",
        "Whole answer as a web page",
        "Whole answer as JSON",
    ]
    assert {b.label for b in app.button} >= {"Chart as PNG", "Chart as SVG"}


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("Revenue, by month?", "Revenue_by_month"),
        ("../../etc/passwd", "etc_passwd"),
        ("按月的销售额", "按月的销售额"),
        ("?!", "answer"),
    ],
)
def test_a_file_is_called_after_its_question(text, stem):
    assert file_stem(text) == stem


def test_a_table_is_searched_and_added_up(app):
    ask(app, "revenue by product in 2024")
    app.session_state["tabs-1"] = "Table"
    app.run()
    said = shown(app)
    assert " · Total: Revenue €365,446.79" in said
    app.text_input(key="find-1").set_value("sencha").run()
    assert "Rows: 1<" in shown(app) and not app.exception
