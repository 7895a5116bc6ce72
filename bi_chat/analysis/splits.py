"""In: amounts of products or customers before and after. Out: a change split into parts that add up to it.

Price, volume and mix as management accounting has them: the price effect at the later quantity, the volume effect at
the earlier average price, the mix what remains of the quantity effect (Horngren, Datar & Rajan, *Cost Accounting*,
ch. 14).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sold:
    """Pieces and money of one product before and after."""

    pieces: tuple[float, float]
    money: tuple[float, float]

    @property
    def stayed(self) -> bool:
        """Whether it was sold in both periods."""
        return min(*self.pieces, *self.money) > 0


def price_volume(rows: Sequence[Sold]) -> tuple[tuple[str, float], ...]:
    """volume, mix and price of what was sold in both periods; arrived and gone: what was sold in one of them only."""
    both = [r for r in rows if r.stayed]
    before = math.fsum(r.pieces[0] for r in both)
    average = math.fsum(r.money[0] for r in both) / before if before else 0.0
    grown = math.fsum(r.pieces[1] - r.pieces[0] for r in both)
    quantity = math.fsum((r.pieces[1] - r.pieces[0]) * r.money[0] / r.pieces[0] for r in both)
    price = math.fsum(r.money[1] - r.pieces[1] * r.money[0] / r.pieces[0] for r in both)
    volume = grown * average
    others = [r for r in rows if not r.stayed]
    return (
        ("volume", volume),
        ("price", price),
        ("mix", quantity - volume),
        ("arrived", math.fsum(r.money[1] for r in others)),
        ("gone", -math.fsum(r.money[0] for r in others)),
    )


def by_customers(rows: Sequence[tuple[bool, float, float]]) -> tuple[tuple[str, float], ...]:
    """(known, before, after) of each customer: what new ones brought, lost ones took away, the others changed."""
    known = [(b, a) for k, b, a in rows if k]
    return (
        ("new", math.fsum(a for b, a in known if b == 0)),
        ("lost", -math.fsum(b for b, a in known if a == 0)),
        ("kept", math.fsum(a - b for b, a in known if b != 0 and a != 0)),
        ("unknown", math.fsum(a - b for k, b, a in rows if not k)),
    )
