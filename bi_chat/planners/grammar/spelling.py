"""In: tokens that nothing explains. Out: tokens with likely misspellings mended, the written text kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bi_chat.language.meanings import Match, Token
from bi_chat.semantics.lexicon import Lexicon
from bi_chat.semantics.nearness import is_english
from bi_chat.semantics.vocabulary import vocabulary

SHORTEST = 4
FORM = 6  # letters that two forms of one word share


def corrected(
    tokens: Sequence[Token], matches: Iterable[Match], lexicon: Lexicon, phrase_words: frozenset[str]
) -> tuple[tuple[Token, ...], bool]:
    """Unknown words of four letters or more become the known word they are closest to, if one is close enough."""
    explained = {i for m in matches for i in range(m.start, m.end)}
    out, changed = list(tokens), False
    for i, token in enumerate(tokens):
        if i in explained or not _may_be_typo(token, lexicon, phrase_words):
            continue
        beside = [t.norm for t in tokens[max(0, i - 1) : i + 2] if t is not token]
        found = _closest(token, lexicon, phrase_words, in_value=any(map(lexicon.in_values, beside)))
        if found is not None:
            out[i] = replace(token, norm=found[0], stem=found[1])
            changed = True
    return tuple(out), changed


def _may_be_typo(token: Token, lexicon: Lexicon, phrase_words: frozenset[str]) -> bool:
    word = token.norm
    if len(word) < SHORTEST or not word.isascii() or not word.isalpha():
        return False
    return not (word in phrase_words or lexicon.knows(token.stem) or lexicon.knows(word))


def _closest(token: Token, lexicon: Lexicon, phrase_words: frozenset[str], *, in_value: bool) -> tuple[str, str] | None:
    """Optimal string alignment, one edit up to seven letters, two above; the first letter is rarely wrong. Beside the
    word of a value a real word may be meant as another one ("Bergamot Gray")."""
    from rapidfuzz.distance import OSA

    word = token.norm
    allowed = 1 if len(word) <= 7 else 2
    best: tuple[int, int, int, str] | None = None
    real = not in_value and (word in vocabulary().english or is_english(word))
    lengths = range(len(word) - allowed, len(word) + allowed + 1)
    # "cash" is no misspelling of "case", nor "open" of the value Oven; "delivery" may be another form of "delivered"
    names = [k for n in lengths for k in lexicon.spelt(n, values=not real) if not real or k[:FORM] == word[:FORM]]
    phrases = () if real else [k for k in phrase_words if len(k) >= SHORTEST and abs(len(k) - len(word)) <= allowed]
    for rank, known in [*((0, k) for k in names), *((1, k) for k in phrases)]:
        if known[0] == word[0]:
            distance = min(OSA.distance(w, known, score_cutoff=allowed) for w in (word, word.removesuffix("s")))
            other = len(set(word) ^ set(known))  # a letter left out is likelier than another letter
            if distance <= allowed and (best is None or (distance, rank, other) < best[:3]):
                best = (distance, rank, other, known)
    return (best[3], lexicon.stem(best[3])) if best is not None else None
