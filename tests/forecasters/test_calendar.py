"""Holidays that move, shopping days, and series that show none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bi_chat.analysis.series import make_history
from bi_chat.forecasters import forecast
from bi_chat.forecasters.calendar import calendar_of
from bi_chat.narration.forecast import forecast_sentences
from bi_chat.values.forecast import Forecast, History, OwnEvent, SeriesKind
from bi_chat.values.holidays import EASTER, FIXED, LUNAR_DAYS, WEEKDAY_OF_MONTH, holiday
from bi_chat.values.period import Grain
from bi_chat.values.query import ResultColumn
from bi_chat.wiring import connect

SALES = ResultColumn("sales", "measure", "Sales", additive=True)
AHEAD = 42


def shop(last: date, days: int, events: dict[str, float], seed: int = 7) -> tuple[list[datetime], list[float]]:
    """Daily sales with a weekday pattern, some noise, and events that multiply the sales of their days."""
    chance = np.random.default_rng(seed)
    times = [datetime(last.year, last.month, last.day) - timedelta(days=days - 1 - i) for i in range(days)]
    values = []
    for at in times:
        lift = 1.0
        for name, factor in events.items():
            first, end = holiday(name, at.year)
            lift *= factor if first <= at.date() < end else 1.0
        values.append(round(100 * (1 + 0.05 * at.weekday()) * lift * float(np.exp(chance.normal(0, 0.08)))))
    return times, [float(v) for v in values]


def forecasted(times: list[datetime], values: list[float]) -> tuple[History, Forecast]:
    """A forecast of the last days from those before."""
    history = make_history(list(zip(times, values, strict=True))[:-AHEAD], kind=SeriesKind.SUM)
    assert isinstance(history, History)
    return history, forecast(history, AHEAD)


def test_chinese_new_year_is_forecast_where_it_will_be() -> None:
    times, values = shop(date(2025, 2, 20), 1120, {"spring_festival": 0.4})
    history, made = forecasted(times, values)
    came = np.array(values[-AHEAD:])
    first, end = holiday("spring_festival", 2025)
    inside = [i for i, t in enumerate(made.times) if first <= t.date() < end]
    assert len(inside) == 7
    usual = float(np.mean([m for i, m in enumerate(made.mean) if i not in inside]))
    assert 0.3 * usual < float(np.mean([made.mean[i] for i in inside])) < 0.55 * usual
    assert float(np.abs(np.array(made.mean) - came).mean()) < 12
    band = made.band(95)
    assert band is not None
    assert np.mean([lo <= v <= hi for lo, v, hi in zip(band.lower, came, band.upper, strict=True)]) > 0.9
    (event,) = made.events
    assert (event.event, event.side, event.seen, event.ahead) == ("spring_festival", "on", 3, datetime(2025, 1, 29))
    told = forecast_sentences((("", history, made),), SALES, "day", "en")
    assert any(s.startswith("Chinese New Year lowered Sales by 5") and "29 Jan 2025" in s for s in told), told
    assert any("春节使Sales平均降低" in s for s in forecast_sentences((("", history, made),), SALES, "day", "zh"))


def test_closed_on_christmas_and_full_on_black_friday() -> None:
    times, values = shop(date(2025, 12, 31), 1100, {"black_friday": 2.5, "christmas": 0.0})
    _, made = forecasted(times, values)
    by_day = dict(zip((t.date() for t in made.times), made.mean, strict=True))
    assert by_day[date(2025, 11, 28)] > 1.7 * by_day[date(2025, 11, 21)]
    assert by_day[date(2025, 12, 25)] < 0.3 * by_day[date(2025, 12, 18)]
    assert {e.event for e in made.events} == {"black_friday", "christmas"}
    assert min(min(b.lower) for b in made.bands) >= 0


@pytest.mark.parametrize("seed", range(6))
def test_a_history_without_events_gets_none(seed: int) -> None:
    assert forecasted(*shop(date(2025, 2, 20), 1100, {}, seed))[1].events == ()


def test_a_past_forecast_knows_no_later_holiday() -> None:
    times, values = shop(date(2025, 2, 20), 1120, {"spring_festival": 0.4})
    y, other = np.array(values[:-AHEAD]), np.array(values[:-AHEAD])
    cut = 700
    other[cut + 60 :] *= 1.3  # what happens later may change nothing that was known before
    known, ahead = tuple(times[:-AHEAD]), tuple(times[-AHEAD:])
    one, two = (calendar_of(v, known, ahead, Grain.DAY) for v in (y, other))
    assert one is not None and two is not None
    assert one.parts[0].event == two.parts[0].event == "spring_festival"
    first = one.lift(cut, cut, AHEAD).size, two.lift(cut, cut, AHEAD).size
    assert np.allclose(first[0], first[1], atol=0.02)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_event_has_a_name(language: str) -> None:
    from bi_chat.narration.forecast import forecast_word

    names = [forecast_word(e, language, group="events") for e in (*FIXED, *WEEKDAY_OF_MONTH, *EASTER, *LUNAR_DAYS)]
    assert len(set(names)) == len(names) and not any("_" in n for n in names)


def test_a_question_over_a_file_is_answered_with_the_holidays_ahead(tmp_path: Path) -> None:
    times, values = shop(date(2025, 2, 20), 1120, {"spring_festival": 0.4})
    rows = "\n".join(f"{t:%Y-%m-%d},{v}" for t, v in list(zip(times, values, strict=True))[:-AHEAD])
    (tmp_path / "takings.csv").write_text(f"day,sales\n{rows}\n", "utf-8")
    opened = connect(tmp_path / "takings.csv")
    session = opened.session(today=datetime(2025, 1, 10, 9))
    english, chinese = (
        session.ask(q).text for q in ("forecast sales by day for the next 30 days", "预测未来30天每天的sales")
    )
    opened.close()
    assert "Chinese New Year lowered" in english, english
    assert "春节使" in chinese, chinese


def test_an_event_of_ones_own_is_found_in_the_past_and_counted_on_ahead() -> None:
    """A trade fair, each year on another day of spring: no calendar of ours knows it."""
    chance = np.random.default_rng(4)
    days = [datetime(2022, 1, 1) + timedelta(days=i) for i in range(3 * 365 + 100)]
    fairs = [date(2022, 4, 4), date(2023, 5, 15), date(2024, 3, 18), date(2025, 4, 14)]
    spans = tuple((d, d + timedelta(days=3)) for d in fairs)
    usual = 200 * (1 + 0.2 * np.sin(2 * np.pi * np.arange(len(days)) / 7)) * chance.normal(1, 0.05, len(days))
    inside = np.array([any(a <= d.date() < b for a, b in spans) for d in days])
    y = tuple(float(v) for v in usual * np.where(inside, 2.5, 1.0))
    plain = History(tuple(days), y, Grain.DAY, season=(7,))
    made = forecast(replace(plain, events=(OwnEvent("Trade fair", spans),)), 14)
    without = forecast(plain, 14)
    at = [i for i, t in enumerate(made.times) if date(2025, 4, 14) <= t.date() < date(2025, 4, 17)]
    assert at
    assert all(made.mean[i] > 1.8 * without.mean[i] for i in at)
    assert any(e.event == "Trade fair" and e.seen >= 2 for e in made.events)
