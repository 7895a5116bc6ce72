"""Another figure is used where forecasts of the past were better with it, and left alone where they were not."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from bi_chat.forecasters import forecast
from bi_chat.forecasters.regression import Beside, forecast_beside
from bi_chat.values.forecast import History
from bi_chat.values.period import Grain

MONTHS = tuple(datetime(2019 + i // 12, i % 12 + 1, 1) for i in range(84))
KNOWN = 60


def history(values: np.ndarray) -> History:
    return History(MONTHS[: len(values)], tuple(map(float, values)), Grain.MONTH, season=(12,))


def tried(seed: int, effect: float) -> tuple[Beside, float, float, float]:
    """A slow wave that works at once and later; errors with and without it, and the part that the 80 % range held."""
    chance = np.random.default_rng(seed)
    month = np.arange(KNOWN + 12)
    other = np.maximum(100 + 40 * np.sin(month / 5 + chance.normal()) + np.cumsum(chance.normal(0, 4, len(month))), 5)
    own = 1000 + 3 * month + 120 * np.sin(2 * np.pi * month / 12) + chance.normal(0, 25, len(month))
    came = own + effect * (3 * other + 2 * np.concatenate([other[:1], other[:-1]]))
    past, beside = history(came[:KNOWN]), history(other[:KNOWN])
    plain = forecast(past, 12)
    found = forecast_beside(past, beside, plain, 12, forecast)
    assert found is not None
    errors = [float(np.abs(np.array(f.mean) - came[KNOWN:]).mean()) for f in (found.made, plain)]
    band = found.made.band(80)
    assert band is not None
    held = float(np.mean((came[KNOWN:] >= band.lower) & (came[KNOWN:] <= band.upper)))
    return found, errors[0], errors[1], held


def test_what_drives_a_figure_helps_to_forecast_it() -> None:
    made = [tried(seed, 1.0) for seed in range(8)]
    assert sum(found.helps for found, *_ in made) >= 5
    assert np.mean([e for _, e, _, _ in made]) < np.mean([p for _, _, p, _ in made])
    assert np.mean([held for *_, held in made]) > 0.6


def test_what_has_nothing_to_do_with_it_is_hardly_ever_used() -> None:
    made = [tried(seed, 0.0) for seed in range(8)]
    assert sum(found.helps for found, *_ in made) <= 2
    for found, error, plain, _ in made:
        assert found.helps or error == plain


def test_too_little_or_another_end_is_not_compared() -> None:
    short = history(np.arange(20.0))
    assert forecast_beside(short, short, forecast(short, 3), 3, forecast) is None
    long, earlier = history(np.arange(60.0)), history(np.arange(50.0))
    assert forecast_beside(long, earlier, forecast(long, 3), 3, forecast) is None
