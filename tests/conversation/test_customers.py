"""Segments of customers and concentration, asked in words; every figure is one that SQL gives, too."""

from __future__ import annotations

from datetime import datetime

import pytest

from bi_chat.conversation.session import Session
from bi_chat.values.serial import plan_codec
from bi_chat.wiring import Connection

ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.fixture
def session(tea: Connection) -> Session:
    return tea.session(today=ASKED_AT)


def test_everybody_is_in_one_segment_and_the_amounts_add_up(session: Session) -> None:
    answer = session.ask("segment my customers")
    wanted = session.sql(
        "SELECT count(DISTINCT p.shopper_code), sum(l.net_amount) FROM purchases p JOIN purchase_lines l "
        "USING (purchase_no) WHERE p.shopper_code IS NOT NULL"
    ).frame.row(0)
    assert answer.frame["customers"].sum() == wanted[0]
    assert answer.frame["Revenue"].sum() == pytest.approx(float(wanted[1]))
    assert answer.frame["share of customers"].sum() == pytest.approx(1.0)
    assert "champions" in answer.text
    assert answer.figure is not None
    assert any("RFM" in a for a in answer.value.assumptions)


def test_those_of_a_segment_are_listed_by_name_and_filters_go_on(session: Session) -> None:
    first = session.ask("客户分群")
    count = dict(first.value.facts[0].values)["people"]
    listed = session.ask("列出冠军客户")
    assert listed.frame.height == count
    assert "冠军客户" in listed.text
    narrowed = session.ask("only Germany")
    assert "Germany" in narrowed.value.restatement
    assert 0 < narrowed.frame.height < count


def test_a_saved_plan_gives_the_same_segments(session: Session) -> None:
    answer = session.ask("customer segments in 2024")
    kept = plan_codec().loads(plan_codec().dumps(answer.plan))
    assert session.run_plan(kept).frame.equals(answer.frame)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "question",
    [
        "which 20% of customers make 80% of revenue?",
        "how concentrated is revenue?",
        "20%的客户贡献了80%的销售额吗",
        "二八分析",
    ],
)
def test_what_the_largest_fifth_holds_is_what_sql_says(session: Session, question: str) -> None:
    answer = session.ask(question)
    fact = dict(answer.value.facts[0].values)
    rows = session.sql(
        "SELECT sum(l.net_amount) AS amount FROM purchases p JOIN purchase_lines l USING (purchase_no) "
        "WHERE p.shopper_code IS NOT NULL GROUP BY p.shopper_code ORDER BY 1 DESC"
    ).frame["amount"]
    amounts = [float(a) for a in rows]
    whole = int(0.2 * len(amounts))
    rest = (0.2 * len(amounts) - whole) * amounts[whole]
    assert fact["hold"] == pytest.approx((sum(amounts[:whole]) + rest) / sum(amounts))
    running = 0.0
    needed = next(i for i, a in enumerate(amounts, 1) if (running := running + a) >= 0.8 * sum(amounts))
    assert fact["needs"] == needed
    assert f"{fact['hold']:.1%}" in answer.text
    assert answer.figure is not None


def test_other_parts_other_holders_and_a_filter(session: Session) -> None:
    answer = session.ask("what share of revenue comes from the top 10% of customers in 2024?")
    assert dict(answer.value.facts[0].values)["largest_part"] == pytest.approx(0.1)
    assert "2024" in answer.value.restatement
    answer = session.ask("pareto analysis of orders by product")
    assert dict(answer.value.facts[0].values)["of"] == "Products"
    assert session.ask("by country?").frame.height == 7


def test_the_top_tenth_is_not_the_top_ten(session: Session) -> None:
    answer = session.ask("top 10% of customers by revenue")
    assert "10%" in answer.value.restatement
    assert answer.frame.height > 10


def test_too_few_people_are_not_segmented(session: Session) -> None:
    answer = session.ask("segment my customers in Germany on 2025-10-13")
    assert answer.status == "declined"
    assert "10" in answer.text
