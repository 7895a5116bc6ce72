"""In: the pieces of a question. Out: what is to be changed and by how much, and the pieces that remain.

Example: "what would revenue be if we cut the discount by half in Germany". Difficulty: the lever is no figure to show,
and its amount no condition. Rule: the lever, its change and the words that tie them are taken out before the grammar
reads the rest, which is an ordinary question ("revenue … in Germany").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.targets import Kind

WHOLE = {"half": 0.5, "double": 2.0, "triple": 3.0, "gone": 0.0}
ENDS = (",", "，", "。", ".", "?", "？", ";", "then", "那么", "那")
TIES = tuple("by to we the our were was 把 将 我们 的 从 from of percent a an".split())
ASKS = tuple("how does do did is are what what's whats show tell".split())
_FEW = 0.4  # what is changed must be some name; how sure it is, doubt counts
AIMS = tuple("to for about improve grow increase raise boost it this that 来 以".split())


@dataclass(frozen=True, slots=True)
class LeverSaid:
    """`factor`, `amount` and `level` as in `values.analyses.WhatIf`; none: only how the two go together is asked.

    `source` and `target` are the values between which a part is moved.
    """

    noun: Piece
    factor: float | None = None
    amount: float = 0.0
    source: Piece | None = None
    target: Piece | None = None
    level: float | None = None

    @property
    def changes(self) -> bool:
        """Whether a change is said."""
        return self.factor is not None or self.amount != 0.0 or self.level is not None


def take_lever(pieces: Sequence[Piece]) -> tuple[LeverSaid | None, tuple[Piece, ...]]:
    """The lever and the rest; None and all pieces where none is said."""
    whole = tuple(pieces)
    for find in (_moved, _changed, _influence):
        found = find(whole)
        if found is not None:
            said, taken = found
            taken = taken | {i for i, p in enumerate(whole) if p.word("what_if", "outcome_of")}
            return said, tuple(p for i, p in enumerate(whole) if i not in taken and not _leftover(i, whole, taken))
    return None, whole


def _leftover(at: int, pieces: tuple[Piece, ...], taken: set[int]) -> bool:
    """A word that only tied what was taken together."""
    beside = at + 1 in taken or (at - 1 in taken and not pieces[at].word("by"))  # "up 5 % by country" groups
    return beside and (pieces[at].text.lower() in (*TIES, *ENDS) or pieces[at].word("effect_on") is not None)


def _clause(pieces: tuple[Piece, ...]) -> range | None:
    """The places of the pieces that say what is supposed."""
    at = next((i for i, p in enumerate(pieces) if p.word("what_if") and not _after(p)), None)
    if at is not None:
        end = next((i for i in range(at + 1, len(pieces)) if pieces[i].text.lower() in ENDS), len(pieces))
        return range(at, end)
    at = next((i for i, p in enumerate(pieces) if _after(p) or p.word("effect_of", "effect_on")), None)
    if at is None:
        return range(len(pieces)) if any(p.text.lower() == "would" for p in pieces) else None
    if pieces[at].word("effect_of"):
        return range(at, len(pieces))
    start = next((i + 1 for i in range(at - 1, -1, -1) if pieces[i].text in ENDS), 0)
    return range(start, at + 1)


def _after(piece: Piece) -> bool:
    found = piece.word("what_if")
    return found is not None and found.arg == "after"


def _changed(pieces: tuple[Piece, ...]) -> tuple[LeverSaid, set[int]] | None:
    """ "price goes up 5 %", "we cut the discount by half", "a 5 % price increase"."""
    clause = _clause(pieces)
    if clause is None:
        return None
    ways = [i for i in clause if pieces[i].word("lever") and not _names(pieces[i])]
    size = next((i for i in clause if pieces[i].amount and not pieces[i].period), None)
    noun = _lever_in(pieces, clause, ways)
    if noun is None or not ways:
        return None
    marks = {i for i in clause if pieces[i].word("what_if")}
    if size is not None and pieces[size - 1].text.lower() in ("to", "到", "至", "为"):
        amount = pieces[size].amount
        level = None if amount is None or amount.unit == "%" else abs(amount.value)
        return (LeverSaid(pieces[noun], level=level), {noun, size, *ways, *marks}) if level is not None else None
    change = _change([str(pieces[i].word("lever").arg) for i in ways], pieces[size] if size is not None else None)  # type: ignore[union-attr]
    if change is None:
        return None
    taken = {noun, *ways, *marks} | ({size} if size is not None else set())
    return LeverSaid(pieces[noun], *change), taken


def _change(ways: list[str], size: Piece | None) -> tuple[float | None, float] | None:
    """Factor and amount of the words of change and the number beside them."""
    whole = next((w for w in ways if w in WHOLE), None)
    if whole is not None:
        return WHOLE[whole], 0.0
    if size is None or size.amount is None:
        return None
    sign = 1.0 if ways[0] == "up" else -1.0
    value = abs(size.amount.value) * (sign if size.amount.value >= 0 else -sign)
    return (1 + value / 100, 0.0) if size.amount.unit == "%" else (1.0, value)


def _lever_in(pieces: tuple[Piece, ...], clause: range, ways: list[int]) -> int | None:
    """The figure that is changed: the noun nearest to the words of change."""
    named = [i for i in clause if _names(pieces[i]) and not pieces[i].amount]
    if not named or not ways:
        return None
    return min(named, key=lambda i: min(abs(i - w) for w in ways))


def _names(piece: Piece) -> bool:
    """Whether a piece names a figure more surely than a value."""
    if piece.word("own_price"):
        return True
    nouns = piece.of(Kind.METRIC, Kind.FIELD, Kind.DATASET)
    values = piece.of(Kind.VALUE)
    return bool(nouns) and nouns[0].score >= _FEW and not (values and values[0].score > nouns[0].score + 0.02)


def _moved(pieces: tuple[Piece, ...]) -> tuple[LeverSaid, set[int]] | None:
    """ "move 20 % of spend from search to social", 把20%的广告费从搜索转到社交."""
    at = next((i for i, p in enumerate(pieces) if p.word("lever_move") and not _names(p)), None)
    size = next((i for i, p in enumerate(pieces) if p.amount and p.amount.unit == "%"), None)
    halved = next((i for i, p in enumerate(pieces) if _is_half(p)), None)
    size = size if size is not None else halved
    if at is None or size is None:
        return None
    values = [i for i, p in enumerate(pieces) if i > size and p.of(Kind.VALUE) and not p.amount]
    begin = next((i for i, p in enumerate(pieces) if p.text.lower() in ("from", "从") and i > 0), None)
    source = next((i for i in values if begin is not None and i > begin), None)
    target = next((i for i in values if source is not None and i > max(source, at)), None)
    noun = next((i for i in range(len(pieces)) if _names(pieces[i]) and i not in (source, target)), None)
    if source is None or target is None or noun is None:
        return None
    amount = pieces[size].amount
    share = abs(amount.value) / 100 if amount is not None and size != halved else 0.5
    marks = {i for i, p in enumerate(pieces) if p.word("what_if")}
    ties = {i for i in range(min(at, size), target) if pieces[i].text.lower() in TIES}
    said = LeverSaid(pieces[noun], 1 - min(share, 1.0), 0.0, pieces[source], pieces[target])
    return said, {at, size, source, target, noun, *marks, *ties}


def _is_half(piece: Piece) -> bool:
    found = piece.word("lever")
    return found is not None and found.arg == "half"


def _influence(pieces: tuple[Piece, ...]) -> tuple[LeverSaid, set[int]] | None:
    """ "how does price affect sales", "effect of spend on revenue", 价格对销量有什么影响."""
    named = [i for i, p in enumerate(pieces) if _names(p)]
    at = next((i for i, p in enumerate(pieces) if p.word("affects", "effect_of", "elasticity")), None)
    toward = next((i for i, p in enumerate(pieces) if p.text == "对"), None)
    if toward is not None and any(p.word("affects", "effect_on") for p in pieces[toward:]):
        at = toward
    if at is None or not pieces:
        return None
    asks = pieces[0].text.lower().split()[0] in ASKS or not pieces[0].text.isascii() or at == 0
    before, after = [i for i in named if i < at], [i for i in named if i > at]
    marks = {i for i, p in enumerate(pieces) if p.word("affects", "effect_of", "effect_on", "elasticity")}
    if pieces[at].word("effect_of"):
        before, after = after[:1], after[1:]
    elif pieces[at].word("elasticity"):
        return _elasticity(pieces, named, at)
    elif pieces[at].text.lower().split()[0] in ("react", "reacts", "respond", "responds", "depend", "depends"):
        before, after = after, before
    if not before or not after or not asks:
        return None
    return LeverSaid(pieces[before[-1]]), {before[-1], at, *marks}


def _elasticity(pieces: tuple[Piece, ...], named: list[int], at: int) -> tuple[LeverSaid, set[int]] | None:
    """The lever of an elasticity is a price: the noun that says so, else the last one."""
    prices = [i for i in (*named, at) if any(w in pieces[i].text.lower() for w in ("price", "价"))]
    others = [i for i in named if i not in prices]
    lever = prices[0] if prices else others[-1] if len(others) > 1 else None
    return (LeverSaid(pieces[lever]), {lever, at}) if lever is not None else None


def take_advice(pieces: Sequence[Piece]) -> tuple[str | None, tuple[Piece, ...]]:
    """ "what should we do to grow revenue?": what the advice is about ("" or "spend"), and the pieces that remain."""
    said = next((w for p in pieces if (w := p.word("advise")) is not None), None)
    if said is None:
        return None, tuple(pieces)
    aims = ("advise", "lever", "grew", "growth", "fell", "moved", "about", "that_ref")
    return str(said.arg), tuple(p for p in pieces if not (p.word(*aims) and not p.hits) and p.text.lower() not in AIMS)
