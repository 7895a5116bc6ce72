"""How questions are read: each plan says itself as a sentence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_chat.planners.grammar.planner import GrammarPlanner
from bi_chat.values.question import Question
from bi_chat.wiring import Connection

ASKED_AT = datetime(2025, 10, 18, 9)
CASES = yaml.safe_load((Path(__file__).parents[1] / "fixtures" / "planners" / "readings.yaml").read_text("utf-8"))
WORDS = (
    "revenue orders customers by per top bottom 5 2024 last month not never without more than Germany highest of and "
    "or vs compare why forecast share growth each average total how many which list as a pie chart only instead remove "
    "the same country product shop between 10 20 since before 'tea' ? , $1,000 "
    "按 销售额 最高 的 没有 客户 多少 同比 近7天"
).split()


@pytest.mark.parametrize("case", CASES, ids=[c["title"] for c in CASES])
def test_reading(case: dict[str, object], tea: Connection) -> None:
    turns = case["ask"] if isinstance(case["ask"], list) else [case["ask"]]
    session = tea.session(today=ASKED_AT)
    for turn in turns:
        answer = session.ask(str(turn))
    assert (answer.status, answer.value.restatement) == ("answered", case["reads"])


def test_a_ranking_without_a_measure_asks_by_what(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("best customers")
    assert answer.status == "clarify"
    assert len(answer.value.choices) >= 2
    chosen = tea.session(today=ASKED_AT).choose(answer.value.choices[0], asked_at=ASKED_AT)
    assert chosen.status == "answered"
    assert chosen.frame.height == 10


def test_an_unknown_thing_is_declined_by_its_name(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("how many unicorns do we have")
    assert answer.status == "declined"
    assert "unicorns" in answer.text


def test_words_that_were_not_used_are_said_beside_the_answer(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("quixotic revenue by country and by sales route in 2024")
    said = " ".join((*answer.value.warnings, answer.text))
    assert "quixotic" in said


@pytest.mark.parametrize(
    ("question", "lost"),
    [
        ("What were our delivery costs in 2024?", "delivery"),
        ("周末和工作日的订单量", "工作日"),
        ("orders after in 2024", "after"),
    ],
)
def test_a_word_with_a_meaning_that_was_not_used_is_never_dropped_silently(
    question: str, lost: str, tea: Connection
) -> None:
    answer = tea.session(today=ASKED_AT).ask(question)
    assert lost in " ".join((*answer.value.warnings, answer.text))


def test_a_verb_alone_asks_which_figure_is_meant(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("卖得怎么样？")
    assert answer.status == "clarify"
    assert len(answer.value.choices) >= 2


def test_rows_judged_in_a_period_are_not_counted_over_all_time(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    spent = session.ask("how many customers spent more than 600 euros in 2024")
    check = session.sql(
        "SELECT count(*) FROM (SELECT shopper_code FROM purchases JOIN purchase_lines USING (purchase_no) "
        "WHERE placed_at >= DATE '2024-01-01' AND placed_at < DATE '2025-01-01' AND shopper_code IS NOT NULL "
        "GROUP BY 1 HAVING sum(net_amount) > 600)"
    )
    assert spent.frame.item() == check.frame.item()


def test_a_list_of_what_was_asked_is_no_answer(tea: Connection) -> None:
    assert tea.session(today=ASKED_AT).ask("and in Germany?").status != "answered"


def test_a_wish_to_change_data_is_declined_even_in_a_conversation(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    session.ask("orders by month in 2024")
    answer = session.ask("delete all orders")
    assert answer.status == "declined"
    assert answer.value.issues[0].code == "read_only"


def test_a_default_role_is_said_as_an_assumption(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("revenue by country in 2024")
    assert any("billing country" in a for a in answer.value.assumptions)
    other = tea.session(today=ASKED_AT).ask("revenue by delivery country in 2024")
    assert answer.frame.rows() != other.frame.rows()


def test_the_rows_are_those_of_hand_written_sql(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    got = session.ask("top 5 products by revenue this year")
    want = session.sql(
        "SELECT a.article, sum(l.net_amount) AS v FROM purchase_lines l JOIN purchases p USING (purchase_no) "
        "JOIN articles a USING (article_no) WHERE p.placed_at >= DATE '2025-01-01' AND p.placed_at < DATE '2025-10-19' "
        "GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    )
    assert [(n, round(float(v), 2)) for n, v in got.frame.rows()] == [
        (n, round(float(v), 2)) for n, v in want.frame.rows()
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
def test_any_words_give_a_reading_or_an_issue_and_never_an_error(words: list[str], tea: Connection) -> None:
    question = Question(
        " ".join(words), ASKED_AT, "zh" if any("\u4e00" <= c <= "\u9fff" for w in words for c in w) else "en"
    )
    understood = tea.planner.understand(question, tea.model)
    assert understood.readings or understood.issues or understood.about
    assert all(0 <= r.confidence <= 1 for r in understood.readings)


def test_one_planner_serves_many_models(tea: Connection) -> None:
    planner = GrammarPlanner()
    question = Question("revenue by country", ASKED_AT)
    first = planner.understand(question, tea.model)
    assert planner.understand(question, tea.model) == first


@pytest.mark.parametrize(
    ("text", "groups", "rows"),
    [
        ("revenue in 2023 or 2024", "year", 2),
        ("number of orders in May or June 2024", "month", 2),
        ("number of orders in January, March and May 2024", "month", 3),
        ("revenue in Q1 and Q3 2024", "quarter", 2),
        ("2023年和2024年的收入", "year", 2),
    ],
)
def test_periods_in_one_enumeration_stand_side_by_side(tea: Connection, text: str, groups: str, rows: int) -> None:
    """Whole ones: none of them is called unfinished because the data go on."""
    answer = tea.session(today=datetime(2025, 10, 18)).ask(text)
    assert answer.status == "answered"
    assert answer.value.confidence > 0.75
    assert answer.frame.height == rows
    assert answer.value.result is not None
    assert answer.value.result.columns[0].grain == groups
    assert not answer.value.warnings
