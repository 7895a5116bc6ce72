"""In: a text with names in braces. Out: the names; and the text with each replaced, once, by what stands for it.

{revenue} is the figure of the answer called revenue, {revenue.relative} another of its facts; {{ and }} are braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_NAME = re.compile(r"(?P<of>[^\W\d]\w*)(?:\.(?P<part>[a-z_]+))?\Z")
MEASURED = re.compile(r"[$€£¥]\s?\d|\d\s?(?:%|％|percent)|\d{1,3}(?:,\d{3})+|\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Reference:
    """`of` names an answer or a parameter, `part` one of its facts ('' is its figure); `said` as written."""

    said: str
    of: str
    part: str = ""


def references(text: str) -> tuple[Reference, ...]:
    """What stands in braces, in order; one with an empty `of` is no name."""
    return tuple(_reference(m[1]) for m in _BRACES.finditer(text) if m[1] is not None)


def filled(text: str, value: Callable[[Reference], str]) -> str:
    """The text with every reference replaced in one pass, so that braces inside a value stay what they are."""

    def one(found: re.Match[str]) -> str:
        return value(_reference(found[1])) if found[1] is not None else found[0][0]

    return _BRACES.sub(one, text)


def literal(text: str) -> str:
    """A text whose braces mean themselves."""
    return text.replace("{", "{{").replace("}", "}}")


def loose_numbers(text: str) -> tuple[str, ...]:
    """Numbers in a text that look measured: they were typed, so they would never change."""
    return tuple(m[0] for m in MEASURED.finditer(_BRACES.sub(" ", text)))


def _reference(said: str) -> Reference:
    found = _NAME.match(said.strip())
    return Reference(said, found["of"], found["part"] or "") if found else Reference(said, "")
