"""Answers before one become a report file that asks them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bi_chat.reports.compose import compose
from bi_chat.reports.composed import Composed
from bi_chat.reports.draft import draft_report
from bi_chat.reports.file import read_report

if TYPE_CHECKING:
    from bi_chat.wiring import Connection

AT = datetime(2025, 10, 18)


def test_the_draft_is_a_report_that_asks_the_same(tea: Connection) -> None:
    session = tea.session(today=AT)
    for text in ("revenue by country this year", "and by month?", "how many wibbles", "为什么2025年3月销售额下降了"):
        session.ask(text)
    answers = [a.value for a in session.history]
    text = draft_report("My: morning #1", answers, data=("teahouse",), language="en")
    report = read_report(text).require()
    assert report.title == "My: morning #1"
    assert report.data == ("teahouse",)
    assert [i.ask for i in report.items] == ["revenue by country this year", "", ""]
    assert [i.plan for i in report.items[1:]] == [answers[1].plan, answers[3].plan]
    assert [i.title for i in report.items[1:]] == ["and by month?", "为什么2025年3月销售额下降了"]


def test_a_schedule_is_written_as_it_is_said(tea: Connection) -> None:
    session = tea.session(today=AT)
    session.ask("revenue this year")
    made = draft_report(
        "R", [session.history[0].value], data=(), language="en", schedule="weekdays at 8:00", zone="UTC"
    )
    found = read_report(made).require()
    assert found.schedule is not None
    assert str(found.schedule.zone) == "UTC"


def test_braces_of_a_question_mean_themselves(tea: Connection) -> None:
    session = tea.session(today=AT)
    session.ask("revenue this year")
    value = session.history[0].value
    asked = replace(value, question=replace(value.question, text="revenue {this} year", previous=None))
    report = read_report(draft_report("On {braces}", [asked], data=(), language="en")).require()
    made = compose(report, (), tea.session(today=AT, remembered=False), AT)
    assert isinstance(made, Composed) and made.title == "On {braces}"
    assert made.sources[0].answer.question.text == "revenue {this} year"
