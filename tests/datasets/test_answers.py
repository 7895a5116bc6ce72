"""The sample data sets' questions, asked from beginning to end: no fewer right and no more wrong than once measured."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from benchmarks.answering import ask_all, counted, questions, same, within

FLOORS = yaml.safe_load((Path(__file__).parents[1] / "fixtures" / "floors.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", ["teahouse", "market"])
def test_no_fewer_right_and_no_more_wrong(name: str) -> None:
    outcomes = list(ask_all(name))
    assert len(outcomes) == len(questions(name))
    counts, floor = counted(outcomes), FLOORS[name]
    told = "\n".join(f"{o.verdict} {o.asked['id']} {o.asked['question']}: {o.detail}" for o in outcomes if o.detail)
    assert counts["right"] >= floor["right"], told
    assert counts["wrong"] <= floor["wrong"], told


def test_a_writing_request_is_never_answered() -> None:
    for outcome in (o for name in ("teahouse", "market") for o in ask_all(name)):
        if "write_request" in outcome.asked["tags"]:
            assert outcome.answer.status == "declined", outcome.asked["id"]


# ------------------------------------------------------------------ the measure itself
def test_extra_columns_other_order_and_other_ways_to_write_a_period_are_the_same() -> None:
    expected = [("Tea", date(2024, 1, 1), Decimal("10.50")), ("Coffee", date(2024, 2, 1), Decimal("2.00"))]
    found = [(10.5, "Tea", "2024-01", 7), (2.0, "Coffee", datetime(2024, 2, 1), 8)]
    assert same(expected, found, ordered=True)
    assert same([(2024, 5)], [(date(2024, 1, 1), 5.0)], ordered=True)


@pytest.mark.parametrize(
    "found",
    [
        [("Tea", 10.5)],
        [("Tea", 10.5), ("Coffee", 2.0), ("Gifts", 1.0)],
        [("Tea", 2.0), ("Coffee", 10.5)],
        [("Tea", 10.5), ("Coffee", 2.001)],
        [("Tea",), ("Coffee",)],
    ],
)
def test_missing_rows_further_rows_swapped_and_differing_figures_are_not(found: list[tuple[object, ...]]) -> None:
    assert not same([("Tea", 10.5), ("Coffee", 2.0)], found, ordered=False)


def test_order_counts_only_where_it_was_asked_for() -> None:
    expected, found = [("a", 2.0), ("b", 1.0)], [("b", 1.0), ("a", 2.0)]
    assert same(expected, found, ordered=False)
    assert not same(expected, found, ordered=True)


def test_a_history_may_be_followed_by_a_forecast() -> None:
    assert within([(date(2024, 1, 1), 3.0)], [("x", date(2024, 1, 1), 3.0), ("x", date(2024, 2, 1), 4.0)])
    assert not within([(date(2024, 1, 1), 3.0)], [("x", date(2024, 1, 1), 3.5)])
