"""A column of the table shown last, by its place: worked out over the shown rows, or by its name; never guessed."""

from __future__ import annotations

from datetime import datetime

import pytest

from bi_chat.conversation.session import Session
from bi_chat.language.registry import column_in
from bi_chat.wiring import Connection

ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.fixture
def session(tea: Connection) -> Session:
    made = tea.session(today=ASKED_AT)
    assert made.ask("revenue by country in 2024").frame.shape == (7, 2)
    return made


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the mean of the third column", 3),
        ("what does column 2 add up to", 2),
        ("the 11th column", 11),
        ("the last column", -1),
        ("the second quarter", None),
        ("column charts", None),
        ("第三列的合计", 3),
        ("最后一列的最大值", -1),
        ("第二季度", None),
    ],
)
def test_places_are_heard(text: str, place: int | None) -> None:
    found = column_in(text, "en" if text.isascii() else "zh")
    assert (found[0] if found else None) == place


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("what is the mean of the second column?", lambda s: s.mean()),
        ("largest value in column 2", lambda s: s.max()),
        ("第二列的合计", lambda s: s.sum()),
        ("the median of the last column", lambda s: s.median()),
    ],
)
def test_a_figure_over_the_shown_rows(session: Session, text: str, of: object) -> None:
    shown = session.history[-1].frame["Revenue"]
    answer = session.ask(text)
    assert answer.status == "answered", answer.text
    assert answer.frame.item() == pytest.approx(of(shown))  # type: ignore[operator]
    assert "7" in answer.value.restatement and "€" in answer.text
    assert session.ask("the average of the second column").frame.item() == pytest.approx(shown.mean())


@pytest.mark.parametrize("text", ["the average of the first column", "the sum of the fifth column", "第六列的平均值"])
def test_what_is_no_such_column_is_asked_back(session: Session, text: str) -> None:
    answer = session.ask(text)
    assert answer.status == "clarify" and not answer.sql
    assert "2 Revenue" in answer.text


def test_more_than_a_figure_is_read_with_the_columns_name(session: Session) -> None:
    answer = session.ask("only the top 3 by the second column")
    assert answer.status != "answered" or answer.frame.height == 3


def test_nothing_shown_nothing_guessed(tea: Connection) -> None:
    answer = tea.session(today=ASKED_AT).ask("the average of the second column")
    assert answer.status == "clarify" and answer.value.next_questions
