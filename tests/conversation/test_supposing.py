"""What if, and what goes with what: asked in words over the sample data, whose planted effects are known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.settings import Settings
from bi_chat.values.analyses import Influence, WhatIf
from bi_chat.values.serial import plan_codec
from bi_chat.wiring import Connection, connect

ASKED_AT = datetime(2025, 10, 13, 9)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The weekly panel with its model."""
    folder = Path(__file__).resolve().parents[2] / "datasets" / "market"
    found = connect(folder, model=folder / "model.yaml", settings=Settings(cache_dir=tmp_path_factory.mktemp("market")))
    yield found
    found.close()


@pytest.mark.parametrize(("drink", "planted"), [("Oat drink", -1.5), ("Kombucha", -2.2), ("Canned coffee", -1.2)])
def test_a_price_rise_is_answered_with_the_planted_elasticity(market: Connection, drink: str, planted: float) -> None:
    answer = market.session(today=ASKED_AT).ask(f'what if the price goes up 5% for "{drink}"?')
    found = answer.value.scenario
    assert found is not None
    elasticity = found.relation.elasticity
    assert elasticity is not None
    assert elasticity.low <= planted <= elasticity.high
    assert found.fixed == pytest.approx(found.before * 1.05)
    assert found.expected is not None
    assert found.expected.low < found.expected.value < found.expected.high
    assert found.expected.value == pytest.approx(found.before * 1.05 ** (1 + elasticity.value), rel=1e-3)
    assert "not tested by an experiment" in " ".join(answer.value.warnings)


def test_the_money_before_is_what_was_earned(market: Connection) -> None:
    session = market.session(today=ASKED_AT)
    found = session.ask("what if prices fall by 10% in Germany in 2024").value.scenario
    want = session.sql(
        "SELECT sum(d.revenue_eur) FROM demand_weekly d JOIN markets m USING (market_code) "
        "WHERE m.market = 'Germany' AND d.week_start BETWEEN DATE '2024-01-01' AND DATE '2024-12-31'"
    )
    assert found is not None
    assert found.before == pytest.approx(float(want.frame.item()))
    assert found.change == pytest.approx(-0.1)


def test_what_advertising_does_shows_two_weeks_later(market: Connection) -> None:
    answer = market.session(today=ASKED_AT).ask("does advertising spend lead demand?")
    found = answer.value.relation
    assert found is not None
    assert found.verdict == "estimated"
    sizes = [r.value for r in found.by_step]
    assert sizes.index(max(sizes)) == 2
    assert "2 weeks later" in answer.text
    assert answer.figure is not None


def test_both_languages_say_the_same_numbers(market: Connection) -> None:
    session = market.session(today=ASKED_AT)
    english, chinese = (session.ask(q).value for q in ("what if price goes up 5%", "如果价格上涨5%会怎样"))
    assert english.facts == chinese.facts or english.scenario is not None
    assert english.scenario is not None
    assert chinese.scenario is not None
    assert english.scenario.expected == chinese.scenario.expected
    assert "自家价格" in chinese.narrative.headline


def test_a_follow_up_changes_the_change_or_the_place(market: Connection) -> None:
    session = market.session(today=ASKED_AT)
    session.ask("what if price goes up 5% in Germany")
    other = session.ask("and -10%?")
    assert isinstance(other.plan.analysis, WhatIf)
    assert other.plan.analysis.factor == pytest.approx(0.9)
    assert "Germany" in other.value.restatement
    moved = session.ask("what about Poland?")
    assert moved.value.scenario is not None
    assert "Poland" in moved.value.restatement
    plain = session.ask("by month")
    assert plain.plan.analysis is None


def test_a_saved_plan_comes_back(market: Connection) -> None:
    for asked in ("what if ad spend is cut by half in China?", "how does price affect demand?"):
        plan = market.session(today=ASKED_AT).ask(asked).plan
        assert isinstance(plan.analysis, WhatIf | Influence)
        assert plan_codec().loads(plan_codec().dumps(plan)) == plan


def test_a_level_is_no_change(market: Connection) -> None:
    found = market.session(today=ASKED_AT).ask("what if we raise ad spend to 1000000?").value.scenario
    assert found is not None
    assert found.lever_after == pytest.approx(1_000_000)


def test_what_these_data_do_not_show_is_said_beside_plain_arithmetic(tea: Connection) -> None:
    answer = tea.session(today=datetime(2025, 10, 18, 9)).ask("what would revenue be if we cut the discount by half")
    found = answer.value.scenario
    assert found is not None
    assert found.relation.verdict == "no_effect"
    assert found.expected is None
    assert found.fixed == pytest.approx(found.before + found.lever_before / 2)
    assert "can't be told from none" in answer.text


def test_spend_moved_between_two_media_is_read_as_that(tea: Connection) -> None:
    asked = "if we move 20% of ad spend from search ads to social feed, what happens to revenue?"
    answer = tea.session(today=datetime(2025, 10, 18, 9)).ask(asked)
    assert isinstance(answer.plan.analysis, WhatIf)
    assert answer.plan.analysis.moved is not None
    assert answer.plan.analysis.moved[1:] == ("Search ads", "Social feed")
    assert answer.plan.analysis.factor == pytest.approx(0.8)


@pytest.mark.parametrize("asked", ["what if?", "what if revenue goes up 10%?", "what if the weather turns bad"])
def test_what_has_no_lever_or_no_outcome_is_not_guessed(market: Connection, asked: str) -> None:
    assert market.session(today=ASKED_AT).ask(asked).status != "answered"


@pytest.mark.parametrize(
    "asked", ["what if the price goes up 5 % by drink type", "如果价格上涨5%，各品类的销售额会怎样"]
)
def test_groups_react_as_they_were_planted(market: Connection, asked: str) -> None:
    answer = market.session(today=ASKED_AT).ask(asked)
    assert answer.status == "answered"
    assert answer.frame.height == 3
    told = {row[0]: row for row in answer.frame.rows()}
    for name, elasticity in (("Oat drink", -1.5), ("Kombucha", -2.2), ("Canned coffee", -1.2)):
        _, before, value, low, high, change = told[name]
        assert low <= value <= high
        assert change == pytest.approx(value / before - 1)
        assert low <= before * 1.05 ** (1 + elasticity) * 1.01
        assert high >= before * 1.05 ** (1 + elasticity) * 0.99
    assert answer.figure is not None


def test_groups_can_be_asked_for_afterwards(market: Connection) -> None:
    session = market.session(today=ASKED_AT)
    session.ask("what if the price goes up 5 %")
    answer = session.ask("by market?")
    assert answer.frame.height == 6
    assert "5.0% higher" in answer.value.restatement
