"""Chips: what a plan says part by part, and what each part may be changed to."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bi_chat.charts.choose import choose_chart
from bi_chat.charts.pick import picked
from bi_chat.conversation.chips import (
    Asked,
    chips,
    computes,
    drills,
    edits,
    more_groupings,
    removed,
    values_of,
    with_values,
)
from bi_chat.frontends.sample_data import FOLDER
from bi_chat.settings import Settings
from bi_chat.values.analyses import Forecast, Why
from bi_chat.values.period import Named
from bi_chat.values.plan import In
from bi_chat.wiring import connect

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone")
TODAY = datetime(2025, 10, 18)
QUESTIONS = (
    "top 5 products by revenue in 2024",
    "revenue by month in 2024 for Germany",
    "revenue by product group in 2024 compared with the year before",
    "why did revenue drop in May?",
    "forecast revenue for the next 5 months",
    "customers with more than 5 orders",
    "share of revenue by sales route",
    "各渠道的销售额",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = FOLDER / "teahouse"
    settings = Settings(cache_dir=tmp_path_factory.mktemp("cache"), workers=0)
    opened = connect(folder, model=folder / "model.yaml", settings=settings)
    yield opened
    opened.close()


def asked(shop, question):
    session = shop.session(today=TODAY)
    answer = session.ask(question)
    assert answer.plan is not None
    return session, Asked(answer.plan, session.model, answer.value.question.language, date(2025, 10, 18))


def chip(of, role):
    return next(c for c in chips(of) if c.role == role)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_change_that_is_offered_is_answered(shop, question):
    session, now = asked(shop, question)
    found = chips(now)
    assert found and len({(c.role, c.at) for c in found}) == len(found)
    for one in found:
        offered = edits(one, now)
        assert sum(e.chosen for e in offered) == (1 if offered else 0), (one, [e.said for e in offered])
        assert len({e.said for e in offered}) == len(offered), [e.said for e in offered]
        ways = [*(e.plan for e in offered if not e.chosen)][:3]
        without = removed(one, now)
        for plan in [*ways, *([without] if without is not None else [])]:
            made = session.run_plan(plan)
            assert made.status == "answered" or now.plan.analysis is not None, (one.role, made.text)


def test_another_measure_takes_the_order_with_it(shop):
    _, now = asked(shop, "top 5 products by revenue in 2024")
    other = next(e for e in edits(chip(now, "measure"), now) if e.said == "Orders")
    assert other.plan.order[0].by == other.plan.measures[0].of
    assert other.plan.limit == 5 and other.plan.dimensions == now.plan.dimensions


def test_another_period_keeps_the_distance_of_a_comparison(shop):
    session, now = asked(shop, "revenue by product group in 2024 compared with the year before")
    later = next(e for e in edits(chip(now, "period"), now) if e.said.startswith("last quarter"))
    against = chip(Asked(later.plan, session.model, "en", now.asked_on), "comparison").said
    assert "2024" in against, "the same quarter one year before"
    _, why = asked(shop, "why did revenue drop in May?")
    moved = next(e for e in edits(chip(why, "period"), why) if e.said.startswith("last month"))
    assert isinstance(moved.plan.analysis, Why)
    assert "Aug" in chip(Asked(moved.plan, session.model, "en", now.asked_on), "comparison").said


def test_a_relative_period_stays_relative(shop):
    _, now = asked(shop, "revenue by month in 2024 for Germany")
    assert isinstance(now.plan.window.period, Named)
    edit = next(e for e in edits(chip(now, "period"), now) if e.said.startswith("last month"))
    session = shop.session(today=datetime(2025, 3, 5))
    assert "Feb" in session.run_plan(edit.plan).value.restatement


def test_values_of_a_filter_are_picked_or_left_out(shop):
    session, now = asked(shop, "revenue by month in 2024 for Germany")
    found = values_of(now, chip(now, "filter").at)
    assert found is not None and found.kept == ("Germany",) and "Canada" in found.known
    plan = with_values(now.plan, 0, found, ("Germany", "Canada"))
    assert any(isinstance(c, In) and set(c.values) == {"Germany", "Canada"} for c in plan.where)
    more = session.run_plan(plan).frame[:, -1].sum()
    assert more > session.run_plan(now.plan).frame[:, -1].sum()
    assert with_values(now.plan, 0, found, ()).where == ()


def test_one_more_grouping(shop):
    session, now = asked(shop, "revenue in 2024")
    found = {e.said: e.plan for e in more_groupings(now) if computes(e.plan, now)}
    assert {"month", "Country"} <= set(found)
    assert session.run_plan(found["month"]).frame.height == 12


def test_a_forecast_looks_further(shop):
    _, now = asked(shop, "forecast revenue for the next 5 months")
    further = next(e for e in edits(chip(now, "horizon"), now) if e.said == "12 months")
    assert further.plan.analysis == Forecast(now.plan.analysis.grain, 12)
    assert removed(chip(now, "dimension"), now) is None, "a forecast without its time is none"


def test_the_next_question_follows_up_the_answer_gone_back_to(shop):
    session = shop.session(today=TODAY)
    first = session.ask("revenue in 2024 by country")
    session.run_plan(first.plan.__class__(measures=first.plan.measures))
    session.go_on_from(first)
    assert session.ask("by month").frame.height > 12


def drilled(shop, question, *marks, kind=""):
    session, now = asked(shop, question)
    value = session.history[-1].value
    chart = choose_chart(value.result, value.plan, requested=kind or value.chart.type)
    return session, drills(now, value.result.columns, picked(chart, value.result, list(marks), "en"))


def test_a_picked_bar_is_asked_further(shop):
    session, found = drilled(shop, "revenue by country in 2024", [0, 0])
    whole = session.history[-1].frame
    best = whole.sort(whole.columns[-1])[-1]
    assert found and all(str(best[0, 0]) in e.said for e in found), [e.said for e in found]
    for edit in found:
        frame = session.run_plan(edit.plan).frame
        assert frame[:, -1].sum() == pytest.approx(best[0, -1]), edit.said


def test_a_picked_month_is_taken_apart_and_explained(shop):
    session, found = drilled(shop, "revenue by month in 2024", [4, 0])
    assert any("by day" in e.said for e in found) and isinstance(found[-1].plan.analysis, Why)
    assert session.run_plan(found[-1].plan).value.drivers is not None
    assert session.run_plan(found[0].plan).frame.height == 31


def test_a_box_over_months_is_one_period(shop):
    _, found = drilled(shop, "revenue by month in 2024", [2, 0], [3, 0], [4, 0])
    assert found and all("1 Mar – 31 May 2024" in e.said for e in found), [e.said for e in found]


def test_a_picked_part_of_a_bar_fixes_both(shop):
    question = "revenue by country and sales route in 2024"
    _, found = drilled(shop, question, [0, 1], kind="stacked_bar")
    assert found and len(found[0].plan.where) == 2
    assert not drilled(shop, question, [0, 99], ["x", 0], None, [0, True, 1])[1], "marks from outside are not trusted"
