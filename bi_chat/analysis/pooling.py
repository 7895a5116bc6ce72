"""In: the same effect estimated in several groups. Out: the estimates drawn towards each other as far as chance allows.

Random effects after DerSimonian and Laird (1986): what the groups differ by beyond their errors is real and stays, the
rest is noise and goes; each estimate keeps the weight that the one has in both (empirical Bayes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pooled:
    """For each group its value and error; `spread` is by how much groups really differ (0: not to be told apart)."""

    values: tuple[float, ...]
    errors: tuple[float, ...]
    mean: float
    spread: float


def pooled(values: Sequence[float], errors: Sequence[float]) -> Pooled:
    """All of one length, errors above 0. One group alone stays as it is."""
    weights = [1 / e**2 for e in errors]
    total = math.fsum(weights)
    mean = math.fsum(w * v for w, v in zip(weights, values, strict=True)) / total
    if len(values) < 2:
        return Pooled(tuple(values), tuple(errors), mean, 0.0)
    apart = math.fsum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True))
    free = total - math.fsum(w**2 for w in weights) / total
    between = max(0.0, (apart - (len(values) - 1)) / free)
    both = [1 / (e**2 + between) for e in errors]
    centre = math.fsum(w * v for w, v in zip(both, values, strict=True)) / math.fsum(both)
    unsure = 1 / math.fsum(both)
    kept = [between / (between + e**2) for e in errors]
    guessed = 2 / (len(values) - 1)  # how much they differ is itself known only from them (Morris 1983)
    variances = [
        min(k * e**2 + (1 - k) ** 2 * (unsure + (guessed * (v - centre) ** 2 if between else 0.0)), e**2)
        for k, e, v in zip(kept, errors, values, strict=True)
    ]
    return Pooled(
        tuple(k * v + (1 - k) * centre for k, v in zip(kept, values, strict=True)),
        tuple(map(math.sqrt, variances)),
        centre,
        math.sqrt(between),
    )
