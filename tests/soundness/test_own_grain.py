"""Each measure is aggregated on the rows of its own dataset: no fan-out, no chasm trap, ratios of sums."""

from __future__ import annotations

from shop import CATEGORY, CHANNEL, CITY, MONTH, REGION, by, of

from bi_chat.values.issue import IssueCode
from bi_chat.values.plan import (
    Aggregate,
    Arithmetic,
    Compare,
    Constant,
    Exists,
    FieldRef,
    Fn,
    In,
    Literal,
    Metric,
    Nested,
    Plan,
)

AREA = Aggregate(Fn.SUM, "stores", FieldRef("stores", "area"))


def codes(query):
    return {n.code for n in query.notes}


def test_a_filter_on_lines_does_not_multiply_orders(rows, check):
    # wrong number: 5, the lines of office goods, instead of 4 orders that hold some
    plan = Plan(of(Aggregate(Fn.COUNT, "orders")), where=(In(CATEGORY, ("Office",)),))
    assert rows(plan) == [(4,)]
    assert rows(plan) == check(
        "select count(*) from orders o where exists (select 1 from lines l join products p using (product_id) "
        "where l.order_id = o.order_id and p.category = 'Office')"
    )


def test_orders_by_category_count_each_order_once_in_each_group(rows, compiled):
    plan = Plan(of("order count"), by(CATEGORY))
    assert set(rows(plan)) == {("Office", 4), ("Kitchen", 2), (None, 1)}
    assert "distinct_at_finer_grain" in codes(compiled(plan))


def test_rows_counted_at_a_finer_grain_are_distinct_rows(rows):
    # order 3 has two office lines; COUNT(*) after the join would say 5
    assert ("Office", 4) in rows(Plan(of(Aggregate(Fn.COUNT, "orders")), by(CATEGORY)))


def test_a_sum_over_a_many_side_grouping_adds_each_row_once_and_warns(rows, compiled):
    # wrong number: 400 for web (store 1 twice, once per order) instead of 300
    plan = Plan(of(AREA), by(CHANNEL))
    assert set(rows(plan)) == {("web", 300), ("shop", 50)}
    assert any(n.code == "overlapping_groups" and n.warning for n in compiled(plan).notes)


def test_an_average_over_a_many_side_grouping_weighs_each_row_once(rows):
    plan = Plan(of(Aggregate(Fn.AVG, "stores", FieldRef("stores", "area"))), by(CHANNEL))
    assert set(rows(plan)) == {("web", 150.0), ("shop", 50.0)}


def test_a_sum_that_would_fan_out_is_refused_where_rows_have_no_key(refused):
    # stock has no key: its rows can't be told apart once a join has repeated them
    plan = Plan(of(Aggregate(Fn.SUM, "targets", FieldRef("targets", "goal"))), by(FieldRef("results", "got")))
    from dataclasses import replace

    from shop import MODEL

    keyless = replace(
        MODEL,
        datasets=tuple(replace(d, primary_key=()) if d.name == "targets" else d for d in MODEL.datasets),
        _index={},
    )
    issue = refused(plan, model=keyless)
    assert issue.code is IssueCode.FAN_OUT
    assert "targets" in issue.problem


def test_two_facts_are_aggregated_before_they_meet(rows, check):
    # wrong number: joined row by row, order 1's two lines and two refunds make revenue 30 and refunds 14
    plan = Plan(of("revenue", "refunded"), by(FieldRef("orders", "order_id")))
    assert (1, 15, 7) in rows(plan)
    totals = rows(Plan(of("revenue", "refunded")))
    assert totals == check("select (select sum(amount) from lines), (select sum(amount) from refunds)")


def test_groups_of_only_one_fact_are_kept(rows):
    found = {month.isoformat(): (a, b) for month, a, b in rows(Plan(of("revenue", "refunded"), by(MONTH)))}
    assert found["2024-03-01"] == (None, 8)
    assert found["2024-04-01"] == (30, None)


