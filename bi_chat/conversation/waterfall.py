"""In: `Drivers`. Out: the rows and the chart that show how the parts of one dimension make up the change."""

from __future__ import annotations

import math

from bi_chat.narration.why import segment_name
from bi_chat.values.chart import Chart
from bi_chat.values.drivers import Breakdown, Drivers, Segment
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

MOST_BARS = 12
_REST = {"en": "all others", "zh": "其他"}
_HEADS = {"en": ("before", "after", "contribution"), "zh": ("之前", "之后", "贡献")}


def shown_breakdown(drivers: Drivers) -> Breakdown | None:
    """The breakdown of the headline, else the best one."""
    top = drivers.headline
    own = next((b for b in drivers.breakdowns if top is not None and b.field == top.field), None)
    return own or next(iter(drivers.breakdowns), None)


def waterfall(drivers: Drivers, language: str) -> tuple[Result, Chart] | None:
    """Segments by contribution, largest first, and the rest in one row: they add up to the change; None without any."""
    pair = drivers.pair if drivers.pair_first else None
    if pair is not None:
        label = " · ".join(pair.labels)
        found: Breakdown | None = Breakdown(pair.fields[0], label, pair.cells, pair.residual, pair.plan)
    else:
        found = shown_breakdown(drivers)
    if found is None:
        return None
    ranked = sorted(found.segments, key=lambda s: -abs(s.contribution))
    rows = [_row(s, language) for s in ranked[:MOST_BARS]]
    rest = math.fsum(s.contribution for s in ranked[MOST_BARS:]) + found.residual
    if len(ranked) > MOST_BARS or abs(rest) > 1e-9 * max(1.0, abs(drivers.change)):
        rows.append((_REST.get(language, _REST["en"]), None, None, rest))
    columns = _columns(found, drivers, language)
    chart = Chart("bar", columns[0].name, (columns[3].name,), horizontal=True, reason="contributions")
    return _result(rows, columns), chart


def _row(s: Segment, language: str) -> tuple[Cell, ...]:
    return segment_name(s.value, language), s.before, s.after, s.contribution


def _columns(found: Breakdown, drivers: Drivers, language: str) -> tuple[ResultColumn, ...]:
    heads = _HEADS.get(language, _HEADS["en"])
    if drivers.sides is not None:
        heads = (drivers.sides[1], drivers.sides[0], heads[2])
    roles = ("baseline", "measure", "difference")
    names = [f"{drivers.measure} ({h})" for h in heads]
    adds = drivers.kind == "sum"
    numbers = [
        ResultColumn(n, role, n, drivers.unit, drivers.format, additive=adds or role == "difference")
        for n, role in zip(names, roles, strict=True)
    ]
    label = found.label if found.label not in names else f"{found.label} "
    return (ResultColumn(label, "dimension", label, additive=False), *numbers)


def _result(rows: list[tuple[Cell, ...]], columns: tuple[ResultColumn, ...]) -> Result:
    import polars as pl

    kinds = [pl.String, pl.Float64, pl.Float64, pl.Float64]
    schema = {c.name: kind for c, kind in zip(columns, kinds, strict=True)}
    return Result(pl.DataFrame(rows, schema=schema, orient="row"), columns)
