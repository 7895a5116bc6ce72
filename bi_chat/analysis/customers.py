"""In: people with what they did, or holders of a figure. Out: scores and segments, and how concentrated the figure is.

Source of the scores: Hughes, Strategic Database Marketing (1994): fifths by recency, frequency and monetary value. The
segments are the usual names of regions of those scores (as in Fader, Hardie and Lee, RFM and CLV, 2005, the three are
kept apart, not added up). Gini: its mean difference form, corrected for few holders by n / (n - 1).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from bi_chat.values.customers import Holder, Person, ScoredPerson

FIFTHS = 5
SEGMENTS = ("champions", "loyal", "promising", "new", "wavering", "big_slipping", "slipping", "asleep")
A_PART, B_PART = 0.8, 0.95


def scored(people: Sequence[Person]) -> tuple[ScoredPerson, ...]:
    """Each person with scores and segment, largest amount first. Equal values get equal scores."""
    recency = _fifths([p.last.toordinal() for p in people])
    frequency = _fifths([p.times for p in people])
    money = _fifths([p.amount for p in people])
    made = [
        ScoredPerson(p, r, f, m, segment_of(r, f, m, p.times))
        for p, r, f, m in zip(people, recency, frequency, money, strict=True)
    ]
    return tuple(sorted(made, key=lambda s: (-s.person.amount, str(s.person.key))))


def _fifths(values: Sequence[float]) -> list[int]:
    """1 to 5 by the part of all that lies below: whoever is equal stands equal, however many they are."""
    ranked = sorted(values)
    return [1 + min(FIFTHS - 1, FIFTHS * bisect_left(ranked, v) // len(ranked)) for v in values]


def segment_of(recency: int, frequency: int, money: int, times: int) -> str:
    """One of `SEGMENTS`: how lately against how often and how much (their mean)."""
    worth = (frequency + money) / 2
    if recency >= 4 and worth >= 4:
        return "champions"
    if recency >= 3:
        if times == 1 and recency >= 4:
            return "new"
        if worth >= 3:
            return "loyal"
        return "promising" if recency >= 4 else "wavering"
    if worth >= 4:
        return "big_slipping"
    return "slipping" if worth >= 2.5 else "asleep"


def held_by(holders: Sequence[Holder], part: float) -> float:
    """The part of the whole that the largest `part` of the holders hold; between two holders it is shared out."""
    total = sum(h.amount for h in holders)
    if not holders or total <= 0:
        return 0.0
    count = part * len(holders)
    whole = int(count + 1e-9)
    held = sum(h.amount for h in holders[:whole])
    if whole < len(holders):
        held += (count - whole) * holders[whole].amount
    return held / total


def needed_for(holders: Sequence[Holder], part: float) -> int:
    """How many of the largest it takes to hold `part` of the whole."""
    wanted, held = part * sum(h.amount for h in holders) * (1 - 1e-12), 0.0
    for count, holder in enumerate(holders, 1):
        held += holder.amount
        if held >= wanted:
            return count
    return len(holders)


def gini(holders: Sequence[Holder]) -> float | None:
    """0 where all hold the same, 1 where one holds all; None for fewer than two holders or nothing to hold."""
    amounts = sorted(h.amount for h in holders)
    n, total = len(amounts), sum(amounts)
    if n < 2 or total <= 0:
        return None
    weighted = sum((2 * i - n - 1) * a for i, a in enumerate(amounts, 1))
    return weighted / (n * total) * n / (n - 1)


def classes(holders: Sequence[Holder]) -> tuple[str, ...]:
    """A for those that together make the first 80 % of the whole, B up to 95 %, C for the rest (ABC analysis)."""
    total = sum(h.amount for h in holders)
    found, before = [], 0.0
    for holder in holders:
        found.append("A" if before < A_PART * total else "B" if before < B_PART * total else "C")
        before += holder.amount
    return tuple(found)
