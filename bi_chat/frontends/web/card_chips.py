"""In: a turn that was answered. Out: what was understood as chips, each of which can be opened and changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from bi_chat.conversation.chips import (
    Asked,
    Chip,
    Values,
    between,
    chips,
    computes,
    edits,
    fields,
    more_groupings,
    removed,
    values_for,
    values_of,
    with_values,
)
from bi_chat.conversation.chips.periods import comparison_edits
from bi_chat.frontends.web.state import Turn, Wish, undo, wish, workspace
from bi_chat.frontends.web.words import label, say
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.period import resolve_period
from bi_chat.values.plan import FieldRef, Plan


@st.fragment
def chip_row(turn: Turn, model: SemanticModel, language: str) -> None:
    """The chips of one answer. What an open one offers is only worked out when it is opened."""
    place = workspace()
    if place.wish is not None or not any(t is turn for t in place.turns):
        st.rerun()  # a click in here asked for another answer, or for the one before: that is the page's matter
    value = turn.answer.value
    if value.plan is None:
        return
    asked = Asked(value.plan, model, value.question.language, value.question.asked_on)
    with st.container(horizontal=True, gap="xsmall", key=f"chips-{turn.number}"):
        for chip in chips(asked):
            _chip(chip, turn, asked, language)
        if not value.plan.combined:
            _more(turn, asked, language)
        if turn.before is not None:
            key = f"undo-{turn.number}"
            st.button(say("chip.undo", language), key=key, icon=":material/undo:", on_click=undo, args=(turn.number,))


def _chip(chip: Chip, turn: Turn, asked: Asked, language: str) -> None:
    key = f"chip-{turn.number}-{chip.role}-{chip.at}"
    role = "column" if chip.role == "dimension" and not asked.plan.measures else chip.role
    box = st.popover(f"{say(f'chip.{role}', language)} **{label(chip.said, 80)}**", key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        chosen = values_of(asked, chip.at) if chip.role == "filter" else None
        if chosen is not None:
            _values(chosen, chip.at, turn, asked, language, key=key)
        _options(chip, turn, asked, language, key=key)
        if chip.role == "period":
            _dates(turn, asked, language, key=key)
        if (without := removed(chip, asked)) is not None:
            _button("chip.remove", without, turn, language, key=f"{key}-remove", icon=":material/close:")


def _options(chip: Chip, turn: Turn, asked: Asked, language: str, *, key: str) -> None:
    """The alternatives; a pick is answered at once."""
    found = edits(chip, asked)
    if len(found) < 2:
        return
    now = next((i for i, e in enumerate(found) if e.chosen), None)
    plans = tuple(e.plan for e in found)
    st.radio(
        say(f"chip.{chip.role}", language), range(len(found)), index=now, key=f"{key}-pick",
        format_func=lambda i: label(found[i].said, 80), on_change=_picked, args=(f"{key}-pick", plans, turn),
        label_visibility="collapsed",
    )  # fmt: skip


def _picked(key: str, plans: tuple[Plan, ...], turn: Turn) -> None:
    at = st.session_state[key]
    if at is not None and plans[at] != turn.answer.plan:  # an opened chip may tell of its first choice
        _change(plans[at], turn)


def _change(plan: Plan, turn: Turn) -> None:
    spoken = turn.answer.value.question.language
    wish(Wish("", plan=replace(plan, hidden=()), changes=turn.number, language=spoken))


def _button(word: str, plan: Plan, turn: Turn, language: str, *, key: str, icon: str | None = None) -> None:
    st.button(say(word, language), key=key, icon=icon, on_click=_change, args=(plan, turn), width="stretch")


def _values(chosen: Values, at: int | None, turn: Turn, asked: Asked, language: str, *, key: str) -> None:
    """The values that a field has, to keep or to leave out."""
    ways = [say("chip.keep", language), say("chip.leave_out", language)]
    way = st.segmented_control(
        say("chip.narrow", language), ways, default=ways[chosen.negated], key=f"{key}-way", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    kept = st.multiselect(
        say("chip.values", language), chosen.known, default=chosen.kept, key=f"{key}-values",
        label_visibility="collapsed", placeholder=say("chip.values", language),
    )  # fmt: skip
    plan = with_values(asked.plan, at, replace(chosen, negated=way == ways[1]), tuple(kept))
    if plan != asked.plan:
        _button("chip.apply", plan, turn, language, key=f"{key}-apply", icon=":material/check:")


def _dates(turn: Turn, asked: Asked, language: str, *, key: str) -> None:
    """Exact days instead of a usual period."""
    window = asked.plan.window
    now = resolve_period(window.period, asked.asked_on, asked.model.calendar) if window is not None else None
    known = [now.start, now.end - timedelta(days=1)] if now and now.start and now.end else []
    picked = st.date_input(say("chip.dates", language), [*known], key=f"{key}-dates", format="YYYY-MM-DD")
    if isinstance(picked, tuple) and len(picked) == 2 and list(picked) != known:
        plan = between(asked, picked[0], picked[1] + timedelta(days=1))
        _button("chip.apply", plan, turn, language, key=f"{key}-apply", icon=":material/check:")


# ------------------------------------------------------------------ what is not there yet
def _more(turn: Turn, asked: Asked, language: str) -> None:
    """One more grouping, filter or comparison."""
    key = f"chip-{turn.number}-more"
    box = st.popover(say("chip.more", language), key=key, icon=":material/add:", on_change="rerun")
    if not box.open:
        return
    with box:
        groupings = [(e.said, e.plan) for e in more_groupings(asked) if computes(e.plan, asked)]
        _pick_one(groupings, "chip.group", turn, language, key=f"{key}-group")
        if asked.plan.comparison is None and asked.plan.measures and asked.plan.analysis is None:
            compared = [(e.said, e.plan) for e in comparison_edits(asked) if not e.chosen and computes(e.plan, asked)]
            _pick_one(compared, "chip.compare", turn, language, key=f"{key}-compare")
        _narrowed(turn, asked, language, key=key)


def _pick_one(found: list[tuple[str, Plan]], word: str, turn: Turn, language: str, *, key: str) -> None:
    if not found:
        return
    plans = tuple(plan for _, plan in found)
    st.selectbox(
        say(word, language), range(len(found)), index=None, key=key, format_func=lambda i: found[i][0],
        on_change=_picked, args=(key, plans, turn), placeholder=say("chip.choose", language),
    )  # fmt: skip


def _narrowed(turn: Turn, asked: Asked, language: str, *, key: str) -> None:
    """A field first, then its values."""
    found = [(ref, said) for ref, said in fields(asked) if isinstance(ref, FieldRef) and values_for(asked, ref)]
    if not found:
        return
    at = st.selectbox(
        say("chip.narrow", language), range(len(found)), index=None, key=f"{key}-field",
        format_func=lambda i: found[i][1], placeholder=say("chip.choose", language),
    )  # fmt: skip
    chosen = values_for(asked, found[at][0]) if at is not None else None
    if chosen is not None:
        _values(chosen, None, turn, asked, language, key=f"{key}-{at}")
