"""After asking back, a typed answer picks one of the readings."""

from __future__ import annotations

from datetime import datetime

import pytest

from bi_chat.conversation.session import Session
from bi_chat.wiring import Connection

ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.fixture
def session(tea: Connection) -> Session:
    started = tea.session(today=ASKED_AT)
    assert started.ask("best customers").status == "clarify"
    return started


@pytest.mark.parametrize(("typed", "which"), [("the second one", 1), ("2", 1), ("第一个", 0), ("option 3 please", 2)])
def test_a_place_in_the_list_picks(session: Session, typed: str, which: int) -> None:
    offered = session.history[-1].value.choices
    answer = session.ask(typed)
    assert (answer.status, answer.plan) == ("answered", offered[which].plan)


def test_the_name_of_a_measure_picks(session: Session) -> None:
    offered = session.history[-1].value.choices
    answer = session.ask(f"by {offered[0].label.lower()}")
    assert (answer.status, answer.plan) == ("answered", offered[0].plan)


def test_a_question_of_its_own_is_no_pick(session: Session) -> None:
    answer = session.ask("revenue by country in 2024")
    assert [d.of.field for d in answer.plan.dimensions] == ["nation"]


def test_a_place_that_is_not_there_picks_nothing(session: Session) -> None:
    assert session.ask("the ninth one").status != "answered"
