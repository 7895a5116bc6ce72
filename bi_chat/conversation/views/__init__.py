"""In: an answer's value. Out: what people see of it: text, HTML, JSON, and files of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bi_chat.conversation.views.card import as_html
    from bi_chat.conversation.views.export import to_csv
    from bi_chat.conversation.views.plain_json import as_json
    from bi_chat.conversation.views.terminal import as_text
    from bi_chat.conversation.views.workbook import as_xlsx, to_xlsx

__all__ = ["as_html", "as_json", "as_text", "as_xlsx", "to_csv", "to_xlsx"]

_HOMES = {
    "as_html": "card",
    "as_json": "plain_json",
    "as_text": "terminal",
    "as_xlsx": "workbook",
    "to_csv": "export",
    "to_xlsx": "workbook",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
