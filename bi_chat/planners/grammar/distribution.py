"""In: a number and the wish to see how it spreads. Out: a plan of counts by value or bucket, or of single values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Aggregate,
    Bin,
    Dimension,
    Exists,
    FieldRef,
    Fn,
    IsNull,
    Order,
    Plan,
    Scalar,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def distribution(made: Assembler, dims: list[Dimension]) -> Plan | None:
    """Rows of the subject counted by a number's value or bucket; as single values for a histogram."""
    measure = next(
        (m.of for m in made.measured if not (isinstance(m.of, Aggregate) and m.of.function is Fn.COUNT)), None
    )
    if measure is None or (made.sketch.width is None and dims and made.sketch.chart != "box"):
        return None
    scalar, home = made.measures.per_row(measure, made.subject)
    if scalar is None or home is None:
        return None
    if made.sketch.chart in ("histogram", "box") and made.sketch.width is None:
        return Plan(dimensions=(*dims, Dimension(scalar)), base=home.name)
    counted = made.measures.count_of_subject(home)
    width = made.sketch.width or bucket_width(made, scalar)
    bucket = Dimension(Bin(scalar, width) if width else scalar)
    return Plan(measures=(counted,) if counted else (), dimensions=(bucket, *dims), order=(Order(bucket.of, False),))


def scattered(made: Assembler, dims: list[Dimension]) -> Plan | None:
    """Two numbers side by side: of each row where both are its own; of each group where both are known."""
    measures = [m.of for m in made.measured]
    if len(measures) != 2:
        return None
    homes = [made.measures.home(m) for m in measures]
    first, second = homes
    if first is None or second is None:
        return None
    if not dims:
        scalars = [made.measures.per_row(m, None)[0] for m in measures]
        if first.name != second.name or None in scalars:
            return None
        return Plan(dimensions=tuple(Dimension(s) for s in scalars if s is not None), base=first.name)
    known = tuple(
        Exists(finer.name, (IsNull(m.of, True),) if isinstance(m, Aggregate) and isinstance(m.of, FieldRef) else ())
        for finer, m, other in ((second, measures[1], first), (first, measures[0], second))
        if finer.name != other.name and other.name in reachable(made.model, finer.name)
    )
    return Plan(measures=tuple(made.measured), dimensions=tuple(dims), where=known)


def bucket_width(made: Assembler, scalar: Scalar) -> float | None:
    """No buckets for a few distinct values, else about ten round ones."""
    field = made.model.field(scalar.dataset, scalar.field) if isinstance(scalar, FieldRef) else None
    if field is None or field.low is None or field.high is None:
        return 100.0
    if (field.distinct or 99) <= 25:
        return None
    spread = (float(field.high) - float(field.low)) / 10
    power = 10 ** math.floor(math.log10(spread)) if spread > 0 else 1.0
    return next(step * power for step in (1, 2, 5, 10) if step * power >= spread)
