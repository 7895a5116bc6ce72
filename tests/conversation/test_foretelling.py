"""Questions about the future, why and the unusual: asked in words over the sample shop, answered from its rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.settings import Settings
from bi_chat.wiring import Connection, connect

ASKED_AT = datetime(2025, 10, 18, 9)
MARKET_AT = datetime(2025, 10, 13, 9)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder = Path(__file__).resolve().parents[2] / "datasets" / "market"
    found = connect(folder, model=folder / "model.yaml", settings=Settings(cache_dir=tmp_path_factory.mktemp("market")))
    yield found
    found.close()


def test_a_forecast_continues_the_history_with_a_range_and_says_how_it_was_tried(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    answer = session.ask("forecast revenue for the next 3 months")
    assert answer.status == "answered"
    assert answer.frame.columns[0] == "month"
    future = answer.frame.filter(answer.frame["forecast"].is_not_null()).tail(3)
    assert [d.isoformat()[:7] for d in future["month"]] == ["2025-10", "2025-11", "2025-12"]
    for _, _, expected, low, high in future.rows():
        assert 0 < low < expected < high
    assert "80%" in answer.text
    assert "Tried on" in answer.text
    assert answer.figure is not None


def test_the_history_of_a_forecast_is_what_the_shop_sold(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    answer = session.ask("forecast revenue for the next 3 months")
    told = {m: v for m, v, *_ in answer.frame.rows() if v is not None}
    want = session.sql(
        "SELECT CAST(date_trunc('month', p.placed_at) AS date) AS m, CAST(sum(l.net_amount) AS double) AS v "
        "FROM purchase_lines l JOIN purchases p USING (purchase_no) "
        "WHERE p.placed_at < DATE '2025-10-01' GROUP BY 1"
    )
    assert told
    for month, value in want.frame.rows():
        if month in told:
            assert told[month] == pytest.approx(value, abs=0.01)


def test_too_short_a_history_is_declined_with_its_length(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("forecast revenue by year for the next 3 years")
    assert answer.status == "declined"
    assert "forecast" in answer.text
    assert "2" in answer.text
    assert "3" in answer.text


def test_the_contributions_of_a_why_add_up_to_the_change(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("why did revenue drop in May 2025")
    assert answer.status == "answered"
    before, after, contribution = (sum(float(row[i]) for row in answer.frame.rows()) for i in (1, 2, 3))
    assert contribution == pytest.approx(after - before, abs=0.01)
    assert "not equally long" in answer.text


def test_unusual_days_are_named_or_said_to_be_none(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("any unusual days in revenue last quarter")
    assert answer.status == "answered"
    assert "92" in answer.text
    assert answer.frame.height == 92


def test_a_week_stamped_by_its_first_day_is_over_when_the_next_has_begun() -> None:
    from pathlib import Path

    from bi_chat.wiring import connect

    folder = Path(__file__).resolve().parents[2] / "datasets" / "market"
    opened = connect(folder, model=folder / "model.yaml")
    answer = opened.session(today=datetime(2025, 10, 13)).ask("Forecast demand for the next 13 weeks")
    last = [row[0].isoformat() for row in answer.frame.rows() if row[2] is None][-1]
    opened.close()
    assert last == "2025-10-06"
    assert not any("left out" in w for w in answer.value.warnings)


def test_the_forecasts_of_groups_add_up_to_that_of_their_total(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("forecast revenue by country for the next 3 months")
    made = answer.value.forecasts
    assert len(made) == 7
    assert len({f.times for f in made}) == 1
    last = sum(f.mean[-1] for f in made)
    assert "add up to" in answer.text
    said = answer.text.partition("All groups add up to ")[2].split()[0]
    assert float(said.strip("€K").replace(",", "")) == pytest.approx(last if "K" not in said else last / 1000, rel=0.01)


@pytest.mark.parametrize(
    "asked", ["forecast revenue for the next 8 weeks with advertising spend", "结合广告花费预测未来8周的销售额"]
)
def test_a_figure_beside_is_used_where_it_helps_and_said_either_way(market: Connection, asked: str) -> None:
    session = market.session(today=MARKET_AT)
    answer = session.ask(asked)
    assert answer.status == "answered"
    assert any("%" in a and ("helps" in a or "有帮助" in a) for a in answer.value.assumptions)
    plain = session.ask("forecast revenue for the next 8 weeks")
    assert plain.frame["forecast"].to_list()[-8:] != answer.frame[answer.frame.columns[2]].to_list()[-8:]
    useless = session.ask("forecast revenue for the next 8 weeks using search interest")
    assert any("does not help" in a for a in useless.value.assumptions)
    assert useless.frame["forecast"].to_list()[-8:] == plain.frame["forecast"].to_list()[-8:]


def test_events_of_a_table_are_looked_at_and_said_where_none_counts(market: Connection) -> None:
    answer = market.session(today=MARKET_AT).ask("forecast revenue for the next 8 weeks with holidays")
    assert answer.status == "answered"
    assert "Holidays" in answer.value.restatement
    told = [e.event for f in answer.value.forecasts for e in f.events]
    assert told or any("named events" in a for a in answer.value.assumptions)


@pytest.mark.parametrize(
    "asked",
    ["forecast refund amount for the next 3 months with negative reviews", "结合差评预测未来3个月的退款金额"],
)
def test_complaints_may_lead_a_forecast_only_where_the_past_says_so(tea: Connection, asked: str) -> None:
    answer = tea.session(today=ASKED_AT).ask(asked)
    assert answer.status == "answered"
    assert any("does not help" in a or "没有帮助" in a for a in answer.value.assumptions)


def test_groups_do_not_pretend_to_know_more(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("forecast revenue for the next 3 months by family with complaints")
    assert any("single series only" in w for w in answer.value.warnings)
