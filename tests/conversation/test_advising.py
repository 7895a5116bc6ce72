"""What should we do: findings of the sample data, each with an effect and its range, none invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.settings import Settings
from bi_chat.values.analyses import Advise
from bi_chat.values.serial import plan_codec
from bi_chat.wiring import Connection, connect

ASKED_AT = datetime(2025, 10, 13, 9)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The weekly panel with its model."""
    folder = Path(__file__).resolve().parents[2] / "datasets" / "market"
    found = connect(folder, model=folder / "model.yaml", settings=Settings(cache_dir=tmp_path_factory.mktemp("advice")))
    yield found
    found.close()


@pytest.mark.parametrize("asked", ["what should we do to grow demand?", "如何提高需求"])
def test_a_price_that_demand_answers_is_named_with_its_range(market: Connection, asked: str) -> None:
    answer = market.session(today=ASKED_AT).ask(asked)
    assert answer.status == "answered"
    assert isinstance(answer.plan.analysis, Advise)
    assert plan_codec().loads(plan_codec().dumps(answer.plan)) == answer.plan
    advice = answer.value.advice
    assert advice is not None
    first = advice.findings[0]
    assert (first.kind, first.change) == ("price", -0.05)
    assert 0 < first.effect.low < first.effect.value < first.effect.high
    weights = [f.weight for f in advice.findings]
    assert weights == sorted(weights, reverse=True)
    assert len(answer.value.facts) == len(advice.findings)
    assert answer.figure is not None


def test_a_spend_that_brings_less_than_it_costs_is_said_to(market: Connection) -> None:
    answer = market.session(today=ASKED_AT).ask("where should we spend more?")
    advice = answer.value.advice
    assert advice is not None
    assert {f.kind for f in advice.findings} == {"spend"}
    spend = advice.findings[0]
    assert spend.cost is not None
    assert (spend.effect.value < spend.cost) == ("less than it costs" in answer.text)


def test_what_tells_nothing_is_named_as_such_and_no_effect_is_made_up(tea: Connection) -> None:
    answer = tea.session(today=datetime(2025, 10, 18, 9)).ask("where should we spend more?")
    advice = answer.value.advice
    assert advice is not None
    assert all(f.effect.surely for f in advice.findings)
    assert len(advice.silent) + len(advice.findings) == 5
    assert "told from chance" in answer.text
    assert "I can't know" in answer.text


def test_after_a_why_it_is_about_the_same_figure(tea: Connection) -> None:
    session = tea.session(today=datetime(2025, 10, 18, 9))
    session.ask("why did the number of orders drop in May 2025")
    before = session.ask("why did the number of orders drop in May 2025").plan
    after = session.ask("what should we do about it?").plan
    assert isinstance(after.analysis, Advise)
    assert after.measures == before.measures
