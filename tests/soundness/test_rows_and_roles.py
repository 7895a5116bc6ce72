"""Lists of rows, roles of a dataset, measures for each row, plans inside plans."""

from __future__ import annotations

from datetime import date

from shop import CATEGORY, CHANNEL, CITY, REGION, by, during, of

from bi_chat.semantics.model import Dataset, Field, Relationship, SemanticModel
from bi_chat.values.issue import IssueCode
from bi_chat.values.plan import (
    Aggregate,
    Bin,
    Combination,
    Compare,
    EntityMeasure,
    Exists,
    FieldRef,
    Fn,
    In,
    Literal,
    Metric,
    Order,
    Plan,
    Subquery,
)

NAME = FieldRef("customers", "name")
ORDERS = Aggregate(Fn.COUNT, "orders")


def test_a_region_is_that_of_the_order_unless_the_home_is_meant(rows):
    # wrong number: customers' home stores instead of the stores where they bought, or both at once
    assert dict(rows(Plan(of("revenue"), by(REGION)))) == {"North": 69, "South": 20, None: 10}
    home = FieldRef("stores", "region", ("home_store",))
    assert dict(rows(Plan(of("revenue"), by(home)))) == {"North": 69, "South": 20, None: 10}
    city, home_city = CITY, FieldRef("stores", "city", ("home_store",))
    found = rows(Plan(of(ORDERS), by(city, home_city)))
    assert ("Bern", "Aden", 1) in found
    assert ("Aden", "Bern", 1) in found


def test_equally_good_roles_are_asked_about(refused, rows):
    model = SemanticModel(
        "flights",
        (
            Dataset(
                "airports",
                "stores",
                ("store_id",),
                (),
                (Field("store_id", "store_id"), Field("city", "city", "String")),
            ),
            Dataset(
                "flights", "orders", ("order_id",), (), (Field("order_id", "order_id"), Field("channel", "channel"))
            ),
        ),
        (
            Relationship("from_airport", "flights", "airports", ("store_id",), ("store_id",), role="origin"),
            Relationship("to_airport", "flights", "airports", ("customer_id",), ("store_id",), role="destination"),
        ),
    )
    plan = Plan(of(Aggregate(Fn.COUNT, "flights")), by(FieldRef("airports", "city")))
    issue = refused(plan, model=model)
    assert issue.code is IssueCode.AMBIGUOUS
    assert {s.text for s in issue.suggestions} == {"origin", "destination"}
    named = Plan(of(Aggregate(Fn.COUNT, "flights")), by(FieldRef("airports", "city", ("destination",))))
    assert dict(rows(named, model=model)) == {"Aden": 2, "Bern": 2, "Cork": 1, None: 1}
    both = Plan(
        of(Aggregate(Fn.COUNT, "flights")),
        where=(
            In(FieldRef("airports", "city", ("origin",)), ("Aden",)),
            In(FieldRef("airports", "city", ("destination",)), ("Bern",)),
        ),
    )
    assert rows(both, model=model) == [(1,)]


def test_parents_are_another_row_of_the_same_table(rows):
    model = SemanticModel(
        "staff",
        (
            Dataset(
                "staff",
                "customers",
                ("customer_id",),
                (),
                (
                    Field("customer_id", "customer_id"),
                    Field("name", "name", "String"),
                    Field("home_store", "home_store"),
                ),
            ),
        ),
        (Relationship("boss", "staff", "staff", ("home_store",), ("customer_id",), role="boss"),),
    )
    name, boss = FieldRef("staff", "name"), FieldRef("staff", "name", ("boss",))
    assert dict(rows(Plan(dimensions=by(name, boss)), model=model)) == {
        "Ann": "Ann",
        "Bob": "Bob",
        "Cyd": "Cyd",
        "Dan": None,
    }


def test_a_list_takes_columns_of_what_a_row_refers_to(rows):
    found = rows(
        Plan(
            dimensions=by(FieldRef("orders", "order_id"), NAME),
            base="orders",
            order=(Order(FieldRef("orders", "order_id"), False),),
        )
    )
    assert found == [(1, "Ann"), (2, "Ann"), (3, "Bob"), (4, "Cyd"), (5, None), (6, "Bob")]


def test_a_list_with_a_column_of_a_many_side_lists_that_side(rows):
    found = rows(
        Plan(dimensions=by(NAME, FieldRef("orders", "order_id")), base="customers", where=(In(CHANNEL, ("web",)),))
    )
    assert set(found) == {("Ann", 1), ("Bob", 3), ("Cyd", 4)}


