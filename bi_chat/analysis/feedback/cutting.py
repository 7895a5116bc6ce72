"""In: a text in English, Chinese or both. Out: its clauses: how each sounds, and the terms it is made of."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import yaml

from bi_chat.analysis.feedback.tone import tone

_CLAUSE = re.compile(
    r"[.!?;,:\n。！？；，、：～~]+|(?<=\s)(?:but|however|although|though|except)\b|但是|不过|可是|然而|就是|只是"
)
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|[㐀-鿿]+")
_LONGEST_RUN = 400


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a text between marks or a "but": its words, its tone, and its terms as (key, as written).

    Keys of one thing are alike: stems of English words, Chinese words as they are; two in a row make a pair.
    """

    text: str
    tone: float
    terms: tuple[tuple[str, str], ...]


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a text that say anything."""
    found = []
    for part in _CLAUSE.split(text):
        said = part.strip()
        if said and (sound := tone(said)) is not None:
            found.append(Clause(said, sound, tuple(_terms(said))))
    return tuple(found)


def _terms(said: str) -> Iterable[tuple[str, str]]:
    """Words that mean something, and pairs of them that stand side by side."""
    before: tuple[str, str] | None = None
    for word in _words(said):
        if (key := term_key(word)) is None:
            before = None
            continue
        yield key, word
        if before is not None:
            gap = " " if word[0].isascii() and before[1][0].isascii() else ""
            yield f"{before[0]} {key}", f"{before[1]}{gap}{word}"
        before = (key, word)


def _words(said: str) -> Iterable[str]:
    for token in _WORD.findall(said):
        if token[0].isascii():
            yield token.lower().replace("’", "'")
        else:
            yield from _cut(token[:_LONGEST_RUN])


def term_key(word: str) -> str | None:
    """What a word counts as: its stem, or a Chinese word itself; None for one that says nothing by itself."""
    if word in _stopwords() or (word[0].isascii() and len(word) < 3):
        return None
    return _stem(word) if word[0].isascii() else word


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return _stemmer()(word)


@cache
def _stemmer() -> Callable[[str], str]:
    from Stemmer import Stemmer

    found: Callable[[str], str] = Stemmer("english").stemWord
    return found


@cache
def _stopwords() -> frozenset[str]:
    text = resources.files("bi_chat.analysis.feedback").joinpath("stopwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def _cut(run: str) -> Iterable[str]:
    """Chinese words, by jieba where it is installed; without it, pairs of signs."""
    cut = _segmenter()
    return cut(run) if cut is not None else (run[i : i + 2] for i in range(max(1, len(run) - 1)))


@cache
def _segmenter() -> Callable[[str], Iterable[str]] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an old library, whose text newer Pythons warn of
            import jieba
    except ImportError:
        return None
    jieba.setLogLevel(logging.WARNING)
    found: Callable[[str], Iterable[str]] = jieba.cut
    return found


@cache
def aspects() -> tuple[dict[str, str], dict[str, str]]:
    """The general theme of a term's key: by English stems, and by Chinese words."""
    text = resources.files("bi_chat.analysis.feedback").joinpath("aspects.yaml").read_text(encoding="utf-8")
    stems: dict[str, str] = {}
    han: dict[str, str] = {}
    for aspect, listed in yaml.safe_load(text).items():
        for word in listed:
            if word[0].isascii():
                stems.setdefault(_stem(word), aspect)
            else:
                han.setdefault(word, aspect)
    return stems, han


def aspect_of(key: str) -> str:
    """The general theme that a term belongs to, '' for none; of a pair its last word that has one."""
    stems, han = aspects()
    for part in reversed(key.split(" ")):
        if found := stems.get(part) or han.get(part):
            return found
    return ""
