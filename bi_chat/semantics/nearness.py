"""In: an English word and words of a model. Out: how near they are in meaning.

Example: nobody calls a field *residents*, yet *population* is meant. Difficulty: no list of synonyms is long enough.
Rule: the cosine of two word vectors (`data/word_meanings.bin`; benchmarks/word_meanings.py says from what it is made).
It is weak evidence, good for choosing among a model's few words, not for telling whether two words mean the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from operator import mul

from bi_chat.semantics.vocabulary import singular

_SIZE = 64
_ENDINGS = (("ies", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("d", ""), ("es", ""), ("s", ""))

Vector = tuple[int, ...]


@lru_cache(maxsize=1)
def _read() -> tuple[dict[str, int], memoryview]:
    """Places of the words, and the numbers of all vectors, a signed byte each; read on first use."""
    raw = resources.files("bi_chat.semantics").joinpath("data", "word_meanings.bin").read_bytes()
    _source, words, numbers = raw.split(b"\n", 2)
    return {w: i for i, w in enumerate(words.decode("ascii").split(" "))}, memoryview(numbers).cast("b")


def is_english(word: str) -> bool:
    """Whether a lower-case word is one of the 25,000 most frequent, as it stands."""
    return word in _read()[0]


def _place(word: str) -> int | None:
    known, _ = _read()
    forms = (word, singular(word), *(word.removesuffix(e) + to for e, to in _ENDINGS if word.endswith(e)))
    return next((known[f] for f in forms if f in known), None)


@lru_cache(maxsize=20_000)
def _vector(word: str) -> tuple[Vector, float] | None:
    """A lower-case word's vector and its length."""
    place = _place(word)
    if place is None:
        return None
    vector = tuple(_read()[1][place * _SIZE : (place + 1) * _SIZE])
    return vector, math.sqrt(sum(map(mul, vector, vector))) or 1.0


def nearest(word: str, others: Iterable[str], *, most: int = 3) -> tuple[tuple[str, float], ...]:
    """Those of `others` nearest in meaning, nearest first, with their cosine; none when it is unknown."""
    said = _vector(word)
    if said is None:
        return ()
    found = []
    for other in others:
        known = _vector(other)
        if known is not None:
            found.append((sum(map(mul, said[0], known[0])) / (said[1] * known[1]), other))
    return tuple((other, score) for score, other in sorted(found, key=lambda f: (-f[0], f[1]))[:most])
