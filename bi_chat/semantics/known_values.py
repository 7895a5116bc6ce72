"""In: the values of a model's fields. Out: an index from words to them, in memory; `stores` has one on disk.

A value is found by all its words ("PulseFit Smartwatch"), by its words written as one, or by a word that few share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bi_chat.language.meanings import Token
from bi_chat.semantics.forms import GENERIC, Key, is_han, posting_words
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.spoken import spoken_values
from bi_chat.semantics.targets import Kind, Target

Tokenize = Callable[[str], tuple[Token, ...]]
Entry = tuple[float, str, str, Key]  # score, how, the phrase, its words as written

MOST_HOLDERS = 400
NAMED, SPOKEN, JOINED, TRANSLATED = 1.0, 0.97, 0.95, 0.85
_LONGEST_TEXT = 120
_LONGEST_KEY = 24
_LONGEST_JOINED = 4
SMALL_WORDS = frozenset(
    (
        "the a an some one two any each every both per top end ever single once just only there here now back "
        "way day is in on at by to as for from of it its if so up out and or with without not no all any our "
        "we you they their his her that this who which what how was were are be been do did does has have had "
        "more most less least than then new other since until over among across "
    ).split()
)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say a value: `keys` are the stems to find it by, each with the words as written where they count."""

    dataset: str
    field: str
    value: str
    phrase: str
    score: float
    key: Key
    keys: tuple[tuple[Key, Key], ...]

    @property
    def joined(self) -> str:
        """The words as one, where that is usual; '' where it isn't."""
        usual = 1 < len(self.key) <= _LONGEST_JOINED and not all(is_han(k) for k in self.key)
        return "".join(self.keys[0][1]) if usual else ""

    @property
    def parts(self) -> frozenset[str]:
        """Words that a part of it may be found by."""
        return part_words(self.key) if len(self.key) > 1 else frozenset()


class ValueIndex(Protocol):
    """Where the values of one model are looked up; many threads at once."""

    @property
    def size(self) -> int:
        """How many keys there are, about."""
        ...

    def exact(self, keys: Collection[Key]) -> Mapping[Key, Sequence[tuple[Target, Entry]]]:
        """Values that are said by just these stems."""
        ...

    def joined(self, words: Collection[str]) -> Mapping[str, Sequence[tuple[Target, Entry]]]:
        """Values whose words, written as one, are these."""
        ...

    def holding(self, words: Collection[str]) -> Mapping[str, Sequence[tuple[Target, Key]]]:
        """Values that a word is a part of, where these are not too many."""
        ...

    def count(self, word: str) -> int:
        """How many values a word is a part of."""
        ...

    def knows(self, stem: str) -> bool:
        """Whether a word is a value or a part of one."""
        ...

    def spelt(self, length: int) -> Sequence[str]:
        """The words of that many letters, as written."""
        ...


def forms_of(model: SemanticModel, tokenize: Tokenize) -> Iterator[Form]:
    """Every way to say every value; free text holds no values to mention. What the data or the model themselves
    write somewhere needs no translation elsewhere."""
    written = _written(model)
    for dataset in model.datasets:
        for field in dataset.fields:
            if field.kind in ("text", "flag"):
                continue  # nobody means a column by "yes"
            said = [(value, value, NAMED) for value in field.values]
            said += ((v, s, SPOKEN) for v, s in field.value_synonyms)
            said += ((v, s, TRANSLATED) for v, s in spoken_values(field.values) if s.casefold() not in written)
            for value, phrase, score in said:
                tokens = tokenize(phrase[:_LONGEST_TEXT].replace("_", " "))
                key = tuple(t.stem for t in tokens)
                if key and len(key) <= _LONGEST_KEY:
                    bare = tuple(k for k in key if k[0].isalnum())
                    keys = ((key, tuple(t.norm for t in tokens)), *(((bare, ()),) if bare and bare != key else ()))
                    yield Form(dataset.name, field.name, value, phrase, score, key, keys)


def _written(model: SemanticModel) -> frozenset[str]:
    """Every value of the data, and every word that the model gives for one."""
    fields = [f for d in model.datasets for f in d.fields]
    return frozenset(w.casefold() for f in fields for w in (*f.values, *(spoken for _, spoken in f.value_synonyms)))


def part_words(key: Key) -> frozenset[str]:
    """Words of a name or value that say something of it."""
    return frozenset(w for w in posting_words(key) if w not in GENERIC and w not in SMALL_WORDS and not w.isdigit())


def spellable(word: str) -> bool:
    """Whether a misspelling of it can be told."""
    return len(word) >= 4 and word.isalpha() and word.isascii()


class MemoryValues:
    """A `ValueIndex` of dictionaries, for models without one on disk."""

    def __init__(self, model: SemanticModel, tokenize: Tokenize) -> None:
        self._exact: dict[Key, dict[Target, Entry]] = defaultdict(dict)
        self._joined: dict[str, dict[Target, Entry]] = defaultdict(dict)
        self._parts: dict[str, dict[tuple[Target, Key], None]] = defaultdict(dict)
        self._spelt: dict[int, set[str]] = defaultdict(set)
        for form in forms_of(model, tokenize):
            target = Target(Kind.VALUE, form.dataset, form.field, form.value)
            for key, written in form.keys:
                keep_best(self._exact[key], target, (form.score, "value", form.phrase, written))
                for word in filter(spellable, written):
                    self._spelt[len(word)].add(word)
            if form.joined:
                keep_best(self._joined[form.joined], target, (JOINED, "value", form.phrase, ()))
            for word in form.parts:
                self._parts[word][target, form.key] = None

    @property
    def size(self) -> int:
        """How many keys there are, about."""
        return sum(len(v) for v in self._exact.values())

    def exact(self, keys: Collection[Key]) -> Mapping[Key, Sequence[tuple[Target, Entry]]]:
        """Values that are said by just these stems."""
        return {k: tuple(self._exact[k].items()) for k in keys if k in self._exact}

    def joined(self, words: Collection[str]) -> Mapping[str, Sequence[tuple[Target, Entry]]]:
        """Values whose words, written as one, are these."""
        return {w: tuple(self._joined[w].items()) for w in words if w in self._joined}

    def holding(self, words: Collection[str]) -> Mapping[str, Sequence[tuple[Target, Key]]]:
        """Values that a word is a part of, where these are not too many."""
        return {w: tuple(self._parts[w]) for w in words if 0 < self.count(w) <= MOST_HOLDERS}

    def count(self, word: str) -> int:
        """How many values a word is a part of."""
        return len(self._parts.get(word, ()))

    def knows(self, stem: str) -> bool:
        """Whether a word is a value or a part of one."""
        return (stem,) in self._exact or stem in self._parts or stem in self._joined

    def spelt(self, length: int) -> Sequence[str]:
        """The words of that many letters, as written."""
        return tuple(self._spelt.get(length, ()))


def keep_best(into: dict[Target, Entry], target: Target, entry: Entry) -> None:
    """Of two ways to say one value the nearer."""
    known = into.get(target)
    if known is None or known[0] < entry[0]:
        into[target] = entry


def case_score(target: Target, tokens: Sequence[Token], score: float) -> float:
    """Prefer the value written as in the data ("US" over "us") for one short word."""
    if target.kind is Kind.VALUE and len(tokens) == 1 and not is_han(tokens[0].norm):
        common = len(tokens[0].norm) <= 2 or tokens[0].norm in SMALL_WORDS
        return score if tokens[0].text == target.name or not common else score * 0.55
    return score
