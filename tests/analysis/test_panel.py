"""Slopes of panels: planted effects lie inside their ranges at the stated rate, and no effect is seldom seen as one."""

from __future__ import annotations

import numpy as np
import pytest

from bi_chat.analysis.panel import Panel, slopes, student_limit
from bi_chat.analysis.response import Observed, respond

HISTORIES = 200


def made(chance: np.random.Generator, units: int, steps: int, slope: float) -> Panel:
    """Units with levels, trends and a season of their own; errors and lever that remember half of the last step."""
    unit, time = np.repeat(np.arange(units), steps), np.tile(np.arange(steps), units)
    lever, noise = (remembering(chance, units, steps) for _ in range(2))
    own = chance.normal(0, 1, units)[unit] + chance.normal(0, 0.01, units)[unit] * time
    y = slope * 0.06 * lever + 0.15 * noise + own + 0.2 * np.sin(2 * np.pi * time / 12)
    return Panel(y, 0.06 * lever[:, None], unit, time, time % 12, np.ones(units * steps))


def remembering(chance: np.random.Generator, units: int, steps: int) -> np.ndarray:
    drawn = chance.normal(0, np.sqrt(0.75), (units, steps + 30))
    for at in range(1, steps + 30):
        drawn[:, at] += 0.5 * drawn[:, at - 1]
    return drawn[:, 30:].ravel()


@pytest.mark.parametrize(("units", "steps"), [(1, 60), (1, 156), (3, 40), (7, 145), (36, 33)])
def test_a_planted_slope_lies_in_its_range_at_nearly_the_stated_rate(units: int, steps: int) -> None:
    chance = np.random.default_rng(7)
    held = false = 0
    for _ in range(HISTORIES):
        with_effect, without = (slopes(made(chance, units, steps, s)) for s in (-1.5, 0.0))
        assert with_effect is not None
        assert without is not None
        found = with_effect.along(np.ones(1))
        held += found.low <= -1.5 <= found.high
        false += without.along(np.ones(1)).surely
    assert held / HISTORIES >= 0.9
    assert false / HISTORIES <= 0.1


def test_too_short_a_panel_says_nothing() -> None:
    assert slopes(made(np.random.default_rng(1), 1, 15, -1.0)) is None


def test_the_limit_of_students_t_is_that_of_the_tables() -> None:
    for freedom, limit in ((5, 2.571), (10, 2.228), (30, 2.042), (10_000, 1.960)):
        assert student_limit(0.95, freedom) == pytest.approx(limit, abs=0.01)


def shop(chance: np.random.Generator, elasticity: float, *, moves: bool = True) -> Observed:
    """Twelve products over 150 weeks: a sale now and then, pieces in whole numbers."""
    unit, step = np.repeat(np.arange(12), 150), np.tile(np.arange(150), 12)
    off = np.where(chance.random(1800) < 0.1, chance.uniform(0.05, 0.25, 1800), 0.0) * moves
    price = (5.0 + unit) * (1 - off)
    usual = 60 * np.exp(0.3 * np.sin(2 * np.pi * step / 52) + 0.002 * step)
    pieces = chance.poisson(usual * (1 - off) ** elasticity * np.exp(chance.normal(0, 0.15, 1800)))
    return Observed(pieces.astype(float), price[:, None], unit, step, step % 52 // 5, "price", "week")


def test_a_planted_elasticity_is_recovered() -> None:
    chance, held = np.random.default_rng(3), 0
    for _ in range(40):
        found = respond(shop(chance, -1.8))
        assert not isinstance(found, str)
        total = found.total(np.ones(1))
        assert total.surely
        held += total.low <= -1.8 <= total.high
    assert held >= 35


def test_a_price_that_never_moved_is_refused_by_name() -> None:
    assert respond(shop(np.random.default_rng(4), -1.8, moves=False)) == "never_varied"


def test_a_spend_shows_when_it_works() -> None:
    chance = np.random.default_rng(5)
    unit, step = np.repeat(np.arange(8), 160), np.tile(np.arange(160), 8)
    spend = np.where(chance.random(1280) < 0.3, chance.uniform(500, 3000, 1280), 0.0)
    felt = np.concatenate([np.r_[np.zeros(2), s[:-2]] for s in spend.reshape(8, 160)])
    size = float(np.median(spend[spend > 0]))
    sales = 100 * np.exp(0.25 * np.log1p(felt / size) + chance.normal(0, 0.1, 1280))
    found = respond(Observed(sales, spend[:, None], unit, step, step % 12, "flow", "week"))
    assert not isinstance(found, str)
    by_step = [found.step(0, lag).value for lag in range(5)]
    assert by_step.index(max(by_step)) == 2
    assert found.step(0, 2).low <= 0.25 <= found.step(0, 2).high
