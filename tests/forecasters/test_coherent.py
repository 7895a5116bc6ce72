"""Forecasts of groups and of their total agree, whatever they were before."""

from __future__ import annotations

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_chat.forecasters.coherent import coherent
from bi_chat.values.forecast import Backtest, Band, Forecast

SIZES = st.lists(st.floats(0, 1e7), min_size=2, max_size=12)


def made(mean: float, error: float) -> Forecast:
    times = (datetime(2025, 1, 1), datetime(2025, 2, 1))
    band = Band(80, (max(mean - error, 0.0), max(2 * mean - error, 0.0)), (mean + error, 2 * mean + error))
    tried = Backtest(5, times[0], error, error) if error > 0 else None
    return Forecast(times, (mean, 2 * mean), (band,), "combination", backtest=tried)


@given(SIZES, st.floats(0, 1e8), st.floats(0, 1e6))
def test_the_parts_add_up_to_the_whole(sizes: list[float], whole: float, error: float) -> None:
    parts, total = coherent([made(s, s / 10) for s in sizes], made(whole, error))
    for step in range(2):
        assert math.fsum(p.mean[step] for p in parts) == pytest.approx(total.mean[step], rel=1e-9, abs=1e-9)
        for one in (*parts, total):
            assert one.mean[step] >= 0
            assert one.bands[0].lower[step] <= one.mean[step] + 1e-6 * abs(one.mean[step]) + 1e-9
            assert one.bands[0].upper[step] >= one.mean[step] - 1e-6 * abs(one.mean[step]) - 1e-9


def test_the_less_certain_part_gives_way() -> None:
    parts, total = coherent([made(100, 1), made(100, 50)], made(260, 1))
    assert parts[0].mean[0] == pytest.approx(100, abs=0.5)
    assert parts[1].mean[0] > 150
    assert total.mean[0] == pytest.approx(260, abs=1)
