"""In: words as said and as written in a name or value. Out: whether they may be the same (plural, short form, part)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bi_chat.language.meanings import Token

Key = tuple[str, ...]

GENERIC = frozenset(
    "id code name date time number no dt day type key of the at on in timestamp flag 编号 名称 日期 时间".split()
)


def is_han(text: str) -> bool:
    """Whether a token is one Han character."""
    return len(text) == 1 and "\u3400" <= text <= "\u9fff"


def same_form(norms: Sequence[str], written: Key) -> float:
    """Words that only share a stem ("rate", "rating") are a weaker match than a plural."""
    if len(norms) != len(written):
        return 1.0
    return min((_same_word(a, b) for a, b in zip(norms, written, strict=True)), default=1.0)


def _same_word(one: str, other: str) -> float:
    """ "invoiced" is near to "invoice"; "rating" is no "rate", nor "returning" a "return"."""
    if _plural_of(one, other):
        return 1.0
    noun = one.endswith("ing") != other.endswith("ing") and not (one.endswith("ed") or other.endswith("ed"))
    return 0.55 if noun else 0.8


def _plural_of(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return (
        short == long
        or long in (short + "s", short + "es")
        or (short[-1:] == "y" and long == short[:-1] + "ies")
        or len(short) <= 3
        or not short.isascii()
        or not (short.endswith("ing") or long.endswith(("ing", "er", "ed", "ion", "ment", "ity", "ness")))
    )


def written_in(tokens: Sequence[Token], value: str) -> bool:
    """A part of a value must be written in it; only the end of a word may differ."""
    text = value.lower()
    return all(
        t.norm in text or (len(t.norm) >= 5 and t.norm[:-1] in text) or (len(t.norm) >= 6 and t.norm[:-2] in text)
        for t in tokens
    )


def abbreviates(short: str, word: str) -> bool:
    """Whether "apt" may stand for "apartment": same first letter, letters in order."""
    if not (2 <= len(short) < len(word)) or len(short) > 5 or short[0] != word[0]:
        return False
    letters = iter(word)
    return all(ch in letters for ch in short)


def posting_words(key: Key) -> Iterator[str]:
    """Words a part may be found by: words, and pairs of neighbouring Han characters."""
    for i, word in enumerate(key):
        if is_han(word):
            if i + 1 < len(key) and is_han(key[i + 1]):
                yield word + key[i + 1]
        elif len(word) > 1:
            yield word


def posting_words_at(stems: Sequence[str], i: int) -> Iterator[str]:
    """What token i of a question is looked up by."""
    if is_han(stems[i]):
        if i + 1 < len(stems) and is_han(stems[i + 1]):
            yield stems[i] + stems[i + 1]
    else:
        yield stems[i]


def widest(stems: Sequence[str], i: int, key: Key) -> tuple[int, int]:
    """The widest span around token i whose words all belong to the name (Han: in the same order)."""
    if is_han(stems[i]):
        text, at = "".join(key), i + 2
        while at < len(stems) and "".join(stems[i : at + 1]) in text:
            at += 1
        return i, at
    words = set(key)
    start, end = i, i + 1
    while start > 0 and stems[start - 1] in words:
        start -= 1
    while end < len(stems) and stems[end] in words:
        end += 1
    while stems[start] in GENERIC and start < i:
        start += 1
    while stems[end - 1] in GENERIC and end - 1 > i:
        end -= 1
    return start, end
