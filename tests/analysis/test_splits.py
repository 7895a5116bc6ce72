"""Price, volume, mix and customers: the parts add up to the change, and each says what it is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_chat.analysis.splits import Sold, by_customers, price_volume

AMOUNT = st.one_of(st.just(0.0), st.floats(0.01, 1e6))
PAIR = st.tuples(AMOUNT, AMOUNT)


@given(st.lists(st.builds(Sold, PAIR, PAIR), max_size=20))
def test_price_and_volume_add_up_to_the_change(rows: list[Sold]) -> None:
    parts = price_volume(rows)
    change = math.fsum(r.money[1] - r.money[0] for r in rows)
    size = sum(abs(v) for _, v in parts) + 1
    assert math.fsum(v for _, v in parts) == pytest.approx(change, abs=1e-9 * size)


@given(st.lists(st.tuples(st.booleans(), AMOUNT, AMOUNT), max_size=30))
def test_customers_add_up_to_the_change(rows: list[tuple[bool, float, float]]) -> None:
    change = math.fsum(a - b for _, b, a in rows)
    size = sum(abs(b) + abs(a) for _, b, a in rows) + 1
    assert math.fsum(v for _, v in by_customers(rows)) == pytest.approx(change, abs=1e-9 * size)


def test_a_plain_price_rise_is_all_price() -> None:
    parts = dict(price_volume([Sold((10, 10), (100, 110)), Sold((5, 5), (50, 55))]))
    assert parts == pytest.approx({"volume": 0, "price": 15, "mix": 0, "arrived": 0, "gone": 0})


def test_selling_more_of_the_dearer_is_mix() -> None:
    parts = dict(price_volume([Sold((10, 5), (100, 50)), Sold((10, 15), (200, 300))]))
    assert parts == pytest.approx({"volume": 0, "price": 0, "mix": 50, "arrived": 0, "gone": 0})


def test_new_and_lost_customers_are_told_apart() -> None:
    parts = dict(by_customers([(True, 0, 30), (True, 20, 0), (True, 10, 15), (False, 1, 3)]))
    assert parts == {"new": 30, "lost": -20, "kept": 5, "unknown": 2}
