"""In: nothing. Out: the plan algebra, what an answer needs, said without SQL and without words.

A `Plan` is what a reading resolves to and what the compiler takes; a follow-up edits it, a pinned answer stores it.
All names in it exist in the semantic model. Values are frozen, hashable and serialisable (`values.serial`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bi_chat.values.analyses import Analysis
from bi_chat.values.period import DatePart, Grain, PeriodExpr

Scalarish = str | int | float | bool | date | datetime | None


# ------------------------------------------------------------------ scalars: one value for each row
@dataclass(frozen=True, slots=True)
class FieldRef:
    """A field of a dataset. `via` names the relationships to walk where more than one path leads there."""

    dataset: str
    field: str
    via: tuple[str, ...] = ()


TIME = FieldRef("", "@time")
"""Stands for each measure's own time field (or the window's, where it names one): "by month" over several measures."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. Compilers bind it as a quoted literal, never as text of the statement."""

    value: Scalarish


@dataclass(frozen=True, slots=True)
class TimeBucket:
    """A date or time cut to the start of its grain."""

    of: Scalar
    grain: Grain
    fiscal: bool = False


@dataclass(frozen=True, slots=True)
class PartOfDate:
    """A recurring part of a date: weekday (1 = Monday), hour (0 to 23), month (1 to 12)."""

    of: Scalar
    part: DatePart


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time between two dates or times, as a fractional number of `unit` (second, minute, hour, day, year)."""

    start: Scalar
    end: Scalar
    unit: str


@dataclass(frozen=True, slots=True)
class Age:
    """Completed years from a date to the day of asking."""

    of: Scalar


@dataclass(frozen=True, slots=True)
class Operation:
    """Arithmetic on two values of one row: + - * /."""

    op: str
    left: Scalar
    right: Scalar


@dataclass(frozen=True, slots=True)
class Bin:
    """A number cut to the lower bound of its bucket of `width`."""

    of: Scalar
    width: float


@dataclass(frozen=True, slots=True)
class EntityMeasure:
    """A measure computed for each row of a dataset, used as a value of that row ("orders above $1,000")."""

    measure: Measure
    per: str


@dataclass(frozen=True, slots=True)
class Tone:
    """How a text sounds: -1 (complaint) to 1 (praise), 0 neither; missing where there is no text."""

    of: Scalar


Scalar = FieldRef | Literal | TimeBucket | PartOfDate | Elapsed | Age | Operation | Bin | EntityMeasure | Tone


# ------------------------------------------------------------------ measures: one value for each group
class Fn(StrEnum):
    """Aggregate functions."""

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    MEDIAN = "median"
    PERCENTILE = "percentile"
    STDDEV = "stddev"
    VARIANCE = "variance"
    CORRELATION = "correlation"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the semantic model, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function over rows of `dataset`; COUNT without `of` counts rows.
    `where` restricts the rows of this measure only.

    `argument`: the percentile, 0 to 1. `other`: the second operand of a correlation. `standing`: a property of rows
    that stand at all times ("rooms" of a hotel), which no window applies to.
    """

    function: Fn
    dataset: str
    of: Scalar | None = None
    distinct: bool = False
    where: tuple[Condition, ...] = ()
    argument: float | None = None
    other: Scalar | None = None
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two aggregated values combined: + - * /. Each side is aggregated at its own grain before."""

    op: str
    left: Measure
    right: Measure


@dataclass(frozen=True, slots=True)
class Constant:
    """A number among measures ("12 * MRR")."""

    value: float


@dataclass(frozen=True, slots=True)
class Nested:
    """`function` over the values that `inner` takes for each group of `by` ("median order value": by order)."""

    function: Fn
    inner: Measure
    by: tuple[Scalar, ...]
    argument: float | None = None
    other: Measure | None = None


Measure = Metric | Aggregate | Arithmetic | Constant | Nested


# ------------------------------------------------------------------ conditions
@dataclass(frozen=True, slots=True)
class Subquery:
    """The single value of another plan's first measure ("above the average price")."""

    plan: Plan


