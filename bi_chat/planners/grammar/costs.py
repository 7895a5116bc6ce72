"""In: pieces that ask how a figure goes with what is mentioned. Out: what is asked, and the pieces that remain.

Example: "do refunds rise where battery is mentioned", "which complaints cost most". Difficulty: the word is no value
and the figure has no condition. Rule: the word beside "mention" and the words of rising and costing are taken out
before the grammar reads the rest, which names the figure.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.targets import Kind

_BLANKS = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")  # between tokens of Chinese
_TIES = tuple("where when if is are do does did has have was were most the us with".split())
_MOVES = ("lever", "grew", "fell", "more", "moved", "affects", "rises")
_ASKS = ("do", "does", "did", "are", "is", "how", "有", "是")


@dataclass(frozen=True, slots=True)
class BlameSaid:
    """`word` is looked for in texts; '': each theme of complaints."""

    word: str = ""


def take_blame(pieces: Sequence[Piece]) -> tuple[BlameSaid | None, tuple[Piece, ...]]:
    """What is asked, and the pieces that name the figure; None and all of them where it is something else."""
    whole = tuple(pieces)
    return _costly(whole) or _mentioned(whole) or (None, whole)


def _costly(pieces: tuple[Piece, ...]) -> tuple[BlameSaid, tuple[Piece, ...]] | None:
    cost = [p for p in pieces if p.word("theme_cost")]
    what = [p for p in pieces if p.word("theme", "polarity") and p not in cost]
    if not cost or not what:
        return None
    return BlameSaid(), _rest(pieces, {*map(id, cost), *map(id, what)})


def _mentioned(pieces: tuple[Piece, ...]) -> tuple[BlameSaid, tuple[Piece, ...]] | None:
    """ "… where X is mentioned", "… when reviews mention X", 提到X的…更多吗."""
    at = next((i for i, p in enumerate(pieces) if p.word("mentioned", "contains") and _says(p)), None)
    moves = [p for p in pieces if p.word(*_MOVES) and not p.of(Kind.METRIC)]
    counted = any(p.word("how_many") for p in pieces)  # how many reviews mention it, not how a figure goes with it
    if at is None or not moves or counted or not _is_asked(pieces):
        return None
    passive = pieces[at].word("mentioned") is not None
    step = -1 if passive else 1
    place = at + step
    while 0 <= place < len(pieces) and _ties(pieces[place]):
        place += step
    if not 0 <= place < len(pieces) or pieces[place].of(Kind.METRIC):
        return None
    said = _word(pieces[place:])
    moves = [p for p in moves if p not in said]  # "reviews that mention the word leaks": nothing moves
    if not moves:
        return None
    taken = {*map(id, said), id(pieces[at]), *map(id, moves)}
    return BlameSaid(said[0].quoted or _BLANKS.sub("", " ".join(p.text for p in said))), _rest(pieces, taken)


def _word(pieces: Sequence[Piece]) -> list[Piece]:
    """The first piece; of Chinese all that nothing else explains."""
    more = itertools.takewhile(lambda p: p.unexplained and not p.text.isascii(), pieces[1:])
    return [pieces[0], *(more if pieces[0].unexplained and not pieces[0].text.isascii() else ())]


def _ties(piece: Piece) -> bool:
    return piece.word("filler", "where_tie") is not None or piece.text.lower() in _TIES


def _says(piece: Piece) -> bool:
    """Whether people say it: a name that contains letters is no mention."""
    return piece.word("mentioned") is not None or any(
        w in _BLANKS.sub("", piece.text.lower()) for w in ("mention", "提到", "提及")
    )


def _is_asked(pieces: tuple[Piece, ...]) -> bool:
    """Whether the sentence asks if something is so, not for the rows in which it is."""
    return pieces[0].text.lower().split()[0] in _ASKS or any(p.text in ("吗", "?") for p in pieces[-2:])


def _rest(pieces: tuple[Piece, ...], taken: set[int]) -> tuple[Piece, ...]:
    ties = ("which", "where", "when", "how_much", "verb", "where_tie")
    spare = {id(p) for p in pieces if p.word(*ties) and not p.of(Kind.METRIC, Kind.DATASET)}
    return tuple(p for p in pieces if id(p) not in taken | spare and p.text.lower() not in _TIES)
