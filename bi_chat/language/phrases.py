"""In: a language's `phrases.yaml`. Out: operator words found in tokens ("how many", "at least", "按").

A phrase matches whole words as written (not stems: "orders by" is not "order by").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources

import yaml

from bi_chat.language.meanings import Match, Token, Word

Tokenize = Callable[[str], tuple[Token, ...]]


class PhraseBook:
    """Operator words of one language, by their word sequence."""

    def __init__(self, code: str, tokenize: Tokenize) -> None:
        self._by_key: dict[tuple[str, ...], list[Word]] = defaultdict(list)
        text = resources.files("bi_chat.language").joinpath(code, "phrases.yaml").read_text("utf-8")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for tag, phrases in yaml.load(text, Loader=loader).items():  # noqa: S506 (a safe loader either way)
            name, _, arg = str(tag).partition("/")
            for phrase in phrases:
                key = tuple(t.norm for t in tokenize(str(phrase)))
                if key and Word(name, arg) not in self._by_key[key]:
                    self._by_key[key].append(Word(name, arg))
        self._longest = max(map(len, self._by_key))
        self.words = frozenset(w for key in self._by_key for w in key)

    def matches(self, tokens: Sequence[Token]) -> tuple[Match, ...]:
        """Every phrase at every place; overlapping ones included."""
        norms = [t.norm for t in tokens]
        found = []
        for i in range(len(norms)):
            for j in range(i + 1, min(len(norms), i + self._longest) + 1):
                for word in self._by_key.get(tuple(norms[i:j]), ()):
                    found.append(Match(i, j, word, f"phrase:{word.tag}"))
        return tuple(found)


@cache
def phrase_book(code: str) -> PhraseBook:
    """The phrases of a language, read once."""
    from bi_chat.language.registry import get

    return PhraseBook(code, get(code).tokenize)
