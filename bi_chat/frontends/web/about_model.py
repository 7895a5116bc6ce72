"""In: the model in use. Out: what is meant by the names of the data, to be changed where the model is this person's."""

from __future__ import annotations

import streamlit as st

from bi_chat.conversation.session import Session
from bi_chat.errors import StoreError
from bi_chat.frontends.web.about_fields import fields_editor
from bi_chat.frontends.web.about_metric import metric_editor
from bi_chat.frontends.web.data import Opened
from bi_chat.frontends.web.state import Workspace
from bi_chat.frontends.web.words import called, html, label, say
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.ossie import validate, write_drafted
from bi_chat.stores.own_models import OwnModel
from bi_chat.values.catalog import Catalog

PARTS = ("metrics", "fields")
_MOST_FAULTS = 6


def model_part(place: Workspace, session: Session, opened: Opened, language: str) -> None:
    """Measures, and the fields of each table. Under a policy, or where nothing can be kept, they can only be read."""
    own, catalog = opened.data.connection.own_model, session.tools.catalog
    if own is None:
        st.info(say("meaning.read_only", language), icon=":material/lock:")
        _read(opened.data.connection.model, language)
        return
    text = _text(own, opened.data.connection.model)
    part = _state(own, text, catalog, place, opened, language)
    with st.container(border=True, key="card-meaning"):
        if part == "fields":
            fields_editor(text, own, session, language)
        else:
            metric_editor(text, own, session, language)


def _text(own: OwnModel, model: SemanticModel) -> str:
    """The file as it is now: the last edit, else the given one, else the draft."""
    file = own.file()
    return file.read_text("utf-8") if file is not None else own.given or write_drafted(model)


def _state(own: OwnModel, text: str, catalog: Catalog, place: Workspace, opened: Opened, language: str) -> str:
    """Whose words these are, what doesn't fit, and the way back; which part is to be seen."""
    count = len(own.versions())
    edited = "meaning.edited" if opened.folder is None else "meaning.edited.upload"
    said = edited if count else "meaning.given" if own.given else "about.drafted"
    st.html(f'<p class="bi-small">{html(say(said, language, count=str(count)))}</p>')
    faults = validate(text, catalog=catalog) if count else ()
    if faults:
        rows = "".join(f"<li>{html(f'{f.problem} {f.suggestion}')}</li>" for f in faults[:_MOST_FAULTS])
        title = say("meaning.misfit", language)
        st.html(f'<div class="bi-careful" role="alert"><b>{title}</b><ul>{rows}</ul></div>')
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="meaning-bar"):
        part = st.segmented_control(
            say("about.meanings", language), PARTS, default=PARTS[0], key="meaning-part", required=True,
            format_func=lambda p: say(f"meaning.{p}", language), label_visibility="collapsed",
        )  # fmt: skip
        if count:
            st.button(
                say("meaning.undo", language), key="meaning-undo", icon=":material/undo:",
                on_click=_undone, args=(own, place, False),
            )  # fmt: skip
            st.button(
                say("meaning.forget", language), key="meaning-forget", icon=":material/restart_alt:",
                on_click=_undone, args=(own, place, True),
            )  # fmt: skip
        st.download_button(
            say("meaning.file", language), text, "model.yaml", "application/yaml", key="meaning-file",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    return str(part)


def _undone(own: OwnModel, place: Workspace, wholly: bool) -> None:
    try:
        own.forget() if wholly else own.undo()
    except StoreError as error:
        st.toast(label(str(error), 300), icon=":material/error:")
        return
    place.remodelled = True


def _read(model: SemanticModel, language: str) -> None:
    """What the names mean, without a way to change them."""
    metrics = "".join(
        _line(called(m, model, language), m.description or m.expression, m.synonyms) for m in model.metrics
    )
    if metrics:
        st.html(f'<p class="bi-label">{say("meaning.metrics", language)}</p>{metrics}')
    for dataset in model.datasets:
        fields = "".join(_line(called(f, model, language), f.description, f.synonyms) for f in dataset.fields)
        st.html(f'<p class="bi-label">{html(called(dataset, model, language))}</p>{fields}')


def _line(name: str, said: str, synonyms: tuple[str, ...]) -> str:
    also = f" ({', '.join(synonyms)})" if synonyms else ""
    return f'<p class="bi-field">{html(name, 60)} <span>{html(said + also, 240)}</span></p>'
