"""In: the text of the model. Out: a measure to change or to add, checked and tried out while it is written."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from bi_chat.conversation.pipeline import asked_now
from bi_chat.conversation.previewing import metric_preview
from bi_chat.conversation.session import Session
from bi_chat.conversation.views.words import paragraphs
from bi_chat.errors import StoreError
from bi_chat.frontends.web.card_table import prepared
from bi_chat.frontends.web.state import workspace
from bi_chat.frontends.web.words import html, label, say
from bi_chat.semantics.model import MetricDefinition, SemanticModel
from bi_chat.semantics.ossie import load_model
from bi_chat.semantics.ossie.editing import metric_name, with_metric, without_metric
from bi_chat.stores.own_models import OwnModel

FORMATS = ("", "number", "integer", "currency", "percent")


def words_of(text: str) -> tuple[str, ...]:
    """Words written with commas between them, western or Chinese."""
    cut = text.replace("，", ",").replace("、", ",").split(",")
    return tuple(dict.fromkeys(w.strip() for w in cut if w.strip()))


def keep(text: str, own: OwnModel, metric: str = "") -> None:
    """A click's callback: one more version; the data are opened anew with it. `metric` is then the one to be seen."""
    try:
        own.keep(text)
    except StoreError as error:
        st.toast(label(str(error), 300), icon=":material/error:")
        return
    workspace().remodelled = True
    st.session_state["meaning-metric"] = metric
    for key in [k for k in st.session_state if str(k).startswith("metric--")]:
        del st.session_state[key]  # a new one begins with empty fields


@st.fragment
def metric_editor(text: str, own: OwnModel, session: Session, language: str) -> None:
    """One measure at a time, or a new one."""
    if workspace().remodelled:
        st.rerun()
    model = load_model(text).model
    every = {m.name: m for m in model.metrics}
    if st.session_state.get("meaning-metric") not in ("", *every):
        st.session_state["meaning-metric"] = next(iter(every), "")
    chosen = st.selectbox(
        say("meaning.metric", language), ["", *every], key="meaning-metric", filter_mode=None,
        format_func=lambda n: say("meaning.new", language) if not n else every[n].label or n,
    )  # fmt: skip
    old = every.get(chosen)
    made = _written(old, chosen, model, language)
    if made is None:
        st.caption(say("meaning.start", language))
        return
    changed = with_metric(text, made)
    faults = [f for f in load_model(changed, catalog=session.tools.catalog).faults if made.name in f.problem]
    clash = _clash(made, model, language)
    if faults:
        rows = "".join(f"<li>{html(f'{f.problem} {f.suggestion}')}</li>" for f in faults)
        st.html(f'<div class="bi-careful" role="alert"><ul>{rows}</ul></div>')
    else:
        if clash:
            st.html(f'<div class="bi-careful" role="alert">{html(clash)}</div>')
        _preview(made, session, language)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            say("meaning.save", language), key="meaning-save", type="primary", icon=":material/check:",
            disabled=bool(faults) or changed == text, on_click=keep, args=(changed, own, made.name),
        )  # fmt: skip
        if old is not None:
            st.button(
                say("meaning.remove", language), key="meaning-remove", icon=":material/delete:",
                on_click=keep, args=(without_metric(text, old.name), own),
            )  # fmt: skip


def _written(old: MetricDefinition | None, chosen: str, model: SemanticModel, language: str) -> MetricDefinition | None:
    """The measure as its fields say; None while a new one has no name or no formula."""
    at, was = f"metric-{chosen}", old or MetricDefinition("", "")
    called = st.text_input(say("meaning.label", language), was.label or was.name, key=f"{at}-label", max_chars=80)
    formula = st.text_area(
        say("meaning.expression", language), was.expression, key=f"{at}-expression", height=90,
        placeholder=_example(model), help=say("meaning.expression.help", language),
    )  # fmt: skip
    also = st.text_input(
        say("meaning.synonyms", language), ", ".join(was.synonyms), key=f"{at}-synonyms",
        help=say("meaning.synonyms.help", language),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        unit = st.text_input(say("meaning.unit", language), was.unit, key=f"{at}-unit", max_chars=20, placeholder="EUR")
        shown = st.selectbox(
            say("meaning.format", language), FORMATS, index=FORMATS.index(was.format) if was.format in FORMATS else 0,
            key=f"{at}-format", format_func=lambda f: say(f"format.{f or 'auto'}", language), filter_mode=None,
        )  # fmt: skip
    told = st.text_input(say("meaning.description", language), was.description, key=f"{at}-description")
    if not called.strip() or not formula.strip():
        return None
    taken = frozenset(n.lower() for n in (*(m.name for m in model.metrics), *(d.name for d in model.datasets)))
    name = was.name or metric_name(called, taken)
    return replace(
        was, name=name, label=called.strip(), expression=formula.strip(), synonyms=words_of(also), unit=unit.strip(),
        format=str(shown or ""), description=told.strip(),
    )  # fmt: skip


def _example(model: SemanticModel) -> str:
    found = next(((d, f) for d in model.datasets for f in d.fields if f.kind == "measure"), None)
    return f"SUM({found[0].name}.{found[1].name})" if found is not None else "COUNT(*)"


def _clash(made: MetricDefinition, model: SemanticModel, language: str) -> str:
    """A word that already means something else; '' where none does."""
    own = {w.casefold() for w in (made.label, *made.synonyms)}
    others = [(m.label or m.name, (m.label, m.name, *m.synonyms)) for m in model.metrics if m.name != made.name]
    others += [(d.label or d.name, (d.label, d.name, *d.synonyms)) for d in model.datasets]
    for named, words in others:
        for word in words:
            if word and word.casefold() in own:
                return say("meaning.clash", language, word=word, other=named)
    return ""


def _preview(made: MetricDefinition, session: Session, language: str) -> None:
    value = metric_preview(made, session.tools, session.today or asked_now(), language)
    st.html(f'<p class="bi-label">{say("meaning.preview", language)}</p>')
    if value.result is None or value.status != "answered":
        st.html(f'<div class="bi-careful" role="alert">{html(" ".join(paragraphs(value)), 600)}</div>')
        return
    told = paragraphs(value)
    st.html(f'<p class="bi-told">{html(told[0] if told else "", 400)}</p>')
    shown, config = prepared(value.result, language)
    st.dataframe(shown, hide_index=True, column_config=config, key="meaning-preview", width="content")
