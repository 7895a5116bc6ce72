"""Every language says everything: the packs have the same keys and names, each issue code its sentence."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from bi_chat.analysis.series import make_history
from bi_chat.narration.issues import issue
from bi_chat.narration.notes import say_note
from bi_chat.narration.pack import LANGUAGES, sentences
from bi_chat.values.forecast import History, Refusal, SeriesKind
from bi_chat.values.issue import IssueCode, Suggestion
from bi_chat.values.query import Note

SECTIONS = ("headline", "sentences", "caveats", "notes", "chart_why", "issues", "views", "words", "periods")
# English inflects where Chinese does not
ONLY_ENGLISH = re.compile(r"counted\.\w+\.one")


@pytest.mark.parametrize("section", SECTIONS)
def test_packs_have_the_same_keys(section: str) -> None:
    english = {k for k in sentences("en", section) if not ONLY_ENGLISH.fullmatch(k)}
    assert english == set(sentences("zh", section))


@pytest.mark.parametrize("section", SECTIONS)
def test_sentences_name_the_same_things(section: str) -> None:
    for key, chinese in sentences("zh", section).items():
        names = set(re.findall(r"\{(\w+)\}", chinese))
        extra = names - set(re.findall(r"\{(\w+)\}", sentences("en", section)[key]))
        assert extra <= {"measure", "count"}, key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(IssueCode))
def test_every_issue_has_a_sentence(code: IssueCode, language: str) -> None:
    bare = issue(code, language)
    assert bare.problem
    assert "{" not in bare.problem and "[" not in bare.problem + bare.exists + bare.understood


def test_an_issue_says_what_it_knows() -> None:
    ways = tuple(Suggestion(w, w) for w in "abcd")
    found = issue(IssueCode.UNKNOWN_WORD, "en", span=(3, 9), suggestions=ways, word="turnover", known="revenue, margin")
    assert found.problem == "I don't know what “turnover” stands for here."
    assert found.exists == "I know revenue, margin."
    assert (found.understood, found.span, len(found.suggestions)) == ("", (3, 9), 3)
    assert dict(found.fields)["word"] == "turnover"
    assert issue(IssueCode.FAN_OUT, "zh", measure="销售额", dimension="标签").problem.startswith("销售额不能按标签拆分")


def test_notes() -> None:
    note = Note("partial_period", (("end", "2025-06-30"), ("through", "2025-06-24")), warning=True)
    assert say_note(note, "en") == "The last period is not complete: it runs to 30 Jun 2025, the data to 24 Jun 2025."
    assert say_note(Note("filled", (("grain", "month"),)), "zh") == "没有数据的月也列出。"
    window = Note("period_resolved", (("start", "2025-01-01"), ("end", "")))
    assert say_note(window, "en") == "Period: from 1 Jan 2025."
    pie = Note("chart_not_possible", (("wished", "pie"), ("why", "negative_parts"), ("shown", "bar")))
    assert (
        say_note(pie, "en")
        == "A pie chart is not possible here: some values are below zero; shown as a bar chart instead."
    )
    assert say_note(Note("brand_new_thing", (("what", "x"),)), "en") == "Note: brand new thing (what: x)"


def test_an_unknown_language_is_told_in_english() -> None:
    assert issue(IssueCode.CANCELLED, "xx").problem == issue(IssueCode.CANCELLED, "en").problem


TIMES = ("times", "2025-01-06 00:00:00, 2025-01-07 13:00:00")
HISTORY = (
    (
        Note("missing_as_zero", (("count", "12"), TIMES)),
        "Times without rows count as zero (6 Jan 2025, 7 Jan 2025 13:00 and 10 more).",
        "没有数据的时间按零计算（2025年1月6日、2025年1月7日 13:00，另有10个）。",
    ),
    (
        Note("irregular_times", (("grain", "hour"), ("every", "2"), ("count", "2"), TIMES)),
        "Some times lie off the step of 2 hours; each was counted in the period that holds it "
        "(6 Jan 2025, 7 Jan 2025 13:00).",
        "有些时间不在每2小时的间隔上，已归入所在的时段（2025年1月6日、2025年1月7日 13:00）。",
    ),
    (
        Note("repeated_times", (("how", "sum"), ("count", "1"), ("times", "2025-01-06 00:00:00"))),
        "Some times occur more than once (6 Jan 2025); their values were added up.",
        "有些时间出现了不止一次（2025年1月6日），其数值已相加。",
    ),
    (
        Note("zones_unified", (("zones", "UTC+02:00, naive"), ("zone", "UTC"))),
        "All times were brought to UTC; in the data: UTC+02:00, times without a zone.",
        "所有时间统一为UTC；数据中有：UTC+02:00、没有时区的时间。",
    ),
    (
        Note("spike_replaced", (("time", "2025-03-01T00:00:00"), ("value", "20250101"))),
        "The value of 1 Mar 2025 (20,250,101) is far out of line, so the forecast does not build on it.",
        "2025年3月1日的数值（20,250,101）远超常态，预测不以它为依据。",
    ),
    (
        Note("mostly_zero", (("share", "0.62"),)),
        "62.0% of the values are zero, so a method for rare demand was used.",
        "62.0%的数值为零，因此采用针对偶发需求的方法。",
    ),
)


@pytest.mark.parametrize(("note", "english", "chinese"), HISTORY)
def test_what_was_done_to_a_history_is_said_in_plain_words(note: Note, english: str, chinese: str) -> None:
    assert (say_note(note, "en"), say_note(note, "zh")) == (english, chinese)


@pytest.mark.parametrize("language", LANGUAGES)
def test_real_repairs_and_refusals_are_said_in_full(language: str) -> None:
    days = [datetime(2025, 1, d, 7 * (d == 9)) for d in (1, 2, 3, 5, 4, 9, 9, 10, 14)]
    rows: list[tuple[object, object]] = [(d, 1e9 + 0.5 * d.day) for d in days]
    mended = make_history([*rows, ("no time", 3), (days[0], "text")], kind=SeriesKind.SUM, data_end=days[-1])
    refused = make_history(rows[:2]), make_history([*rows, rows[0]])
    assert isinstance(mended, History)
    notes = [*mended.notes, *(r.note for r in refused if isinstance(r, Refusal))]
    codes = {"not_a_number", "not_a_time", "sorted", "missing_as_zero", "incomplete_period_left_out", "too_few_values"}
    assert codes <= {n.code for n in notes}
    for note in notes:
        said = say_note(note, language)
        assert said[-1] in ".。" and not set("{}[]_") & set(said), said
        assert "()" not in said and "（）" not in said
    assert any("1,000,000,007" in say_note(n, language) for n in notes), "no digit of a value is lost"
