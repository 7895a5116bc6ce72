"""Out: the lists of `data/field_words.yaml`, and the test whether a name ends with one of their words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bi_chat.semantics.vocabulary import Phrase, is_chinese, read_data, texts

_LONGEST = 3


@lru_cache(maxsize=1)
def _data() -> dict[str, object]:
    return read_data("field_words")


@lru_cache(maxsize=64)
def hints(name: str) -> frozenset[str]:
    """One list of words."""
    return frozenset(texts(_data().get(name)))


@lru_cache(maxsize=16)
def hint_groups(name: str) -> Mapping[str, frozenset[str]]:
    """Lists of words by what they mean: currencies, units, sensitive."""
    found = _data().get(name)
    return {str(k): frozenset(texts(v)) for k, v in found.items()} if isinstance(found, dict) else {}


@lru_cache(maxsize=1)
def time_weights() -> Mapping[str, int]:
    """How much a word says that this is the date a row belongs to."""
    found = _data().get("time_weight")
    return {str(k): int(v) for k, v in found.items()} if isinstance(found, dict) else {}


@lru_cache(maxsize=1)
def flag_pairs() -> frozenset[frozenset[str]]:
    """Pairs of values that mean yes and no."""
    found = _data().get("flag_values")
    return frozenset(frozenset(texts(pair)) for pair in found) if isinstance(found, list) else frozenset()


def mentions(words: Phrase, listed: frozenset[str]) -> bool:
    """Whether any word, or run of up to three words, is listed."""
    return any(run in listed for run in _runs(words))


def ends_with(words: Phrase, listed: frozenset[str]) -> bool:
    """Whether the name ends with a listed word; in Chinese the last word may itself end with it (退货率 → 率)."""
    if not words:
        return False
    last = words[-1]
    gap = "" if is_chinese(last) else " "
    if any(gap.join(words[-n:]) in listed for n in range(1, min(len(words), _LONGEST) + 1)):
        return True
    return is_chinese(last) and any(last.endswith(w) for w in listed if is_chinese(w))


def _runs(words: Phrase) -> tuple[str, ...]:
    out = [" ".join(words[i : i + n]) for n in range(1, _LONGEST + 1) for i in range(len(words) - n + 1)]
    if words and is_chinese(words[0]):
        out.append("".join(words))
    return tuple(out)
