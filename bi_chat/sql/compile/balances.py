"""In: a scope over rows with a life span or over stocks. Out: what keeps a balance from being added up over time.

Example: MRR by month. Difficulty: a subscription that lasts a year belongs to twelve months, and summing the months
counts it twelve times. Rule: a balance has a date; a bucket shows it on the bucket's last day, today at the latest.
"""

from __future__ import annotations

from sqlglot import exp

from bi_chat.sql import dates, nodes
from bi_chat.sql.compile.pieces import AsOf
from bi_chat.sql.compile.scalars import fields_of, inside, moment, scalar
from bi_chat.sql.compile.scope import Scope
from bi_chat.sql.compile.state import Compilation, Span
from bi_chat.sql.refusal import Refusal
from bi_chat.values.period import Grain, Period, floor
from bi_chat.values.plan import TIME, Scalar, TimeBucket

_FINEST = tuple(Grain)


def uses_time(value: Scalar) -> bool:
    """Whether a scalar reads each measure's own time."""
    return TIME in fields_of(value)


def valid_rows(scope: Scope, as_of: AsOf, dimensions: tuple[Scalar, ...], span: Span | None) -> list[exp.Expression]:
    """Conditions for rows valid on the date (or on each bucket's last day, from a calendar joined to the scope)."""
    timed = [d for d in dimensions if uses_time(d)]
    period = span.period if span and span.field is None else Period(None, None)
    if timed:
        return _by_bucket(scope, as_of, timed, period)
    last = period.last_day
    on = min(last, scope.c.asked_on) if last else scope.c.asked_on
    scope.c.note("as_of", date=on.isoformat())
    found = nodes.every(_valid(scope, as_of, nodes.day(on)))
    return [found] if found is not None else []


def _by_bucket(scope: Scope, as_of: AsOf, timed: list[Scalar], period: Period) -> list[exp.Expression]:
    buckets = [d for d in timed if isinstance(d, TimeBucket) and d.of == TIME and d.grain is not Grain.HOUR]
    if not buckets:
        raise Refusal("no_bucket", what=scope.home)
    finest = min(buckets, key=lambda b: _FINEST.index(b.grain))
    name = scope.name("calendar")
    last_day = nodes.column("last_day", name)
    for value in timed:
        if value == finest:
            scope.given[value] = nodes.column("bucket", name)
        elif isinstance(value, TimeBucket) and value.of == TIME:
            at = dates.Moment(last_day.copy(), "date")
            scope.given[value] = dates.bucket(at, value.grain, scope.c.calendar, fiscal=value.fiscal)
        else:
            raise Refusal("no_bucket", what=scope.home)
    calendar = nodes.derived(_calendar(scope, as_of, finest, period), name)
    scope.joins.append(nodes.join(calendar, nodes.every(_valid(scope, as_of, last_day)), "INNER"))
    scope.c.note("as_of_bucket_end", grain=finest.grain.value)
    return []


def _calendar(scope: Scope, as_of: AsOf, bucket: TimeBucket, period: Period) -> exp.Select:
    """Buckets with the last day that counts for each: its own, the window's or today, whichever is earliest."""
    c = scope.c
    cap = min(d for d in (period.last_day, c.asked_on) if d)
    first = _first(c, as_of, bucket, period)
    series = series_of(first, nodes.day(cap), bucket.grain)
    inner = exp.Select(expressions=[nodes.alias(series, "bucket")])
    ends = nodes.moved(nodes.moved(nodes.column("bucket"), bucket.grain, 1), Grain.DAY, -1)
    last = exp.Least(this=ends, expressions=[nodes.day(cap)], ignore_nulls=True)
    return exp.Select(
        expressions=[nodes.column("bucket"), nodes.alias(last, "last_day")],
        from_=exp.From(this=nodes.derived(inner, "buckets")),
    )


def series_of(first: exp.Expression, last: exp.Expression, grain: Grain) -> exp.Expression:
    """One row for each bucket start from `first` through `last`."""
    series = exp.Explode(this=exp.GenerateSeries(start=first, end=last, step=nodes.interval(grain)))
    return series if grain is Grain.HOUR else nodes.cast(series, "DATE")


def _first(c: Compilation, as_of: AsOf, bucket: TimeBucket, period: Period) -> exp.Expression:
    if period.start:
        return nodes.day(floor(period.start, bucket.grain, c.calendar, fiscal=bucket.fiscal))
    scope = Scope(c, as_of[0].dataset)
    earliest = dates.Moment(exp.Min(this=moment(scope, as_of[0]).node), moment(scope, as_of[0]).kind)
    cut = dates.bucket(earliest, bucket.grain, c.calendar, fiscal=bucket.fiscal)
    return exp.Subquery(this=scope.select([cut], []))


def _valid(scope: Scope, as_of: AsOf, on: exp.Expression) -> list[exp.Expression]:
    """start <= on and (end is missing or end > on), both as days."""
    start, end = (_as_day(moment(scope, ref)) for ref in as_of)
    missing = exp.Is(this=end, expression=exp.null())
    later = exp.GT(this=end.copy(), expression=on.copy())
    return [exp.LTE(this=start, expression=on), exp.Paren(this=exp.Or(this=missing, expression=later))]


def _as_day(at: dates.Moment) -> exp.Expression:
    return at.node if at.kind == "date" else nodes.cast(at.node, "DATE")


def last_snapshot(scope: Scope, dimensions: tuple[Scalar, ...], span: Span | None) -> list[exp.Expression]:
    """Only rows of the last day of each bucket (else of the window): a stock is not added up over time."""
    c = scope.c
    if scope.time is None:
        c.note("stock_without_time", warning=True, dataset=scope.home)
        return []
    inner = Scope(c, scope.home, time=scope.time, outer=scope)
    timed = [d for d in dimensions if uses_time(d) or scope.time in fields_of(d)]
    if any(not isinstance(d, TimeBucket) for d in timed):
        raise Refusal("no_bucket", what=scope.home)
    where = inside(inner, TIME, span.period) if span else []
    groups = [scalar(inner, d) for d in timed]
    query = inner.select([exp.Max(this=_as_day(moment(inner, TIME)))], where)
    if groups:
        query.set("group", exp.Group(expressions=groups))
    c.note("last_value_per_period", dataset=scope.home)
    return [exp.In(this=_as_day(moment(scope, TIME)), query=exp.Subquery(this=query))]