def test_a_ratio_divides_sums_and_is_no_sum_of_ratios(rows, check):
    plan = Plan(of("refund rate"), by(CATEGORY))
    assert set(rows(plan)) == set(
        check(
            "select a.category, coalesce(b.r, 0) / a.s from "
            "(select category, sum(amount) s from lines left join products using (product_id) group by 1) a left join "
            "(select category, sum(amount) r from refunds left join products using (product_id) group by 1) b "
            "on a.category is not distinct from b.category"
        )
    )


def test_dividing_by_nothing_is_no_value_and_no_error(rows):
    # March has refunds and no sales
    found = {m.isoformat(): r for m, r in rows(Plan(of("refund rate"), by(MONTH)))}
    assert found["2024-03-01"] is None


def test_whole_numbers_are_divided_exactly(rows):
    ratio = Arithmetic(
        "/", Aggregate(Fn.COUNT, "orders", where=(In(CHANNEL, ("web",)),)), Aggregate(Fn.COUNT, "orders")
    )
    assert rows(Plan(of(ratio))) == [(0.5,)]


def test_a_bare_column_of_a_metric_is_summed_at_its_own_grain(rows, check):
    # wrong number: revenue / sum(area) over joined lines; North has 150 square metres, not 100 per line
    assert set(rows(Plan(of("sales per area"), by(REGION)))) == {("North", 69 / 150), ("South", 20 / 200), (None, 1.0)}
    assert rows(Plan(of("sales per area"))) == [(99 / 360,)]


def test_a_bare_column_is_not_cut_by_the_period(rows):
    found = {(m.isoformat(), v) for m, v in rows(Plan(of("sales per area"), by(MONTH)))}
    assert ("2024-02-01", 14 / 360) in found


def test_an_absent_side_of_a_difference_counts_as_nothing(rows):
    net = Arithmetic("-", Metric("revenue"), Metric("refunded"))
    found = {m.isoformat(): v for m, v in rows(Plan(of(net), by(MONTH)))}
    assert found["2024-04-01"] == 30
    assert found["2024-03-01"] == -8


def test_subtraction_keeps_its_brackets(rows):
    inner = Arithmetic("-", Constant(10), Constant(4))
    plan = Plan(of(Arithmetic("-", Aggregate(Fn.COUNT, "orders"), inner)))
    assert rows(plan) == [(0,)]


def test_two_level_measures_leave_out_rows_that_belong_to_no_group(rows):
    # the order without a customer would pass for a customer of its own: mean 99 / 4 instead of 89 / 3
    per_customer = Nested(Fn.AVG, Metric("revenue"), (FieldRef("orders", "customer_id"),))
    assert rows(Plan(of(per_customer))) == [((20 + 49 + 20) / 3,)]


def test_the_median_of_orders_is_a_median_of_order_totals(rows):
    per_order = Nested(Fn.MEDIAN, Metric("revenue"), (FieldRef("orders", "order_id"),))
    # totals 15, 5, 9, 20, 10, 40; the median line would be 7
    assert rows(Plan(of(per_order))) == [(12.5,)]


def test_a_percentile_of_decimals_is_not_rounded(rows):
    plan = Plan(of(Aggregate(Fn.PERCENTILE, "lines", FieldRef("lines", "amount"), argument=0.9)))
    assert abs(rows(plan)[0][0] - 24.0) < 1e-9


def test_conditions_of_a_measure_bind_only_that_measure(rows):
    web = Aggregate(Fn.COUNT, "orders", where=(In(CHANNEL, ("web",)),))
    assert set(rows(Plan(of(web, Aggregate(Fn.COUNT, "orders")), by(REGION)))) == {
        ("North", 2, 4),
        ("South", 1, 1),
        (None, 0, 1),
    }


