"""In: schedules in words and in fields. Out: the moments they name, across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_chat.reports.clock.cron import CronError, parse_cron
from bi_chat.reports.clock.words import parse_schedule

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("weekdays at 8:00", "0 8 * * 1-5"),
        ("every Monday at 9:30", "30 9 * * 1"),
        ("Mondays and Thursdays at 8:00", "0 8 * * 1,4"),
        ("Monday to Friday at 7", "0 7 * * 1,2,3,4,5"),
        ("every friday 4pm", "0 16 * * 5"),
        ("monday at 8:00 and 14:00", "0 8,14 * * 1"),
        ("on the 1st and 15th at 6am", "0 6 1,15 * *"),
        ("first of every month at 7:00", "0 7 1 * *"),
        ("last day of the month at 17:00", "0 17 L * *"),
        ("daily at noon", "0 12 * * *"),
        ("weekends at 10:15", "15 10 * * 0,6"),
        ("every 15 minutes", "*/15 * * * *"),
        ("every 2 hours", "0 */2 * * *"),
        ("hourly", "0 * * * *"),
        ("0 8 * * mon-fri", "0 8 * * mon-fri"),
        ("每周一 8:00", "0 8 * * 1"),
        ("工作日8点半", "30 8 * * 1-5"),
        ("每周一、周四 9:30", "30 9 * * 1,4"),
        ("周一到周五 8:00", "0 8 * * 1,2,3,4,5"),
        ("每周日晚上8点", "0 20 * * 0"),
        ("每天下午3点", "0 15 * * *"),
        ("每月1日 6:00", "0 6 1 * *"),
        ("每月最后一天 18:30", "30 18 L * *"),
        ("每小时", "0 * * * *"),
        ("每15分钟", "*/15 * * * *"),
    ],
)
def test_words_mean_these_fields(said: str, fields: str) -> None:
    assert parse_schedule(said).text == fields


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("tomorrow at 8", "which days"),
        ("weekdays", "time of day is missing"),
        ("every 7 minutes", "fit into the hour"),
        ("weekdays at 25:00", "0 to 23"),
        ("0 8 30 2 *", "no day is like that"),
        ("61 * * * *", "0 to 59"),
        ("5-1 * * * *", "no range"),
        ("weekdays at 8 or so", "not understood"),
        ("每两周一次", "not understood"),
        ("", "which days"),
    ],
)
def test_what_is_no_schedule_says_why(said: str, why: str) -> None:
    with pytest.raises(CronError, match=why):
        parse_schedule(said)


def local(fields: str, first: datetime, last: datetime, zone: ZoneInfo = BERLIN) -> list[str]:
    moments = parse_cron(fields).between(first.replace(tzinfo=zone), last.replace(tzinfo=zone), zone)
    return [f"{m.astimezone(zone):%d %H:%M %Z}" for m in moments]


def test_a_time_that_does_not_exist_is_the_end_of_the_gap() -> None:
    assert local("30 2 * * *", datetime(2025, 3, 29, 12), datetime(2025, 3, 31, 1)) == ["30 03:00 CEST"]


def test_a_time_that_comes_twice_counts_once() -> None:
    found = local("30 2 * * *", datetime(2025, 10, 25, 12), datetime(2025, 10, 27, 1))
    assert found == ["26 02:30 CEST"]


def test_every_hour_follows_the_hours_as_they_pass() -> None:
    spring = local("30 * * * *", datetime(2025, 3, 30), datetime(2025, 3, 30, 4))
    assert spring == ["30 00:30 CET", "30 01:30 CET", "30 03:30 CEST"]
    autumn = local("30 * * * *", datetime(2025, 10, 26, 1), datetime(2025, 10, 26, 4))
    assert autumn == ["26 01:30 CEST", "26 02:30 CEST", "26 02:30 CET", "26 03:30 CET"]


def test_a_gap_of_half_an_hour() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    assert local("15 2 * * *", datetime(2025, 10, 4, 12), datetime(2025, 10, 5, 12), zone) == ["05 02:30 +11"]


def test_days_of_month_and_week_as_cron_has_them() -> None:
    assert local("0 8 13 * fri", datetime(2025, 6, 1), datetime(2025, 6, 30))[:4] == [
        "06 08:00 CEST",
        "13 08:00 CEST",
        "20 08:00 CEST",
        "27 08:00 CEST",
    ]
    assert local("0 8 L * *", datetime(2024, 2, 1), datetime(2024, 4, 1)) == ["29 08:00 CET", "31 08:00 CEST"]
    assert local("0 8 * * 7", datetime(2025, 6, 1), datetime(2025, 6, 9)) == ["01 08:00 CEST", "08 08:00 CEST"]


def test_the_29th_of_february_is_found() -> None:
    moment = parse_cron("0 0 29 2 *").following(datetime(2025, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
    assert moment == datetime(2028, 2, 29, tzinfo=UTC)


ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "UTC"])


@settings(max_examples=60, deadline=None)
@given(ZONES, st.integers(0, 23), st.integers(0, 59), st.integers(0, 3_000))
def test_once_a_day_is_once_a_day_in_every_zone(name: str, hour: int, minute: int, offset: int) -> None:
    zone = ZoneInfo(name)
    first = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=offset % 1400)
    found = list(parse_cron(f"{minute} {hour} * * *").between(first, first + timedelta(days=9), zone))
    days = [m.astimezone(zone).date() for m in found]
    assert len(days) == len(set(days)) and len(days) in (8, 9, 10)
    assert found == sorted(found) and all(first < m <= first + timedelta(days=9) for m in found)


@settings(max_examples=40, deadline=None)
@given(ZONES, st.integers(0, 3_000), st.integers(1, 60))
def test_a_day_cut_in_two_holds_what_the_whole_day_holds(name: str, offset: int, minutes: int) -> None:
    zone, cron = ZoneInfo(name), parse_cron("*/20 * * * *")
    first = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=offset * 5)
    middle, last = first + timedelta(minutes=minutes * 13), first + timedelta(days=1)
    whole = list(cron.between(first, last, zone))
    assert whole == [*cron.between(first, middle, zone), *cron.between(middle, last, zone)]
