"""In: an answered plan and what was picked in its chart. Out: the next questions about just that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from bi_chat.conversation.chips.chip import Asked, Edit
from bi_chat.conversation.chips.groupings import fields
from bi_chat.conversation.chips.reading import computes
from bi_chat.narration.restate import restate
from bi_chat.values.analyses import Why
from bi_chat.values.period import Days, Earlier, Grain, Period, resolve_earlier, resolve_period, shift
from bi_chat.values.plan import (
    TIME,
    AnyOf,
    Compare,
    Condition,
    Dimension,
    FieldRef,
    In,
    IsNull,
    Literal,
    Plan,
    Scalar,
    TimeBucket,
    Window,
)
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell

FINER = {
    Grain.YEAR: Grain.MONTH,
    Grain.QUARTER: Grain.MONTH,
    Grain.MONTH: Grain.DAY,
    Grain.WEEK: Grain.DAY,
}
MOST = 4
_GROUPS = ("dimension", "time")

Picked = tuple[tuple[str, tuple[Cell, ...]], ...]


def drills(asked: Asked, columns: tuple[ResultColumn, ...], picked: Picked) -> tuple[Edit, ...]:
    """At most four plans over the picked part alone: along time, by other fields, and why it changed."""
    found = _narrowed(asked, columns, picked) if picked else None
    if found is None:
        return ()
    plan, gone = found
    ways = [*_further(replace(asked, plan=plan), gone, asked), *_why(plan, gone)]
    kept = [w for w in dict.fromkeys(ways) if w.analysis is not None or computes(w, asked)]
    chosen = [*kept[: MOST - 1], *kept[-1:]] if len(kept) > MOST else kept
    return tuple(Edit(restate(w, asked.model, asked.language, asked.asked_on), w) for w in chosen)


def _narrowed(asked: Asked, columns: tuple[ResultColumn, ...], picked: Picked) -> tuple[Plan, list[Scalar]] | None:
    """The plan over what was picked, without the groupings that are one value now; which these were."""
    plan = asked.plan
    names = [c.name for c in columns if c.role in _GROUPS]
    if not plan.measures or plan.analysis is not None or len(names) != len(plan.dimensions):
        return None
    gone: list[Scalar] = []
    for name, cells in picked:
        if name not in names:
            return None
        of = plan.dimensions[names.index(name)].of
        made = _only(plan, of, cells, asked)
        if made is None:
            return None
        plan = made
        gone += [of] if len(cells) == 1 else []
    left = tuple(d for d in asked.plan.dimensions if d.of not in gone)
    bare = replace(
        plan, dimensions=left, order=(), limit=None, limit_per=(), offset=0, having=(), calculations=(),
        comparison=None, hidden=(), chart=None,
    )  # fmt: skip
    return bare, gone


def _only(plan: Plan, of: Scalar, cells: tuple[Cell, ...], asked: Asked) -> Plan | None:
    if isinstance(of, TimeBucket):
        days = [c for c in cells if isinstance(c, date)]
        return _during(plan, of, days, asked) if len(days) == len(cells) else None
    return replace(plan, where=(*plan.where, _is(of, cells)))


def _is(of: Scalar, cells: tuple[Cell, ...]) -> Condition:
    known = tuple(c for c in cells if c is not None)
    if None in cells:
        return AnyOf((IsNull(of), In(of, known))) if known else IsNull(of)
    return Compare(of, "=", Literal(known[0])) if len(known) == 1 else In(of, known)


def _during(plan: Plan, of: TimeBucket, days: list[date], asked: Asked) -> Plan | None:
    """From the first bucket through the last, inside the plan's own period."""
    if of.grain is Grain.HOUR or any(isinstance(d, datetime) and d.time() != datetime.min.time() for d in days):
        return None
    first, last = _day(min(days)), _day(max(days))
    start, end = first, shift(last, of.grain, 1)
    if plan.window is not None:
        own = resolve_period(plan.window.period, asked.asked_on, asked.model.calendar)
        start, end = max(start, own.start or start), min(end, own.end or end)
    field = plan.window.field if plan.window is not None else None
    if field is None and isinstance(of.of, FieldRef) and of.of.dataset:
        field = of.of
    return replace(plan, window=Window(Days(start, end), field)) if start < end else None


def _day(of: date) -> date:
    return of.date() if isinstance(of, datetime) else of


def _further(now: Asked, gone: list[Scalar], before: Asked) -> Iterator[Plan]:
    """The picked part along time in finer steps, then by fields that are not fixed yet."""
    plan = now.plan
    bucket = next((g for g in gone if isinstance(g, TimeBucket)), None)
    if plan.dimensions:
        yield plan
    if bucket is not None and bucket.grain in FINER:
        yield _by(plan, replace(bucket, grain=FINER[bucket.grain]))
    elif not any(isinstance(d.of, TimeBucket) for d in plan.dimensions):
        yield from _along_time(plan, now)
    used = {d.of for d in (*plan.dimensions, *before.plan.dimensions)}
    for of, _ in [f for f in fields(now) if f[0] not in used][:2]:
        yield _by(replace(plan, dimensions=()), of)


def _along_time(plan: Plan, now: Asked) -> Iterator[Plan]:
    period = resolve_period(plan.window.period, now.asked_on, now.model.calendar) if plan.window else Period(None, None)
    short = period.start and period.end and period.end - period.start <= timedelta(days=62)
    field = plan.window.field if plan.window and plan.window.field else TIME
    yield _by(replace(plan, dimensions=()), TimeBucket(field, Grain.DAY if short else Grain.MONTH))


def _by(plan: Plan, of: Scalar) -> Plan:
    return replace(plan, dimensions=(*plan.dimensions, Dimension(of)))


def _why(plan: Plan, gone: list[Scalar]) -> Iterator[Plan]:
    """Why the picked bucket differs from the one before."""
    if plan.window is not None and len(plan.measures) == 1 and any(isinstance(g, TimeBucket) for g in gone):
        baseline = resolve_earlier(Earlier(), plan.window.period)
        yield replace(plan, dimensions=(), analysis=Why(baseline))
