"""In: a turn. Out: its card: what is said, then the chart and its tabs, how it was read, and what to ask next."""

from __future__ import annotations

import streamlit as st

from bi_chat.conversation.views.words import heading, paragraphs, role_word, ways_on
from bi_chat.frontends.web.card_chips import chip_row
from bi_chat.frontends.web.card_feedback import feedback
from bi_chat.frontends.web.card_numbers import numbers, says_no_more, show_numbers
from bi_chat.frontends.web.card_tabs import tabs
from bi_chat.frontends.web.state import Turn, Wish, wish
from bi_chat.frontends.web.words import html, label, say
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.answer import AnswerValue
from bi_chat.values.reading import Phrase, Reading


def asked(text: str) -> None:
    """The question, on the asker's side."""
    st.html(f'<div class="bi-asked"><p>{html(text, 2_000)}</p></div>')


def card(turn: Turn, model: SemanticModel, language: str, *, with_question: bool = True) -> None:
    """One answer. Interface words are in `language`, the answer in its question's."""
    if with_question:
        asked(turn.text)
    value = turn.answer.value
    large = numbers(value)
    with st.container(border=True, key=f"card-{turn.number}", gap="small"):
        told = _told(value, language)
        if large:
            show_numbers(large)
            told = told[1:] if told and says_no_more(told[0], large) else told
        _said(told, value)
        if value.plan is not None:
            chip_row(turn, model, language)
        if value.status == "clarify":
            _choices(turn, language)
        if value.result is not None:
            tabs(turn, model, language)
        elif value.status == "answered" and value.plan is not None and not value.timings:  # kept words without rows
            again = Wish(turn.text, Reading(value.plan, 1.0))
            st.button(
                say("again", language),
                key=f"again-{turn.number}",
                icon=":material/refresh:",
                on_click=wish,
                args=(again,),
            )
        _reading(value)
        _ways(turn, language)
        feedback(turn, language)


def _told(value: AnswerValue, language: str) -> list[str]:
    """The sentences; a question back or a refusal says so first."""
    first = {"declined": "declined", "clarify": "choose"}.get(value.status)
    return ([say(first, language)] if first else []) + paragraphs(value)


def _said(told: list[str], value: AnswerValue) -> None:
    parts = [f'<h2 class="bi-headline">{html(told[0], 600)}</h2>'] if told else []
    parts += [f'<p class="bi-told">{_lines(t)}</p>' for t in told[1:]]
    if value.warnings:
        title = html(heading("warnings", value.question.language))
        rows = "".join(f"<li>{html(w)}</li>" for w in value.warnings)
        parts.append(f'<div class="bi-careful" role="alert"><b>{title}</b><ul>{rows}</ul></div>')
    if parts:
        st.html("".join(parts))


def _lines(text: str) -> str:
    return "<br>".join(html(line, 600) for line in text.splitlines())


def _choices(turn: Turn, language: str) -> None:
    """The readings as buttons."""
    for at, reading in enumerate(turn.answer.value.choices):
        said = reading.label or ", ".join(dict.fromkeys(p.meaning for p in reading.phrases))
        made = Wish(turn.text, reading)
        st.button(label(said, 160), key=f"choice-{turn.number}-{at}", on_click=wish, args=(made,), width="stretch")


def _reading(value: AnswerValue) -> None:
    """Which words of the question were read as what, and what was assumed."""
    parts, spoken = [], value.question.language
    if value.how_read:
        read = "".join(f"<li>{_phrase(p, spoken)}</li>" for p in value.how_read)
        parts.append(f'<p class="bi-label">{html(heading("how_read", spoken))}</p><ul class="bi-read">{read}</ul>')
    if value.assumptions:
        rows = "".join(f"<li>{html(a)}</li>" for a in value.assumptions)
        title = html(heading("assumptions", spoken))
        parts.append(f'<p class="bi-label">{title}</p><ul class="bi-assumed">{rows}</ul>')
    if parts:
        st.html("".join(parts))


def _phrase(phrase: Phrase, spoken: str) -> str:
    role, meaning = html(role_word(phrase.role, spoken)), html(phrase.meaning, 100)
    return f"<b>{role}</b> “{html(phrase.text, 60)}” <span>→</span> {meaning}"


def _ways(turn: Turn, language: str) -> None:
    """What to ask next, or instead."""
    found = ways_on(turn.answer.value)
    if not found or turn.answer.value.status == "clarify":
        return
    title = say("next" if turn.answer.value.status == "answered" else "try", language)
    st.html(f'<p class="bi-label next">{title}</p>')
    with st.container(horizontal=True, gap="xsmall"):
        for at, suggestion in enumerate(found):
            st.button(
                label(suggestion.label), key=f"next-{turn.number}-{at}", on_click=wish, args=(Wish(suggestion.text),)
            )
