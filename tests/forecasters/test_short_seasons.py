"""Two and a half seasons are enough where the back-test says so, and no season is made up where there is none."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from bi_chat.forecasters import forecast
from bi_chat.values.forecast import History
from bi_chat.values.period import Grain

MONTHS = tuple(datetime(2022 + i // 12, i % 12 + 1, 1) for i in range(48))


def history(values: np.ndarray) -> History:
    return History(MONTHS[: len(values)], tuple(map(float, values)), Grain.MONTH, season=(12,))


@pytest.mark.parametrize("length", [26, 30, 36])
def test_a_clear_yearly_season_is_carried_on(length: int) -> None:
    chance = np.random.default_rng(length)
    month = np.arange(48)
    true = (100 + month) * (1 + 0.4 * np.sin(2 * np.pi * month / 12))
    seen = true[:length] * chance.normal(1, 0.04, length)
    made = np.array(forecast(history(seen), 12).mean)
    ahead = true[length : length + 12]
    flat = np.abs(ahead - seen[-1]).mean()
    assert np.abs(made - ahead).mean() < 0.35 * flat


def test_noise_gets_no_season() -> None:
    ratios = []
    for seed in range(20):
        chance = np.random.default_rng(seed)
        seen = 100 * np.exp(chance.normal(0, 0.15, 30))
        made = np.array(forecast(history(seen), 12).mean)
        ratios.append(float(made.std() / seen.std()))
    assert np.median(ratios) < 0.35  # repeating the last twelve values would be 1
