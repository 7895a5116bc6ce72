"""A session remembers what was asked, offers what it can't decide, and runs own SQL under the same guard."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bi_chat.settings import Settings
from bi_chat.wiring import Connection, connect

ASKED_AT = datetime(2025, 10, 18, 9)


def test_a_follow_up_changes_the_last_answer_only_where_it_says_so(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    session.ask("revenue by country in 2024")
    answer = session.ask("only in Q4 2024")
    alone = tea.session(today=ASKED_AT).ask("revenue by country in Q4 2024")
    assert answer.frame.rows() == alone.frame.rows()
    assert len(session.history) == 2


def test_after_forgetting_a_follow_up_has_nothing_to_change(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    session.ask("revenue by country in 2024")
    session.forget()
    assert session.history == ()
    assert session.ask("as a pie chart").status != "answered"


def test_own_sql_runs_under_the_guard(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    assert session.sql("SELECT count(*) AS n FROM purchases").frame["n"][0] > 0
    for bad in ("DROP TABLE purchases", "SELECT * FROM read_csv('/etc/passwd')", "SELECT 1; SELECT 2"):
        refused = session.sql(bad)
        assert refused.status == "declined"
        assert refused.frame.is_empty()
        assert refused.text
    assert session.sql("SELECT count(*) AS n FROM purchases").status == "answered"


def test_a_choice_is_answered_and_carried_on(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    offered = session.ask("best customers").value.choices
    session.choose(offered[0])
    assert session.ask("only in 2024").status == "answered"


def test_two_sessions_do_not_see_each_other(tea: Connection) -> None:
    one, other = tea.session(today=ASKED_AT), tea.session(today=ASKED_AT)
    one.ask("revenue by month in 2024")
    assert other.history == ()


def test_a_model_is_drafted_once_for_the_same_data(tmp_path: Path) -> None:
    data = tmp_path / "sales.csv"
    data.write_text("day,shop,amount\n" + "".join(f"2024-01-{d:02},s{d % 3},{d}\n" for d in range(1, 29)), "utf-8")
    settings = Settings(cache_dir=tmp_path / "cache")
    with_first = connect(data, settings=settings)
    kept = sorted((tmp_path / "cache" / "models").glob("*.json"))
    again = connect(data, settings=settings)
    assert again.model == with_first.model
    assert sorted((tmp_path / "cache" / "models").glob("*.json")) == kept
    data.write_text(data.read_text("utf-8") + "2024-01-29,s9,1000\n", "utf-8")
    changed = connect(data, settings=settings)
    assert len(list((tmp_path / "cache" / "models").glob("*.json"))) == len(kept) + 1
    assert changed.session().ask("total amount").frame.rows() == [(1406.0,)]
    for opened in (with_first, again, changed):
        opened.close()


def test_a_damaged_kept_model_is_drafted_anew(tmp_path: Path) -> None:
    data = tmp_path / "sales.csv"
    data.write_text("shop,amount\na,1\nb,2\n", "utf-8")
    settings = Settings(cache_dir=tmp_path / "cache")
    first = connect(data, settings=settings)
    for kept in (tmp_path / "cache" / "models").iterdir():
        kept.write_text("{", "utf-8")
    again = connect(data, settings=settings)
    assert again.model == first.model
    first.close()
    again.close()


def test_two_analyses_in_one_sentence_are_answered_one_after_the_other(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    first = session.ask("why did revenue drop in May, and what should we expect by year end?")
    assert first.value.drivers is not None
    assert "more than one thing" in first.value.warnings[0]
    second = session.ask(first.value.next_questions[0].text)
    months = [d.month for d, expected in second.frame.select("month", "forecast").rows() if expected is not None][-3:]
    assert months == [10, 11, 12]


def test_why_of_the_answer_before_keeps_its_measure(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    session.ask("revenue by country")
    answer = session.ask("why did it drop in May?")
    assert answer.value.drivers is not None
    assert "34,679.13" in answer.text


def test_the_top_of_other_things_takes_the_place_of_the_first(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    session.ask("top customers by revenue in 2024")
    followed = session.ask("show me the top products")
    alone = tea.session(today=ASKED_AT).ask("top products by revenue in 2024")
    assert followed.frame.rows() == alone.frame.rows()
    assert followed.frame.height == 10
    assert tea.session(today=ASKED_AT).ask("the top product by revenue in 2024").frame.height == 1


def test_reasons_can_be_asked_for_by_a_named_dimension(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    session.ask("why did revenue drop in Feb 2025?")
    drivers = session.ask("and by customer kind").value.drivers
    assert drivers is not None and drivers.headline is not None
    assert [b.field.field for b in drivers.breakdowns] == [drivers.headline.field.field]
    assert "Customer kind" in session.history[-1].text


def test_of_several_questions_the_first_that_can_be_answered_is(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("What is our flibber rate? Show revenue by country in 2024")
    assert answer.status == "answered"
    assert answer.frame.rows() == tea.session(today=ASKED_AT).ask("revenue by country in 2024").frame.rows()
    assert "flibber" in answer.value.warnings[0]
    assert "flibber" in answer.value.next_questions[0].text
