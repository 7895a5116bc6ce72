"""In: a composed report and the forms that are wanted. Out: its pages, each made once."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from bi_chat.ports import Pictures
from bi_chat.reports.composed import Composed
from bi_chat.values.page import Page

_PLAIN = {"html": "html", "xlsx": "xlsx", "md": "markdown"}
_DRAWN = {"pdf": "typst", "pptx": "pptx"}


class _Plain(Protocol):
    def as_page(self, composed: Composed) -> Page: ...


class _WithPictures(Protocol):
    def as_page(self, composed: Composed, pictures: Pictures | None) -> Page: ...


def rendered(composed: Composed, form: str, pictures: Pictures | None) -> Page:
    """One page. `pictures` None: tables stand in for charts on pages that are printed. Raises ReportError."""
    module = import_module(f"bi_chat.reports.pages.{_PLAIN.get(form) or _DRAWN[form]}")
    if form in _DRAWN:
        return cast(_WithPictures, module).as_page(composed, pictures)
    return cast(_Plain, module).as_page(composed)
