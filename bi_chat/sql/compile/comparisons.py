"""In: a plan with a baseline period. Out: value, baseline, difference and change for each group of either period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.groups import assemble, projected
from bi_chat.sql.compile.state import Compilation, Request, Span
from bi_chat.sql.refusal import Refusal
from bi_chat.values.period import Days, Grain, Period, floor, shift
from bi_chat.values.plan import Measure, Scalar, TimeBucket
from bi_chat.values.query import ResultColumn


def period_before(c: Compilation, span: Span | None, grain: Grain | None, periods: int) -> Days:
    """The window moved back: by `periods` grains, else by its own length (in months where it has whole ones)."""
    if span is None or span.period.start is None or span.period.end is None:
        raise Refusal("no_period")
    start, end = span.period.start, span.period.end
    if grain is not None:
        return Days(shift(start, grain, -periods), shift(end, grain, -periods))
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day == 1 and end.day == 1 and months:
        return Days(shift(start, Grain.MONTH, -months * periods), shift(end, Grain.MONTH, -months * periods))
    days = (end - start).days
    return Days(shift(start, Grain.DAY, -days * periods), shift(end, Grain.DAY, -days * periods))


def sides(
    c: Compilation, request: Request, names: tuple[str, ...], measures: dict[Measure, str], baseline: Period
) -> tuple[exp.Select, list[exp.Expression], dict[Measure, tuple[exp.Expression, exp.Expression]]]:
    """Both periods aggregated by themselves and joined on their groups; a group of only one period is kept."""
    if request.span is None:
        raise Refusal("no_period")
    c.note("baseline_resolved", start=_iso(baseline.start), end=_iso(baseline.last_day))
    now = c.add_cte("this_period", projected(assemble(c, request, names), names, measures))
    before_request = replace(request, span=Span(baseline, request.span.field))
    before = c.add_cte("baseline_period", projected(assemble(c, before_request, names), names, measures))
    select = exp.Select(from_=exp.From(this=nodes.table(now)))
    pairs = [
        (nodes.column(n, now), _aligned(c, d, nodes.column(n, before), request.span.period, baseline))
        for n, d in zip(names, request.dimensions, strict=True)
    ]
    on = nodes.every(nodes.same(one, two) for one, two in pairs)
    select.set("joins", [nodes.join(nodes.table(before), on, "FULL")])
    dimensions = [nodes.coalesce(one.copy(), two.copy()) for one, two in pairs]
    values: dict[Measure, tuple[exp.Expression, exp.Expression]] = {
        m: (nodes.column(n, now), nodes.column(n, before)) for m, n in measures.items()
    }
    return select, dimensions, values


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _aligned(c: Compilation, value: Scalar, column: exp.Expression, now: Period, before: Period) -> exp.Expression:
    """A bucket of the baseline moved to the bucket of the period that it is compared with."""
    if not isinstance(value, TimeBucket):
        return column
    if now.start is None or before.start is None:
        raise Refusal("no_period")
    one, two = (floor(p, value.grain, c.calendar, fiscal=value.fiscal) for p in (now.start, before.start))
    if value.grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
        return nodes.moved(column, Grain.MONTH, (one.year - two.year) * 12 + one.month - two.month)
    return nodes.moved(column, Grain.DAY, (one - two).days)


def difference(value: exp.Expression, baseline: exp.Expression, *, relative: bool, zero: bool) -> exp.Expression:
    """value - baseline, or that divided by the baseline; `zero`: a side without rows counts as 0."""
    one = nodes.coalesce(value.copy(), nodes.number(0)) if zero else value.copy()
    two = nodes.coalesce(baseline.copy(), nodes.number(0)) if zero else baseline.copy()
    gap = nodes.arithmetic("-", one, two)
    return nodes.arithmetic("/", gap, baseline.copy()) if relative else gap


def columns_beside(column: ResultColumn) -> list[ResultColumn]:
    """The columns that stand beside a compared measure."""
    label = column.label
    return [
        replace(column, name=f"{label} (baseline)", label=f"{label} (baseline)", role="baseline"),
        replace(column, name=f"{label} (difference)", label=f"{label} (difference)", role="difference"),
        replace(
            column,
            name=f"{label} (change)",
            label=f"{label} (change)",
            role="change",
            unit="%",
            format="percent",
            additive=False,
        ),
    ]
