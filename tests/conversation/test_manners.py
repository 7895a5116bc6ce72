"""Insults, orders and other subjects get a calm sentence and a question that works; real questions are left alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from bi_chat.language.registry import manner_in
from bi_chat.wiring import Connection

CORPUS = yaml.safe_load((Path(__file__).parents[1] / "fixtures/language/manners.yaml").read_text("utf-8"))
CASES = [(code, kind, text) for code, kinds in CORPUS.items() for kind, texts in kinds.items() for text in texts]
ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.mark.parametrize(("code", "kind", "text"), CASES)
def test_what_is_said_has_its_kind(code: str, kind: str, text: str) -> None:
    assert manner_in(text, code) == kind


GUIDED = {"export": "answered", "files": "answered", "explain": "clarify"}


@pytest.mark.parametrize(("code", "kind", "text"), [c for c in CASES if c[1]])
def test_it_is_answered_calmly_and_runs_nothing(tea: Connection, code: str, kind: str, text: str) -> None:
    answer = tea.session(today=ASKED_AT).ask(text)
    assert answer.status == GUIDED.get(kind, "declined")
    assert not answer.sql and answer.frame.is_empty()
    if answer.status != "answered":
        assert [i.code.value for i in answer.value.issues] == [kind]
    assert answer.text.count("\n") <= 1
    offered = answer.value.next_questions
    assert offered
    assert tea.session(today=ASKED_AT).ask(offered[0].text).status == "answered"


def test_a_question_is_answered_in_spite_of_an_insult(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("revenue in 2024; you useless thing")
    assert answer.status == "answered"
    assert "useless" in answer.value.warnings[0]


def test_how_an_answer_was_made(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    first = session.ask("revenue by country in 2024")
    told = session.ask("how did you get these numbers?")
    assert told.status == "answered"
    assert first.sql in told.text and first.value.restatement in told.text
    assert session.ask("only in Q4 2024").frame.height == first.frame.height


@pytest.mark.parametrize(("text", "says"), [("use my other sheet", "--data"), ("把结果导出到Excel", "answer.frame")])
def test_what_is_done_elsewhere_is_told_where(tea: Connection, text: str, says: str) -> None:
    session = tea.session(today=ASKED_AT)
    session.ask("revenue by country in 2024")
    assert says in session.ask(text).text
    assert "Country" in session.ask("explain that").text  # the answer before, not the guidance


def test_an_analysis_is_explained_too(tea: Connection) -> None:
    session = tea.session(today=ASKED_AT)
    session.ask("why did revenue drop in May 2024")
    told = session.ask("explain this to me please")
    assert told.status == "answered" and "May 2024" in told.text


def test_signs_that_nobody_sees_change_nothing(tea: Connection) -> None:
    plain = tea.session(today=ASKED_AT).ask("revenue by country in 2024")
    hidden = tea.session(today=ASKED_AT).ask("revenue by\u200b country \u2066in 2024\u2069")
    assert hidden.frame.rows() == plain.frame.rows()
    assert hidden.value.question.text.isprintable()