Operand = Scalar | Measure | Subquery


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; op is one of = != < <= > >=. With a measure on the left it is a HAVING condition."""

    left: Operand
    op: str
    right: Operand


@dataclass(frozen=True, slots=True)
class In:
    """`of` is (or is not) one of `values`. A negated one keeps rows whose value is missing, unless `strict`."""

    of: Scalar
    values: tuple[Scalarish, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class TextMatch:
    """Case-insensitive match of a text; mode is contains, starts, ends, equals, or mentions: whole words in
    any of their usual forms ("leaks", "leaking" for "leak")."""

    of: Scalar
    text: str
    mode: str = "contains"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsNull:
    """The value is missing (or present, when negated)."""

    of: Scalar
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """A date or time lies within a period."""

    of: Scalar
    period: PeriodExpr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """A row of `dataset` that meets `where` is related to this row ("customers without an order": negated).

    `via` names the relationships to walk where more than one path leads there; `count_op`/`count` ask for a number of
    such rows (">= 2").
    """

    dataset: str
    where: tuple[Condition, ...] = ()
    negated: bool = False
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InPlan:
    """`of` is (or is not) among the values of another plan's first dimension."""

    of: Scalar
    plan: Plan
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """All conditions hold."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition holds."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold (unknown counts as not holding)."""

    of: Condition


Condition = Compare | In | TextMatch | IsNull | Within | Exists | InPlan | AllOf | AnyOf | Not


# ------------------------------------------------------------------ the plan
@dataclass(frozen=True, slots=True)
class Dimension:
    """A grouping, or a column of a list. `label` is the column's name in the result ('' = derived from the model)."""

    of: Scalar
    label: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure with its column name in the result ('' = derived from the model)."""

    of: Measure
    label: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The period asked about. `field` None means each measure's own default time field."""

    period: PeriodExpr
    field: FieldRef | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by a measure or a scalar."""

    by: Measure | Scalar
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Share:
    """A measure divided by its total over all groups, or over groups with equal `within` dimensions (indexes)."""

    measure: int = 0
    within: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A measure against the same group `periods` grains earlier; the plan holds a TimeBucket dimension.

    `grain` None: the bucket's own grain (previous bucket). YoY by month: grain YEAR. `relative`: (new - old) / old.
    """

    measure: int = 0
    grain: Grain | None = None
    periods: int = 1
    relative: bool = True


@dataclass(frozen=True, slots=True)
class Running:
    """Running total along the time dimension, within the other dimensions."""

    measure: int = 0


@dataclass(frozen=True, slots=True)
class Rolling:
    """Mean (or sum) of the last `size` buckets along the time dimension, within the other dimensions."""

    measure: int = 0
    size: int = 3
    function: Fn = Fn.AVG


@dataclass(frozen=True, slots=True)
class Rank:
    """Position by a measure, 1 = largest."""

    measure: int = 0
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Retained:
    """A measure divided by its value in the first bucket along the last time dimension, within the other dimensions."""

    measure: int = 0


Calculation = Share | Change | Running | Rolling | Rank | Retained


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same measures over an earlier (or other) period, beside the plan's own:
    value, baseline, difference, relative change. `by_change`: the plan's order goes by the "difference" or the
    relative "change" of its measure instead of the measure itself ("the route that gained most")."""

    baseline: PeriodExpr
    by_change: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two different values of `item` that rows of `base` with one value of `within` hold together ("bought together").

    The plan's conditions and window choose the rows; the answer is each pair with the number of such `within`.
    """

    base: str
    item: FieldRef
    within: FieldRef


@dataclass(frozen=True, slots=True)
class Plan:
    """What to compute. Without measures it lists rows of `base` (its dimensions are the columns).

    `limit_per` holds indexes of dimensions: `limit` rows for each of their values. `offset` skips rows
    ("the second best"). `distinct` drops repeated rows of a list. `ties` keeps rows equal to the last of the limit.
    """

    measures: tuple[Measured, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    base: str | None = None
    where: tuple[Condition, ...] = ()
    window: Window | None = None
    having: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    limit_per: tuple[int, ...] = ()
    offset: int = 0
    distinct: bool = False
    calculations: tuple[Calculation, ...] = ()
    comparison: Comparison | None = None
    analysis: Analysis | None = None
    chart: str | None = None
    hidden: tuple[int, ...] = ()
    combined: tuple[Combination, ...] = ()
    ties: bool = False
    pairs: Pairs | None = None


@dataclass(frozen=True, slots=True)
class Combination:
    """A set operation with another plan of equal columns: op is union, intersect or except."""

    op: str
    plan: Plan
