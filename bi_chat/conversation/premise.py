"""In: a question that asks why something moved, and how it did. Out: what it takes for granted that isn't so."""

from __future__ import annotations

from bi_chat.language.meanings import Word
from bi_chat.language.phrases import phrase_book
from bi_chat.language.registry import get as language_of
from bi_chat.values.query import Note
from bi_chat.values.question import Question

_DOWN, _UP = frozenset({("fell", ""), ("lever", "down")}), frozenset({("grew", ""), ("lever", "up")})


def premise_note(question: Question, change: float) -> Note | None:
    """ "Why did it drop?" of what rose: said, since who asked so may read a rise as the drop they knew of."""
    tokens = language_of(question.language).tokenize(question.text)
    words = [m.meaning for m in phrase_book(question.language).matches(tokens)]
    said = {(w.tag, w.arg) for w in words if isinstance(w, Word)}
    down, up = bool(said & _DOWN), bool(said & _UP)
    if down == up or not change or (change < 0) == down:
        return None
    return Note("it_rose" if down else "it_fell", warning=True)
