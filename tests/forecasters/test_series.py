from datetime import datetime, timedelta

import pytest

from bi_chat.analysis.frequency import times_after
from bi_chat.analysis.series import make_history
from bi_chat.forecasters import forecast
from bi_chat.values.forecast import Forecast, History, SeriesKind, forecast_codec
from bi_chat.values.period import Grain

from .awkward import days, months, weekly, yearly

FIRST = datetime(2020, 1, 31)


def _month_ends(count: int) -> list[datetime]:
    return [datetime(2020 + (i + 1) // 12, (i + 1) % 12 + 1, 1) - timedelta(days=1) for i in range(count)]


def _every(**step: int) -> list[datetime]:
    return [datetime(2023, 1, 1) + timedelta(**step) * i for i in range(40)]


STEPS = {
    "hours": (_every(hours=1), Grain.HOUR, 1, (24, 168), datetime(2023, 1, 2, 16)),
    "every second hour": (_every(hours=2), Grain.HOUR, 2, (12, 84), datetime(2023, 1, 4, 8)),
    "days": (_every(days=1), Grain.DAY, 1, (7, 365), datetime(2023, 2, 10)),
    "weeks from a Sunday": (_every(weeks=1), Grain.WEEK, 1, (52,), datetime(2023, 10, 8)),
    "first days of months": (
        [datetime(2020 + i // 12, i % 12 + 1, 1) for i in range(40)],
        Grain.MONTH,
        1,
        (12,),
        datetime(2023, 5, 1),
    ),
    "last days of months": (_month_ends(37), Grain.MONTH, 1, (12,), datetime(2023, 2, 28)),
    "quarters": (
        [datetime(2010 + i // 4, 3 * (i % 4) + 1, 1) for i in range(40)],
        Grain.QUARTER,
        1,
        (4,),
        datetime(2020, 1, 1),
    ),
    "years": ([datetime(1980 + i, 1, 1) for i in range(40)], Grain.YEAR, 1, (), datetime(2020, 1, 1)),
}


@pytest.mark.parametrize("title", STEPS)
def test_finds_the_step_and_goes_on_with_it(title: str) -> None:
    times, grain, every, season, after = STEPS[title]
    made = make_history([(t, float(i % 5)) for i, t in enumerate(times)])
    assert isinstance(made, History)
    assert (made.grain, made.every, made.season) == (grain, every, season)
    assert times_after(made, 1) == (after,)
    assert not made.notes


def test_months_of_uneven_length_stay_month_ends() -> None:
    made = make_history([(t, 1.0 + i) for i, t in enumerate(_month_ends(14))])
    assert isinstance(made, History)
    assert times_after(made, 3) == (datetime(2021, 3, 31), datetime(2021, 4, 30), datetime(2021, 5, 31))


def test_business_days_have_no_weekend() -> None:
    made = make_history([row for row in days(weekly(60)) if row[0].isoweekday() < 6])
    assert isinstance(made, History)
    assert made.weekdays_only
    assert None not in made.values
    assert {t.isoweekday() for t in times_after(made, 15)} == {1, 2, 3, 4, 5}


def test_a_missing_day_is_zero_only_for_a_sum() -> None:
    rows = [row for i, row in enumerate(days(weekly(30))) if i != 12]
    summed, level = make_history(rows, kind=SeriesKind.SUM), make_history(rows, kind=SeriesKind.LEVEL)
    assert isinstance(summed, History)
    assert isinstance(level, History)
    assert (summed.values[12], level.values[12]) == (0.0, None)
    assert dict(level.notes[0].args)["count"] == "1"


@pytest.mark.parametrize(
    ("asked", "left_out"),
    [(datetime(2023, 1, 9), True), (datetime(2023, 1, 31, 12), True), (datetime(2023, 2, 1), False)],
)
def test_a_month_that_is_not_over_is_left_out_and_kept_apart(asked: datetime, left_out: bool) -> None:
    made = make_history(months([*yearly(60), 30.0]), asked_on=asked)
    assert isinstance(made, History)
    assert made.left_out == ((datetime(2023, 1, 1), 30.0) if left_out else None)
    assert made.times[-1] == (datetime(2022, 12, 1) if left_out else datetime(2023, 1, 1))


def test_the_end_of_the_data_counts_as_well_as_today() -> None:
    made = make_history(months(yearly(61)), data_end=datetime(2023, 1, 20), asked_on=datetime(2024, 1, 1))
    assert isinstance(made, History)
    assert made.left_out is not None


def test_whole_numbers_are_shown_whole() -> None:
    made = make_history(days([float(round(v)) for v in weekly(60)]))  # type: ignore[arg-type]
    assert isinstance(made, History)
    found = forecast(made, 3)
    assert found.counts
    assert found.shown(12.4) == 12


def test_forecasts_and_histories_survive_being_saved() -> None:
    made = make_history(days(weekly(60)), name="shop")
    assert isinstance(made, History)
    found = forecast(made, 5)
    codec = forecast_codec()
    assert codec.loads(codec.dumps(made)) == made
    loaded = codec.loads(codec.dumps(found))
    assert isinstance(loaded, Forecast)
    assert loaded == found


def test_the_answer_says_how_good_it_was_beside_last_season() -> None:
    made = make_history(months(yearly(72)))
    assert isinstance(made, History)
    tested = forecast(made, 6).backtest
    assert tested is not None
    assert tested.naive == "seasonal_naive"
    assert tested.error < tested.naive_error
    assert tested.share is not None
    assert tested.naive_share is not None
    assert 0 < tested.share < tested.naive_share
    assert made.times[0] < tested.first <= made.times[-1]


def test_christmas_is_no_outlier_but_one_wild_month_is() -> None:
    values = [v + (400 if i % 12 == 11 else 0) for i, v in enumerate(yearly(72))]
    calm = make_history(months(values))
    wild = make_history(months([*values[:40], 9000.0, *values[41:]]))
    assert isinstance(calm, History)
    assert isinstance(wild, History)
    usual, mended = forecast(calm, 12), forecast(wild, 12)
    assert not [n for n in usual.notes if n.code == "spike_replaced"]
    assert max(usual.mean) > 550
    named = [dict(n.args)["time"] for n in mended.notes if n.code == "spike_replaced"]
    assert named == [wild.times[40].isoformat()]
    assert mended.mean == pytest.approx(usual.mean, rel=0.05)
