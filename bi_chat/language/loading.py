"""In: a language's folder of YAML files. Out: its `RuleLanguage`, with every rule parsed. A fault names file and rule.

`language.yaml`: name, script, marks (words that give the language away), stemmer, irregular stems.
`words.yaml`: tables, each a kind of finding: value → forms. `amounts.yaml`, `periods.yaml`: rules, in reading order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import yaml

from bi_chat.errors import SettingsError
from bi_chat.language.engine import BUILDERS, Entry, Rule, RuleLanguage
from bi_chat.language.patterns import Value, parse_pattern
from bi_chat.language.tokens import Tokenizer

RULE_FILES = ("amounts.yaml", "periods.yaml")
RULE_KEYS = {
    "rule",
    "say",
    "token",
    "is",
    "gives",
    "with",
    "vague",
    "at_end",
    "covers",
    "score",
    "not_after",
    "not_before",
}

Data = dict[str, object]


def languages() -> tuple[str, ...]:
    """Codes of the languages that have a folder, in alphabetical order."""
    root = resources.files("bi_chat.language")
    return tuple(sorted(d.name for d in root.iterdir() if d.is_dir() and d.joinpath("language.yaml").is_file()))


def folder(code: str) -> Traversable:
    """The folder of a language. Raises SettingsError where there is none."""
    if code not in languages():
        raise SettingsError(f"There are no rules for the language {code!r}; there are for {', '.join(languages())}.")
    return resources.files("bi_chat.language").joinpath(code)


def read_yaml(file: Traversable) -> object:
    """The content of a YAML file of the package."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text("utf-8"), Loader=loader)  # noqa: S506 (a safe loader either way)


def load_language(code: str, home: Traversable | None = None) -> RuleLanguage:
    """A language from its folder (`home`, for one that lies elsewhere)."""
    home = home or folder(code)
    about = _mapping(read_yaml(home.joinpath("language.yaml")), f"{code}/language.yaml")
    tokenizer = Tokenizer(_stemmer(str(about.get("stemmer", "")), _texts(about.get("irregular", {}))))
    split = Tokenizer(str)  # rules are about words as written: no stems, so the stemmer need not load yet
    entries = _entries(_mapping(read_yaml(home.joinpath("words.yaml")), f"{code}/words.yaml"), split)
    rules: list[Rule] = []
    for name in RULE_FILES:
        listed = read_yaml(home.joinpath(name))
        for raw in listed if isinstance(listed, list) else []:
            data = _mapping(raw, f"{code}/{name}")
            try:
                rules.append(_rule(data, split))
            except (KeyError, TypeError, ValueError, re.error) as fault:
                raise SettingsError(f"{code}/{name}, rule {data.get('rule')!r}: {fault}") from fault
    return RuleLanguage(code, tokenizer, entries=entries, rules=rules)


def _rule(data: Data, tokenizer: Tokenizer) -> Rule:
    if unknown := data.keys() - RULE_KEYS:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    token = data.get("token")
    return Rule(
        name=str(data["rule"]),
        kind=str(data["is"]),
        builder=BUILDERS[str(data["gives"])],
        constants=tuple((k, _value(v)) for k, v in _mapping(data.get("with", {}), "with").items()),
        patterns=tuple(parse_pattern(text, tokenizer) for text in _list(data.get("say", []))),
        token=re.compile(str(token)) if token else None,
        vague=bool(data.get("vague")),
        at_end=bool(data.get("at_end")),
        covers=str(data.get("covers", "")),
        score=float(str(data.get("score", 1.0))),
        not_after=frozenset(_list(data.get("not_after", []))),
        not_before=frozenset(_list(data.get("not_before", []))),
    )


def _entries(tables: Data, tokenizer: Tokenizer) -> dict[str, tuple[Entry, ...]]:
    """Entries by the first word of their form."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for kind, table in tables.items():
        for value, forms in _mapping(table, f"words.yaml, {kind}").items():
            for form in _list(forms):
                words = tuple(t.norm for t in tokenizer(form))
                found[words[0]].append(Entry(words, kind, _number(value)))
    return {first: tuple(entries) for first, entries in found.items()}


def _stemmer(algorithm: str, irregular: dict[str, str]) -> Callable[[str], str]:
    """A stem for each word. The stemmer is loaded with the first word that needs it; a call holds the interpreter's
    lock, so threads may share one."""

    @lru_cache(maxsize=1)
    def snowball() -> Callable[[str], str]:
        from Stemmer import Stemmer

        found: Callable[[str], str] = Stemmer(algorithm).stemWord
        return found

    @lru_cache(maxsize=20_000)
    def stem(word: str) -> str:
        return snowball()(irregular.get(word, word))

    return stem if algorithm else str


def _value(value: object) -> Value:
    if isinstance(value, str | int | float):
        return value
    raise TypeError(f"{value!r} is neither text nor number")


def _number(text: str) -> Value:
    """The value of a table entry: a number where it reads as one."""
    try:
        return int(text)
    except ValueError:
        return text if not re.fullmatch(r"[\d.]+(e\d+)?", text) else float(text)


def _mapping(data: object, where: str) -> Data:
    if isinstance(data, dict):
        return {str(k): v for k, v in data.items()}
    raise SettingsError(f"{where}: a mapping is expected")


def _texts(data: object) -> dict[str, str]:
    return {k: str(v) for k, v in _mapping(data, "irregular").items()}


def _list(data: object) -> list[str]:
    items: Iterable[object] = data if isinstance(data, list) else [data]
    return [str(item) for item in items]
