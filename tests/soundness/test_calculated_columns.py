"""Shares, changes, running and rolling values, ranks, comparisons and cuts per group."""

from __future__ import annotations

from datetime import date

import pytest
from shop import CATEGORY, CHANNEL, CITY, MONTH, REGION, by, during, of

from bi_chat.values.issue import IssueCode
from bi_chat.values.period import Days, Grain, Named, Relative
from bi_chat.values.plan import (
    TIME,
    Aggregate,
    Change,
    Compare,
    Comparison,
    FieldRef,
    Fn,
    Literal,
    Metric,
    Order,
    Plan,
    Rank,
    Rolling,
    Running,
    Share,
    TimeBucket,
    Window,
)

ORDERS = Aggregate(Fn.COUNT, "orders")
DAY = TimeBucket(TIME, Grain.DAY)
FEB_TO_APR = during(date(2024, 2, 1), date(2024, 5, 1))


def floats(found):
    return [tuple(v if v is None or isinstance(v, (str, date)) else float(v) for v in row) for row in found]


def test_shares_of_all_groups_make_one(rows):
    found = rows(Plan(of("revenue"), by(REGION), calculations=(Share(),)))
    assert sum(r[2] for r in found) == pytest.approx(1)
    assert {r[0]: r[2] for r in found}["North"] == pytest.approx(69 / 99)


def test_shares_within_a_group_make_one_in_each(rows):
    found = rows(Plan(of("revenue"), by(REGION, CITY), calculations=(Share(0, (0,)),)))
    assert {r[1]: pytest.approx(r[3]) for r in found} == {"Aden": 24 / 69, "Bern": 45 / 69, "Cork": 1, None: 1}


def test_a_cut_or_condition_does_not_change_the_total_of_shares(rows):
    top = Plan(of("revenue"), by(REGION), order=(Order(Metric("revenue")),), limit=1, calculations=(Share(),))
    assert rows(top)[0][2] == pytest.approx(69 / 99)
    large = Plan(
        of("revenue"), by(REGION), having=(Compare(Metric("revenue"), ">", Literal(15)),), calculations=(Share(),)
    )
    assert [r[2] for r in rows(large)] == [pytest.approx(69 / 99), pytest.approx(20 / 99)]


def test_overlapping_groups_are_shares_of_the_true_total(rows, compiled):
    # wrong number: 4 / 7; seven is no number of orders, six is
    plan = Plan(of("order count"), by(CATEGORY), calculations=(Share(),))
    assert {r[0]: r[2] for r in rows(plan)}["Office"] == pytest.approx(4 / 6)
    assert any(n.code == "shares_overlap" and n.warning for n in compiled(plan).notes)


def test_a_ratio_has_no_share(refused):
    assert refused(Plan(of("refund rate"), by(REGION), calculations=(Share(),))).code is IssueCode.UNSUPPORTED
    assert refused(Plan(of("revenue"), calculations=(Share(),))).code is IssueCode.UNSUPPORTED


def test_shares_of_a_balance_are_taken_within_each_month(rows):
    found = rows(Plan(of("mrr"), by(MONTH, FieldRef("customers", "name")), calculations=(Share(),)))
    per_month: dict[object, float] = {}
    for row in found:
        per_month[row[0]] = per_month.get(row[0], 0) + row[3]
    assert set(per_month.values()) == {1.0}


def test_change_looks_at_the_month_before_not_at_the_row_before(rows):
    # wrong number: April against February, because March has no rows
    found = rows(Plan(of("revenue"), by(MONTH), window=FEB_TO_APR, calculations=(Change(),)))
    assert floats(found) == [(date(2024, 2, 1), 14.0, pytest.approx(-1 / 15)), (date(2024, 4, 1), 30.0, None)]


def test_the_first_month_is_compared_with_the_month_before_the_window(rows):
    plan = Plan(of("revenue"), by(MONTH), window=during(date(2024, 2, 1), date(2024, 3, 1)), calculations=(Change(),))
    assert floats(rows(plan)) == [(date(2024, 2, 1), 14.0, pytest.approx(-1 / 15))]


def test_earlier_buckets_do_not_add_days_to_the_first_one(rows):
    # the window starts on 10 February: the first bucket holds only days since then, though January is fetched too
    plan = Plan(of("revenue"), by(MONTH), window=during(date(2024, 2, 10), date(2024, 3, 1)), calculations=(Change(),))
    assert floats(rows(plan)) == [(date(2024, 2, 1), 9.0, pytest.approx(-6 / 15))]
    explicit = during(date(2024, 2, 10), date(2024, 3, 1), FieldRef("orders", "placed"))
    assert floats(rows(Plan(of("revenue"), by(MONTH), window=explicit, calculations=(Change(),)))) == [
        (date(2024, 2, 1), 9.0, pytest.approx(-6 / 15))
    ]


