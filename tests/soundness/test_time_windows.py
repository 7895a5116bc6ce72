"""Periods: last days are whole, text dates are dates, weeks start on Monday, balances have a date."""

from __future__ import annotations

from datetime import date

from shop import CHANNEL, MODEL, MONTH, REGION, by, during, of

from bi_chat.values.issue import IssueCode
from bi_chat.values.period import DatePart, Days, Grain, Named, Relative, ToDate
from bi_chat.values.plan import (
    TIME,
    Age,
    Aggregate,
    Change,
    Compare,
    Elapsed,
    FieldRef,
    Fn,
    In,
    Literal,
    PartOfDate,
    Plan,
    Rolling,
    Running,
    TimeBucket,
    Window,
    Within,
)

ORDERS = Aggregate(Fn.COUNT, "orders")
PLACED = FieldRef("orders", "placed")
SPEND = Aggregate(Fn.SUM, "ads", FieldRef("ads", "spend"))
ON_HAND = Aggregate(Fn.SUM, "stock", FieldRef("stock", "on_hand"))


def months(found):
    return {row[0].isoformat()[:7]: row[1] for row in found}


def note(query, code):
    return next((dict(n.args) for n in query.notes if n.code == code), None)


def test_the_last_day_of_a_window_is_whole(rows):
    # wrong number: 0, were "until 31 January" compared with midnight; order 1 came at 23:30
    assert rows(Plan(of(ORDERS), window=during(date(2024, 1, 1), date(2024, 2, 1)))) == [(1,)]
    assert rows(Plan(of(ORDERS), where=(Compare(PLACED, "<=", Literal(date(2024, 1, 31))),))) == [(2,)]
    assert rows(Plan(of(ORDERS), where=(Compare(PLACED, "=", Literal(date(2024, 1, 31))),))) == [(1,)]
    assert rows(Plan(of(ORDERS), where=(Compare(PLACED, ">", Literal(date(2024, 1, 31))),))) == [(4,)]
    assert rows(Plan(of(ORDERS), where=(Compare(PLACED, "!=", Literal(date(2024, 1, 31))),))) == [(5,)]
    assert rows(Plan(of(ORDERS), where=(In(PLACED, (date(2024, 1, 31),)),))) == [(1,)]


def test_midnight_belongs_to_the_day_it_starts(rows):
    assert months(rows(Plan(of(ORDERS), by(MONTH)))) == {"2023-02": 1, "2024-01": 1, "2024-02": 2, "2024-04": 2}


def test_each_measure_is_placed_by_its_own_time(rows):
    # refunds by the day of the refund, sales by the day of the order: not both by the order's
    found = rows(Plan(of("revenue", "refunded"), by(MONTH), window=during(date(2024, 1, 1), date(2024, 3, 1))))
    assert [(m.month, float(a), b and float(b)) for m, a, b in found] == [(1, 15.0, None), (2, 14.0, 7.0)]


def test_a_window_may_name_another_field(rows):
    shipped = FieldRef("orders", "shipped")
    assert rows(Plan(of(ORDERS), window=during(date(2024, 2, 1), date(2024, 3, 1), shipped))) == [(2,)]
    by_month = Plan(of(ORDERS), by(MONTH), window=during(date(2024, 2, 1), date(2024, 5, 1), shipped))
    assert months(rows(by_month)) == {"2024-02": 2, "2024-04": 1}


def test_dates_kept_as_text_are_dates(rows):
    # wrong number: compared as text, '20240229' lies outside "2024-02-01 to 2024-02-29"
    assert rows(Plan(of(SPEND), window=during(date(2024, 2, 1), date(2024, 3, 1)))) == [(11,)]
    assert months(rows(Plan(of(SPEND), by(MONTH)))) == {"2024-01": 4, "2024-02": 11, "2024-03": 1}
    latest = Aggregate(Fn.MAX, "ads", FieldRef("ads", "day"))
    assert rows(Plan(of(latest))) == [(date(2024, 3, 1),)]


