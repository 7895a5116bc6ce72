import numpy as np
import pytest

from bi_chat.forecasters.baseline import drift, is_seasonal, naive, naive2, seasonal_naive
from bi_chat.forecasters.statistical.intermittent import aggregated, croston, is_intermittent

from .awkward import yearly

Y = np.array([3.0, 5.0, 4.0, 6.0])


def test_baselines() -> None:
    assert naive(Y, 2).tolist() == [6, 6]
    assert seasonal_naive(Y, 3, 2).tolist() == [4, 6, 4]
    assert seasonal_naive(Y, 2, 7).tolist() == [6, 6]
    assert drift(Y, 2).tolist() == [7, 8]


def test_naive2_follows_the_season_only_where_there_is_one() -> None:
    y = np.array(yearly(72))
    assert is_seasonal(y, 12)
    assert np.ptp(naive2(y, 12, 12)) > 50
    noise = np.random.default_rng(1).normal(100, 5, 72)
    assert not is_seasonal(noise, 12)
    assert naive2(noise, 3, 12).tolist() == [noise[-1]] * 3


def test_naive2_does_not_divide_by_zero() -> None:
    y = np.array(yearly(72))
    y[5] = 0
    assert naive2(y, 2, 12).tolist() == [y[-1]] * 2


def test_croston_finds_the_rate_of_regular_demand() -> None:
    y = np.array([0.0, 0.0, 0.0, 8.0] * 30)
    assert is_intermittent(y)
    assert croston(y, 0.1) == pytest.approx(2 * 0.95)
    assert aggregated(y, 0.1) == pytest.approx(2)


def test_demand_that_has_stopped_is_forecast_lower() -> None:
    y = np.array([0.0, 0.0, 0.0, 8.0] * 30)
    assert croston(np.r_[y, np.zeros(40)], 0.1) < 0.7 * croston(y, 0.1)


def test_no_demand_at_all() -> None:
    assert croston(np.zeros(20), 0.1) == 0
