"""In: conditions in words. Out: what they mean, or nothing: never something near."""

from __future__ import annotations

import pytest

from bi_chat.reports.said import condition_in, period_in


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("revenue fell more than 5 % week on week", ("moved", "revenue", "down", 0.05, "week")),
        ("only if revenue fell more than 5% week on week", ("moved", "revenue", "down", 0.05, "week")),
        ("orders rose by at least 10 percent", ("moved", "orders", "up", 0.1, "")),
        ("orders rose by 10 %", ("moved", "orders", "up", 0.1, "")),
        ("net sales changed by more than 1,500.5 % year over year", ("moved", "net sales", "either", 15.005, "year")),
        ("revenue falls by more than 2.5% yoy", ("moved", "revenue", "down", 0.025, "year")),
        ("Orders dropped 20 % Month-on-Month.", ("moved", "Orders", "down", 0.2, "month")),
        ("only when something unusual happens", ("unusual", "", "", 0.0, "")),
        ("revenue fell by 1,5 %", None),
        ("something unusual happened", ("unusual", "", "", 0.0, "")),
        ("something unusual happened in orders", ("unusual", "orders", "", 0.0, "")),
        ("销售额周环比下降超过5%", ("moved", "销售额", "down", 0.05, "week")),
        ("如果销售额同比增长超过10%", ("moved", "销售额", "up", 0.1, "year")),
        ("出现异常", ("unusual", "", "", 0.0, "")),
        ("if pigs fly", None),
        ("revenue", None),
    ],
)
def test_a_condition_in_words(said: str, meant: tuple[object, ...] | None) -> None:
    found = condition_in(said, 0)
    assert (found and (found.kind, found.of, found.way, pytest.approx(found.share), found.grain)) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("stock is below 200", ("stock", "<", 200)),
        ("margin is at least 12%", ("margin", ">=", 0.12)),
        ("库存低于1,200", ("库存", "<", 1200)),
        ("利润率超过12.5%", ("利润率", ">", 0.125)),
    ],
)
def test_a_level_in_words(said: str, meant: tuple[object, ...]) -> None:
    found = condition_in(said, 0)
    assert found is not None and found.kind == "level"
    assert (found.of, found.op, pytest.approx(found.level)) == meant


def test_a_period_is_a_period_and_nothing_beside_it() -> None:
    assert period_in("last week") == period_in("上周") != None  # noqa: E711
    assert period_in("revenue last week") is None and period_in("fnord") is None
