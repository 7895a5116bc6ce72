"""In: a column and what kind of time it holds. Out: sqlglot nodes that cut, compare and measure it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from bi_chat.semantics.model import Field
from bi_chat.sql import nodes
from bi_chat.sql.refusal import Refusal
from bi_chat.values.period import BusinessCalendar, DatePart, Grain, Period

_PARTS = {
    DatePart.HOUR_OF_DAY: "HOUR",
    DatePart.DAY_OF_WEEK: "ISODOW",
    DatePart.DAY_OF_MONTH: "DAY",
    DatePart.WEEK_OF_YEAR: "WEEK",
    DatePart.MONTH_OF_YEAR: "MONTH",
    DatePart.QUARTER_OF_YEAR: "QUARTER",
    DatePart.YEAR: "YEAR",
}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


@dataclass(frozen=True, slots=True)
class Moment:
    """A node that holds time. kind: date, timestamp, year (a whole number) or clock (a time of day)."""

    node: exp.Expression
    kind: str
    name: str = ""


def kind_of(field: Field) -> str:
    """The kind of time a field holds; '' when it holds none."""
    if field.time_format:
        has_clock = any(mark in field.time_format for mark in ("%H", "%I", "%M", "%S", "%c", "%X", "%T"))
        return "timestamp" if has_clock else "date"
    match field.datatype:
        case "Date":
            return "date"
        case "DateTime" | "DateTimeTz":
            return "timestamp"
        case "Time":
            return "clock"
        case "Integer" | "Decimal" | "Float" if field.is_time or field.kind == "time":
            return "year"
        case "" | "Opaque" if field.is_time or field.kind == "time":
            return "timestamp"
    return ""


def parsed(field: Field, node: exp.Expression) -> exp.Expression:
    """The column as a date or timestamp where it is kept as text (or a number such as 20240131)."""
    if not field.time_format:
        return node
    text = node if field.datatype in ("String", "") else nodes.cast(node, "VARCHAR")
    found = nodes.call("TRY_STRPTIME", text, exp.Literal.string(field.time_format))
    return nodes.cast(found, "DATE") if kind_of(field) == "date" else found


def bucket(moment: Moment, grain: Grain, calendar: BusinessCalendar, *, fiscal: bool) -> exp.Expression:
    """First day (as a date) of the grain that holds the moment; hours stay timestamps."""
    if moment.kind == "clock":
        raise Refusal("unsupported", what=f"{moment.name}: {grain.value}")
    if moment.kind == "year":
        first_month = calendar.fiscal_start_month if fiscal else 1
        if grain is not Grain.YEAR or first_month != 1:
            raise Refusal("only_years", field=moment.name)
        return exp.DateFromParts(this=None, year=moment.node, month=nodes.number(1), day=nodes.number(1))
    if grain is Grain.DAY:
        return moment.node if moment.kind == "date" else nodes.cast(moment.node, "DATE")
    if grain is Grain.HOUR:
        return exp.TimestampTrunc(this=moment.node, unit=exp.Var(this="HOUR"))
    back = _shift_to_calendar(grain, calendar, fiscal=fiscal)
    inner = moment.node if back is None else exp.Sub(this=nodes.wrapped(moment.node), expression=back)
    cut = exp.TimestampTrunc(this=inner, unit=exp.Var(this=grain.value.upper()))
    return nodes.cast(cut if back is None else exp.Add(this=cut, expression=back.copy()), "DATE")


def _shift_to_calendar(grain: Grain, calendar: BusinessCalendar, *, fiscal: bool) -> exp.Expression | None:
    """What to take off before and add after cutting, where a week or a fiscal year does not start as the calendar's."""
    if grain is Grain.WEEK and calendar.week_start != 1:
        return exp.Interval(this=exp.Literal.string(str(calendar.week_start - 1)), unit=exp.Var(this="DAY"))
    months = (calendar.fiscal_start_month - 1) % (3 if grain is Grain.QUARTER else 12)
    if fiscal and months and grain in (Grain.QUARTER, Grain.YEAR):
        return exp.Interval(this=exp.Literal.string(str(months)), unit=exp.Var(this="MONTH"))
    return None


