"""In: tokens that nothing explains. Out: tokens with likely misspellings mended, the written text kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bi_chat.language.meanings import Match, Token
from bi_chat.semantics.lexicon import Lexicon

SHORTEST = 4


def corrected(
    tokens: Sequence[Token], matches: Iterable[Match], lexicon: Lexicon, phrase_words: frozenset[str]
) -> tuple[tuple[Token, ...], bool]:
    """Unknown words of four letters or more become the known word they are closest to, if one is close enough."""
    explained = {i for m in matches for i in range(m.start, m.end)}
    out, changed = list(tokens), False
    for i, token in enumerate(tokens):
        if i in explained or not _may_be_typo(token, lexicon, phrase_words):
            continue
        found = _closest(token, lexicon, phrase_words)
        if found is not None:
            out[i] = replace(token, norm=found[0], stem=found[1])
            changed = True
    return tuple(out), changed


def _may_be_typo(token: Token, lexicon: Lexicon, phrase_words: frozenset[str]) -> bool:
    word = token.norm
    if len(word) < SHORTEST or not word.isascii() or not word.isalpha():
        return False
    return not (word in phrase_words or lexicon.knows(token.stem) or lexicon.knows(word))


def _closest(token: Token, lexicon: Lexicon, phrase_words: frozenset[str]) -> tuple[str, str] | None:
    """Damerau-Levenshtein, one edit up to seven letters, two above; the first letter is rarely wrong."""
    from rapidfuzz.distance import OSA

    allowed = 1 if len(token.norm) <= 7 else 2
    best: tuple[int, int, str, str] | None = None
    by_length = lexicon.vocabulary()
    for written, is_stem in ((token.stem, True), (token.norm, False)):
        for length in range(len(written) - allowed, len(written) + allowed + 1):
            for known in by_length.get(length, ()):
                if known[0] != written[0]:
                    continue
                distance = OSA.distance(written, known, score_cutoff=allowed)
                if distance <= allowed and (best is None or (distance, 0) < best[:2]):
                    best = (distance, 0, known if is_stem else known, known)
    for known in phrase_words:
        if known[:1] == token.norm[:1] and abs(len(known) - len(token.norm)) <= allowed and len(known) >= SHORTEST:
            distance = OSA.distance(token.norm, known, score_cutoff=allowed)
            if distance <= allowed and (best is None or (distance, 1) < best[:2]):
                best = (distance, 1, known, known)
    return (best[2], best[3]) if best is not None else None
