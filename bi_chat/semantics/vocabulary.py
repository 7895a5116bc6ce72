"""In: the word lists in `data/`. Out: abbreviations, synonym groups and the known words, read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

Phrase = tuple[str, ...]

_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "geese": "goose",
    "oxen": "ox",
    "indices": "index",
    "matrices": "matrix",
    "criteria": "criterion",
    "alumni": "alumnus",
    "wives": "wife",
    "lives": "life",
    "leaves": "leave",
    "movies": "movie",
    "cookies": "cookie",
    "series": "series",
    "species": "species",
    "news": "news",
    "goods": "goods",
    "sales": "sales",
    "buses": "bus",
    "statuses": "status",
    "bonuses": "bonus",
    "campuses": "campus",
    "viruses": "virus",
    "gases": "gas",
    "lenses": "lens",
    "caches": "cache",
    "axes": "axis",
    "phases": "phase",
    "houses": "house",
    "courses": "course",
    "cases": "case",
    "purchases": "purchase",
    "databases": "database",
    "releases": "release",
    "expenses": "expense",
    "licenses": "license",
    "warehouses": "warehouse",
    "responses": "response",
    "nurses": "nurse",
    "horses": "horse",
    "diagnoses": "diagnosis",
    "analyses": "analysis",
    "heroes": "hero",
    "potatoes": "potato",
    "shoes": "shoe",
}


@dataclass(frozen=True)
class Group:
    """Phrases of equal meaning; the first of each language is the usual one."""

    english: tuple[Phrase, ...]
    chinese: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """What naming knows. `groups_of` finds the groups that hold a phrase (words joined by a blank, singular)."""

    always: Mapping[str, Phrase]
    inside: Mapping[str, Phrase]
    last: Mapping[str, Phrase]
    technical_first: frozenset[str]
    technical_last: frozenset[str]
    key_words: frozenset[str]
    glued_last: frozenset[str]
    not_glued: frozenset[str]
    groups: tuple[Group, ...]
    groups_of: Mapping[str, tuple[int, ...]]
    english: frozenset[str]
    chinese: frozenset[str]


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """The singular of a lower-case English noun; other words come back as they are."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


def is_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def read_data(name: str) -> dict[str, object]:
    """The mapping in `data/<name>.yaml`."""
    import yaml

    loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = resources.files("bi_chat.semantics").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")
    loaded = yaml.load(text, Loader=loader)  # noqa: S506  both loaders are the safe ones
    if not isinstance(loaded, dict):
        raise TypeError(f"data/{name}.yaml holds no mapping")
    return loaded


def texts(value: object) -> tuple[str, ...]:
    """A list of a data file as strings; nothing when it is absent."""
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


def _expansions(value: object) -> dict[str, Phrase]:
    items: Iterable[tuple[object, object]] = value.items() if isinstance(value, dict) else ()
    return {str(k): tuple(str(v).split()) for k, v in items}


def _groups() -> Iterator[Group]:
    for name in ("synonyms_business", "synonyms_everyday"):
        found = read_data(name).get("groups")
        for group in found if isinstance(found, list) else ():
            members = texts(group)
            yield Group(
                english=tuple(tuple(m.split()) for m in members if not is_chinese(m)),
                chinese=tuple(m for m in members if is_chinese(m)),
            )


def phrase_key(words: Phrase) -> str:
    """How a phrase is looked up: singular words joined by a blank."""
    return " ".join(singular(w) for w in words)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """All word lists, read on first use."""
    short = read_data("abbreviations")
    groups = tuple(_groups())
    groups_of: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        for key in (*(phrase_key(p) for p in group.english), *group.chinese):
            groups_of.setdefault(key, []).append(i)
    always, inside, last = (_expansions(short.get(k)) for k in ("always", "inside", "last"))
    english = {w for g in groups for p in g.english for w in p} | {w for p in always.values() for w in p}
    key_words = frozenset(texts(short.get("key_words")))
    chinese = {z for g in groups for z in g.chinese} | {w for w in key_words if is_chinese(w)}
    return Vocabulary(
        always=always,
        inside=inside,
        last=last,
        technical_first=frozenset(texts(short.get("technical_first"))),
        technical_last=frozenset(texts(short.get("technical_last"))),
        key_words=key_words,
        glued_last=frozenset(texts(short.get("glued_last"))),
        not_glued=frozenset(texts(short.get("not_glued"))),
        groups=groups,
        groups_of={k: tuple(dict.fromkeys(v)) for k, v in groups_of.items()},
        english=frozenset(english | {singular(w) for w in english}),
        chinese=frozenset(z for z in chinese if is_chinese(z)),
    )
