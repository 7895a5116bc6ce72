"""In: reports over the sample shop. Out: what they say: facts, summary, conditions, parameters."""

from __future__ import annotations

from datetime import datetime

import pytest

from bi_chat.conversation.session import Session
from bi_chat.errors import ReportError
from bi_chat.reports.compose import compose
from bi_chat.reports.composed import Composed, Source, Withheld
from bi_chat.reports.file import read_report
from bi_chat.reports.report import Report
from bi_chat.reports.trial import tried
from bi_chat.wiring import Connection

NOW = datetime(2025, 10, 18, 8)


def session_of(tea: Connection) -> Session:
    return tea.session(today=NOW, remembered=False)


def report(text: str) -> Report:
    return read_report(text).require()


def made(tea: Connection, text: str, variant: int = 0, at: datetime = NOW) -> Composed | Withheld:
    found = report(text)
    return compose(found, found.variants[variant], tea.session(today=at, remembered=False), at)


def test_facts_stand_in_texts_as_sentences_write_them(weekly: Composed) -> None:
    said = next(p for p in weekly.parts if p.text)
    assert said.text == "Revenue came to €10,583.51, +7.5% against €9,847.71. First: Green tea."
    assert said.sources == (1, 2)


def test_the_summary_says_what_changed_why_and_what_comes(weekly: Composed) -> None:
    assert [line.kind for line in weekly.summary] == ["changed", "why", "expected"]  # nothing to advise is not said
    changed, why, expected = weekly.summary
    assert changed.source == 1 and "7.5% up" in changed.sentences[0]
    assert any("hint only" in s for s in why.sentences)  # the doubt comes along
    assert "probability" in expected.sentences[0] and expected.careful


def test_what_did_not_move_has_no_reasons() -> None:
    from bi_chat.reports.summary import told
    from bi_chat.values.answer import AnswerValue, Narrative
    from bi_chat.values.drivers import Drivers
    from bi_chat.values.period import Period
    from bi_chat.values.question import Question

    def line(after: float) -> object:
        period = Period(None, None)
        drivers = Drivers("Orders", "", "integer", "sum", period, period, 1000.0, after, ())
        answer = AnswerValue(Question("", NOW), "answered", narrative=Narrative("moved", ("why",)), drivers=drivers)
        return told("why", Source(1, "", answer))

    assert line(1004.0) is None and line(996.0) is None and line(1006.0) is not None


def test_every_line_of_the_summary_has_a_source_with_sql(weekly: Composed) -> None:
    by_number = {s.number: s for s in weekly.sources}
    assert all(by_number[line.source].answer.sql for line in weekly.summary)
    assert [s.number for s in weekly.sources] == list(range(1, len(weekly.sources) + 1))


def test_a_question_without_a_period_gets_the_reports(weekly: Composed) -> None:
    groups = next(s for s in weekly.sources if s.title == "Revenue by product group")
    assert "last week" in groups.answer.restatement
    assert weekly.period.startswith("last week (6 Oct")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("revenue by product group", "last week"),
        ("what do customers complain about", "last week"),
        ("revenue in 2024", "2024"),
        ("forecast revenue for the next 3 months", "forecast"),
    ],
)
def test_the_reports_period_holds_for_what_has_dates(tea: Connection, question: str, said: str) -> None:
    found = made(tea, f"title: T\nperiod: last week\nsummary: false\ncontents: [{{ask: {question}}}]")
    assert isinstance(found, Composed)
    assert said in found.sources[0].answer.restatement


def test_where_the_period_does_not_apply_it_is_said(tea: Connection) -> None:
    found = made(tea, "title: T\nperiod: last week\nsummary: false\ncontents: [{ask: list shops}]")
    assert isinstance(found, Composed) and len(found.sources) == 1
    assert any("can't be applied" in w for w in found.sources[0].answer.warnings)


def test_one_plan_under_two_titles_keeps_both(tea: Connection) -> None:
    text = (
        "title: T\nperiod: last week\nsummary: false\n"
        "contents: [{ask: revenue, title: One}, {ask: total revenue, title: Two}]"
    )
    found = made(tea, text)
    assert isinstance(found, Composed)
    assert [p.answer.title for p in found.parts if p.answer] == ["One", "Two"] and len(found.sources) == 1


def test_doubts_of_a_reading_survive_the_reports_period(tea: Connection) -> None:
    text = "title: T\nperiod: last week\nsummary: false\ncontents: [{ask: revenue by product group for fancy people}]"
    plain = session_of(tea).ask("revenue by product group for fancy people").value
    assert plain.status == "answered" and plain.warnings
    found = made(tea, text)
    assert isinstance(found, Composed)
    assert any("fancy" in w for w in found.sources[0].answer.warnings)


def test_one_report_for_each_value_of_a_parameter(tea: Connection) -> None:
    text = (
        "title: Sales in {country}\nsummary: false\nparameters: {country: [Germany, Canada]}\n"
        "contents: [{ask: 'revenue in {country} in 2024', name: r}, {text: '{country}: {r}'}]"
    )
    one, two = (made(tea, text, n) for n in (0, 1))
    assert isinstance(one, Composed) and isinstance(two, Composed)
    assert (one.title, two.title) == ("Sales in Germany", "Sales in Canada")
    said = [c.parts[1].text for c in (one, two)]
    assert said[0].startswith("Germany: €") and said[1].startswith("Canada: €") and said[0][9:] != said[1][8:]


