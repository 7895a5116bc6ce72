"""Why two values differ, and one level deeper: asked in words over the sample shop."""

from __future__ import annotations

import math
import random
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.settings import Settings
from bi_chat.values.analyses import Why, WhyApart
from bi_chat.values.serial import plan_codec
from bi_chat.wiring import Connection, connect

ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.mark.parametrize(
    "asked", ["why is revenue in Germany lower than in China in 2024?", "为什么2024年德国的销售额比中国低"]
)
def test_two_values_are_compared_in_one_period(tea: Connection, asked: str) -> None:
    session = tea.session(today=ASKED_AT)
    answer = session.ask(asked)
    assert isinstance(answer.plan.analysis, WhyApart)
    assert plan_codec().loads(plan_codec().dumps(answer.plan)) == answer.plan
    want = session.sql(
        "SELECT n.nation, CAST(sum(l.net_amount) AS double) FROM purchase_lines l JOIN purchases p USING (purchase_no) "
        "JOIN nations n ON n.nation_code = p.billing_nation WHERE year(p.placed_at) = 2024 GROUP BY 1"
    )
    known = dict(want.frame.rows())
    drivers = answer.value.drivers
    assert drivers is not None
    assert (drivers.after, drivers.before) == pytest.approx((known["Germany"], known["China"]))
    assert drivers.sides == ("Germany", "China")
    assert answer.figure is not None


def test_the_parts_of_the_difference_add_up(tea: Connection) -> None:
    for asked in (
        "why is revenue in Germany lower than in China?",
        "why is the average order value in Germany lower than in China?",
    ):
        drivers = tea.session(today=ASKED_AT).ask(asked).value.drivers
        assert drivers is not None
        for breakdown in drivers.breakdowns:
            parts = sum(s.contribution for s in breakdown.segments) + breakdown.residual
            assert parts == pytest.approx(drivers.change, abs=1e-9 * max(1.0, abs(drivers.before or 0.0)))


def test_digging_deeper_looks_inside_what_was_named(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    first = session.ask("why did revenue change in June 2025 vs May 2025").value.drivers
    again = session.ask("dig deeper")
    assert isinstance(again.plan.analysis, Why)
    assert again.plan.analysis.depth == 1
    deeper = again.value.drivers
    assert first is not None
    assert deeper is not None
    assert first.headline is not None
    assert [d.segment.value for d in deeper.inside] == [first.headline.segment.value]
    assert deeper.change == pytest.approx(first.headline.segment.contribution, abs=1e-6)
    assert all(b.field != first.headline.field for b in deeper.breakdowns)


def test_a_why_over_two_periods_stays_one(tea: Connection) -> None:
    plan = tea.session(today=ASKED_AT).ask("why did revenue in Germany and China drop in May 2025 vs April 2025").plan
    assert isinstance(plan.analysis, Why)


def test_a_change_of_money_is_split_by_price_and_by_customers(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("why did revenue change in 2024 vs 2023?")
    drivers = answer.value.drivers
    assert drivers is not None
    assert [s.kind for s in drivers.splits] == ["price_volume", "customers"]
    for split in drivers.splits:
        assert split.total == pytest.approx(drivers.change, abs=1e-6 * abs(drivers.change))
    assert "who did not buy before" in answer.text


def test_two_values_that_moved_only_together_are_named_together(tmp_path: Path) -> None:
    """Coffee in Ulm nearly ceased, while Ulm sold more of all else and coffee sold better everywhere else."""
    chance = random.Random(5)
    rows = []
    for month in (1, 2):
        for town in ("Ulm", "Trier", "Jena", "Celle", "Soest"):
            for goods in ("coffee", "tea", "cocoa", "juice"):
                for _ in range(_sold(month, town, goods)):
                    rows.append(f"2025-0{month}-{chance.randint(1, 28):02d},{town},{goods},{chance.gauss(20, 3):.2f}")
    (tmp_path / "sales.csv").write_text("sold_on,town,goods,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    opened = connect(tmp_path / "sales.csv", settings=Settings(cache_dir=tmp_path / "cache"))
    answer = opened.session(today=datetime(2025, 3, 10)).ask("why did amount change in February 2025?")
    opened.close()
    pair = answer.value.drivers.pair if answer.value.drivers is not None else None
    assert pair is not None
    assert set(pair.values) == {"Ulm", "coffee"}
    assert "together with" in answer.text
    drivers = answer.value.drivers
    assert drivers is not None
    whole = math.fsum(s.contribution for s in pair.cells) + pair.residual
    assert whole == pytest.approx(drivers.change, abs=1e-9)


def _sold(month: int, town: str, goods: str) -> int:
    if month == 1:
        return 150
    if (town, goods) == ("Ulm", "coffee"):
        return 10
    return 180 if town == "Ulm" or goods == "coffee" else 138
