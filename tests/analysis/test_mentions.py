"""A rate ratio that is right on planted data, and a range that holds it."""

from __future__ import annotations

import numpy as np
import pytest

from bi_chat.analysis.mentions import rate_ratio


def cells(seed: int, planted: float) -> tuple[np.ndarray, ...]:
    """Twelve units of very different size and rate, thirty months, a tenth of them marked; amounts of mean 10."""
    chance = np.random.default_rng(seed)
    unit = np.repeat(np.arange(12), 30)
    base = np.exp(chance.normal(5, 1, 12))[unit] * chance.uniform(0.5, 1.5, 360)
    rate = np.exp(chance.normal(-3, 0.5, 12))[unit]
    marked = chance.random(360) < 0.1
    rows = chance.poisson(base * rate * np.where(marked, planted, 1.0))
    return chance.gamma(np.maximum(rows, 1e-9), 10.0), base, marked, unit


@pytest.mark.parametrize("planted", [0.5, 1.0, 3.0])
def test_the_range_holds_the_planted_ratio_nearly_as_often_as_it_says(planted: float) -> None:
    found = [rate_ratio(*cells(seed, planted)) for seed in range(200)]
    held = sum(f is not None and f.ratio.low <= planted <= f.ratio.high for f in found)
    assert held >= 176  # 95 % of 200 is 190
    assert np.median([f.ratio.value for f in found if f is not None]) == pytest.approx(planted, rel=0.08)


def test_what_is_beyond_usual_is_the_part_that_the_ratio_leaves() -> None:
    y = np.array([10.0, 10, 10, 10, 10, 10, 40, 40])
    found = rate_ratio(
        y + np.arange(8) % 2, np.ones(8), np.array([False] * 6 + [True] * 2), np.zeros(8, dtype=np.int64)
    )
    assert found is not None
    assert found.extra.value == pytest.approx(found.inside * (1 - 1 / found.ratio.value))
    assert found.extra.value == pytest.approx(60, abs=1.5)


def test_too_little_is_not_compared() -> None:
    few = rate_ratio(np.ones(7), np.ones(7), np.array([True] + [False] * 6), np.zeros(7, dtype=np.int64))
    assert few is None