WATCH = """
title: Alert
form: short
contents: [{{ask: revenue last week, name: revenue}}]
when: {when}
"""


def test_a_condition_that_holds_puts_what_moved_and_why_first(tea: Connection) -> None:
    found = made(tea, WATCH.format(when="revenue rose by more than 5 % week on week"))
    assert isinstance(found, Composed)
    assert [line.kind for line in found.summary] == ["moved", "why"]
    assert "7.5% up" in found.summary[0].sentences[0]
    assert found.parts == ()  # the short form says no more


@pytest.mark.parametrize(
    "when", ["revenue fell more than 5 % week on week", "revenue rose by 8 % week on week", "revenue is below 100"]
)
def test_a_condition_that_does_not_hold_withholds_the_report(tea: Connection, when: str) -> None:
    found = made(tea, WATCH.format(when=when))
    assert isinstance(found, Withheld)
    assert "10,583.51" in found.said[0]


def test_one_condition_of_several_is_enough(tea: Connection) -> None:
    found = made(tea, WATCH.format(when="[revenue is below 100, revenue is above 10000]"))
    assert isinstance(found, Composed) and [line.kind for line in found.summary] == ["moved"]


def test_something_unusual(tea: Connection) -> None:
    text = "title: T\ncontents: [{ask: orders by day last week, name: orders}]\nwhen: orders is unusual"
    calm = made(tea, text)
    assert isinstance(calm, Withheld)
    loud = made(tea, text, at=datetime(2025, 8, 11, 8))  # the shop was down on 5 August
    assert isinstance(loud, Composed) and "5 Aug" in " ".join(loud.summary[0].sentences)


@pytest.mark.parametrize(
    ("schedule", "day", "told"),
    [
        ("daily at 8:00", 6, True),  # the shop was down on the day before
        ("daily at 8:00", 7, False),  # and was told of already
        ("every Monday at 8:00", 11, True),
        ("every Monday at 8:00", 18, False),
    ],
)
def test_what_was_unusual_is_told_once(tea: Connection, schedule: str, day: int, told: bool) -> None:
    text = (
        "title: T\ncontents: [{ask: orders by day in the last 30 days, name: orders}]\n"
        f"when: something unusual happened\nschedule: {{at: {schedule!r}, time_zone: Europe/Berlin}}\n"
    )
    assert isinstance(made(tea, text, at=datetime(2025, 8, day, 8)), Composed) is told


def test_what_cannot_be_told_is_no_silence(tea: Connection) -> None:
    text = "title: T\ncontents: [{ask: revenue in 2019, name: revenue}]\nwhen: revenue fell by 5 % year on year"
    with pytest.raises(ReportError, match="can't be told"):
        made(tea, text)


def test_a_report_that_answers_nothing_fails(tea: Connection) -> None:
    with pytest.raises(ReportError, match="None of the report's questions"):
        made(tea, "title: T\ncontents: [{ask: how much do the gremlins weigh}]")


def test_what_was_not_answered_is_said(tea: Connection) -> None:
    found = made(tea, "title: T\nsummary: false\ncontents: [{ask: revenue in 2024}, {ask: how heavy are gremlins}]")
    assert isinstance(found, Composed) and found.unanswered == ("how heavy are gremlins",)


def test_a_chinese_report_of_english_questions_speaks_chinese(tea: Connection) -> None:
    text = "title: 周报\nlanguage: zh\nperiod: last week\nsummary: false\ncontents: [{ask: revenue by product group}]"
    found = made(tea, text)
    assert isinstance(found, Composed)
    answer = found.sources[0].answer
    assert answer.question.language == "zh" and "销售额" in answer.narrative.headline
    assert found.period.startswith("上周")


def test_a_trial_finds_what_a_file_cannot_show(tea: Connection) -> None:
    text = (
        "title: T\nperiod: last week\ncontents:\n  - {ask: revenue by product group, name: groups}\n"
        "  - text: '{groups.grup} and {groups.group}'\n  - ask: how heavy are gremlins\n"
    )
    loaded = tried(read_report(text, file="t.yaml"), session_of(tea))
    faults = list(map(str, loaded.faults))
    assert len(faults) == 2 and loaded.report is None
    assert faults[0].startswith("t.yaml:5:") and "Did you mean group?" in faults[0]
    assert faults[1].startswith("t.yaml:6:") and "gets no answer" in faults[1]
    mended = text.replace("grup", "value").replace("  - ask: how heavy are gremlins\n", "")
    assert tried(read_report(mended), session_of(tea)).faults == ()


def test_a_trial_tries_each_choice_of_a_parameter(tea: Connection) -> None:
    text = (
        "title: T\nparameters: {country: [Germany, Atlantis]}\n"
        "contents: [{ask: 'revenue in {country} in 2024', title: Revenue}]\n"
    )
    (fault,) = tried(read_report(text), session_of(tea)).faults
    assert "Atlantis" in fault.problem and "Germany" not in fault.problem
