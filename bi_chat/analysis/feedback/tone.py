"""In: a text in English, Chinese or both. Out: how it sounds, from -1 (as cross as can be) to 1; nothing is looked up.

Words have weights (`tone_en.tsv`, `tone_zh.tsv`; sources in `SOURCES.md`). Negation turns a word's weight round, degree
words stretch it, and what follows a "but" counts more than what stands before it: the rules and their constants are
those of VADER (Hutto and Gilbert, ICWSM 2014), here for both languages in one pass. Chinese isn't cut into words first:
the longest entry that fits at a place is taken.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

_NEGATED = -0.74
_REACH = 3  # words between a negation or degree word and what it bears on
_BEFORE_BUT, _AFTER_BUT = 0.5, 1.5
_MISSED = -0.8  # a negation without a word of weight
_SPREAD = 15.0  # how many points of weight make a text fully sure
_TOKEN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*|[㐀-鿿]+|[!！.。?？;；\n]+|[,，、:：]|[☀-➿\U0001f300-\U0001faff]")
_SENTENCE = frozenset(".。?？;；\n")
_PAUSE = frozenset(",，、:：")
_EXCLAIMED = frozenset("!！")
_FILES = ("tone_en.tsv", "tone_zh.tsv")
_ROLES = {"not": "negation", "but": "contrast"}


@dataclass(frozen=True, slots=True)
class Word:
    """An entry: its weight; or its role (negation, contrast, degree), where `weight` is the degree's factor."""

    weight: float
    role: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """All entries; for each Chinese sign the length of the longest entry that starts with it; English words that count,
    by themselves or as the second of a pair."""

    known: dict[str, Word]
    longest: dict[str, int]
    felt: frozenset[str]


@cache
def words() -> Words:
    """The tables, read once."""
    known: dict[str, Word] = {}
    folder = resources.files("bi_chat.analysis.feedback")
    for name in _FILES:
        for line in folder.joinpath(name).read_text(encoding="utf-8").splitlines():
            told, _, entries = line.partition("\t")
            known.update(dict.fromkeys(entries.split(), _word(told)) if entries else {})
    longest: dict[str, int] = {}
    for word in known:
        if not word[0].isascii():
            longest[word[0]] = max(longest.get(word[0], 0), len(word))
    second = {word.partition("_")[2] for word in known if "_" in word}
    return Words(known, longest, frozenset(known) | second)


def _word(told: str) -> Word:
    if told in _ROLES:
        return Word(0.0, _ROLES[told])
    return Word(float(told[1:]), "degree") if told.startswith("x") else Word(float(told))


def tone(text: str | None) -> float | None:
    """-1 to 1; 0 where nothing in it sounds either way, None where there is no text."""
    if text is None or not (found := _TOKEN.findall(text)):
        return None
    total, stress, spoken, heard, felt = 0.0, 0, False, _Sentence(), words().felt
    for token in found:
        first = token[0]
        if first.isascii() and first.isalpha() and token.lower() not in felt:  # most words, hence first
            spoken, heard.last = True, token.lower()
            heard.place += 1
        elif first in _PAUSE:
            heard.pause()
        elif first in _SENTENCE or first in _EXCLAIMED:
            stress += token.count("!") + token.count("！")
            total += heard.end()
        else:
            spoken = True
            for word, length in _entries(token, heard):
                heard.take(word, length)
    if not spoken:
        return None
    total += heard.end()
    total += math.copysign(min(stress, 3) * 0.29, total) if total else 0.0
    return total / math.sqrt(total * total + _SPREAD)


class _Sentence:
    """What was heard of a sentence so far: weights before and after its "but", and what waits for its word."""

    __slots__ = ("after", "before", "last", "pending", "place", "turned")

    def __init__(self) -> None:
        self.last = ""
        self._begin()

    def _begin(self) -> None:
        self.before = self.after = 0.0
        self.turned, self.place = False, 0
        self.pending: list[tuple[Word, int]] = []

    def take(self, word: Word | None, length: int) -> None:
        """The next entry, or a word that is none."""
        start, self.place = self.place, self.place + length
        if word is None:
            return
        if word.role == "contrast":
            self.pause()
            self.turned = True
        elif word.role:
            self.pending.append((word, self.place))
        elif word.weight:
            weight = word.weight
            for other, place in self.pending:
                if start - place <= _REACH:
                    weight *= _NEGATED if other.role == "negation" else other.weight
            self.pending = []
            self._add(weight)

    def take_back(self) -> None:
        """The word before belongs to a pair, "not bad": by itself it bears on nothing."""
        if self.pending and self.pending[-1][1] == self.place:
            self.pending.pop()

    def pause(self) -> None:
        """A comma or a "but": what waited has no word to bear on; "nobody answered" is a mild complaint by itself."""
        if any(word.role == "negation" for word, _ in self.pending):
            self._add(_MISSED)
        self.pending, self.last = [], ""

    def end(self) -> float:
        """The weight of the sentence."""
        self.pause()
        before, after = self.before, self.after
        self._begin()
        return before * _BEFORE_BUT + after * _AFTER_BUT if after and before else before + after

    def _add(self, weight: float) -> None:
        if self.turned:
            self.after += weight
        else:
            self.before += weight


def _entries(token: str, heard: _Sentence) -> list[tuple[Word | None, int]]:
    """A token's entries with how many places each takes: a word or picture is one, Chinese signs are found in turn."""
    table = words()
    if not "㐀" <= token[0] <= "鿿":
        name = token.lower().replace("’", "'")
        pair, heard.last = table.known.get(f"{heard.last}_{name}"), name
        if pair is not None:
            heard.take_back()
        return [(pair or table.known.get(name), 1)]
    found: list[tuple[Word | None, int]] = []
    at = 0
    while at < len(token):
        longest = table.longest.get(token[at], 0)
        for length in range(min(longest, len(token) - at), 0, -1):
            if (word := table.known.get(token[at : at + length])) is not None:
                found.append((word, min(length, 2)))
                at += length
                break
        else:
            found.append((None, 1))
            at += 1
    return found
