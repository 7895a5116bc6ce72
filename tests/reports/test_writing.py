"""In: plans and a wish. Out: a file that says the same when it is read, and in which text is text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bi_chat.reports.compose import compose
from bi_chat.reports.composed import Composed
from bi_chat.reports.file import read_report
from bi_chat.reports.trial import tried
from bi_chat.reports.writing import Wanted, written
from bi_chat.wiring import Connection

NOW = datetime(2025, 10, 18, 8)


def test_what_somebody_asked_becomes_a_report(tea: Connection) -> None:
    session = tea.session(today=NOW, remembered=False)
    asked = [session.ask(q) for q in ("revenue by month this year", "top 5 products by revenue last month")]
    wanted = Wanted(
        title="My {week}: review # 1",
        language="en",
        items=tuple((a.value.question.text, a.plan) for a in asked if a.plan is not None),
        data=("teahouse",),
        schedule="every Monday at 8:00",
        time_zone="Europe/Berlin",
        recipients=(("mia", "mail", "mia@example.org"), ("", "folder", "out")),
    )
    text = written(wanted)
    assert text.startswith("title:")  # in the order that a person reads
    loaded = read_report(text, folder=Path("here"))
    report = loaded.require()
    assert [i.plan for i in report.items] == [a.plan for a in asked]
    assert report.schedule is not None and report.schedule.cron.text == "0 8 * * 1"
    assert report.recipients[0].user == "mia" and tried(loaded, session).faults == ()
    made = compose(report, (), session, NOW)
    assert isinstance(made, Composed) and made.title == "My {week}: review # 1"
