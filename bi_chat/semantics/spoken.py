"""In: the stored values of a field. Out: other words that people say for them ("Germany" for 德国, women for 女).

Only whole values of known words are translated; a code (DE) stands for its country only among other country codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources

from bi_chat.semantics.vocabulary import is_chinese, phrase_key, read_data, texts, vocabulary

MOST_CODES = 0.8  # of a field's values that must be country codes for each to be read as one
LONGEST_CODE = 3
LONGEST_NOUN = 20


def spoken_values(values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Pairs of a stored value and another phrase for it."""
    known, codes = _words(), _codes()
    coded = [v for v in values if v in codes]
    as_codes = len(coded) > 1 and len(coded) >= MOST_CODES * len(values)
    for value in values:
        short = len(value) <= LONGEST_CODE and value.isascii()
        said = known.get(value.casefold(), ()) if not short or len(values) <= 4 else ()
        if short and as_codes:
            said = codes.get(value, ())
        elif not said and not (short and value.isupper()):
            said = _noun(value)
        for phrase in said:
            if phrase.casefold() != value.casefold() and not (len(phrase) == 1 and phrase.isascii()):
                yield value, phrase


@lru_cache(maxsize=20_000)
def _noun(value: str) -> tuple[str, ...]:
    """A common noun that is stored, in the other language: "dog" for 狗, 手术 for surgery."""
    if len(value) > LONGEST_NOUN:
        return ()
    known, han = vocabulary(), is_chinese(value)
    key = value if han else phrase_key(tuple(value.casefold().split()))
    groups = [known.groups[i] for i in known.groups_of.get(key, ())[:2]]
    return tuple(" ".join(p) for g in groups for p in g.english) if han else tuple(z for g in groups for z in g.chinese)


@lru_cache(maxsize=1)
def _words() -> Mapping[str, tuple[str, ...]]:
    """Each word, without regard to case → the words of its groups."""
    found = read_data("synonyms_values").get("groups")
    groups = [texts(g) for g in found] if isinstance(found, list) else []
    groups += [names for _, _, names in _countries()]
    known: dict[str, tuple[str, ...]] = {}
    for group in groups:
        for word in group:
            known[word.casefold()] = tuple(dict.fromkeys((*known.get(word.casefold(), ()), *group)))
    return known


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, tuple[str, ...]]:
    """Each two- and three-letter country code → the country's names."""
    return {code: names for long, short, names in _countries() for code in (long, short)}


@lru_cache(maxsize=1)
def _countries() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    text = resources.files("bi_chat.semantics").joinpath("data", "countries.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return tuple((r[0], r[1], (*r[2].split(";"), *r[3].split(";"))) for r in rows if len(r) >= 4)
