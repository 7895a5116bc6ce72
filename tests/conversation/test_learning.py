"""Words that a person teaches, and readings that they chose, are used from then on; kept, readable, undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.conversation.running import Tools
from bi_chat.conversation.session import Session
from bi_chat.errors import StoreError
from bi_chat.stores.learned import LearnedFile
from bi_chat.values.learned import KnownQuestion, Learned, OwnWord
from bi_chat.values.plan import Measured, Metric, Plan
from bi_chat.wiring import Connection

ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.fixture
def file(tmp_path: Path) -> LearnedFile:
    return LearnedFile.of(tmp_path, "ada", "teahouse")


@pytest.fixture
def begin(tea: Connection, file: LearnedFile) -> Callable[[], Session]:
    tools: Tools = tea.tools()
    return lambda: Session(tools, user="ada", today=ASKED_AT, memory=file)


def rows(session: Session, question: str) -> list[tuple[object, ...]]:
    answer = session.ask(question)
    assert answer.status == "answered", answer.text
    return answer.frame.rows()


def test_a_taught_word_answers_the_question_that_was_declined(begin):
    session = begin()
    declined = session.ask("yield in 2024")
    assert declined.status == "declined"
    taught = session.ask("by yield I mean gross margin")
    assert "Gross margin" in taught.text and "forget yield" in taught.text
    assert [s.text for s in taught.value.next_questions] == ["yield in 2024"]
    assert rows(session, "yield in 2024") == rows(session, "gross margin in 2024")


def test_it_is_known_in_the_next_conversation_and_to_nobody_else(begin, tea):
    begin().ask("by yield I mean gross margin")
    assert begin().ask("yield in 2024").status == "answered"
    assert tea.session(today=ASKED_AT).ask("yield in 2024").status == "declined"


def test_a_persons_own_meaning_comes_before_the_models(begin):
    session = begin()
    ordinary = rows(session, "revenue in 2024")
    session.ask("by revenue I mean gross revenue")
    assert rows(session, "revenue in 2024") == rows(session, "gross revenue in 2024") != ordinary
    assert "ordinary meaning" in session.ask("forget revenue").text
    assert rows(session, "revenue in 2024") == ordinary


def test_values_and_chinese_words_are_taught_too(begin):
    session = begin()
    session.ask("when I say the big one I mean Overseas")
    assert rows(session, "revenue of the big one in 2024") == rows(session, "revenue of Overseas in 2024")
    assert "流水" in session.ask("我说的流水就是销售额").text
    assert rows(session, "流水，2024年") == rows(session, "revenue in 2024")


def test_a_meaning_that_is_none_teaches_nothing(begin, file):
    session = begin()
    answer = session.ask("by yield I mean quux")
    assert answer.status == "declined"
    assert "quux" in answer.text and "Revenue" in answer.text
    assert file.learned() == Learned()


def test_a_chosen_reading_is_not_asked_for_again(begin):
    session = begin()
    offered = session.ask("best customers")
    assert offered.status == "clarify"
    chosen = session.choose(offered.value.choices[1], text="best customers")
    assert not chosen.value.warnings
    again = begin().ask("best customers")
    assert again.frame.rows() == chosen.frame.rows()
    assert any("chose before" in a for a in again.value.assumptions)
    similar = begin().ask("best customers in 2024")
    assert similar.status == "answered"
    assert similar.plan is not None and chosen.plan is not None
    assert similar.plan.measures == chosen.plan.measures


def test_a_chosen_follow_up_is_not_taken_for_a_question_of_its_own(begin, file):
    session = begin()
    session.ask("revenue by country in 2024")
    answer = session.ask("only in Q4 2024")
    session.choose(answer.value.choices[0], text="only in Q4 2024") if answer.value.choices else None
    session.ask("orders in 2024")
    assert all("Q4" not in q.text for q in file.learned().questions)


def test_a_confirmed_answer_is_kept_with_its_reading(begin, file):
    session = begin()
    session.confirm(session.ask("revenue by country in 2024"))
    (known,) = file.learned().questions
    assert known.text == "revenue by country in 2024"
    assert "2024" in known.reading


def test_the_file_is_one_that_a_person_can_read_and_change(begin, file):
    begin().ask("by yield I mean gross margin")
    text = file.file.read_text("utf-8")
    assert "says: yield" in text and "means: metric gross_margin" in text
    file.file.write_text(text.replace("gross_margin", "revenue"), "utf-8")
    assert rows(begin(), "yield in 2024") == rows(begin(), "revenue in 2024")
    file.file.write_text(text.replace("gross_margin", "no_such_metric"), "utf-8")
    assert begin().ask("yield in 2024").status == "declined"


def test_all_kinds_survive_the_file(file):
    words = (
        OwnWord("a", "metric", "revenue"),
        OwnWord("b", "dataset", dataset="stores"),
        OwnWord("c", "field", dataset="stores", field="city"),
        OwnWord("d = e", "value", "x = y. z", "stores", "city"),
    )
    learned = Learned(words, (KnownQuestion("q?", "en", Plan(measures=(Measured(Metric("revenue")),)), "R: x"),))
    file.keep(learned)
    assert file.learned() == learned


@pytest.mark.parametrize("text", ["words: [", "words: [{says: x, means: nonsense}]", "questions: [{text: q}]"])
def test_a_broken_file_is_named(file, text):
    file.keep(Learned())
    file.file.write_text(text, "utf-8")
    with pytest.raises(StoreError, match=r"teahouse\.yaml"):
        file.learned()


def test_names_that_a_file_cannot_have_stay_in_their_folder(tmp_path):
    found = LearnedFile.of(tmp_path, "../../etc", "a/b")
    assert found.file.resolve().is_relative_to((tmp_path / "learned").resolve())
    assert LearnedFile.of(tmp_path, "a/b", "x").file != LearnedFile.of(tmp_path, "a:b", "x").file
