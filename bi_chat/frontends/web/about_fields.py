"""In: the text of the model. Out: the fields of one table as a sheet to write in: what they are called and mean."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import polars as pl
import streamlit as st

from bi_chat.conversation.session import Session
from bi_chat.frontends.web.about_metric import keep, words_of
from bi_chat.frontends.web.state import workspace
from bi_chat.frontends.web.words import html, say
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.semantics.ossie import load_model
from bi_chat.semantics.ossie.editing import with_dataset, with_field
from bi_chat.stores.own_models import OwnModel

KINDS = ("key", "time", "measure", "number", "category", "text", "flag", "other")
_COLUMNS = ("name", "label", "synonyms", "kind", "unit", "description")


@st.fragment
def fields_editor(text: str, own: OwnModel, session: Session, language: str) -> None:
    """Nothing is kept before *Save*."""
    if workspace().remodelled:
        st.rerun()
    model = session.model
    names = [d.name for d in load_model(text).model.datasets]
    datasets = {d.name: d for d in model.datasets if d.name in names}
    chosen = st.selectbox(
        say("about.table", language), list(datasets), key="meaning-table", filter_mode=None,
        format_func=lambda n: datasets[n].label or n,
    )  # fmt: skip
    if not chosen:
        return
    dataset = datasets[chosen]
    changed = _with_sheet(_with_words(text, dataset, language), dataset, language)
    faults = load_model(changed, catalog=session.tools.catalog).faults
    if faults:
        rows = "".join(f"<li>{html(f'{f.problem} {f.suggestion}')}</li>" for f in faults)
        st.html(f'<div class="bi-careful" role="alert"><ul>{rows}</ul></div>')
    elif changed != text and (clash := _clash(load_model(changed).model, chosen, language)):
        st.html(f'<div class="bi-careful" role="alert">{html(clash)}</div>')
    st.button(
        say("meaning.save", language), key="fields-save", type="primary", icon=":material/check:",
        disabled=bool(faults) or changed == text, on_click=keep, args=(changed, own),
    )  # fmt: skip


def _with_words(text: str, dataset: Dataset, language: str) -> str:
    at = f"dataset-{dataset.name}"
    with st.container(horizontal=True, gap="small"):
        called = st.text_input(say("meaning.label", language), dataset.label or dataset.name, key=f"{at}-label")
        also = st.text_input(
            say("meaning.synonyms", language), ", ".join(dataset.synonyms), key=f"{at}-synonyms",
            help=say("meaning.synonyms.help", language),
        )  # fmt: skip
    told = st.text_input(say("meaning.description", language), dataset.description, key=f"{at}-description")
    made = replace(dataset, label=called.strip(), synonyms=words_of(also), description=told.strip())
    same = (called.strip() == (dataset.label or dataset.name), made.synonyms == dataset.synonyms)
    return text if all(same) and made.description == dataset.description else with_dataset(text, made)


def _with_sheet(text: str, dataset: Dataset, language: str) -> str:
    frame = pl.DataFrame([_row(f) for f in dataset.fields], schema=list(_COLUMNS), orient="row")
    config = {c: st.column_config.TextColumn(say(f"meaning.{c}", language)) for c in _COLUMNS}
    config["kind"] = st.column_config.SelectboxColumn(
        say("meaning.kind", language), options=list(KINDS), required=True,
        format_func=lambda k: say(f"kind.{k}", language),
    )  # fmt: skip
    written = cast(pl.DataFrame, st.data_editor(
        frame, hide_index=True, column_config=config, disabled=["name"], key=f"sheet-{dataset.name}", width="stretch",
        alt=say("meaning.fields", language),
    ))  # fmt: skip
    for field, row in zip(dataset.fields, written.iter_rows(named=True), strict=False):
        made = _field(field, {c: str(row[c] or "").strip() for c in _COLUMNS})
        if made != field:
            text = with_field(text, dataset.name, made)
    return text


def _row(field: Field) -> tuple[str, ...]:
    kind = field.kind if field.kind in KINDS else "other"
    return field.name, field.label or field.name, ", ".join(field.synonyms), kind, field.unit, field.description


def _field(field: Field, row: dict[str, str]) -> Field:
    """Only what was changed: a label that is the name stays unsaid."""
    called = field.label if row["label"] in ("", field.label or field.name) else row["label"]
    kind = field.kind if row["kind"] == "other" and field.kind not in KINDS else row["kind"]
    synonyms, told = words_of(row["synonyms"]), row["description"]
    return replace(field, label=called, synonyms=synonyms, kind=kind, unit=row["unit"], description=told)


def _clash(model: SemanticModel, dataset: str, language: str) -> str:
    """A word by which two fields of the table are called; '' where there is none."""
    found = model.dataset(dataset)
    heard: dict[str, str] = {}
    for field in found.fields if found is not None else ():
        for word in {w.casefold() for w in (field.label, *field.synonyms) if w}:
            if word in heard:
                return say("meaning.clash", language, word=word, other=heard[word])
            heard[word] = field.label or field.name
    return ""
