"""A pair of values is named when it moved as neither value does alone, and hardly ever when nothing did."""

from __future__ import annotations

import math
import random

import pytest

from bi_chat.analysis.drivers import Amounts
from bi_chat.analysis.pairs import PairTable, best_pair
from bi_chat.values.plan import FieldRef

FIELDS = (FieldRef("sales", "town"), FieldRef("sales", "goods"))


def table(chance: random.Random, move: dict[tuple[str, str], float] | None = None) -> PairTable:
    """Six towns by five kinds of goods, some sixty rows of mean 20 in each period; `move`: factors of pairs."""
    rows = []
    for town in "ABCDEF":
        for goods in "abcde":
            counts = [max(1, round(chance.gauss(60, 60**0.5))) for _ in (0, 1)]
            counts[1] = round(counts[1] * (move or {}).get((town, goods), 1.0))
            tops = [sum(chance.expovariate(1 / 20) for _ in range(n)) for n in counts]
            rows.append(((town, goods), Amounts((tops[0], tops[1]), (counts[0], counts[1]))))
    return PairTable(FIELDS, ("town", "goods"), tuple(rows))


def change(of: PairTable) -> float:
    return math.fsum(a.top[1] - a.top[0] for _, a in of.rows)


def test_a_pair_that_fell_while_both_values_rose_elsewhere_is_named() -> None:
    named = 0
    for seed in range(20):
        moved = {("B", goods): 1.2 for goods in "abde"} | {(town, "c"): 1.2 for town in "ACDEF"} | {("B", "c"): 0.05}
        made = table(random.Random(seed), moved | {("A", "a"): 0.6, ("F", "e"): 0.6, ("D", "d"): 0.5})
        found = best_pair([made], -900.0)
        named += found is not None and found.values == ("B", "c")
    assert named >= 18


def test_nothing_is_named_where_nothing_moved() -> None:
    made = [table(random.Random(seed)) for seed in range(200)]
    assert sum(best_pair([t], change(t)) is not None for t in made) <= 4


@pytest.mark.parametrize("seed", range(5))
def test_all_pairs_add_up_to_the_change(seed: int) -> None:
    made = table(random.Random(seed), {("B", "c"): 0.02})
    found = best_pair([made], change(made) - 50.0)
    assert found is not None
    total = math.fsum(s.contribution for s in found.cells) + found.residual
    assert total == pytest.approx(change(made) - 50.0, abs=1e-9)


def test_a_value_that_moved_everywhere_is_no_pair() -> None:
    made = table(random.Random(3), {("B", goods): 0.3 for goods in "abcde"})
    assert best_pair([made], change(made)) is None
