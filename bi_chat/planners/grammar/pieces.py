"""In: tokens with everything they may mean. Out: the best ways to cut the question into pieces.

A piece is a span of words with all its possible meanings: operator words, amounts,
periods, and targets in the semantic model. Cutting is a shortest-path problem over spans:
long exact spans win over several short ones, and words that nothing explains cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bi_chat.language.meanings import (
    Amount,
    Duration,
    GrainSaid,
    Match,
    Meaning,
    PartIs,
    PartSaid,
    PeriodSaid,
    Token,
    Word,
)
from bi_chat.semantics.targets import Hit, Kind
from bi_chat.values.period import Grain

UNEXPLAINED = -1.2
PIECE_COST = 0.25
VALUE_OF_TAG = {"filler": 0.45, "show": 0.5, "noun": 0.7, "on_time": 1.3, "where_tie": 0.2, "own_price": 0.45}


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens [start, end) of the question; `quoted` holds the text of a quotation."""

    start: int
    end: int
    text: str
    meanings: tuple[Meaning, ...] = ()
    hits: tuple[Hit, ...] = ()
    quoted: str = ""

    def word(self, *tags: str) -> Word | None:
        """Its operator word, when it is one of these tags."""
        return next((m for m in self.meanings if isinstance(m, Word) and m.tag in tags), None)

    @property
    def amount(self) -> Amount | None:
        """Its number; "twice" is two."""
        times = self.word("times")
        if times is not None:
            return Amount(float(times.arg))
        return next((m for m in self.meanings if isinstance(m, Amount)), None)

    @property
    def period(self) -> PeriodSaid | None:
        """Its period; a specific one first."""
        said = [m for m in self.meanings if isinstance(m, PeriodSaid)]
        return max(said, key=lambda p: p.specific, default=None)

    @property
    def grain(self) -> GrainSaid | None:
        """Its time grain; hours are folded into the hours of a day where that reading exists."""
        found = next((m for m in self.meanings if isinstance(m, GrainSaid)), None)
        return None if found is not None and found.grain is Grain.HOUR and self.part is not None else found

    @property
    def part(self) -> PartSaid | None:
        """Its recurring part of a date."""
        return next((m for m in self.meanings if isinstance(m, PartSaid)), None)

    @property
    def only_part(self) -> PartIs | None:
        """Some values of a recurring part ("on weekends"), as a filter."""
        return next((m for m in self.meanings if isinstance(m, PartIs)), None)

    @property
    def duration(self) -> Duration | None:
        """Its length of time."""
        return next((m for m in self.meanings if isinstance(m, Duration)), None)

    def of(self, *kinds: Kind) -> tuple[Hit, ...]:
        """Its targets of these kinds, best first."""
        return tuple(h for h in self.hits if h.target.kind in kinds)

    @property
    def unexplained(self) -> bool:
        """Whether nothing gives it a meaning."""
        return not (self.meanings or self.hits or self.quoted)


def cut(
    tokens: Sequence[Token], matches: Iterable[Match], hits: Iterable[Hit], ignorable: frozenset[str]
) -> tuple[Piece, ...]:
    """The best cut of the question. `ignorable` are words (as norms) that need no explanation."""
    spans = _spans(tokens, matches, hits)
    n = len(tokens)
    nothing: tuple[Piece, ...] = ()
    best = [(0.0, nothing), *[(float("-inf"), nothing)] * n]
    for end in range(1, n + 1):
        for start, piece, value in spans[end]:
            score = best[start][0] + value
            if score > best[end][0]:
                best[end] = (score, (*best[start][1], piece))
        token = tokens[end - 1]
        empty = Piece(end - 1, end, token.text, quoted=_quoted(token.text))
        cost = 0.6 if empty.quoted else 0.0 if token.norm in ignorable else UNEXPLAINED
        if best[end - 1][0] + cost - PIECE_COST > best[end][0]:
            best[end] = (best[end - 1][0] + cost - PIECE_COST, (*best[end - 1][1], empty))
    return best[n][1]


def without_text(matches: Iterable[Match]) -> list[Match]:
    """ "ending in the next 60 days": no end of a text, where a period follows."""
    found = list(matches)
    dated = {m.start for m in found if isinstance(m.meaning, PeriodSaid) and m.meaning.specific}
    texts = ("starts", "ends")
    return [m for m in found if not (isinstance(m.meaning, Word) and m.meaning.tag in texts and m.end in dated)]


def _quoted(text: str) -> str:
    pairs = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "『": "』", "《": "》"}
    return text[1:-1] if len(text) > 2 and pairs.get(text[0]) == text[-1] else ""


def _spans(
    tokens: Sequence[Token], matches: Iterable[Match], hits: Iterable[Hit]
) -> dict[int, list[tuple[int, Piece, float]]]:
    meanings: dict[tuple[int, int], list[Match]] = defaultdict(list)
    targets: dict[tuple[int, int], list[Hit]] = defaultdict(list)
    for match in matches:
        meanings[match.start, match.end].append(match)
    for hit in hits:
        targets[hit.start, hit.end].append(hit)
    spans: dict[int, list[tuple[int, Piece, float]]] = defaultdict(list)
    for start, end in set(meanings) | set(targets):
        said = sorted(meanings[start, end], key=lambda m: -m.score)
        hit_list = sorted(targets[start, end], key=lambda h: -h.score)
        if hit_list:
            floor = hit_list[0].score - 0.6
            hit_list = [h for h in hit_list if h.score >= floor][:40]
            if any(isinstance(m.meaning, Word) for m in said):
                hit_list = [
                    h
                    for h in hit_list
                    if not _faint_value(h)
                    and (h.target.kind is Kind.VALUE or h.how not in ("translated", "general", "near", "part"))
                ]
        quoted = _quoted(tokens[start].text) if end == start + 1 else ""
        text = " ".join(t.text for t in tokens[start:end])
        piece = Piece(start, end, text, tuple(m.meaning for m in said), tuple(hit_list), quoted)
        spans[end].append((start, piece, _value(piece, end - start, said, hit_list)))
    return spans


def _faint_value(hit: Hit) -> bool:
    plain = hit.target.name.isascii() and hit.said.isascii()
    return hit.target.kind is Kind.VALUE and hit.score < (0.9 if plain else 0.55)


def _value(piece: Piece, length: int, said: Sequence[Match], hits: Sequence[Hit]) -> float:
    """What a piece is worth: how much of the question it explains, and how surely."""
    by_meaning = max((_meaning_value(m, length) for m in said), default=0.0)
    by_hit = 0.0
    for hit in hits[:3]:
        rows = hit.how == "part" and hit.target.kind is Kind.DATASET  # "branch registered" is no whole name
        by_hit = max(by_hit, hit.score * length * 1.05 + (0.0 if rows else 0.15 * (length - 1)))
        break
    both = 0.05 if by_meaning and by_hit else 0.0
    return max(by_meaning, by_hit) + both - PIECE_COST


def _meaning_value(match: Match, length: int) -> float:
    match match.meaning:
        case Word(tag):
            return VALUE_OF_TAG.get(tag, 0.9) * length
        case PeriodSaid(specific=specific):
            return (1.15 if specific else 0.8) * length
        case GrainSaid(bare=bare) | PartSaid(bare=bare):
            return (0.85 if bare else 1.1) * length
        case Duration():
            return 0.95 * length
    return 0.9 * length
