"""In: a model. Out: its tables and how they refer to each other, as a picture and in words."""

from __future__ import annotations

import streamlit as st

from bi_chat.frontends.web import style
from bi_chat.frontends.web.words import called, html, say
from bi_chat.language.display import one_line
from bi_chat.semantics.model import Dataset, Relationship, SemanticModel

_FEW = 6  # tables whose picture keeps its own size
_MOST = 60  # tables that can still be told apart in a picture
_COLOURS = {
    "light": {"ink": "#1f2933", "muted": "#5f6b77", "box": "#ffffff", "line": "#9aa7b4", "fill": "#e8f0f9"},
    "dark": {"ink": "#e6ebf0", "muted": "#9aa7b4", "box": "#1c242d", "line": "#5f6b77", "fill": "#1d2f42"},
}


def joins_part(model: SemanticModel, language: str) -> None:
    """The picture where it can be read, and always the words: they are what a screen reader reads."""
    if not model.relationships:
        st.info(say("joins.none", language), icon=":material/link_off:")
        return
    if len(model.datasets) <= _MOST:
        with st.container(border=True, key="card-joins"):
            drawn, many = joins_dot(model, language, style.theme()), len(model.datasets) > _FEW
            st.graphviz_chart(drawn, width="stretch" if many else "content", alt=say("joins.alt", language))
    rows = "".join(f"<li>{_words(r, model, language)}</li>" for r in model.relationships)
    st.html(f'<p class="bi-label">{say("joins.words", language)}</p><ul class="bi-assumed">{rows}</ul>')


def joins_dot(model: SemanticModel, language: str, theme: str) -> str:
    """A graph in the DOT language: boxes are tables, an arrow leads from many rows to the one that they refer to."""
    of = _COLOURS[theme]
    joined = {name.lower() for r in model.relationships for name in (r.from_dataset, r.to_dataset)}
    boxes = "".join(_box(d, model, language, of, joined=d.name.lower() in joined) for d in model.datasets)
    arrows = "".join(_arrow(r, of) for r in model.relationships)
    return (
        f'digraph {{ rankdir=LR; bgcolor="transparent"; nodesep=0.3; ranksep=0.8; '
        f'node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=12, margin="0.18,0.1", '
        f'color="{of["line"]}", fontcolor="{of["ink"]}"]; '
        f'edge [fontname="sans-serif", fontsize=10, color="{of["line"]}", fontcolor="{of["muted"]}", arrowsize=0.7]; '
        f"{boxes}{arrows}}}"
    )


def _box(dataset: Dataset, model: SemanticModel, language: str, of: dict[str, str], *, joined: bool) -> str:
    count = say("about.rows", language, count=f"{dataset.rows:,}") if dataset.rows is not None else ""
    said = f"{_text(called(dataset, model, language))}\\n{_text(count)}"
    return f'"{_text(dataset.name)}" [label="{said}", fillcolor="{of["fill" if joined else "box"]}"]; '


def _arrow(join: Relationship, of: dict[str, str]) -> str:
    said = _text(join.role or ", ".join(join.from_columns))
    dotted = ', style="dashed"' if join.guess is not None else ""
    return f'"{_text(join.from_dataset)}" -> "{_text(join.to_dataset)}" [label="{said}"{dotted}]; '


def _text(text: str) -> str:
    """Text of the data inside the quotes of DOT, where it can end nothing and name no escape."""
    return one_line(text, 40).replace("\\", "/").replace('"', "'")


def _words(join: Relationship, model: SemanticModel, language: str) -> str:
    def named(name: str) -> str:
        found = model.dataset(name)
        return called(found, model, language) if found is not None else name

    on = ", ".join(f"{a} = {b}" for a, b in zip(join.from_columns, join.to_columns, strict=False))
    said = html(f"{named(join.from_dataset)} → {named(join.to_dataset)} ({on})", 200)
    role = f" · {html(join.role, 60)}" if join.role else ""
    if join.guess is None:
        return said + role
    sure = say("joins.guess", language, share=f"{join.guess.confidence:.0%}")
    return f"{said}{role} · {html(sure)}: {html(join.guess.evidence, 200)}"
