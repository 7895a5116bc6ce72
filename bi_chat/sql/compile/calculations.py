"""In: a grouped table with names. Out: shares, changes, running and rolling values and ranks computed over its rows.

Changes look up the earlier bucket by the calendar, never by row position: a month without rows is a gap, not a
neighbour. Rolling values run over a calendar without gaps. Both may read buckets before the window; those are cut off
after they have been used.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.balances import series_of
from bi_chat.sql.compile.comparisons import difference
from bi_chat.sql.compile.periods import extent
from bi_chat.sql.compile.pieces import adds_up, over_time, pieces_of, starts_at_zero
from bi_chat.sql.compile.state import Compilation, Request, Span
from bi_chat.sql.refusal import Refusal
from bi_chat.values.period import Grain, Period, floor, shift
from bi_chat.values.plan import (
    TIME,
    Calculation,
    Change,
    Fn,
    Measure,
    PartOfDate,
    Plan,
    Rank,
    Retained,
    Rolling,
    Running,
    Scalar,
    Share,
    TimeBucket,
)
from bi_chat.values.query import ResultColumn

_BUCKETS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(slots=True)
class Table:
    """A grouped table: `names` of its dimensions, `measures` with theirs; `first` is the first bucket to be shown."""

    c: Compilation
    request: Request
    alias: str
    names: tuple[str, ...]
    measures: dict[Measure, str]
    labels: dict[Measure, ResultColumn]
    first: date | None = None
    joins: list[exp.Join] = field(default_factory=list)

    def column(self, name: str) -> exp.Expression:
        """A column of the table."""
        return nodes.column(name, self.alias)

    @property
    def time(self) -> int | None:
        """Index of the time dimension."""
        return time_index(self.request.dimensions)

    def bucket(self, what: str) -> tuple[TimeBucket, str]:
        """The time dimension and its name; refuses a plan without one."""
        if self.time is None:
            raise Refusal("no_bucket", what=what)
        value = self.request.dimensions[self.time]
        assert isinstance(value, TimeBucket)
        if sum(isinstance(d, TimeBucket | PartOfDate) for d in self.request.dimensions) > 1:
            # "by year and month" has no one axis: the bucket before lies in another year's group
            raise Refusal("unsupported", what=f"{what} over two groupings by time")
        return value, self.names[self.time]

    def others(self) -> list[str]:
        """Names of the dimensions other than time."""
        return [n for i, n in enumerate(self.names) if i != self.time]

    def is_shown(self) -> exp.Expression | None:
        """Whether a row lies in the window proper; None when all do."""
        if self.first is None or self.time is None:
            return None
        return exp.GTE(this=self.column(self.names[self.time]), expression=nodes.day(self.first))


def time_index(dimensions: tuple[Scalar, ...]) -> int | None:
    """The position of the first time bucket."""
    return next((i for i, d in enumerate(dimensions) if isinstance(d, TimeBucket)), None)


def extended(c: Compilation, plan: Plan, span: Span | None) -> tuple[Span | None, date | None]:
    """The span widened to the earlier buckets that changes and rolling values read, and the first bucket to show."""
    index = time_index(tuple(d.of for d in plan.dimensions))
    if span is None or span.period.start is None or index is None:
        return span, None
    bucket = plan.dimensions[index].of
    assert isinstance(bucket, TimeBucket)
    if not _same_time(c, plan, span, bucket):
        return span, None
    start = floor(span.period.start, bucket.grain, c.calendar, fiscal=bucket.fiscal)
    starts = [_earliest(start, bucket, calculation) for calculation in plan.calculations]
    earliest = min(starts, default=start)
    if earliest == start:
        return span, None
    # days of the first bucket before the window belong neither to it nor to an earlier bucket
    gap = Period(start, span.period.start) if start < span.period.start else None
    return Span(Period(earliest, span.period.end), span.field, gap), start


def _same_time(c: Compilation, plan: Plan, span: Span, bucket: TimeBucket) -> bool:
    """Whether buckets and window cut the same field; else earlier days would leak into the buckets that are shown."""
    if bucket.of == TIME or span.field is not None:
        return bucket.of in (TIME, span.field)
    return all(p.time == bucket.of for m in plan.measures for p in pieces_of(c, m.of))


def _earliest(start: date, bucket: TimeBucket, calculation: Calculation) -> date:
    match calculation:
        case Change(_, grain, periods, _):
            moved, by = step_back(bucket.grain, grain or bucket.grain, periods)
            return shift(start, moved, -by)
        case Rolling(_, size, _):
            return shift(start, bucket.grain, -(size - 1))
    return start


def step_back(bucket: Grain, grain: Grain, periods: int) -> tuple[Grain, int]:
    """How far back the compared bucket starts. A year of weeks is 52 weeks, so that weekdays stay together."""
    if bucket is Grain.WEEK and grain is Grain.YEAR:
        return Grain.WEEK, 52 * periods
    months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
    fits = grain in months and (bucket in (Grain.DAY, Grain.HOUR) or months.get(bucket, 99) <= months[grain])
    if grain is bucket or fits or (grain in (Grain.DAY, Grain.WEEK) and bucket in (Grain.HOUR, Grain.DAY)):
        return grain, periods
    raise Refusal("grain", what="change", grain=grain.value, bucket=bucket.value)


def calculate(
    table: Table, calculation: Calculation, measure: Measure, plan: Plan
) -> tuple[exp.Expression, ResultColumn]:
    """The node and the column of one calculation."""
    match calculation:
        case Share():
            return _share(table, calculation, measure)
        case Change():
            return _change(table, calculation, measure)
        case Running():
            return _running(table, measure)
        case Rolling():
            return _rolling(table, calculation, measure)
        case Rank():
            return _rank(table, calculation, measure, plan)
        case Retained():
            return _retained(table, measure)


def _column(table: Table, measure: Measure, role: str, word: str, *, percent: bool = False) -> ResultColumn:
    base = table.labels[measure]
    label = f"{base.label} ({word})"
    found = replace(base, name=label, label=label, role=role, additive=False, hidden=False)
    return replace(found, unit="%", format="percent") if percent else found


def _shown_only(table: Table, node: exp.Expression) -> exp.Expression:
    shown = table.is_shown()
    return node if shown is None else exp.Filter(this=node, expression=exp.Where(this=shown))


def _share(table: Table, share: Share, measure: Measure) -> tuple[exp.Expression, ResultColumn]:
    c, column = table.c, _column(table, measure, "share", "share", percent=True)
    if not table.names:
        raise Refusal("no_groups", what=column.label)
    if not starts_at_zero(c, measure):
        raise Refusal("not_additive", what="a share", measure=table.labels[measure].label)
    within = list(dict.fromkeys(share.within))
    if table.time is not None and table.time not in within and not over_time(c, measure):
        within.append(table.time)
    value = table.column(table.measures[measure])
    repeats = any(n.code == "distinct_at_finer_grain" for n in c.notes)
    if adds_up(c, measure) and not repeats:
        total = nodes.window(
            _shown_only(table, exp.Sum(this=value.copy())), partition=[table.column(table.names[i]) for i in within]
        )
        return nodes.arithmetic("/", value, total), column
    # groups overlap: their sum is more than all; each is measured against the true total
    c.note("shares_overlap", warning=True)
    return nodes.arithmetic("/", value, _true_total(table, measure, tuple(within))), column


def _true_total(table: Table, measure: Measure, within: tuple[int, ...]) -> exp.Expression:
    dimensions = tuple(table.request.dimensions[i] for i in within)
    request = Request((measure,), dimensions, table.request.where, table.request.span)
    relation = table.c.grouped(table.c, request)
    name = table.c.add_cte("total", relation.query)
    on = nodes.every(
        nodes.same(table.column(table.names[i]), nodes.column(n, name))
        for i, n in zip(within, relation.dimensions, strict=True)
    )
    table.joins.append(nodes.join(nodes.table(name), on))
    return nodes.column(relation.measures[0], name)


def _change(table: Table, change: Change, measure: Measure) -> tuple[exp.Expression, ResultColumn]:
    bucket, name = table.bucket("a change")
    grain, by = step_back(bucket.grain, change.grain or bucket.grain, change.periods)
    earlier = f"earlier_{len(table.joins) + 1}"
    on: list[exp.Expression] = [
        exp.EQ(this=nodes.column(name, earlier), expression=nodes.moved(table.column(name), grain, -by))
    ]
    on += [nodes.same(nodes.column(n, earlier), table.column(n)) for n in table.others()]
    table.joins.append(nodes.join(nodes.table(table.alias, earlier), nodes.every(on)))
    value, before = table.column(table.measures[measure]), nodes.column(table.measures[measure], earlier)
    word = f"change, {change.periods} {grain.value}" if change.grain else "change"
    node = difference(value, before, relative=change.relative, zero=False)
    return node, _column(table, measure, "change", word, percent=change.relative)


def _running(table: Table, measure: Measure) -> tuple[exp.Expression, ResultColumn]:
    _, name = table.bucket("a running total")
    if not over_time(table.c, measure):
        raise Refusal("not_additive", what="a running total", measure=table.labels[measure].label)
    value = _shown_only(table, exp.Sum(this=table.column(table.measures[measure])))
    partition = [table.column(n) for n in table.others()]
    node = nodes.window(value, partition=partition, order=[nodes.ordered(table.column(name))], rows=-1)
    return node, _column(table, measure, "running", "running total")


def _rolling(table: Table, rolling: Rolling, measure: Measure) -> tuple[exp.Expression, ResultColumn]:
    bucket, name = table.bucket("a rolling value")
    if rolling.function not in (Fn.AVG, Fn.SUM) or rolling.size < 1:
        raise Refusal("unsupported", what=f"rolling {rolling.function.value} {rolling.size}")
    if not over_time(table.c, measure):
        if rolling.function is Fn.SUM:
            raise Refusal("not_additive", what="a rolling sum", measure=table.labels[measure].label)
        if not adds_up(table.c, measure):
            table.c.note("mean_of_values", warning=True)
    function = exp.Avg if rolling.function is Fn.AVG else exp.Sum
    value = function(this=table.column(table.measures[measure]))
    partition = [table.column(n) for n in table.others()]
    order = [nodes.ordered(table.column(name))]
    node = nodes.window(value, partition=partition, order=order, rows=rolling.size - 1)
    return node, _column(table, measure, "rolling", f"rolling {rolling.size} {bucket.grain.value}")


def _rank(table: Table, rank: Rank, measure: Measure, plan: Plan) -> tuple[exp.Expression, ResultColumn]:
    if not table.names:
        raise Refusal("no_groups", what="a rank")
    partition = [table.column(table.names[i]) for i in plan.limit_per]
    if not partition and table.time is not None and table.others():
        partition = [table.column(table.names[table.time])]
    value = nodes.ordered(table.column(table.measures[measure]), descending=rank.descending)
    column = replace(_column(table, measure, "rank", "rank"), unit="", format="integer")
    return nodes.window(exp.Rank(), partition=partition, order=[value]), column


def _retained(table: Table, measure: Measure) -> tuple[exp.Expression, ResultColumn]:
    times = [i for i, d in enumerate(table.request.dimensions) if isinstance(d, TimeBucket)]
    if not times:
        raise Refusal("no_bucket", what="what was kept")
    value = table.column(table.measures[measure])
    partition = [table.column(n) for i, n in enumerate(table.names) if i != times[-1]]
    order = [nodes.ordered(table.column(table.names[times[-1]]))]
    first = nodes.window(exp.FirstValue(this=value.copy()), partition=partition, order=order)
    return nodes.arithmetic("/", value, first), _column(table, measure, "share", "share of the first", percent=True)


def without_gaps(table: Table) -> str:
    """A table with a row for each bucket and group: additive measures of an empty bucket are 0, others missing."""
    c = table.c
    bucket, name = table.bucket("a rolling value")
    calendar = c.add_cte("calendar", _calendar(table, bucket, name))
    select = exp.Select(from_=exp.From(this=nodes.table(calendar)))
    joins, groups = [], ""
    if table.others():
        distinct = exp.Select(
            expressions=[table.column(n) for n in table.others()],
            distinct=exp.Distinct(),
            from_=exp.From(this=nodes.table(table.alias)),
        )
        groups = c.add_cte("series", distinct)
        joins.append(nodes.join(nodes.table(groups), None))
    on: list[exp.Expression] = [exp.EQ(this=table.column(name), expression=nodes.column("bucket", calendar))]
    on += [nodes.same(table.column(n), nodes.column(n, groups)) for n in table.others()]
    joins.append(nodes.join(nodes.table(table.alias), nodes.every(on)))
    select.set("joins", joins)
    projections = [
        nodes.alias(nodes.column("bucket", calendar) if n == name else nodes.column(n, groups), n) for n in table.names
    ]
    for measure, label in table.measures.items():
        value = table.column(label)
        projections.append(
            nodes.alias(nodes.coalesce(value, nodes.number(0)) if over_time(c, measure) else value, label)
        )
    select.set("expressions", projections)
    c.note("filled", grain=bucket.grain.value)
    return c.add_cte("without_gaps", select)


def _calendar(table: Table, bucket: TimeBucket, name: str) -> exp.Select:
    """Buckets from the first to the last that can have data: of the window where it is known, else those found."""
    c, span = table.c, table.request.span
    fields = [p.time for m in table.measures for p in pieces_of(c, m)] if bucket.of == TIME else [bucket.of]
    known = [extent(c, f) for f in fields if f is not None and not isinstance(f, TimeBucket)]  # type: ignore[arg-type]
    lows, highs = [low for low, _ in known if low], [high for _, high in known if high]
    first, last = _found(table, name, exp.Min), _found(table, name, exp.Max)
    # a profile may be older than the data: what is there counts as well
    if span and span.period.start and lows and bucket.grain is not Grain.HOUR:
        day = floor(max(span.period.start, min(lows)), bucket.grain, c.calendar, fiscal=bucket.fiscal)
        first = exp.Least(this=nodes.day(day), expressions=[first], ignore_nulls=True)
    if span and span.period.end and highs and bucket.grain is not Grain.HOUR:
        day = min(span.period.end - timedelta(days=1), c.asked_on, max(highs))
        last = exp.Greatest(this=nodes.day(day), expressions=[last], ignore_nulls=True)
    return exp.Select(expressions=[nodes.alias(series_of(first, last, bucket.grain), "bucket")])


def _found(table: Table, name: str, which: type[exp.Min] | type[exp.Max]) -> exp.Expression:
    inner = exp.Select(expressions=[which(this=table.column(name))], from_=exp.From(this=nodes.table(table.alias)))
    return exp.Subquery(this=inner)
