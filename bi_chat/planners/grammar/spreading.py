"""In: pieces that ask who customers are, or how much few of them hold. Out: what is asked, and the pieces that remain.

Example: "which 20 % of customers make 80 % of revenue". Difficulty: the percentages are no conditions and no shares to
compute. Rule: they, and the words that ask for segments or concentration, are taken out before the grammar reads the
rest; what remains names the figure, the holders, and the rows that count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bi_chat.analysis.customers import SEGMENTS
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.targets import Kind
from bi_chat.values.analyses import Segments
from bi_chat.values.plan import Plan

_NAMED = 0.7  # a hit from here on is a name of the model: they may have a field of that name


@dataclass(frozen=True, slots=True)
class SpreadSaid:
    """`holders` and `held` as in `values.analyses.Concentration`; `segments` are wanted instead, or one is `listed`."""

    holders: float = 0.2
    held: float = 0.8
    segments: bool = False
    listed: str = ""


def take_spread(pieces: Sequence[Piece], previous: Plan | None) -> tuple[SpreadSaid | None, tuple[Piece, ...]]:
    """What is asked, and the pieces that remain; None and all of them where it is something else."""
    whole = tuple(pieces)
    return _segments(whole, previous) or _concentration(whole) or (None, whole)


def _segments(pieces: tuple[Piece, ...], previous: Plan | None) -> tuple[SpreadSaid, tuple[Piece, ...]] | None:
    content = [p for p in pieces if not p.word("filler", "show", "that_ref") or p.hits]
    said = [p for p in content if _is(p, "segments")]
    said = [p for p in said if p.word("segments").arg != "verb" or (p is content[0] and len(content) > 1)]  # type: ignore[union-attr]
    listed = next((w.arg for p in pieces if (w := p.word("segment_name")) and _is(p, "segment_name")), "")
    again = previous is not None and isinstance(previous.analysis, Segments) and listed in SEGMENTS
    if not said and not again:
        return None
    taken = [p for p in pieces if p in said or (listed and p.word("segment_name", "which", "who", "list"))]
    return SpreadSaid(segments=True, listed=listed), tuple(p for p in pieces if p not in taken)


def _concentration(pieces: tuple[Piece, ...]) -> tuple[SpreadSaid, tuple[Piece, ...]] | None:
    asked = [p for p in pieces if _is(p, "concentration")]
    parts = [i for i, p in enumerate(pieces) if p.amount is not None and p.amount.unit == "%" and not p.of(Kind.METRIC)]
    share = [min(abs(pieces[i].amount.value) / 100, 1.0) for i in parts]  # type: ignore[union-attr]
    made = [i for i in parts if _holds(pieces, i)]
    top = [i for i in parts if i and pieces[i - 1].word("top")]
    if len(parts) == 2 and (made or asked):
        said = SpreadSaid(share[0], share[1])
    elif len(parts) == 1 and made and any(p.of(Kind.DATASET, Kind.FIELD) for p in pieces[: made[0]]):
        said = SpreadSaid(held=share[0])
    elif len(parts) == 1 and top:
        said = SpreadSaid(holders=share[0])
    elif asked and not parts:
        said = SpreadSaid()
    else:
        return None
    ties = ("which", "how_many", "how_much", "share", "verb", "makes_up", "top", "chart_any")
    rest = (
        p
        for i, p in enumerate(pieces)
        if p not in asked
        and i not in parts
        and p.text != "哪"
        and not (p.word(*ties) and not p.of(Kind.METRIC, Kind.DATASET, Kind.FIELD))
    )
    return said, tuple(rest)


def _holds(pieces: tuple[Piece, ...], at: int) -> bool:
    """ "… make 80 % of revenue": a verb before the part, a figure after it."""
    before = next((p for p in reversed(pieces[:at]) if not p.word("filler")), None)
    after = next(
        (p for p in pieces[at + 1 :] if not p.word("filler", "of") and p.text not in ("our", "the", "all")), None
    )
    return (
        before is not None
        and before.word("verb", "makes_up", "share") is not None
        and after is not None
        and bool(after.of(Kind.METRIC, Kind.FIELD))
    )


def _is(piece: Piece, tag: str) -> bool:
    return piece.word(tag) is not None and not (piece.hits and piece.hits[0].score >= _NAMED)
