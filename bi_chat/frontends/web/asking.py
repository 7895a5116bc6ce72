"""In: a wish and a session. Out: the turn with its answer; the stages are named while they run."""

from __future__ import annotations

import streamlit as st

from bi_chat.conversation.answer import Answer
from bi_chat.conversation.pipeline import Progress
from bi_chat.conversation.session import Session
from bi_chat.frontends.web.state import Turn, Wish, Workspace, stop
from bi_chat.frontends.web.words import knows, say


def answer_wish(made: Wish, place: Workspace, session: Session, language: str) -> Turn:
    """Answer it, showing the stages; they are gone when the answer is there (its details keep the times)."""
    waiting = st.empty()
    with waiting.container():
        line = st.empty()  # our own, because the library's status box sleeps whenever one is made
        line.html(_stage("reading", language))
        # A click draws the page anew. That ends this run at its next word of progress, and with it the query.
        st.button(
            say("stop", language), icon=":material/stop_circle:", key=f"stop{place.asked}", on_click=stop, args=(made,)
        )

        def progress(stage: str) -> None:
            if knows(f"stage.{stage}", language):
                line.html(_stage(stage, language))

        answer = _answer(made, session, progress)
    waiting.empty()
    place.asked += 1
    before = next((t for t in place.turns if t.number == made.changes), None)
    text = made.text or (say("sql.asked", language) if made.sql else answer.value.question.text)
    return Turn(place.asked, text, answer, before=before)


def _stage(stage: str, language: str) -> str:
    return f'<p class="bi-stage" role="status">{say(f"stage.{stage}", language)}</p>'


def _answer(made: Wish, session: Session, progress: Progress) -> Answer:
    if made.sql:
        return session.sql(made.sql, progress=progress)
    if made.plan is not None:
        return session.run_plan(made.plan, language=made.language or None, progress=progress)
    if made.reading is not None:
        return session.choose(made.reading, text=made.text, progress=progress)
    return session.ask(made.text, progress=progress)
