"""In: a seed. Out: random draws that are the same on every machine and with every version of every library.

Only `random.Random.random` is promised to keep its stream for ever, so all distributions are made from it here, and a
data set regenerates value for value years later.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A seeded source of draws. Two with the same seed give the same draws in the same order."""

    def __init__(self, seed: int) -> None:
        self._uniform = random.Random(seed).random

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self._uniform()

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self._uniform() < probability

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._uniform() * (high - low + 1))

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        """A Gaussian number (Box and Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self._uniform()))
        return mean + deviation * radius * math.cos(2.0 * math.pi * self._uniform())

    def poisson(self, mean: float) -> int:
        """A count with this mean (Knuth; meant for means below about 50)."""
        limit, product, count = math.exp(-mean), self._uniform(), 0
        while product > limit:
            product *= self._uniform()
            count += 1
        return count

    def pick(self, items: Sequence[T]) -> T:
        """One item, all equally likely."""
        return items[int(self._uniform() * len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One item, in proportion to the weights."""
        return self.cumulative(items, list(accumulate(weights)))

    def cumulative(self, items: Sequence[T], sums: Sequence[float]) -> T:
        """One item, by running sums of weights that the caller made once for many draws."""
        return items[min(bisect(sums, self._uniform() * sums[-1]), len(items) - 1)]
