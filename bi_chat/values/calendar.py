"""In: a day and a calendar unit. Out: the unit's first day, or the day moved by whole units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class Grain(StrEnum):
    """A calendar unit, finest first."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class DatePart(StrEnum):
    """A recurring part of a date: it folds many periods into one group."""

    HOUR_OF_DAY = "hour_of_day"
    DAY_OF_WEEK = "day_of_week"
    DAY_OF_MONTH = "day_of_month"
    WEEK_OF_YEAR = "week_of_year"
    MONTH_OF_YEAR = "month_of_year"
    QUARTER_OF_YEAR = "quarter_of_year"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """How a business cuts its years and weeks.

    `fiscal_start_month` 1 to 12; `fiscal_named_by_end`: FY2025 is the year that ends in 2025; `week_start` 1 = Monday.
    """

    fiscal_start_month: int = 1
    fiscal_named_by_end: bool = True
    week_start: int = 1


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open [start, end); `None` means unbounded on that side."""

    start: date | None
    end: date | None

    @property
    def last_day(self) -> date | None:
        """The last day that belongs to the period."""
        return None if self.end is None else self.end - timedelta(days=1)


def floor(day: date, grain: Grain, cal: BusinessCalendar, *, fiscal: bool = False) -> date:
    """First day of the grain that holds `day`."""
    match grain:
        case Grain.HOUR | Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=(day.isoweekday() - cal.week_start) % 7)
        case Grain.MONTH:
            return day.replace(day=1)
    first_month = cal.fiscal_start_month if fiscal else 1
    months = (day.month - first_month) % 12
    size = 3 if grain is Grain.QUARTER else 12
    return shift(day.replace(day=1), Grain.MONTH, -(months % size))


def shift(day: date, grain: Grain, by: int) -> date:
    """`day` moved by whole grains; a day that the target month lacks becomes that month's last."""
    if grain in (Grain.HOUR, Grain.DAY):
        return day + timedelta(days=by)
    if grain is Grain.WEEK:
        return day + timedelta(weeks=by)
    months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[grain] * by
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
