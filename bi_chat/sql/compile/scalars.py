"""In: a scalar of the plan and the scope whose rows it is read from. Out: its node, its fields, the time it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from bi_chat.sql import dates, nodes
from bi_chat.sql.compile.scope import Scope
from bi_chat.sql.compile.state import Request, Span
from bi_chat.sql.joins import key_of
from bi_chat.sql.refusal import Refusal
from bi_chat.values.period import Period
from bi_chat.values.plan import (
    Age,
    Bin,
    Condition,
    Elapsed,
    EntityMeasure,
    FieldRef,
    Literal,
    Operation,
    PartOfDate,
    Scalar,
    TimeBucket,
    Tone,
)


@dataclass(frozen=True, slots=True)
class Scoped:
    """The conditions and the span under which the entity measures of a list are computed."""

    where: tuple[Condition, ...] = ()
    span: Span | None = None


def fields_of(value: Scalar) -> Iterator[FieldRef]:
    """Every field that a scalar reads; an entity measure stands for the key of its dataset."""
    match value:
        case FieldRef():
            yield value
        case Operation(_, left, right):
            yield from fields_of(left)
            yield from fields_of(right)
        case Elapsed(start, end, _):
            yield from fields_of(start)
            yield from fields_of(end)
        case TimeBucket() | PartOfDate() | Age() | Bin() | Tone():
            yield from fields_of(value.of)
        case EntityMeasure():
            yield FieldRef(value.per, "")
        case _:
            return


def scalar(scope: Scope, value: Scalar) -> exp.Expression:
    """The node of a scalar."""
    given = scope.given.get(value)
    if given is not None:
        return given.copy()
    match value:
        case FieldRef():
            return scope.column(value)
        case Literal():
            return nodes.literal(value.value)
        case TimeBucket(of, grain, fiscal):
            return dates.bucket(moment(scope, of), grain, scope.c.calendar, fiscal=fiscal)
        case PartOfDate(of, which):
            return dates.part(moment(scope, of), which)
        case Elapsed(start, end, unit):
            return dates.elapsed(moment(scope, start), moment(scope, end), unit)
        case Age(of):
            return dates.age(moment(scope, of), scope.c.asked_on)
        case Operation(op, left, right):
            return nodes.arithmetic(op, scalar(scope, left), scalar(scope, right))
        case Bin():
            return _bin(scope, value)
        case EntityMeasure():
            return entity(scope, value, Scoped())
        case Tone(of):
            return exp.Anonymous(this="tone", expressions=[scalar(scope, of)])


def _bin(scope: Scope, value: Bin) -> exp.Expression:
    """The lower bound of the bucket that holds the number."""
    if not value.width > 0:
        raise Refusal("unsupported", what=f"bin {value.width}")
    size = nodes.number(value.width)
    lower = exp.Floor(this=exp.Div(this=nodes.wrapped(scalar(scope, value.of)), expression=size))
    return exp.Mul(this=lower, expression=size.copy())


def entity(scope: Scope, value: EntityMeasure, scoped: Scoped) -> exp.Expression:
    """A measure for each row of a dataset, aggregated at its own grain before it is joined."""
    from bi_chat.sql.compile.pieces import starts_at_zero  # pieces read scalars themselves

    c = scope.c
    dataset = c.dataset(value.per)
    key = key_of(dataset)
    if not key:
        raise Refusal("no_key", dataset=dataset.label or dataset.name)
    dimensions = tuple(FieldRef(dataset.name, k) for k in key)
    relation = c.grouped(c, Request((value.measure,), dimensions, scoped.where, scoped.span))
    return scope.entity(value, relation, zero=starts_at_zero(c, value.measure))


def moment(scope: Scope, value: Scalar) -> dates.Moment:
    """A scalar as a point in time; refuses one that holds none."""
    match value:
        case FieldRef():
            found = scope.field(value)
            kind = dates.kind_of(found)
            if not kind:
                raise Refusal("no_time", dataset=scope.own(value).dataset, measure=found.label or found.name)
            return dates.Moment(scope.column(value), kind, found.label or found.name)
        case TimeBucket():
            return dates.Moment(scalar(scope, value), "date")
        case Literal() if hasattr(value.value, "year"):
            return dates.Moment(nodes.literal(value.value), "timestamp" if hasattr(value.value, "hour") else "date")
        case EntityMeasure():
            # the first or last date of related rows; a number would fail in the engine, never give a wrong date
            return dates.Moment(scalar(scope, value), "timestamp")
    raise Refusal("unsupported", what=type(value).__name__)


def inside(scope: Scope, value: Scalar, period: Period) -> list[exp.Expression]:
    """Conditions of a half-open period. "This year so far" of a field that holds years only is that whole year."""
    at, today = moment(scope, value), scope.c.asked_on
    if at.kind == "year" and period.end == today + timedelta(days=1):
        period = Period(period.start, date(today.year + 1, 1, 1))
        scope.c.note("whole_years_only", warning=True, field=at.name)
    return dates.within(at, period)


def is_time(scope: Scope, value: object) -> bool:
    """Whether a scalar holds a date or a timestamp."""
    if isinstance(value, FieldRef):
        return dates.kind_of(scope.field(value)) in ("date", "timestamp")
    return isinstance(value, TimeBucket)
