"""In: the workspace. Out: the side bar: data, files to add, a new conversation, the language, what the data hold."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bi_chat.frontends.sample_data import DEFAULT
from bi_chat.frontends.web.data import MOST_MEGABYTES, SUFFIXES, Upload, given_specs, sources
from bi_chat.frontends.web.keys import keys
from bi_chat.frontends.web.state import Workspace
from bi_chat.frontends.web.visitor import language_choice
from bi_chat.frontends.web.words import knows, label, say
from bi_chat.language.display import one_line

MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """`source` names the data, `files` are those just added; `past` is where past conversations are listed."""

    source: str
    language: str
    files: tuple[Upload, ...]
    past: DeltaGenerator


def sidebar(place: Workspace) -> Chosen:
    """Draw it; what was chosen."""
    with st.sidebar:
        language = chosen_language()
        said = f'<p class="bi-tagline">{say("tagline", language)}</p>'
        st.html(f'<div class="bi-brand bi-{language}">bi<i>_</i>chat</div>{said}')
        if st.button(say("new", language), icon=":material/add_comment:", width="stretch", key="new"):
            place.begin()
        choice = st.container()
        earlier = st.container()
        files = _files(language)
        with choice:
            source = _source(files, language)
            st.button(
                say("about", language), key="about", icon=":material/table_view:", width="stretch",
                type="secondary" if place.looks else "tertiary", on_click=place.look_at_data,
                args=(not place.looks,),
            )  # fmt: skip
        language_choice(language)
        keys(language)
    return Chosen(source, language, files if source.startswith("upload.") else (), earlier)


def chosen_language() -> str:
    """The browser's language to begin with."""
    if "language" not in st.session_state:
        st.session_state["language"] = "zh" if (st.context.locale or "").lower().startswith("zh") else "en"
    return str(st.session_state["language"])


def _files(language: str) -> tuple[Upload, ...]:
    """Added files, without those that are too large."""
    most = min(MOST_MEGABYTES, int(st.get_option("server.maxUploadSize")))
    size = str(most)
    added = st.file_uploader(
        say("upload", language), type=list(SUFFIXES), accept_multiple_files=True, key="files",
        max_upload_size=most, help=say("upload.help", language, size=size),
    )  # fmt: skip
    kept = []
    for file in added:
        if file.size > most * 2**20:
            st.error(say("upload.too_large", language, name=label(file.name), size=size))
        else:
            kept.append(cast(Upload, file))
    if len(kept) > MOST_FILES:
        st.warning(say("upload.too_many", language, count=str(MOST_FILES)))
    return tuple(kept[:MOST_FILES])


def _source(files: tuple[Upload, ...], language: str) -> str:
    """The data in use; newly added files are chosen at once."""
    options = list(sources())
    if files:
        key = sha256("\0".join(f.file_id for f in files).encode()).hexdigest()[:16]
        options.insert(0, f"upload.{key}")
        if st.session_state.get("upload") != options[0]:
            st.session_state["upload"] = st.session_state["source"] = options[0]
    elif st.session_state.pop("upload", None) is not None:
        st.session_state.pop("source", None)
    if not options:
        return ""
    return str(
        st.selectbox(
            say("data", language),
            options,
            format_func=lambda s: _name(s, files, language),
            key="source",
            filter_mode=None,
        )
    )


def _name(source: str, files: tuple[Upload, ...], language: str) -> str:
    if source == "given":
        named = ", ".join(Path(s).name for s in given_specs()) or DEFAULT
        return say("given", language, name=named[:60])
    if source.startswith("upload."):
        return say("uploaded", language, name=one_line(", ".join(f.name for f in files), 60))
    return say(source, language) if knows(source, language) else source.removeprefix("sample.")
