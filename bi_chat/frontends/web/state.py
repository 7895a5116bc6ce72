"""Out: what one browser session remembers: its data, its conversation, its wish. Never shared with another."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from bi_chat.conversation.answer import Answer
from bi_chat.conversation.profiles import TableFacts
from bi_chat.conversation.session import Session
from bi_chat.errors import StoreError
from bi_chat.ports import Boards
from bi_chat.values.plan import Plan
from bi_chat.values.reading import Reading
from bi_chat.values.record import Conversation

KEY = "bi_chat"
PAST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Wish:
    """What a click or the input asks for: a question, one of the readings offered for it, a person's own SQL, or the
    plan of the turn number `changes` with something changed."""

    text: str
    reading: Reading | None = None
    sql: str = ""
    plan: Plan | None = None
    changes: int = 0
    language: str = ""


@dataclass(slots=True)
class Turn:
    """A question and its answer; `number` counts them and names the widgets; `drawn` keeps the figures; `before` is
    the turn that this one's chips changed."""

    number: int
    text: str
    answer: Answer
    drawn: dict[tuple[str, str], object] = field(default_factory=dict)
    before: Turn | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where this person's boards over the data in use are kept."""

    boards: Boards
    owner: str
    source: str


@dataclass(slots=True)
class Workspace:
    """`source` names the data in use; `session` is the conversation over them as they were `opened`; `board` is the
    id of the open board, '' in the conversation, and `tiles` its answers of this visit by plan; `looks`: the page about
    the data is open, `profiles` are the tables counted for it; `remodelled`: the model was edited just now;
    `presenting`: the open board has the whole screen; `stopped` was not answered to its end."""

    source: str = ""
    opened: object = None
    session: Session | None = None
    turns: list[Turn] = field(default_factory=list)
    wish: Wish | None = None
    asked: int = 0
    shelf: Shelf | None = None
    board: str = ""
    tiles: dict[str, Answer] = field(default_factory=dict)
    looks: bool = False
    profiles: dict[str, TableFacts] = field(default_factory=dict)
    remodelled: bool = False
    presenting: bool = False
    past_shown: int = PAST_SHOWN
    all_turns: bool = False
    stopped: Wish | None = None

    def show_all_turns(self) -> None:
        """A click's callback: the answers before the last ones as well."""
        self.all_turns = True

    def show_more_past(self) -> None:
        """A click's callback: more of the past conversations."""
        self.past_shown += 3 * PAST_SHOWN

    def look_at_data(self, looks: bool) -> None:
        """A click's callback: the page about the data, or back to the conversation."""
        self.open_board("")
        self.looks = looks

    def present(self, presenting: bool) -> None:
        """A click's callback: the open board on the whole screen, or as before."""
        self.presenting = presenting

    def open_board(self, board: str) -> None:
        """A click's callback: a board with today's answers, or with '' the conversation."""
        self.board, self.looks, self.presenting = board, False, False
        self.tiles.clear()

    def begin(self) -> None:
        """A new conversation over the same data."""
        self.turns.clear()
        self.wish, self.stopped, self.all_turns = None, None, False
        self.open_board("")
        if self.session is not None:
            self.session.forget()

    def resume(self, kept: Conversation) -> None:
        """Go on with a kept conversation; one that has been deleted meanwhile changes nothing."""
        if self.session is None:
            return
        with contextlib.suppress(StoreError):
            answers = self.session.resume(kept)
            self.turns = [Turn(self.asked + n, a.value.question.text, a) for n, a in enumerate(answers, 1)]
            self.asked += len(answers)
            self.wish = None
            self.open_board("")

    @property
    def data(self) -> str:
        """The key of the data in use, without who looks at them."""
        return self.source.rpartition(" ")[2]

    def use(self, source: str) -> None:
        """Other data: another conversation."""
        if source != self.source:
            self.source, self.session = source, None
            self.turns, self.wish = [], None
            self.shelf = None
            self.profiles.clear()
            self.open_board("")

    def take_wish(self) -> Wish | None:
        """What is to be answered now; only once."""
        wish, self.wish = self.wish, None
        self.stopped = None if wish is not None else self.stopped
        return wish


def workspace() -> Workspace:
    """This browser session's own."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Workspace()
    return cast(Workspace, st.session_state[KEY])


def wish(made: Wish) -> None:
    """A click's callback: it is answered as the page is drawn anew."""
    workspace().wish = made


def stop(made: Wish) -> None:
    """A click's callback: the question was stopped, and may be asked again."""
    workspace().stopped = made


def undo(number: int) -> None:
    """A click's callback: the turn is as it was before its last change, and the next question follows that."""
    place = workspace()
    for at, turn in enumerate(place.turns):
        if turn.number == number and turn.before is not None:
            place.turns[at] = turn.before
            if place.session is not None:
                place.session.go_on_from(turn.before.answer)


def confirm(turn: Turn) -> None:
    """A click's callback: the answer was right; its question is read so from now on."""
    place = workspace()
    if place.session is not None:
        place.session.confirm(turn.answer)