def test_years_kept_as_numbers_take_whole_years_only(rows, compiled, refused):
    got = Aggregate(Fn.SUM, "results", FieldRef("results", "got"))
    assert rows(Plan(of(got), window=Window(Named(2024)))) == [(35,)]
    years = rows(Plan(of(got), by(TimeBucket(TIME, Grain.YEAR))))
    assert years == [(date(2023, 1, 1), 91), (date(2024, 1, 1), 35)]
    so_far = Plan(of(got), window=Window(ToDate(Grain.YEAR)))
    assert rows(so_far) == [(35,)]
    assert note(compiled(so_far), "whole_years_only")
    quarter = Plan(of(got), window=Window(Named(2024, ("quarter", 1))))
    assert refused(quarter).code is IssueCode.NO_TIME_FIELD
    assert refused(Plan(of(got), by(MONTH))).code is IssueCode.NO_TIME_FIELD


def test_weeks_start_on_monday_and_keep_together_over_new_year(rows):
    # ISO week 53 of 2020 runs from 28 December to 3 January
    total = Aggregate(Fn.SUM, "days", FieldRef("days", "n"))
    assert rows(Plan(of(total), by(TimeBucket(TIME, Grain.WEEK)))) == [
        (date(2020, 12, 28), 3),
        (date(2021, 1, 4), 4),
        (date(2024, 1, 1), 32),
        (date(2024, 12, 30), 24),
    ]
    assert rows(Plan(of(total), by(PartOfDate(TIME, DatePart.WEEK_OF_YEAR)))) == [(1, 60), (53, 3)]


def test_weekdays_count_from_monday(rows):
    total = Aggregate(Fn.SUM, "days", FieldRef("days", "n"))
    assert rows(Plan(of(total), by(PartOfDate(TIME, DatePart.DAY_OF_WEEK)))) == [(1, 13), (3, 32), (7, 18)]


def test_fiscal_years_start_in_their_own_month(rows):
    # the fiscal year starts in February: January 2024 belongs to the one of February 2023
    found = rows(Plan(of(ORDERS), by(TimeBucket(TIME, Grain.YEAR, fiscal=True))))
    assert found == [(date(2023, 2, 1), 2), (date(2024, 2, 1), 4)]
    found = rows(Plan(of(ORDERS), by(TimeBucket(TIME, Grain.QUARTER, fiscal=True))))
    assert found == [(date(2023, 2, 1), 1), (date(2023, 11, 1), 1), (date(2024, 2, 1), 4)]


def test_a_balance_counts_what_is_valid_on_the_day(rows, compiled):
    # wrong number: 150, all subscriptions there ever were
    assert rows(Plan(of("mrr"))) == [(50,)]
    assert note(compiled(Plan(of("mrr"))), "as_of") == {"date": "2024-04-10"}


def test_a_balance_of_a_period_is_that_of_its_last_day(rows):
    assert rows(Plan(of("mrr"), window=Window(Named(2024, ("month", 1))))) == [(30,)]
    # 2024 is not over: today counts, not 31 December
    assert rows(Plan(of("mrr"), window=Window(Named(2024)))) == [(50,)]


def test_a_balance_does_not_hold_what_ends_that_day(rows):
    # the subscription that ends on 1 March is not valid on 1 March: 10, not 30
    assert rows(Plan(of("mrr"), window=during(date(2024, 2, 1), date(2024, 3, 2)))) == [(10,)]
    assert rows(Plan(of("mrr"), window=during(date(2024, 2, 1), date(2024, 3, 1)))) == [(30,)]


def test_a_balance_by_month_is_not_added_up(rows):
    year = Plan(of("mrr"), by(MONTH), window=Window(Named(2024)))
    assert months(rows(year)) == {"2024-01": 30, "2024-02": 30, "2024-03": 50, "2024-04": 50}
    assert months(rows(Plan(of("mrr"), by(MONTH)))) == months(rows(year))