def part(moment: Moment, which: DatePart) -> exp.Expression:
    """A recurring part as a whole number; weekdays count from 1 = Monday, weeks are ISO weeks."""
    if moment.kind == "year":
        if which is not DatePart.YEAR:
            raise Refusal("only_years", field=moment.name)
        return moment.node
    if moment.kind == "clock" and which is not DatePart.HOUR_OF_DAY:
        raise Refusal("unsupported", what=f"{moment.name}: {which.value}")
    return exp.Extract(this=exp.Var(this=_PARTS[which]), expression=moment.node)


def within(moment: Moment, period: Period) -> list[exp.Expression]:
    """Conditions of a half-open period, so that a timestamp's last day is whole."""
    if moment.kind == "year":
        return _within_years(moment, period)
    if moment.kind == "clock":
        raise Refusal("unsupported", what=moment.name)
    found: list[exp.Expression] = []
    if period.start:
        found.append(exp.GTE(this=moment.node, expression=nodes.day(period.start)))
    if period.end:
        found.append(exp.LT(this=moment.node.copy(), expression=nodes.day(period.end)))
    return found


def _within_years(moment: Moment, period: Period) -> list[exp.Expression]:
    """Whole years only: a number such as 2024 can't tell January from June, so a part of a year is refused."""
    found: list[exp.Expression] = []
    for bound, kind in ((period.start, exp.GTE), (period.end, exp.LT)):
        if bound is None:
            continue
        if (bound.month, bound.day) != (1, 1):
            raise Refusal("only_years", field=moment.name)
        found.append(kind(this=moment.node.copy(), expression=nodes.number(bound.year)))
    return found


def elapsed(start: Moment, end: Moment, unit: str) -> exp.Expression:
    """end - start in units; days between two dates are whole, times give fractions."""
    if "year" in (start.kind, end.kind) or "clock" in (start.kind, end.kind):
        raise Refusal("unsupported", what=f"{start.name} - {end.name}")
    if "date" in (start.kind, end.kind):
        # a day's start is no time of day: a date against a timestamp is counted in days
        days = exp.Sub(this=_as_date(end), expression=_as_date(start))
        return _in_unit(days, unit, _SECONDS["day"])
    seconds = exp.TimeToUnix(this=exp.Sub(this=nodes.wrapped(end.node), expression=nodes.wrapped(start.node)))
    return _in_unit(seconds, unit, 1)


def _as_date(moment: Moment) -> exp.Expression:
    return nodes.wrapped(moment.node) if moment.kind == "date" else nodes.cast(moment.node, "DATE")


def _in_unit(node: exp.Expression, unit: str, have: int) -> exp.Expression:
    want = {**_SECONDS, "year": 86400 * 365.2425, "month": 86400 * 365.2425 / 12}.get(unit)
    if want is None:
        raise Refusal("unsupported", what=unit)
    if want == have:
        return node
    node = nodes.wrapped(node)
    if have > want:
        return exp.Mul(this=node, expression=nodes.number(have / want))
    return exp.Div(this=node, expression=nodes.number(want / have))


def age(moment: Moment, on: date) -> exp.Expression:
    """Completed years from the moment to a day."""
    if moment.kind == "year":
        return exp.Sub(this=nodes.number(on.year), expression=moment.node)
    return exp.Extract(this=exp.Var(this="YEAR"), expression=nodes.call("AGE", nodes.day(on), _as_date(moment)))


def compare_day(moment: Moment, op: str, value: date) -> exp.Expression | None:
    """A timestamp against a whole day: "<= 31 May" keeps all of that day. None when plain comparison is right."""
    if moment.kind != "timestamp":
        return None
    start, after = nodes.day(value), nodes.day(value + timedelta(days=1))
    node = moment.node
    match op:
        case "<=":
            return exp.LT(this=node, expression=after)
        case ">":
            return exp.GTE(this=node, expression=after)
        case "=":
            return exp.And(
                this=exp.GTE(this=node, expression=start), expression=exp.LT(this=node.copy(), expression=after)
            )
        case "!=":
            low, high = exp.LT(this=node, expression=start), exp.GTE(this=node.copy(), expression=after)
            return exp.Paren(this=exp.Or(this=low, expression=high))
    return None
