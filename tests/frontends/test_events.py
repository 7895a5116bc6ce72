"""Events of one's own in a calendar file or a table, and a forecast on the command line that counts on them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bi_chat.errors import SourceError
from bi_chat.frontends.cli import main
from bi_chat.frontends.cli.events import read_events

FAIRS = ("20230515", "20240318", "20250414")
CALENDAR = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        *(
            line
            for at, day in enumerate(FAIRS)
            for line in (
                "BEGIN:VEVENT",
                f"UID:fair-{at}",
                "DTSTAMP:20220101T000000Z",
                f"DTSTART;VALUE=DATE:{day}",
                f"DTEND;VALUE=DATE:{int(day) + 3}",
                "SUMMARY:Trade fair",
                "END:VEVENT",
            )
        ),
        "BEGIN:VEVENT",
        "UID:party",
        "DTSTAMP:20220101T000000Z",
        "DTSTART:20230610T180000",
        "DTEND:20230611T020000",
        "RRULE:FREQ=YEARLY;COUNT=3",
        "SUMMARY:Summer  party",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
)


def test_a_calendar_gives_each_event_with_all_its_days(tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    file = tmp_path / "own.ics"
    file.write_bytes(CALENDAR.encode())
    party, fair = read_events(file)
    assert (party.name, fair.name) == ("Summer party", "Trade fair")
    assert fair.spans[0] == (date(2023, 5, 15), date(2023, 5, 18))
    assert party.spans == tuple((date(y, 6, 10), date(y, 6, 12)) for y in (2023, 2024, 2025))


def test_a_table_gives_the_same_and_what_is_none_is_refused_by_name(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("what,first,last\nFair,2024-03-18,2024-03-20\nFair,2025-04-14,\n")
    [fair] = read_events(table)
    assert fair.spans == ((date(2024, 3, 18), date(2024, 3, 21)), (date(2025, 4, 14), date(2025, 4, 15)))
    table.write_text("what\nFair\n")
    with pytest.raises(SourceError, match="name and a day"):
        read_events(table)
    with pytest.raises(SourceError, match="no file"):
        read_events(tmp_path / "none.ics")


def test_the_command_counts_on_an_event_that_no_calendar_of_ours_knows(tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    days = [datetime(2022, 9, 1) + timedelta(days=i) for i in range(948)]
    starts = [datetime.strptime(day, "%Y%m%d") for day in FAIRS]
    chance = np.random.default_rng(4)
    inside = np.array([any(0 <= (d - s).days < 3 for s in starts) for d in days])
    sold = 200 * chance.normal(1, 0.04, len(days)) * np.where(inside, 2.5, 1.0)
    pl.DataFrame({"ds": days, "y": sold}).write_parquet(tmp_path / "sold.parquet")
    (tmp_path / "own.ics").write_bytes(CALENDAR.encode())
    made = {}
    for name, more in (("with", ["--events", str(tmp_path / "own.ics")]), ("without", [])):
        out = tmp_path / f"{name}.parquet"
        columns = ["--time", "ds", "--value", "y", "--horizon", "14", *more, "--output", str(out)]
        assert main(["forecast", str(tmp_path / "sold.parquet"), *columns]) == 0
        made[name] = {r[0].date(): r[1] for r in pl.read_parquet(out).select("ds", "mean").rows()}
    assert made["with"][date(2025, 4, 14)] > 1.7 * made["without"][date(2025, 4, 14)]