def test_year_over_year_with_missing_months(rows):
    window = during(date(2024, 1, 1), date(2024, 5, 1))
    plan = Plan(of("revenue"), by(MONTH), window=window, calculations=(Change(0, Grain.YEAR),))
    assert floats(rows(plan)) == [
        (date(2024, 1, 1), 15.0, None),
        (date(2024, 2, 1), 14.0, -0.65),
        (date(2024, 4, 1), 30.0, None),
    ]


def test_change_is_per_group(rows):
    plan = Plan(of("revenue"), by(MONTH, CHANNEL), window=FEB_TO_APR, calculations=(Change(0, relative=False),))
    assert (date(2024, 2, 1), "web", 9.0, -6.0) in floats(rows(plan))
    assert (date(2024, 2, 1), "shop", 5.0, None) in floats(rows(plan))


def test_weeks_are_compared_with_weeks_a_year_earlier(rows):
    total = Aggregate(Fn.SUM, "days", FieldRef("days", "n"))
    plan = Plan(of(total), by(TimeBucket(TIME, Grain.WEEK)), calculations=(Change(0, Grain.YEAR),))
    # 364 days back is the same weekday; a calendar year back is no week's first day
    assert {r[0].isoformat(): r[2] for r in rows(plan)}["2024-12-30"] == (24 - 32) / 32


def test_a_finer_change_than_the_buckets_is_refused(refused):
    plan = Plan(of("revenue"), by(MONTH), calculations=(Change(0, Grain.WEEK),))
    assert refused(plan).code is IssueCode.UNSUPPORTED


def test_running_totals_start_with_the_window(rows):
    plan = Plan(of("revenue"), by(MONTH), window=FEB_TO_APR, calculations=(Running(), Change()))
    assert [float(r[2]) for r in rows(plan)] == [14.0, 44.0]


def test_running_totals_are_right_over_gaps_and_per_group(rows):
    found = floats(rows(Plan(of("revenue"), by(MONTH, CHANNEL), calculations=(Running(),))))
    assert (date(2024, 4, 1), "web", 20.0, 44.0) in found
    assert (date(2024, 2, 1), "shop", 5.0, 45.0) in found


def test_running_totals_of_distinct_counts_are_refused(refused):
    # wrong number: a customer of two months counted twice
    buyers = Aggregate(Fn.COUNT, "orders", FieldRef("orders", "customer_id"), distinct=True)
    assert refused(Plan(of(buyers), by(MONTH), calculations=(Running(),))).code is IssueCode.UNSUPPORTED


def test_rolling_means_count_empty_periods_as_nothing_sold(rows):
    # wrong number for April: (15 + 14 + 30) / 3 over three rows; March sold nothing
    plan = Plan(of("revenue"), by(MONTH), window=FEB_TO_APR, calculations=(Rolling(0, 3),))
    found = {r[0].month: (float(r[1]), float(r[2])) for r in rows(plan)}
    assert found[4] == (30.0, pytest.approx((14 + 0 + 30) / 3))
    assert found[3] == (0.0, pytest.approx((15 + 14 + 0) / 3))
    assert found[2] == (14.0, pytest.approx((0 + 15 + 14) / 3))


def test_rolling_sums_over_days(rows):
    window = during(date(2024, 2, 1), date(2024, 2, 16))
    plan = Plan(of("revenue"), by(DAY), window=window, calculations=(Rolling(0, 2, Fn.SUM),))
    found = {r[0].isoformat(): float(r[2]) for r in rows(plan)}
    assert len(found) == 15
    # 31 January lies before the window and is used, not shown
    assert (found["2024-02-01"], found["2024-02-02"], found["2024-02-15"]) == (20.0, 5.0, 9.0)


def test_ranks_put_missing_last(rows):
    found = rows(Plan(of("sales per area"), by(CITY), calculations=(Rank(),)))
    assert {r[0]: r[2] for r in found} == {"Bern": 1, "Aden": 2, "Cork": 3, None: 4}


def test_a_comparison_keeps_groups_of_one_period(rows):
    february = during(date(2024, 2, 1), date(2024, 3, 1))
    plan = Plan(of("revenue"), by(CITY), window=february, comparison=Comparison(Named(2023, ("month", 2))))
    found = {r[0]: tuple(None if v is None else float(v) for v in r[1:]) for r in rows(plan)}
    assert found == {"Aden": (9.0, None, 9.0, None), "Bern": (5.0, 40.0, -35.0, -0.875)}


