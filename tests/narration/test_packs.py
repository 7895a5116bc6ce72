"""Every language says everything: the packs have the same keys and names, each issue code its sentence."""

from __future__ import annotations

import re

import pytest

from bi_chat.narration.issues import issue
from bi_chat.narration.notes import say_note
from bi_chat.narration.pack import LANGUAGES, sentences
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
