"""Out: the keys of the page, and the list of them, which a click or `?` opens."""

from __future__ import annotations

from functools import cache
from importlib import resources

import streamlit as st

from bi_chat.frontends.web import style
from bi_chat.frontends.web.words import html, say

KEYS = (("/", "focus"), ("↑ ↓", "history"), ("Enter", "ask"), ("Shift + Enter", "line"), ("Esc", "leave"),
        ("Alt + N", "new"), ("Alt + D", "data"), ("?", "list"))  # fmt: skip


@cache
def _script() -> str:
    return resources.files("bi_chat.frontends.web").joinpath("keys.js").read_text(encoding="utf-8")


def keys(language: str) -> None:
    """Make the keys work, and offer the list."""
    style.run_script(_script())
    if st.button(say("keys", language), key="keys", icon=":material/keyboard:", type="tertiary"):
        _list(language)


def _list(language: str) -> None:
    @st.dialog(say("keys", language))
    def shown() -> None:
        rows = "".join(
            f"<tr><td><kbd>{html(key)}</kbd></td><td>{html(say(f'keys.{name}', language))}</td></tr>"
            for key, name in KEYS
        )
        st.html(f'<table class="bi-table"><tbody>{rows}</tbody></table>')

    shown()
