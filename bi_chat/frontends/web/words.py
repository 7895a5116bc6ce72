"""In: a key and a language. Out: a text of the interface. And: text of the data made safe to show."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from html import escape
from importlib import resources

from bi_chat.language.display import one_line
from bi_chat.narration.phrases import Tongue, own_words
from bi_chat.semantics.model import Dataset, Field, MetricDefinition, SemanticModel

LANGUAGES = ("en", "zh")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&=^@/])")


@cache
def texts() -> dict[str, dict[str, str]]:
    """All texts by language and key."""
    import yaml

    text = resources.files("bi_chat.frontends.web").joinpath("words.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found


def say(key: str, language: str, **fields: str) -> str:
    """A text of the interface. KeyError when there is none: a test keeps the languages equal."""
    text = texts()[language if language in LANGUAGES else "en"][key]
    for name, value in fields.items():
        text = text.replace("{" + name + "}", value)
    return text


def knows(key: str, language: str) -> bool:
    """Whether there is a text of that key."""
    return key in texts()[language if language in LANGUAGES else "en"]


def called(of: Dataset | Field | MetricDefinition, model: SemanticModel, language: str) -> str:
    """What a part of the model is called in a language: its label, or a Chinese word for it where it has one."""
    return own_words(of.label, of.name, of.synonyms, Tongue(model, language, date.min))


def label(text: str, length: int = 120) -> str:
    """Text of the data for a button or heading: no Markdown in it works (an image would load from afar)."""
    return _MARKDOWN.sub(r"\\\1", one_line(text, length))


def html(text: str, length: int = 400) -> str:
    """Text of the data or of a person for HTML: escaped, in one line."""
    return escape(one_line(text, length))
