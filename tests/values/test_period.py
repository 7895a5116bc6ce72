"""Periods: what symbolic ones resolve to at the awkward edges of the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bi_chat.values.holidays import EASTER, FIXED, LUNAR, LUNAR_DAYS, WEEKDAY_OF_MONTH, easter, holiday, is_holiday
from bi_chat.values.period import (
    BusinessCalendar,
    Days,
    Earlier,
    Grain,
    Holding,
    Named,
    Period,
    Range,
    Relative,
    Shifted,
    ToDate,
    Weekday,
    resolve_earlier,
    resolve_period,
    shift,
)

D = date
ASKED = D(2025, 6, 11)


def last_days(expr, asked_on=ASKED, calendar=None):
    period = resolve_period(expr, asked_on, calendar)
    return period.start, period.last_day


@pytest.mark.parametrize(
    ("asked_on", "grain", "back", "first", "last"),
    [
        (D(2025, 6, 11), Grain.MONTH, 1, D(2025, 5, 1), D(2025, 5, 11)),
        (D(2025, 3, 30), Grain.MONTH, 1, D(2025, 2, 1), D(2025, 2, 28)),
        (D(2025, 3, 31), Grain.MONTH, 1, D(2025, 2, 1), D(2025, 2, 28)),  # a whole month beside a whole month
        (D(2025, 2, 28), Grain.MONTH, 1, D(2025, 1, 1), D(2025, 1, 31)),
        (D(2025, 4, 29), Grain.MONTH, 1, D(2025, 3, 1), D(2025, 3, 29)),
        (D(2025, 6, 11), Grain.QUARTER, 1, D(2025, 1, 1), D(2025, 3, 11)),
        (D(2025, 6, 11), Grain.WEEK, 1, D(2025, 6, 2), D(2025, 6, 4)),
    ],
)
def test_the_same_days_of_an_earlier_period(asked_on, grain, back, first, last):
    assert last_days(ToDate(grain, periods_back=back), asked_on) == (first, last)


@pytest.mark.parametrize(
    ("asked_on", "grain", "first", "last"),
    [
        (D(2025, 2, 28), Grain.YEAR, D(2024, 1, 1), D(2024, 2, 28)),  # not the 29th
        (D(2024, 2, 29), Grain.YEAR, D(2023, 1, 1), D(2023, 2, 28)),
        (D(2025, 2, 28), Grain.MONTH, D(2024, 2, 1), D(2024, 2, 29)),
        (D(2025, 12, 31), Grain.YEAR, D(2024, 1, 1), D(2024, 12, 31)),
        (D(2025, 6, 11), Grain.WEEK, D(2024, 6, 10), D(2024, 6, 12)),  # weekdays against weekdays
    ],
)
def test_the_same_days_a_year_before(asked_on, grain, first, last):
    assert last_days(ToDate(grain, years_back=1), asked_on) == (first, last)


@pytest.mark.parametrize(
    ("earlier", "base", "wanted"),
    [
        (Earlier(Grain.YEAR), ToDate(Grain.YEAR), ToDate(Grain.YEAR, years_back=1)),
        (Earlier(Grain.YEAR, 2), ToDate(Grain.MONTH), ToDate(Grain.MONTH, years_back=2)),
        (Earlier(), ToDate(Grain.QUARTER), ToDate(Grain.QUARTER, periods_back=1)),
        (Earlier(), Relative(Grain.DAY, -30, 30), Relative(Grain.DAY, -60, 30)),
        (Earlier(Grain.MONTH), Relative(Grain.MONTH, -1), Relative(Grain.MONTH, -2)),
        (Earlier(Grain.YEAR), Relative(Grain.WEEK, -1), Relative(Grain.WEEK, -53)),
        (Earlier(Grain.YEAR), Named(2025, ("quarter", 1)), Named(2024, ("quarter", 1))),
        (Earlier(), Named(2025), Named(2024)),
        (Earlier(Grain.YEAR), Named(None, ("month", 3), year_offset=0), Named(None, ("month", 3), year_offset=-1)),
        (Earlier(), Named(2025, ("quarter", 1)), Shifted(Named(2025, ("quarter", 1)), None, 1)),
    ],
)
def test_an_earlier_period_stays_symbolic(earlier, base, wanted):
    assert resolve_earlier(earlier, base) == wanted


@pytest.mark.parametrize(
    ("base", "first", "last"),
    [
        (Named(2025, ("quarter", 1)), D(2024, 10, 1), D(2024, 12, 31)),
        (Named(2025, ("half", 1)), D(2024, 7, 1), D(2024, 12, 31)),
        (Named(2024, ("month", 3)), D(2024, 2, 1), D(2024, 2, 29)),
        (Range(Named(2025, ("month", 1)), Named(2025, ("month", 5))), D(2024, 8, 1), D(2024, 12, 31)),
        (Days(D(2025, 5, 1), D(2025, 5, 11)), D(2025, 4, 21), D(2025, 4, 30)),
    ],
)
def test_the_period_before_is_as_long(base, first, last):
    assert last_days(resolve_earlier(Earlier(), base)) == (first, last)


def test_an_open_period_has_none_before_it():
    with pytest.raises(ValueError, match="open"):
        resolve_period(resolve_earlier(Earlier(), Range(start=Named(2023))), ASKED)


@pytest.mark.parametrize(
    ("of", "grain", "by", "first", "last"),
    [
        (Days(D(2025, 3, 30), D(2025, 3, 31)), Grain.MONTH, 1, D(2025, 2, 28), D(2025, 2, 28)),
        (Days(D(2024, 2, 29), D(2024, 3, 1)), Grain.YEAR, 1, D(2023, 2, 28), D(2023, 2, 28)),
        (Named(2025, ("month", 2)), Grain.MONTH, 1, D(2025, 1, 1), D(2025, 1, 31)),
        (Named(2025, ("month", 2)), Grain.YEAR, 1, D(2024, 2, 1), D(2024, 2, 29)),
    ],
)
def test_a_shifted_period_is_never_empty(of, grain, by, first, last):
    assert last_days(Shifted(of, grain, by)) == (first, last)


@pytest.mark.parametrize(
    ("part", "asked_on", "start"),
    [
        (("month", 5), D(2025, 6, 1), D(2025, 5, 1)),
        (("month", 5), D(2025, 5, 31), D(2024, 5, 1)),  # not over yet
        (("quarter", 4), D(2025, 1, 1), D(2024, 10, 1)),
        (("day", 229), D(2025, 6, 11), D(2024, 2, 29)),
        (("day", 229), D(2023, 6, 11), D(2020, 2, 29)),
        (("week", 53), D(2025, 6, 11), D(2020, 12, 28)),
        (("black_friday", 0), D(2025, 6, 11), D(2024, 11, 29)),
    ],
)
def test_without_a_year_it_is_the_most_recent_that_is_over(part, asked_on, start):
    assert resolve_period(Named(part=part), asked_on).start == start


def test_upcoming_is_the_first_that_begins_after_the_day_of_asking():
    assert resolve_period(Named(part=("month", 6), upcoming=True), ASKED).start == D(2026, 6, 1)
    assert resolve_period(Named(part=("month", 12), upcoming=True), ASKED).start == D(2025, 12, 1)


@pytest.mark.parametrize(
    ("expr", "first", "last"),
    [
        (Range(Named(part=("month", 3))), D(2025, 3, 1), None),
        (Range(Named(part=("month", 6))), D(2025, 6, 1), None),  # since June, asked in June
        (Range(Named(part=("month", 5)), Named(part=("month", 7))), D(2024, 5, 1), D(2024, 7, 31)),
        (Range(Named(part=("month", 9)), Named(2025, ("month", 2))), D(2024, 9, 1), D(2025, 2, 28)),
        (Range(Named(2024, ("month", 11)), Named(part=("month", 2))), D(2024, 11, 1), D(2025, 2, 28)),
        (Range(Named(part=("month", 3)), Named(part=("month", 5), year_offset=-1)), D(2024, 3, 1), D(2024, 5, 31)),
        (
            Range(Named(2025, ("month", 5)), Named(2024, ("month", 3))),
            D(2024, 3, 1),
            D(2025, 5, 31),
        ),  # the wrong way round
        (Range(None, Named(2020), end_inclusive=False), None, D(2019, 12, 31)),
        (Range(Named(2024, ("month", 5)), None, start_exclusive=True), D(2024, 6, 1), None),
        (Range(Named(part=("day", 721)), Named(part=("month", 7))), D(2024, 7, 21), D(2024, 7, 31)),
    ],
)
def test_ranges(expr, first, last):
    assert last_days(expr) == (first, last)


def test_weekdays_and_the_week_that_holds_a_day():
    assert last_days(Weekday(6, 2, -1)) == (D(2025, 6, 7), D(2025, 6, 8))
    assert last_days(Weekday(3)) == (D(2025, 6, 4), D(2025, 6, 4))  # asked on a Wednesday: not today
    assert last_days(Holding(Grain.WEEK, Days(D(2025, 6, 1), D(2025, 6, 2)))) == (D(2025, 5, 26), D(2025, 6, 1))
    sunday_first = BusinessCalendar(week_start=7)
    assert last_days(Holding(Grain.WEEK, Days(D(2025, 6, 1), D(2025, 6, 2))), calendar=sunday_first)[0] == D(2025, 6, 1)


@pytest.mark.parametrize("month", range(1, 13))
def test_fiscal_quarters_tile_the_fiscal_year(month):
    calendar = BusinessCalendar(fiscal_start_month=month)
    year = resolve_period(Named(2025, fiscal=True), ASKED, calendar)
    quarters = [resolve_period(Named(2025, ("quarter", n), fiscal=True), ASKED, calendar) for n in (1, 2, 3, 4)]
    assert [q.start for q in quarters] == [year.start, *(q.end for q in quarters[:-1])]
    assert quarters[-1].end == year.end
    months = {resolve_period(Named(2025, ("month", n), fiscal=True), ASKED, calendar).start for n in range(1, 13)}
    assert all(year.start <= m < year.end for m in months)


@pytest.mark.parametrize("grain", [g for g in Grain if g is not Grain.HOUR])
def test_relative_periods_meet_without_gap(grain):
    for offset in range(-60, 3):
        this, following = Relative(grain, offset), Relative(grain, offset + 1)
        for asked_on in (ASKED, D(2024, 2, 29), D(2024, 12, 31), D(2025, 1, 1)):
            assert resolve_period(this, asked_on).end == resolve_period(following, asked_on).start


def test_shifting_keeps_the_last_day_of_a_month():
    assert shift(D(2024, 1, 31), Grain.MONTH, 1) == D(2024, 2, 29)
    assert shift(D(2024, 2, 29), Grain.YEAR, -1) == D(2023, 2, 28)
    assert shift(D(2024, 12, 15), Grain.MONTH, 1) == D(2025, 1, 15)


def test_easter_as_published():
    published = {
        2000: (4, 23),
        2008: (3, 23),
        2011: (4, 24),
        2019: (4, 21),
        2024: (3, 31),
        2025: (4, 20),
        2038: (4, 25),
    }
    assert {y: (easter(y).month, easter(y).day) for y in published} == published


@pytest.mark.parametrize("name", [*FIXED, *WEEKDAY_OF_MONTH, *EASTER, *LUNAR_DAYS])
def test_every_holiday_has_days_in_every_year_of_the_table(name):
    assert is_holiday(name)
    for year in LUNAR:
        start, end = holiday(name, year)
        assert start < end
        assert abs(start.year - year) <= 0


@pytest.mark.parametrize("year", LUNAR)
def test_lunar_days_fit_the_moon(year):
    """A lunar month has 29 or 30 days, so festivals of one lunar year lie a known number of days apart."""
    new_year, boat, qixi = (holiday(name, year)[0] for name in ("spring_festival", "dragon_boat", "qixi"))
    autumn, ninth = (holiday(name, year)[0] for name in ("mid_autumn", "double_ninth"))
    moon = 29.530588
    # days past whole months: 5th of a month is 4 days after its first
    for day, offset in ((boat, 4), (qixi, 6), (autumn, 14), (ninth, 8)):
        months = (day - new_year - timedelta(days=offset)).days / moon
        assert abs(months - round(months)) * moon < 1.5
    assert D(year, 1, 20) < new_year < D(year, 2, 21)


def test_what_is_no_holiday_is_refused():
    with pytest.raises(ValueError, match="pancake_day"):
        holiday("pancake_day", 2025)
    with pytest.raises(ValueError, match="1999"):
        holiday("spring_festival", 1999)


def test_the_last_day_of_an_open_period_is_unknown():
    assert Period(D(2025, 1, 1), None).last_day is None
