"""In: a language, a section and a key. Out: its sentence with the names filled in; sentences are data in YAML packs."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import yaml

LANGUAGES = ("en", "zh")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


def spoken(language: str) -> str:
    """The language that will be used: English where there is no pack."""
    return language if language in LANGUAGES else "en"


@cache
def sentences(language: str, section: str) -> dict[str, str]:
    """All templates of a section by key; nested keys are joined by a dot."""
    return dict(_flat(_pack(spoken(language))[section], ""))


@cache
def _pack(language: str) -> dict[str, dict[str, object]]:
    """The sections of a language's two files, read once: by the parser in C where there is one, ten times as quick."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    home = resources.files("bi_chat.narration")
    texts = (home.joinpath(f"{language}{part}.yaml").read_text(encoding="utf-8") for part in ("", "_plan"))
    # both loaders are the safe ones
    return {name: section for text in texts for name, section in yaml.load(text, Loader=loader).items()}  # noqa: S506


def _flat(tree: dict[str, object], prefix: str) -> list[tuple[str, str]]:
    found = []
    for key, value in tree.items():
        found += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", str(value))]
    return found


def knows(language: str, section: str, key: str) -> bool:
    """Whether the section has a sentence of that key."""
    return key in sentences(language, section)


def say(language: str, section: str, key: str, **fields: str) -> str:
    """The sentence of that key. Raises KeyError when there is none: a test keeps the packs complete."""
    return fill(sentences(language, section)[key], fields)


@cache
def _book(name: str) -> dict[str, dict[str, str | dict[str, str]]]:
    text = resources.files("bi_chat.narration").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str | dict[str, str]]] = yaml.safe_load(text)
    return found


def say_from(book: str, key: str, language: str, **fields: str) -> str:
    """A sentence of a book of its own ("forecast.yaml"), both languages in one file."""
    return fill(str(_book(book)[spoken(language)][key]), fields)


def word_from(book: str, key: str, language: str, *, group: str = "words", **fields: str) -> str:
    """A word of such a book: a column's, a method's."""
    words = _book(book)[spoken(language)][group]
    return fill(str(words[key]), fields) if isinstance(words, dict) else key


def fill(template: str, fields: dict[str, str]) -> str:
    """Names replaced in one pass, so that braces and brackets inside a value stay what they are."""
    parts, at = [], 0
    for optional in _OPTIONAL.finditer(template):
        parts.append(_names(template[at : optional.start()], fields))
        inside = optional.group(1)
        if all(fields.get(name) for name in _NAME.findall(inside)):
            parts.append(_names(inside, fields))
        at = optional.end()
    return "".join([*parts, _names(template[at:], fields)]).strip()


def _names(text: str, fields: dict[str, str]) -> str:
    return _NAME.sub(lambda m: fields.get(m.group(1), ""), text)
