"""Unusual points are found, clean series are left alone."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bi_chat.analysis.anomalies import find_unusual, threshold, without_gaps
from bi_chat.values.period import Grain

FIRST = date(2023, 1, 1)
WEEK = (1, 1, 1, 1.05, 1.2, 1.5, 1.3)


def level(i: int) -> float:
    """Growth, a season of the year and a busy weekend."""
    return (1 + 0.3 * math.sin(2 * math.pi * i / 365.25)) * (1 + 0.0004 * i) * WEEK[i % 7]


def heavy(chance: random.Random, freedom: int) -> float:
    """Student's t: tails far heavier than the normal."""
    return chance.gauss(0, 1) / math.sqrt(sum(chance.gauss(0, 1) ** 2 for _ in range(freedom)) / freedom)


SERIES: dict[str, Callable[[int, random.Random], float]] = {
    "normal": lambda i, r: 1000 * level(i) * (1 + 0.1 * r.gauss(0, 1)),
    "heavy tails": lambda i, r: 1000 * level(i) * math.exp(0.1 * heavy(r, 3)),
    "skewed": lambda i, r: 1000 * level(i) * math.exp(0.5 * r.gauss(0, 1)),
    "few orders": lambda i, r: sum(math.exp(r.gauss(3, 0.8)) for _ in range(r.randrange(2, 9))),
}


def made(kind: str, seed: int, days: int = 730) -> list[tuple[date, float]]:
    chance = random.Random(seed)
    return [(FIRST + timedelta(days=i), float(SERIES[kind](i, chance))) for i in range(days)]


@pytest.mark.parametrize("kind", SERIES)
def test_clean_series_give_at_most_two_false_alarms_a_year(kind: str) -> None:
    found = [find_unusual(made(kind, seed), Grain.DAY) for seed in range(6)]
    assert sum(len(f.points) for f in found if f) / 12 <= 2


@pytest.mark.parametrize(("factor", "sign"), [(2.5, 1), (0.2, -1)])
def test_a_spike_and_a_collapse_are_found_with_what_was_expected(factor: float, sign: int) -> None:
    series = made("normal", 3)
    day, value = series[400]
    series[400] = (day, value * factor)
    found = find_unusual(series, Grain.DAY)
    assert found is not None
    point = next(p for p in found.points if p.at == day)
    assert point.expected == pytest.approx(1000 * level(400), rel=0.15)
    assert math.copysign(1, point.score) == sign
    assert point.size == point.value - point.expected


def test_a_busy_saturday_is_not_unusual_but_the_same_value_on_a_monday_is() -> None:
    series = [(FIRST + timedelta(days=i), 100.0 + (80 if i % 7 == 5 else 0) + i % 3) for i in range(120)]
    clean = find_unusual(series, Grain.DAY)
    assert clean is not None and not clean.points
    series[57] = (series[57][0], 180.0)
    odd = find_unusual(series, Grain.DAY)
    assert odd is not None and [p.at for p in odd.points] == [series[57][0]]


def test_a_short_series_is_refused_and_a_constant_one_has_nothing_unusual() -> None:
    days = [(FIRST + timedelta(days=i), 5.0) for i in range(60)]
    assert find_unusual(days[:20], Grain.DAY) is None
    assert find_unusual(days, Grain.QUARTER) is None
    found = find_unusual(days, Grain.DAY)
    assert found is not None and found.points == () and found.checked == 60


def test_a_series_with_a_value_that_is_no_number_is_refused() -> None:
    days = [(FIRST + timedelta(days=i), 5.0) for i in range(60)]
    days[10] = (days[10][0], math.nan)
    assert find_unusual(days, Grain.DAY) is None


def test_a_day_without_rows_is_nothing_and_seen_as_unusual() -> None:
    series = [p for i, p in enumerate(made("normal", 8, 200)) if i != 150]
    filled = without_gaps(series, Grain.DAY)
    assert len(filled) == 200 and filled[150][1] == 0
    found = find_unusual(filled, Grain.DAY)
    assert found is not None and filled[150][0] in [p.at for p in found.points]


def test_small_counts_are_not_unusual_for_being_small() -> None:
    chance = random.Random(2)
    days = [(FIRST + timedelta(days=i), float(sum(chance.random() < 0.1 for _ in range(20)))) for i in range(365)]
    found = find_unusual(days, Grain.DAY, counts=True)
    assert found is not None and len(found.points) <= 1


def test_weeks_work_as_days_do() -> None:
    chance = random.Random(4)
    weeks = [(FIRST + timedelta(weeks=i), 100 + chance.gauss(0, 5)) for i in range(80)]
    weeks[60] = (weeks[60][0], 220.0)
    found = find_unusual(weeks, Grain.WEEK)
    assert found is not None and [p.at for p in found.points] == [weeks[60][0]]


def test_the_limit_rises_with_the_weight_of_the_tail() -> None:
    chance = random.Random(1)
    thin = threshold([chance.gauss(0, 1) for _ in range(2000)], 1 / 365)
    thick = threshold([heavy(chance, 3) for _ in range(2000)], 1 / 365)
    assert 2.9 < thin < 4
    assert thick > thin + 1
