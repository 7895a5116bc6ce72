"""Customers' words, asked about in words over the sample shop: themes, feelings, and what a policy leaves of them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from bi_chat.settings import Settings
from bi_chat.values.serial import plan_codec
from bi_chat.wiring import Connection, connect

ASKED_AT = datetime(2025, 10, 18, 9)
BAD_BATCH = "reviews of Rosehip Hibiscus between November 2024 and January 2025"
SHOP = Path(__file__).parents[2] / "datasets" / "teahouse"
MOULD = ("mould", "musty", "damp", "霉")


@pytest.mark.parametrize(
    "question",
    [f"What do customers complain about in {BAD_BATCH}?", "2024年11月到2025年1月Rosehip Hibiscus的差评主要说什么"],
)
def test_the_planted_complaint_comes_first_with_quotes_that_were_written(tea: Connection, question: str) -> None:
    session = tea.session(today=ASKED_AT)
    answer = session.ask(question)
    assert answer.status == "answered"
    found = answer.value.themes
    assert found is not None
    assert any(word in found.themes[0].name for word in MOULD)
    written = session.sql("SELECT words FROM feedback WHERE words IS NOT NULL").frame["words"].to_list()
    assert all(any(q in " ".join(w.split()) for w in written) for t in found.themes for q in t.quotes)
    assert found.themes[0].name in answer.text
    assert answer.frame.height == len(found.themes)
    assert answer.figure is not None


def test_every_number_of_the_sentences_is_a_value_and_every_view_has_them(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("what do customers praise?")
    first = answer.value.themes.themes[0]  # type: ignore[union-attr]
    assert f"{first.mentions:,} texts" in answer.value.narrative.headline
    assert first.name in answer.to_html()
    assert json.loads(answer.to_json())["themes"]["themes"][0]["mentions"] == first.mentions


def test_a_follow_up_narrows_and_a_saved_plan_gives_the_same(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    whole = session.ask("what do customers complain about?").value.themes
    part = session.ask("only in 2024").value
    assert whole is not None
    assert part.themes is not None
    assert 0 < part.themes.texts < whole.texts
    counted = session.ask("by month").value
    assert counted.themes is None
    assert counted.result is not None
    assert counted.result.frame.height == 12


def test_what_they_say_about_something_reads_only_texts_with_that_word(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    found = session.ask("what do customers say about delivery?").value.themes
    want = session.sql("SELECT count(*) AS n FROM feedback WHERE words ILIKE '%delivery%'").frame["n"][0]
    assert found is not None
    assert found.texts == want


def test_what_do_they_complain_about_keeps_filters_and_period(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    assert session.ask("average rating of Rosehip Hibiscus by month in 2025").status == "answered"
    found = session.ask("what do they complain about?").value.themes
    want = session.sql(
        "SELECT count(words) AS n FROM feedback JOIN articles USING (article_no) "
        "WHERE article = 'Rosehip Hibiscus' AND year(written_on) = 2025"
    ).frame["n"][0]
    assert found is not None
    assert found.texts == want


def test_themes_of_several_groups_at_once_are_not_answered_with_something_else(tea: Connection) -> None:
    assert tea.session(today=ASKED_AT).ask("what are the main complaints by country").status != "answered"


def test_sentiment_is_an_ordinary_measure(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    answer = session.ask("average sentiment by product group in 2025")
    assert answer.status == "answered"
    assert "tone(" in answer.sql.lower()
    values = answer.frame[answer.frame.columns[1]].to_list()
    assert all(-1 <= v <= 1 for v in values)
    assert session.ask("by month").frame.height > len(values)


@pytest.mark.parametrize(
    ("question", "check"),
    [
        ("share of negative reviews by product group", "count(*) FILTER (stars <= 2) / count(stars)"),
        ("各品类的好评率", "count(*) FILTER (stars >= 4) / count(stars)"),
    ],
)
def test_negative_and_positive_go_by_the_stars(tea: Connection, question: str, check: str) -> None:
    session = tea.session(today=ASKED_AT)
    answer = session.ask(question)
    want = session.sql(
        f"SELECT a.article_group, {check} AS share FROM feedback f JOIN articles a USING (article_no) GROUP BY 1"
    )
    assert dict(answer.frame.rows()) == pytest.approx(dict(want.frame.rows()))
    assert answer.value.assumptions


def test_reviews_that_mention_a_word_are_those_that_hold_it(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    counted = session.ask("how many reviews mention packaging").frame.rows()[0][0]
    want = session.sql("SELECT count(*) AS n FROM feedback WHERE words ILIKE '%packaging%'").frame.rows()[0][0]
    assert counted == want > 0
    session.forget()
    heard = session.ask("what is the sentiment of reviews that mention delivery").frame.rows()[0][0]
    want = session.sql("SELECT avg(tone(words)) AS n FROM feedback WHERE words ILIKE '%delivery%'").frame.rows()[0][0]
    assert heard == pytest.approx(want)


def test_are_they_happy_is_answered_by_the_stars_and_says_so(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("are customers happy?")
    assert answer.status == "answered"
    assert any("stars" in said for said in answer.value.assumptions)


def test_data_without_words_of_customers_are_declined(tmp_path: Path) -> None:
    path = tmp_path / "boats.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE TABLE boats AS SELECT i AS boat_id, i % 7 AS berth, i * 2.5 AS length FROM range(50) t(i)")
    opened = connect(path, settings=Settings(cache_dir=tmp_path / "cache"))
    assert opened.session(today=ASKED_AT).ask("what do owners complain about?").status == "declined"
    opened.close()


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """lin reads the Chinese reviews, bo all of them without their words, kim only groups."""
    file = tmp_path / "policy.yaml"
    file.write_text(
        """