def test_a_measures_condition_on_a_many_side_counts_rows_once(rows):
    buyers = Aggregate(Fn.COUNT, "orders", where=(Exists("lines", (In(CATEGORY, ("Office",)),)),))
    assert rows(Plan(of(Arithmetic("/", buyers, Aggregate(Fn.COUNT, "orders"))))) == [(4 / 6,)]


def test_what_no_relationship_reaches_is_refused_by_name(refused):
    issue = refused(Plan(of(Aggregate(Fn.SUM, "ads", FieldRef("ads", "spend"))), by(REGION)))
    assert issue.code is IssueCode.NOT_JOINABLE
    assert "ads" in issue.problem and "region" in issue.problem


def test_a_filter_that_one_of_two_facts_cannot_take_is_refused(refused):
    # wrong number: ad spend of all channels beside the revenue of one
    spend = Aggregate(Fn.SUM, "ads", FieldRef("ads", "spend"))
    issue = refused(Plan(of("revenue", spend), where=(In(CITY, ("Bern",)),)))
    assert issue.code is IssueCode.NOT_JOINABLE


def test_several_links_to_a_grouping_are_asked_about(refused):
    # customers and categories meet in lines, refunds and reviews: three different numbers
    issue = refused(Plan(of(Aggregate(Fn.COUNT, "customers")), by(CATEGORY)))
    assert issue.code is IssueCode.AMBIGUOUS
    assert {s.text for s in issue.suggestions} == {"lines", "refunds", "reviews"}


def test_a_condition_on_groups_sees_the_groups_own_number(rows):
    plan = Plan(of("revenue"), by(REGION), having=(Compare(Metric("order count"), ">", Literal(1)),))
    assert rows(plan) == [("North", 69)]


def test_composite_keys_are_joined_whole(rows):
    # wrong number: joined by region alone, North's results double
    got = Aggregate(Fn.SUM, "results", FieldRef("results", "got"))
    goal = Aggregate(Fn.SUM, "targets", FieldRef("targets", "goal"))
    found = rows(Plan(of(got, goal), by(FieldRef("targets", "region"))))
    assert set(found) == {("North", 120, 300), ("South", 5, 300), (None, 1, None)}


def test_rows_with_a_composite_key_are_counted_once(rows):
    # targets by a result: North 2024 has two results
    plan = Plan(of(Aggregate(Fn.COUNT, "targets")), by(FieldRef("results", "region")))
    assert set(rows(plan)) == {("North", 2), ("South", 1)}


def test_a_value_of_a_coarser_dataset_is_not_repeated_for_finer_rows(rows, compiled):
    # wrong number: 650, the area of each order's store, order by order
    plan = Plan(of(Aggregate(Fn.SUM, "orders", FieldRef("stores", "area"))))
    assert rows(plan) == [(360,)]
    assert any(n.code == "aggregated_at_own_grain" and n.warning for n in compiled(plan).notes)


def test_distinct_values_of_a_coarser_dataset_are_those_of_the_rows_named(rows):
    buyers = Aggregate(Fn.COUNT, "orders", FieldRef("customers", "customer_id"), distinct=True)
    assert rows(Plan(of(buyers))) == [(3,)]


def test_a_reference_to_a_column_that_repeats_is_not_joined(refused):
    # wrong number: each line of ads joined to every day with that channel
    from dataclasses import replace

    from shop import MODEL

    from bi_chat.semantics.model import Relationship

    fields = tuple(
        replace(f, distinct=2, nulls=False) if f.name == "channel" else f for f in MODEL.dataset("ads").fields
    )
    model = replace(
        MODEL,
        datasets=tuple(replace(d, fields=fields, rows=4, _index={}) if d.name == "ads" else d for d in MODEL.datasets),
        relationships=(*MODEL.relationships, Relationship("by_channel", "orders", "ads", ("channel",), ("channel",))),
        _index={},
    )
    plan = Plan(of("revenue"), by(FieldRef("ads", "spend")))
    assert refused(plan, model=model).code is IssueCode.NOT_JOINABLE
