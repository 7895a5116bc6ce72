"""Contributions add up to the change, whatever the segments are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_chat.analysis.contribution import (
    Ratio,
    contributions,
    deviance,
    discoveries,
    fair_shares,
    mix_and_rate,
    together,
    two_sided,
)

amounts = st.floats(-1e6, 1e6, allow_nan=False)
weights = st.one_of(st.just(0.0), st.floats(0.01, 1e4))
segments = st.lists(st.tuples(amounts, weights, amounts, weights), min_size=1, max_size=30)


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=50))
def test_sums_add_up_to_the_change(pairs: list[tuple[float, float]]) -> None:
    before, after = zip(*pairs, strict=True)
    parts = contributions(before, after)
    change = math.fsum(after) - math.fsum(before)
    assert math.isclose(math.fsum(parts), change, rel_tol=1e-9, abs_tol=1e-9 * max(map(abs, (*before, *after, 1.0))))


@given(segments)
def test_mix_and_rate_add_up_to_the_change_of_the_ratio(rows: list[tuple[float, float, float, float]]) -> None:
    before, after = [Ratio(a, b) for a, b, _, _ in rows], [Ratio(c, d) for _, _, c, d in rows]
    bottoms = math.fsum(r.bottom for r in before), math.fsum(r.bottom for r in after)
    if not all(bottoms):
        with pytest.raises(ValueError, match="denominator"):
            mix_and_rate(before, after)
        return
    change = math.fsum(r.top for r in after) / bottoms[1] - math.fsum(r.top for r in before) / bottoms[0]
    parts = mix_and_rate(before, after)
    size = max(1.0, *(abs(p.mix) + abs(p.rate) for p in parts))
    assert math.isclose(math.fsum(p.contribution for p in parts), change, rel_tol=1e-9, abs_tol=1e-9 * size)


def test_a_segment_that_only_grows_is_mix_and_one_that_only_worsens_is_rate() -> None:
    grown = mix_and_rate([Ratio(10, 10), Ratio(50, 10)], [Ratio(10, 10), Ratio(150, 30)])
    assert [p.rate for p in grown] == [0, 0]
    assert math.isclose(sum(p.mix for p in grown), 160 / 40 - 60 / 20)
    worse = mix_and_rate([Ratio(10, 10), Ratio(50, 10)], [Ratio(10, 10), Ratio(70, 10)])
    assert [p.mix for p in worse] == [0, 0]
    assert [p.rate for p in worse] == [0, 1]


def test_fair_shares_follow_the_base_and_add_up() -> None:
    assert fair_shares([30, 10], 8) == (6, 2)
    assert fair_shares([30, -10], 8) == (0, 0), "shares of a base with negative parts mean nothing"


def test_deviance_is_zero_for_equal_factors_and_grows_with_the_gap() -> None:
    assert deviance(10, 20, 100, 200) == 0
    assert deviance(7, 4.9, 700, 490) == 0, "what rounding leaves is no deviance"
    assert deviance(10, 40, 100, 200) > 2
    assert deviance(10, 2, 100, 200) < -2
    assert deviance(0, 40, 100, 200) > deviance(0, 4, 100, 200) > 0


def test_of_nested_segments_the_one_that_the_change_fills_scores_highest() -> None:
    fragment, cause, around = (
        deviance(10, 20, 1000, 1050),
        deviance(50, 100, 1000, 1050),
        deviance(200, 250, 1000, 1050),
    )
    assert cause > fragment
    assert cause > around


def test_a_segment_larger_than_its_total_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        deviance(10, 5, 3, 20)


def test_discoveries_keep_few_false_ones() -> None:
    assert discoveries([0.001, 0.2, 0.5, 0.9], 0.05) == (True, False, False, False)
    assert discoveries([0.04, 0.04, 0.04], 0.05) == (True, True, True)
    assert discoveries([], 0.05) == ()


def test_several_tests_together_are_less_sure_than_the_best_of_them() -> None:
    assert together([0.01, 0.5, 0.9]) == pytest.approx(0.03)
    assert together([]) == 1.0
    assert two_sided(1.96) == pytest.approx(0.05, abs=1e-3)
