"""In: reports with a schedule. Out: a calendar that other programs read."""

from __future__ import annotations

from datetime import UTC, datetime

from bi_chat.reports.clock.ics import calendar
from bi_chat.reports.file import read_report

TEXT = """
title: "市场周报，重点; BEGIN:VEVENT, {0} 一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
contents: [{ask: revenue}]
schedule: {at: 每周一 8:00, time_zone: Asia/Shanghai}
recipients: [{folder: out}]
"""


def test_every_moment_is_an_event_with_a_name_of_its_own() -> None:
    report = read_report(TEXT.replace("{0} ", ""), name="weekly").require()
    made = calendar([report], datetime(2025, 1, 1, tzinfo=UTC)).decode("utf-8")
    lines = made.split("\r\n")
    assert all(len(line.encode("utf-8")) <= 75 for line in lines)
    whole = made.replace("\r\n ", "").split("\r\n")
    assert whole.count("BEGIN:VEVENT") == whole.count("END:VEVENT") == 13
    starts = [line for line in whole if line.startswith("DTSTART:")]
    assert starts[0] == "DTSTART:20250106T000000Z" and len(set(starts)) == 13
    assert len({line for line in whole if line.startswith("UID:")}) == 13
    summary = next(line for line in whole if line.startswith("SUMMARY:"))
    assert "\\;" in summary and "\\, 一二" in summary
