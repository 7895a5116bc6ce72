"""Estimates are drawn together as far as they can't be told apart, and no further."""

from __future__ import annotations

import numpy as np
import pytest

from bi_chat.analysis.pooling import pooled


def test_groups_that_differ_by_noise_alone_become_one() -> None:
    found = pooled([-1.0, -1.1, -0.9, -1.05], [0.5, 0.5, 0.5, 0.5])
    assert found.spread == 0.0
    assert found.values == pytest.approx([-1.0125] * 4)
    assert found.errors == pytest.approx([0.25] * 4)


def test_groups_that_truly_differ_stay_apart() -> None:
    found = pooled([-1.0, -3.0, -2.0], [0.05, 0.05, 0.05])
    assert found.values == pytest.approx([-1.0, -3.0, -2.0], abs=0.01)
    assert found.spread == pytest.approx(1.0, abs=0.1)


def test_an_unsure_group_leans_on_the_others() -> None:
    found = pooled([-1.0, -1.6, 4.0], [0.1, 0.1, 3.0])
    assert -1.8 < found.values[2] < 0.0
    assert found.errors[2] <= 3.0


def test_a_group_alone_stays_as_it_is() -> None:
    assert pooled([2.0], [0.3]).values == (2.0,)


def test_ranges_of_the_drawn_estimates_hold_the_truth() -> None:
    chance = np.random.default_rng(7)
    held = total = 0
    for _ in range(200):
        truth = chance.normal(-1.5, 0.5, 8)
        errors = chance.uniform(0.1, 1.0, 8)
        found = pooled(list(chance.normal(truth, errors)), list(errors))
        held += sum(abs(v - t) <= 1.96 * e for v, t, e in zip(found.values, truth, found.errors, strict=True))
        total += 8
    assert held / total > 0.88