version: 1
roles:
  reader:
    datasets:
      feedback: {fields: all, rows: "written_in = 'zh'"}
      articles: all
  deaf:
    datasets:
      feedback: {fields: all, masks: {words: {partial: 3}}}
      articles: all
  crowd:
    datasets:
      feedback: {fields: all, min_group_size: 5, person: shopper_code, dimensions: [article_no, written_in]}
      articles: all
users:
  lin: {roles: [reader]}
  bo: {roles: [deaf]}
  kim: {roles: [crowd]}
""",
        encoding="utf-8",
    )
    return file


def test_a_row_filter_holds_for_themes_and_sentiment(policy: Path) -> None:
    opened = connect(
        SHOP, model=SHOP / "model.yaml", policy=policy, settings=Settings(cache_dir=policy.parent / "cache")
    )
    lin = opened.session(user="lin")
    found = lin.ask("what do customers complain about?").value.themes
    assert found is not None
    assert found.texts == 1_200
    assert all(any("\u4e00" <= ch <= "\u9fff" for ch in q) for t in found.themes for q in t.quotes)
    lin.forget()
    told = lin.ask("average sentiment").frame.rows()[0][0]
    own = lin.sql("SELECT avg(tone(words)) AS t FROM feedback").frame.rows()[0][0]
    assert told == pytest.approx(own)
    opened.close()


def test_masked_words_are_never_read(policy: Path) -> None:
    opened = connect(
        SHOP, model=SHOP / "model.yaml", policy=policy, settings=Settings(cache_dir=policy.parent / "cache")
    )
    bo = opened.session(user="bo")
    for question in ("what do customers complain about?", "average sentiment by month", "抱怨最多的是什么"):
        bo.forget()
        answer = bo.ask(question)
        assert answer.value.themes is None
        assert "tone(" not in answer.sql.lower()
    opened.close()


def test_words_of_persons_behind_groups_are_never_read(policy: Path) -> None:
    opened = connect(
        SHOP, model=SHOP / "model.yaml", policy=policy, settings=Settings(cache_dir=policy.parent / "cache")
    )
    kim = opened.session(user="kim")
    for question in ("what do customers complain about?", "average sentiment"):
        kim.forget()
        assert kim.ask(question).status != "answered"
    assert kim.sql("SELECT max(tone(words)) AS t FROM feedback").status != "answered"
    opened.close()


@pytest.mark.parametrize("asked", ["do refunds rise where mould is mentioned?", "提到mould的地方退款更多吗"])
def test_refunds_rise_where_a_planted_complaint_is_mentioned(tea: Connection, asked: str) -> None:
    answer = tea.session(today=ASKED_AT).ask(asked)
    assert answer.status == "answered"
    fact = dict(answer.value.facts[0].values)
    assert fact["told"] is True
    assert fact["ratio_low"] > 2
    assert 0 < fact["extra_low"] <= fact["extra"] <= fact["extra_high"]
    assert answer.value.warnings  # observed, not tested


def test_a_word_of_no_consequence_is_not_told_from_the_usual(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("are refunds higher where sister is mentioned?")
    assert dict(answer.value.facts[0].values)["told"] is False
    assert "can't be told" in answer.text


def test_complaints_are_ranked_by_what_goes_with_them(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    answer = session.ask("which complaints cost most?")
    told = [dict(f.values) for f in answer.value.facts if dict(f.values)["told"]]
    assert told
    assert [abs(t["extra"]) for t in told] == sorted((abs(t["extra"]) for t in told), reverse=True)
    assert answer.figure is not None
    assert plan_codec().loads(plan_codec().dumps(answer.plan)) == answer.plan
    assert session.ask("哪些抱怨造成的损失最大").frame.height == answer.frame.height