def test_a_comparison_keeps_groups_of_the_baseline_alone(rows):
    january = during(date(2024, 1, 1), date(2024, 2, 1))
    plan = Plan(of("revenue"), by(CITY), window=january, comparison=Comparison(Named(2023, ("month", 2))))
    found = {r[0]: tuple(None if v is None else float(v) for v in r[1:]) for r in rows(plan)}
    assert found == {"Aden": (15.0, None, 15.0, None), "Bern": (None, 40.0, -40.0, -1.0)}


def test_a_comparison_without_groups(rows, compiled):
    plan = Plan(of("revenue"), window=Window(Named(2024)), comparison=Comparison(Named(2023)))
    assert floats(rows(plan)) == [(59.0, 40.0, 19.0, 0.475)]
    assert [c.role for c in compiled(plan).columns] == ["measure", "baseline", "difference", "change"]


def test_a_comparison_by_month_sets_the_same_months_side_by_side(rows):
    window = during(date(2024, 1, 1), date(2024, 4, 1))
    plan = Plan(
        of("revenue"), by(MONTH), window=window, comparison=Comparison(Days(date(2023, 1, 1), date(2023, 4, 1)))
    )
    assert floats(rows(plan)) == [
        (date(2024, 1, 1), 15.0, None, 15.0, None),
        (date(2024, 2, 1), 14.0, 40.0, -26.0, -0.65),
    ]


def test_change_without_buckets_compares_the_window_with_the_one_before(rows):
    february = Plan(of("revenue"), window=Window(Relative(Grain.MONTH, -2)), calculations=(Change(),))
    assert floats(rows(february)) == [(14.0, 15.0, -1.0, pytest.approx(-1 / 15))]


def test_comparing_a_balance_compares_two_days(rows):
    plan = Plan(of("mrr"), window=Window(Named(2024, ("month", 3))), comparison=Comparison(Named(2024, ("month", 1))))
    assert floats(rows(plan)) == [(50.0, 30.0, 20.0, pytest.approx(2 / 3))]


def test_a_limit_per_group_keeps_that_many_in_each(rows):
    plan = Plan(of("revenue"), by(REGION, CITY), order=(Order(Metric("revenue")),), limit=1, limit_per=(0,))
    assert {(r[0], r[1]) for r in rows(plan)} == {("North", "Bern"), ("South", "Cork"), (None, None)}


def test_offset_and_ties(rows):
    second = Plan(of("revenue"), by(REGION), order=(Order(Metric("revenue")),), limit=1, offset=1)
    assert rows(second)[0][0] == "South"
    # four orders in North, one each in South and nowhere: second place is shared
    tied = Plan(of(ORDERS), by(REGION), order=(Order(ORDERS),), limit=2, ties=True)
    assert len(rows(tied)) == 3
    assert len(rows(Plan(of(ORDERS), by(REGION), order=(Order(ORDERS),), limit=2))) == 2


def test_equal_values_come_in_the_order_of_their_names(rows):
    plan = Plan(of(Aggregate(Fn.COUNT, "stores")), by(CITY), limit=2)
    assert [r[0] for r in rows(plan)] == ["Aden", "Bern"]


def test_groups_may_be_sorted_by_a_measure_that_is_not_shown(rows):
    plan = Plan(of("revenue"), by(REGION), order=(Order(Metric("order count")),), limit=1)
    assert rows(plan) == [("North", 69)]


def test_earlier_days_do_not_leak_into_buckets_of_another_date(rows):
    # orders placed in February, by the month they were shipped in; order 1 was placed in January
    shipped = TimeBucket(FieldRef("orders", "shipped"), Grain.MONTH)
    plan = Plan(of(ORDERS), by(shipped), window=during(date(2024, 2, 1), date(2024, 3, 1)), calculations=(Change(),))
    assert rows(plan) == [(date(2024, 2, 1), 1, None), (None, 1, None)]


def test_two_groupings_by_time_have_no_bucket_before(refused):
    plan = Plan(of("revenue"), by(MONTH, TimeBucket(TIME, Grain.YEAR)), calculations=(Rolling(0, 3),))
    assert refused(plan).code is IssueCode.UNSUPPORTED


def test_hours_of_the_last_day_are_not_lost(rows):
    hours = TimeBucket(TIME, Grain.HOUR)
    plan = Plan(
        of("revenue"), by(hours), window=during(date(2024, 4, 9), date(2024, 4, 10)), calculations=(Rolling(0, 2),)
    )
    assert [float(r[1]) for r in rows(plan)] == [10.0]
