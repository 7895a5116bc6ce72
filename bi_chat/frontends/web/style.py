"""In: light or dark. Out: the app's own style sheet in the page; sizes, spacing, colours are chosen here."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Literal

import streamlit as st

FONT = "'Source Sans', 'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"

# fixed text: nothing of a person or of the data is ever put into a script
_SCROLL = """
(() => {
  const show = () => [...document.querySelectorAll('.bi-asked')].pop()?.scrollIntoView({block: 'start'});
  setTimeout(show, 50);
  setTimeout(show, 350);  // once more when the chart has its height
})();
"""

# the chart's own button, told which kind of file; it is asked until the chart is there
_SAVE = """
(() => {
  const save = tries => {
    const chart = document.querySelector('.st-key-card-NUMBER .js-plotly-plot');
    const button = chart?.querySelector('.modebar-btn[data-title^="Download"]');
    if (!button) { if (tries) setTimeout(() => save(tries - 1), 100); return; }
    chart._context.toImageButtonOptions = {format: 'KIND', filename: 'NAME', scale: 2};
    button.click();
  };
  save(50);
})();
"""
_PLAIN = re.compile(r"[^\w-]")

Theme = Literal["light", "dark"]


@cache
def _sheet() -> str:
    return resources.files("bi_chat.frontends.web").joinpath("style.css").read_text(encoding="utf-8")


def theme() -> Theme:
    """What the browser shows."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show_newest(step: int) -> None:
    """Bring the newest question to the top of the window: the answer is read from its beginning.

    `step` must grow: the page does not run a script again that it has run before.
    """
    run_script(f"/* {step} */{_SCROLL}")


def save_chart(number: int, step: int, kind: str, name: str) -> None:
    """The browser saves the chart of a card as a picture; `name` is what the file is called, word characters alone."""
    script = _SAVE.replace("NUMBER", str(number)).replace("KIND", "svg" if kind == "svg" else "png")
    run_script(f"/* {step} */{script.replace('NAME', _PLAIN.sub('_', name))}")


def run_script(script: str) -> None:
    """A script of ours; nothing of a person or of the data may be in it."""
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def present() -> None:
    """The page's own parts go, so that a board has the whole screen."""
    st.html("<div class='bi-present'></div>")


def apply() -> None:
    """Put the style sheet and the theme's mark into the page."""
    st.html(f"<style>{_sheet()}</style><div class='bi-{theme()}'></div>")
