"""In: the plan's window and the day of asking. Out: the span in dates, and notes on what of it is incomplete."""

from __future__ import annotations

from datetime import date, timedelta

from bi_chat.semantics.model import Field
from bi_chat.sql.compile.pieces import Piece
from bi_chat.sql.compile.state import Compilation, Span
from bi_chat.sql.refusal import Refusal
from bi_chat.values.period import Grain, Period, PeriodExpr, floor, resolve_period, shift
from bi_chat.values.plan import TIME, FieldRef, Plan, Scalar, TimeBucket

FEWEST_STAMPS = 6


def dates_of(c: Compilation, expr: PeriodExpr) -> Period:
    """A spoken period in dates; refuses a day that does not exist."""
    try:
        return resolve_period(expr, c.asked_on, c.calendar)
    except ValueError as fault:
        raise Refusal("no_such_day") from fault


def span_of(c: Compilation, plan: Plan) -> Span | None:
    """The plan's window in dates; TIME as its field means none named."""
    if plan.window is None:
        return None
    period = dates_of(c, plan.window.period)
    c.note("period_resolved", start=_iso(period.start), end=_iso(period.last_day))
    field = plan.window.field
    return Span(period, None if field == TIME else field)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def extent(c: Compilation, field: FieldRef | None) -> tuple[date | None, date | None]:
    """First and last day that the data are known to have in a time field.

    A row stamped with the first day of its week, month, quarter or year speaks for all of it: the last day is then
    the last one of that period.
    """
    found = c.model.field(field.dataset, field.field) if field else None
    if found is None:
        return None, None
    low, high = _day(found, found.low), _day(found, found.high)
    grain = _stamped(low, high, found.distinct)
    return low, shift(high, grain, 1) - timedelta(days=1) if high and grain else high


def _stamped(low: date | None, high: date | None, distinct: int | None) -> Grain | None:
    """The grain whose first days are the field's only values: hardly any is missing between the first and the last."""
    if low is None or high is None or not distinct or distinct < FEWEST_STAMPS:
        return None
    days = (high - low).days
    apart = days / (distinct - 1)
    if days % 7 == 0 and 6.9 < apart < 7.5:
        return Grain.WEEK
    if low.day != 1 or high.day != 1:
        return None
    near = {Grain.MONTH: 30.44, Grain.QUARTER: 91.3, Grain.YEAR: 365.25}
    return next((grain for grain, size in near.items() if 0.97 < apart / size < 1.07), None)


def _day(field: Field, value: str | float | int | None) -> date | None:
    """A profile's bound as a day: ISO text, or digits of a date kept as text."""
    if value is None or isinstance(value, float):
        return None
    text = str(value)
    if field.time_format in ("%Y%m%d", "%Y%m") and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:8] or '01'}"
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def note_partial(c: Compilation, pieces: list[Piece], span: Span | None, dimensions: tuple[Scalar, ...]) -> None:
    """Say when the window, or the last bucket, is not over yet or reaches past the end of the data."""
    fields = [span.field] if span and span.field else [p.time for p in pieces if p.time and not p.as_of]
    highs = [h for _, h in (extent(c, f) for f in fields) if h]
    lows = [d for d, _ in (extent(c, f) for f in fields) if d]
    last_data = min(max(highs), c.asked_on) if highs else None
    period = span.period if span else Period(None, None)
    if period.end and highs and lows and (period.end <= min(lows) or (period.start and period.start > max(highs))):
        c.note("outside_data", warning=True, first=min(lows).isoformat(), last=max(highs).isoformat())
        return
    bucket = next((d for d in dimensions if isinstance(d, TimeBucket)), None)
    if bucket is not None and pieces and not all(p.as_of for p in pieces):
        _partial_bucket(c, bucket, period, last_data)
    if period.end is not None and bucket is None:
        _partial_window(c, period, last_data)


def _partial_window(c: Compilation, period: Period, last_data: date | None) -> None:
    assert period.end is not None
    so_far = period.end == c.asked_on + timedelta(days=1)
    fresh = last_data is not None and last_data >= c.asked_on - timedelta(days=1)
    if period.end > c.asked_on or (last_data is not None and last_data < period.end - timedelta(days=1)):
        through = last_data or c.asked_on
        # "this year so far" says itself that it is not over
        warning = not (so_far and fresh)
        c.note("partial_period", warning=warning, end=_iso(period.last_day), through=through.isoformat())


def _partial_bucket(c: Compilation, bucket: TimeBucket, period: Period, last_data: date | None) -> None:
    """The bucket that holds the last day with data, where it has days after it that belong to the window."""
    last = last_data or (c.asked_on if period.end is None or period.end > c.asked_on else None)
    if last is None or bucket.grain in (Grain.HOUR, Grain.DAY):
        return
    if period.end and period.end <= last:
        last = period.end - timedelta(days=1)
    start = floor(last, bucket.grain, c.calendar, fiscal=bucket.fiscal)
    end = shift(start, bucket.grain, 1)
    if last < end - timedelta(days=1):
        c.note(
            "partial_period",
            warning=True,
            bucket=start.isoformat(),
            end=_iso(end - timedelta(days=1)),
            through=last.isoformat(),
        )
