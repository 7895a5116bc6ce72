"""Scores that treat equals equally, segments that hold everybody once, and parts that add up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bi_chat.analysis.customers import SEGMENTS, classes, gini, held_by, needed_for, scored, segment_of
from bi_chat.values.customers import Holder, Person

END = date(2025, 6, 30)


def person(key: int, days: int, times: int, amount: float) -> Person:
    return Person(key, f"P{key}", END - timedelta(days=days), times, amount)


def held(*amounts: float) -> list[Holder]:
    return [Holder(str(i), a) for i, a in enumerate(amounts)]


def test_fifths_of_a_hundred_different_people_hold_twenty_each() -> None:
    people = scored([person(i, i, i + 1, float(i)) for i in range(100)])
    for score in ("recency", "frequency", "money"):
        assert [sum(getattr(p, score) == k for p in people) for k in range(1, 6)] == [20] * 5
    latest = next(p for p in people if p.person.key == 0)
    assert (latest.recency, latest.frequency, latest.money) == (5, 1, 1)


def test_equals_get_equal_scores_however_many_they_are() -> None:
    people = scored([person(i, 10, 1 if i < 70 else 2 + i, 5.0) for i in range(100)])
    assert {p.frequency for p in people if p.person.times == 1} == {1}
    assert min(p.frequency for p in people if p.person.times > 1) == 4  # seventy of a hundred lie below
    assert {p.money for p in people} == {1}


def test_every_combination_of_scores_has_one_segment() -> None:
    found = {
        segment_of(r, f, m, t) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6) for t in ((1, 4)[f > 1],)
    }
    assert found == set(SEGMENTS)
    assert segment_of(5, 5, 5, 9) == "champions"
    assert segment_of(1, 5, 5, 9) == "big_slipping"
    assert segment_of(1, 1, 1, 1) == "asleep"
    assert segment_of(5, 1, 2, 1) == "new"


def test_what_the_largest_hold_and_how_many_it_takes() -> None:
    ten = held(50, 10, 10, 10, 5, 5, 4, 3, 2, 1)
    assert held_by(ten, 0.2) == pytest.approx(0.6)
    assert held_by(ten, 0.15) == pytest.approx(0.55)  # half of the second one
    assert held_by(ten, 1.0) == pytest.approx(1.0)
    assert needed_for(ten, 0.8) == 4
    assert needed_for(ten, 1.0) == 10
    assert "".join(classes(ten)) == "AAAABBBBCC"


def test_gini_is_nothing_for_equals_and_one_for_a_monopoly() -> None:
    assert gini(held(3, 3, 3, 3)) == pytest.approx(0.0)
    assert gini(held(7, 0, 0, 0)) == pytest.approx(1.0)
    assert gini(held(1, 2, 3)) == pytest.approx(1 / 3)  # mean difference 4/3 over twice the mean 2
    assert gini(held(5)) is None
    assert gini(held(0, 0)) is None
