"""In: a sum by pairs of dimensions in two periods. Out: the pair of values whose change neither value alone explains.

Example: coffee in Ulm fell by half, while Ulm sold more tea and coffee sold better elsewhere. Difficulty: neither Ulm
nor coffee moved, and of a thousand pairs some always move oddly. Rule: a pair is expected to move by the factors of
both its values in all other rows; the distance from that is the three-way interaction of a log-linear model (Agresti,
Categorical Data Analysis, ch. 8), in units of how such distances usually vary, and it counts only if it would be rare
among all pairs that were looked at (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bi_chat.analysis.contribution import two_sided
from bi_chat.analysis.drivers import Amounts
from bi_chat.values.drivers import PairDriver, Segment
from bi_chat.values.plan import FieldRef, Plan
from bi_chat.values.result import Cell

CHANCE = 0.01  # that of all pairs any is named which is none
PART = 0.25  # of the change: what a pair must explain at least beyond its values
FEWEST = 8  # rows of a pair in one of the periods
_CHI_MEDIAN = 0.4549
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class PairTable:
    """The sum by two fields in both periods, one row for each pair of values; `plan` gives the rows when run."""

    fields: tuple[FieldRef, FieldRef]
    labels: tuple[str, str]
    rows: tuple[tuple[tuple[Cell, Cell], Amounts], ...]
    plan: Plan = Plan()


@dataclass(frozen=True, slots=True)
class _Tried:
    table: PairTable
    pair: tuple[Cell, Cell]
    amounts: Amounts
    expected: float
    score: float


def best_pair(tables: Sequence[PairTable], change: float) -> PairDriver | None:
    """The pair that explains most of the change beyond what its values do; None where none is more than chance."""
    tried = [(t, t.score / spread) for table in tables for made, spread in [_judged(table)] for t in made]
    if len(tried) < 4 or not change:
        return None
    found = [
        (t, score)
        for t, score in tried
        if (t.amounts.top[1] - t.amounts.top[0] - t.expected) / change >= PART
        and two_sided(score) * len(tried) < CHANCE
    ]
    if not found:
        return None
    best, score = max(found, key=lambda f: abs(f[1]))
    return _driver(best, score, change)


def _judged(table: PairTable) -> tuple[list[_Tried], float]:
    """The pairs of a table, and how much more than by chance they usually vary: lines of one order come together, so
    fields of orders vary more than those of goods. Half of the squares lie below their median, few causes or none."""
    made = list(_tried(table))
    squares = [t.score**2 for t in made]
    return made, math.sqrt(
        max(1.0, median(squares) / _CHI_MEDIAN, math.fsum(squares) / len(squares) / 2)
    ) if made else 1.0


def _driver(best: _Tried, score: float, change: float) -> PairDriver:
    def segment(pair: tuple[Cell, Cell], amounts: Amounts) -> Segment:
        named = pair == best.pair
        part = amounts.top[1] - amounts.top[0]
        value = " · ".join("–" if v is None else str(v) for v in pair)
        expected = best.expected if named else 0.0
        return Segment(value, *amounts.top, part, expected, score=abs(score) if named else 0.0, stands_out=named)

    cells = tuple(segment(pair, amounts) for pair, amounts in best.table.rows)
    own = next(s for s in cells if s.stands_out)
    residual = change - math.fsum(s.contribution for s in cells)
    return PairDriver(best.table.fields, best.table.labels, best.pair, own, cells, residual, best.table.plan)


def _tried(table: PairTable) -> Iterator[_Tried]:
    """Each pair of named values with what it was expected to add, and how far from that it is by chance alone."""
    total = _sum([a for _, a in table.rows])
    sides: tuple[dict[Cell, Amounts], ...] = tuple(
        {v: _sum([a for pair, a in table.rows if pair[at] == v]) for v in {pair[at] for pair, _ in table.rows}}
        for at in (0, 1)
    )
    for pair, own in table.rows:
        if None in pair or max(own.weight) < FEWEST:
            continue
        one, two = sides[0][pair[0]], sides[1][pair[1]]
        around = (own.rest_of(one), own.rest_of(two), _rest(total, one, two, own))
        if min(t for a in (own, *around) for t in a.top) < 0 or min(sum(a.weight) for a in around) < FEWEST:
            continue
        by_amount, usual = _score([_rows(a) for a in (own, *around)])
        by_rows, _ = _score([(a.weight[0] + _HALF, a.weight[1] + _HALF) for a in (own, *around)])
        surely = min(by_amount, by_rows, key=abs) if by_amount * by_rows > 0 else 0.0  # one dear row is no pattern
        yield _Tried(table, pair, own, own.top[0] * (usual - 1), surely)


def _rows(a: Amounts) -> tuple[float, float]:
    """Amounts as numbers of mean rows, before and after; half a row more, so that none is 0."""
    rows = sum(a.weight)
    ticket = sum(a.top) / rows if rows and sum(a.top) > 0 else 1.0
    return a.top[0] / ticket + _HALF, a.top[1] / ticket + _HALF


def _score(rows: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The pair's rows (first) against those expected by the factor (second) that follows from the others.

    On the scale of roots, where counts vary alike whatever their size."""
    (before, after), *around = rows
    one, two, neither = (math.log(b / a) for a, b in around)
    usual = math.exp(one + two - neither)
    expected = before * usual
    unsure = 1 / before + sum(1 / n for pair in around for n in pair)
    return 2 * (math.sqrt(after) - math.sqrt(expected)) / math.sqrt(1 + expected * unsure), usual


def _rest(total: Amounts, one: Amounts, two: Amounts, both: Amounts) -> Amounts:
    """The rows with neither value."""
    top, weight = (
        tuple(t - a - b + c for t, a, b, c in zip(*parts, strict=True))
        for parts in (
            (total.top, one.top, two.top, both.top),
            (total.weight, one.weight, two.weight, both.weight),
        )
    )
    return Amounts((top[0], top[1]), (weight[0], weight[1]))


def _sum(amounts: Sequence[Amounts]) -> Amounts:
    parts = [math.fsum(x) for x in zip(*((*a.top, *a.weight) for a in amounts), strict=True)]
    return Amounts((parts[0], parts[1]), (parts[2], parts[3]))