def test_a_balance_has_no_running_total(refused):
    issue = refused(Plan(of("mrr"), by(MONTH), calculations=(Running(),)))
    assert issue.code is IssueCode.UNSUPPORTED
    assert refused(Plan(of("mrr"), by(MONTH), calculations=(Rolling(0, 3, Fn.SUM),))).code is IssueCode.UNSUPPORTED


def test_a_stock_is_that_of_the_last_day(rows, compiled):
    # wrong number: January 15 (5 + 7 + 3); stock of two days added up
    plan = Plan(of(ON_HAND), by(MONTH))
    assert months(rows(plan)) == {"2024-01": 10, "2024-02": 8}
    assert rows(Plan(of(ON_HAND))) == [(8,)]
    assert months(rows(Plan(of("on hand"), by(MONTH)))) == {"2024-01": 10, "2024-02": 8}
    assert rows(Plan(of("on hand"), window=Window(Named(2024, ("month", 1))))) == [(10,)]
    assert note(compiled(plan), "last_value_per_period") == {"dataset": "stock"}


def test_an_incomplete_last_period_is_said(compiled):
    assert note(compiled(Plan(of("revenue"), by(MONTH))), "partial_period") == {
        "bucket": "2024-04-01",
        "end": "2024-04-30",
        "through": "2024-04-09",
    }
    assert note(compiled(Plan(of("revenue"), window=Window(Relative(Grain.MONTH)))), "partial_period")
    assert note(compiled(Plan(of("revenue"), window=Window(ToDate(Grain.MONTH)))), "partial_period")
    done = during(date(2024, 2, 1), date(2024, 3, 1))
    assert note(compiled(Plan(of("revenue"), by(MONTH), window=done)), "partial_period") is None
    assert note(compiled(Plan(of("revenue"), window=done)), "partial_period") is None


def test_days_between_dates_are_whole_and_hours_have_fractions(rows):
    days = Aggregate(Fn.AVG, "orders", Elapsed(PLACED, FieldRef("orders", "shipped"), "day"))
    # 31 January 23:30 to 2 February is two days, not one and a half hours more than one
    assert rows(Plan(of(days), where=(In(CHANNEL, ("web",)),))) == [(1.5,)]
    hours = Aggregate(Fn.MAX, "orders", Elapsed(PLACED, PLACED, "hour"))
    assert rows(Plan(of(hours))) == [(0.0,)]


def test_age_is_completed_years(rows):
    ages = rows(Plan(dimensions=by(FieldRef("customers", "name"), Age(FieldRef("customers", "joined")))))
    # joined 1 May 2023: not yet a year on 10 April 2024
    assert dict(ages) == {"Ann": 1, "Bob": 0, "Cyd": 0, "Dan": 0}


def test_a_measure_without_a_date_is_not_placed_in_time(refused):
    area = Aggregate(Fn.SUM, "stores", FieldRef("stores", "area"))
    assert refused(Plan(of(area), window=Window(Named(2024)))).code is IssueCode.NO_TIME_FIELD
    assert refused(Plan(of(area), by(MONTH))).code is IssueCode.NO_TIME_FIELD


def test_a_day_that_does_not_exist_is_refused(refused):
    assert refused(Plan(of("revenue"), window=Window(Named(2023, ("day", 229))))).code is IssueCode.OUTSIDE_PERIOD


def test_a_condition_may_name_a_period(rows):
    inside = Within(PLACED, Named(2024, ("month", 2)))
    assert rows(Plan(of(ORDERS), where=(inside,))) == [(2,)]
    outside = Within(FieldRef("orders", "shipped"), Days(date(2024, 1, 1), date(2025, 1, 1)), negated=True)
    assert rows(Plan(of(ORDERS), where=(outside,))) == [(3,)]


def test_changes_against_a_leap_year_find_their_month(rows):
    plan = Plan(
        of("revenue"), by(MONTH), window=Window(Named(2024, ("month", 2))), calculations=(Change(0, Grain.YEAR),)
    )
    assert rows(plan)[0][2] == (14 - 40) / 40


def test_the_calendar_of_the_model_is_used():
    assert MODEL.calendar.fiscal_start_month == 2
    assert REGION.dataset == "stores"
