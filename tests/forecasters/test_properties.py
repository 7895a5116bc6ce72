import math
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_chat.analysis.series import make_history
from bi_chat.forecasters import forecast, forecast_many
from bi_chat.values.forecast import Forecast, History

from .awkward import days, months, weekly, yearly

SERIES = {
    "days with a week": days(weekly(120)),
    "months with a year": months(yearly(72)),
    "short": days(weekly(6)),
    "negative": days([v - 130 for v in weekly(90)]),
}


def _forecast(rows: list[tuple[object, object]], horizon: int = 8) -> Forecast:
    made = make_history(rows)
    assert isinstance(made, History)
    return forecast(made, horizon)


@pytest.mark.parametrize("factor", [1e12, 1e-9, 3.7])
@pytest.mark.parametrize("title", SERIES)
def test_the_unit_does_not_matter(title: str, factor: float) -> None:
    plain = _forecast(SERIES[title])
    scaled = _forecast([(t, v * factor) for t, v in SERIES[title]])
    assert np.array(scaled.mean) / factor == pytest.approx(np.array(plain.mean), rel=1e-6)
    for level in (80, 95):
        assert np.array(scaled.band(level).upper) / factor == pytest.approx(np.array(plain.band(level).upper), rel=1e-6)


def test_a_shift_of_a_series_with_both_signs_shifts_the_forecast() -> None:
    plain = _forecast([(t, v - 110) for t, v in days(weekly(90))])
    shifted = _forecast([(t, v - 108) for t, v in days(weekly(90))])
    assert np.array(shifted.mean) == pytest.approx(np.array(plain.mean) + 2, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=3, max_size=60), st.integers(1, 20))
def test_any_series_gives_finite_nested_ranges(values: list[float], horizon: int) -> None:
    made = _forecast(days(list(values)), horizon)
    inner, outer = made.bands
    for row in zip(outer.lower, inner.lower, made.mean, inner.upper, outer.upper, strict=True):
        assert all(math.isfinite(v) for v in row)
        assert list(row) == sorted(row)
        assert min(values) < 0 or row[0] >= 0


def test_what_comes_later_does_not_change_an_earlier_back_test() -> None:
    from bi_chat.forecasters.statistical.grid import grid_forecasts

    y = np.array([v for _, v in months(yearly(72))])
    changed = y.copy()
    changed[60:] *= 5
    at = np.array([50, 60])
    before, after = (grid_forecasts(s, (12,), at, 6)[0] for s in (y, changed))
    # only the guard against runaway growth knows the highest value, and it does not bind here
    assert before == pytest.approx(after)


def test_the_filter_is_the_recursion() -> None:
    from bi_chat.forecasters.statistical.smoothing import METHODS, Origins, smooth

    y = np.array(weekly(80), dtype=float)
    made = smooth(y[None, :], Origins.of(np.array([80])), 5)[0]
    start = np.polyfit(np.arange(1, 11), y[:10], 1)
    for k, method in enumerate(METHODS):
        if method.family == "theta":
            continue
        trend = method.beta > 0
        level, slope = (start[1], start[0]) if trend else (y[:10].mean(), 0.0)
        for value in y:
            ahead = level + method.phi * slope
            level = method.alpha * value + (1 - method.alpha) * ahead
            slope = method.phi * slope + method.alpha * method.beta * (value - ahead) if trend else 0.0
        expected = [level + slope * sum(method.phi**j for j in range(1, i + 1)) for i in range(1, 6)]
        assert made[k] == pytest.approx(expected), method


def test_both_seasons_of_two_years_of_days() -> None:
    start = datetime(2022, 1, 1)
    year = [60 * math.sin(2 * math.pi * i / 365) for i in range(800)]
    values = [v + y + 200 for v, y in zip(weekly(800), year, strict=True)]
    made = _forecast([(start + timedelta(days=i), v) for i, v in enumerate(values[:740])], 56)
    off = np.abs(np.array(made.mean) - np.array(values[740:796]))
    assert off.mean() < 8
    assert any("seasons 7 and 365" in w.method for w in made.weights)


@pytest.mark.parametrize(
    ("title", "rows", "ratio"), [("month", months(yearly(96)), 0.35), ("day", days(weekly(200)), 0.8)]
)
def test_beats_the_naive_forecast_on_what_was_held_back(
    title: str, rows: list[tuple[object, object]], ratio: float
) -> None:
    horizon, season = (12, 12) if title == "month" else (14, 7)
    came = np.array([v for _, v in rows[-horizon:]], dtype=float)
    past = np.array([v for _, v in rows[:-horizon]], dtype=float)
    naive = past[len(past) - season + np.arange(horizon) % season]
    made = _forecast(rows[:-horizon], horizon)
    assert np.abs(came - np.array(made.mean)).mean() < ratio * np.abs(came - naive).mean()


def test_ranges_hold_about_what_they_say() -> None:
    rng = np.random.default_rng(7)
    inside, total = {80: 0, 95: 0}, 0
    for _ in range(40):
        y = 300 + np.cumsum(rng.normal(0, 3, 72)) + 20 * np.sin(np.arange(72) * np.pi / 6) + rng.normal(0, 5, 72)
        made = _forecast(months(list(y[:60])), 12)
        total += 12
        for level in inside:
            band = made.band(level)
            inside[level] += int(((y[60:] >= np.array(band.lower)) & (y[60:] <= np.array(band.upper))).sum())
    assert 0.70 <= inside[80] / total <= 0.90
    assert 0.88 <= inside[95] / total <= 0.995


def test_the_group_comes_in_order_and_tells_its_progress() -> None:
    histories = [make_history(days(weekly(40 + i)), name=str(i)) for i in range(5)]
    seen: list[int] = []
    made = list(forecast_many([h for h in histories if isinstance(h, History)], 3, progress=seen.append))
    assert [f.name for f in made] == ["0", "1", "2", "3", "4"]
    assert seen == [1, 2, 3, 4, 5]


def test_a_tight_budget_tests_fewer_origins() -> None:
    history = make_history(days(weekly(120)))
    assert isinstance(history, History)
    full, hasty = forecast(history, 7), forecast(history, 7, time_budget=0.001)
    assert hasty.backtest.origins < full.backtest.origins


@pytest.mark.parametrize(("horizon", "levels"), [(0, (80,)), (3, (0,)), (3, (100,)), (3, ())])
def test_refuses_what_makes_no_sense(horizon: int, levels: tuple[int, ...]) -> None:
    history = make_history(days(weekly(30)))
    assert isinstance(history, History)
    with pytest.raises(ValueError, match=r"horizon|Levels"):
        forecast(history, horizon, levels=levels)