def test_rows_are_chosen_by_a_measure_of_their_own(rows, compiled):
    plan = Plan(dimensions=by(NAME), base="customers", having=(Compare(ORDERS, ">=", Literal(2)),))
    assert set(rows(plan)) == {("Ann", 2), ("Bob", 2)}
    assert [c.role for c in compiled(plan).columns] == ["attribute", "measure"]


def test_rows_that_have_none_count_zero(rows):
    # wrong number: an inner join would leave out the store without any order
    plan = Plan(dimensions=by(CITY), base="stores", having=(Compare(ORDERS, "<", Literal(2)),))
    assert set(rows(plan)) == {("Cork", 1), ("Dove", 0)}
    web = Plan(
        dimensions=by(CITY), base="stores", where=(In(CHANNEL, ("web",)),), having=(Compare(ORDERS, "<", Literal(1)),)
    )
    assert set(rows(web)) == {("Bern", 0), ("Dove", 0)}


def test_the_period_of_such_a_list_is_that_of_the_measure(rows):
    window = during(date(2024, 2, 1), date(2024, 3, 1))
    plan = Plan(dimensions=by(NAME), base="customers", window=window, having=(Compare(ORDERS, "=", Literal(1)),))
    assert set(rows(plan)) == {("Ann", 1), ("Bob", 1)}


def test_rows_are_sorted_by_a_measure(rows):
    plan = Plan(dimensions=by(NAME), base="customers", order=(Order(Metric("revenue")),), limit=2)
    assert rows(plan) == [("Bob", 49), ("Ann", 20)]


def test_a_measure_of_each_row_filters_rows(rows):
    large = Compare(EntityMeasure(Metric("revenue"), "orders"), ">", Literal(9))
    assert rows(Plan(of(ORDERS), where=(large,))) == [(4,)]
    # the lines of an order are not the order: filtering lines above 9 gives 2 orders fewer
    assert rows(Plan(of("revenue"), where=(large,))) == [(85,)]


def test_a_distribution_counts_rows_without_anything_too(rows):
    per_customer = EntityMeasure(ORDERS, "customers")
    assert rows(Plan(of(Aggregate(Fn.COUNT, "customers")), by(Bin(per_customer, 1)))) == [(0.0, 1), (1.0, 1), (2.0, 2)]


def test_a_value_is_compared_with_that_of_another_plan(rows):
    average = Subquery(Plan(of(Aggregate(Fn.AVG, "products", FieldRef("products", "cost")))))
    plan = Plan(
        dimensions=by(FieldRef("products", "title")), where=(Compare(FieldRef("products", "cost"), ">", average),)
    )
    assert {r[0] for r in rows(plan)} == {"Cup", "Odd"}
    above = Compare(Metric("revenue"), ">", Subquery(Plan(of(Aggregate(Fn.COUNT, "lines")))))
    assert {r[0] for r in rows(Plan(of("revenue"), by(CHANNEL), having=(above,)))} == {"web", "shop", None}


def test_set_operations_treat_missing_as_equal(rows):
    customer = FieldRef("orders", "customer_id")
    web = Plan(dimensions=by(customer), where=(In(CHANNEL, ("web",)),))
    shop = Plan(dimensions=by(customer), where=(In(CHANNEL, ("shop",)),))
    from dataclasses import replace

    assert rows(replace(web, combined=(Combination("intersect", shop),))) == [(1,), (2,)]
    assert rows(replace(web, combined=(Combination("except", shop),))) == [(3,)]
    assert rows(replace(web, combined=(Combination("union", shop),))) == [(1,), (2,), (3,)]


def test_distinct_rows_are_listed_once(rows):
    assert set(rows(Plan(dimensions=by(CHANNEL), distinct=True))) == {("web",), ("shop",), (None,)}


def test_what_a_row_refers_to_may_be_asked_for(rows):
    # orders of customers who are known; orders whose customer never reviewed
    assert rows(Plan(of(ORDERS), where=(Exists("customers"),))) == [(5,)]
    assert rows(Plan(of(ORDERS), where=(Exists("reviews", (In(CATEGORY, ("Kitchen",)),)),))) == [(2,)]


def test_names_of_columns_differ(compiled):
    plan = Plan(of("revenue", "revenue"), by(CITY, FieldRef("stores", "city", ("home_store",)), CITY))
    names = [c.name.lower() for c in compiled(plan).columns]
    assert len(set(names)) == len(names)


def test_unknown_names_are_refused(refused):
    assert refused(Plan(of("turnover"))).code is IssueCode.UNKNOWN_WORD
    assert refused(Plan(of("revenue"), by(FieldRef("stores", "colour")))).code is IssueCode.UNKNOWN_WORD
    assert refused(Plan(of("revenue"), by(FieldRef("shops", "city")))).code is IssueCode.UNKNOWN_WORD
