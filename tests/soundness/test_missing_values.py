"""Missing values: groups of them are kept, negations keep them, and nothing at all is no zero by accident."""

from __future__ import annotations

from datetime import date

from shop import CATEGORY, CHANNEL, CITY, REGION, by, during, of

from bi_chat.values.plan import (
    Aggregate,
    AllOf,
    AnyOf,
    Compare,
    Exists,
    FieldRef,
    Fn,
    In,
    InPlan,
    IsNull,
    Literal,
    Not,
    Plan,
    TextMatch,
)

NAME = FieldRef("customers", "name")
TIER = FieldRef("customers", "tier")
ORDERS = Aggregate(Fn.COUNT, "orders")


def names(found):
    return {row[0] for row in found}


def test_rows_without_a_partner_stay_as_a_group(rows, check):
    found = rows(Plan(of("revenue"), by(REGION)))
    assert (None, 10) in found
    assert sum(r[1] for r in found) == check("select sum(amount) from lines")[0][0]


def test_excluding_a_value_keeps_rows_that_have_none(rows, compiled):
    # wrong number: 35 - 10 = 25, were the lines of unknown products dropped with NOT IN
    plan = Plan(of("revenue"), where=(In(CATEGORY, ("Office",), negated=True),))
    assert rows(plan) == [(35,)]
    assert any(n.code == "nulls_kept" for n in compiled(plan).notes)


def test_excluding_several_values_keeps_rows_that_have_none(rows):
    assert rows(Plan(of("revenue"), where=(In(CATEGORY, ("Office", "Kitchen"), negated=True),))) == [(10,)]


def test_unequal_keeps_rows_that_have_none(rows):
    assert names(rows(Plan(dimensions=by(NAME), where=(Compare(TIER, "!=", Literal("gold")),)))) == {"Bob", "Cyd"}


def test_not_holds_where_the_condition_is_unknown(rows):
    plan = Plan(dimensions=by(NAME), where=(Not(In(TIER, ("gold",))),))
    assert names(rows(plan)) == {"Bob", "Cyd"}
    plan = Plan(dimensions=by(NAME), where=(TextMatch(TIER, "ol", negated=True),))
    assert names(rows(plan)) == {"Bob", "Cyd"}


def test_a_filter_on_a_missing_partner_excludes(rows):
    assert rows(Plan(of(ORDERS), where=(In(CITY, ("Bern",)),))) == [(2,)]


def test_missing_can_be_asked_for(rows):
    assert names(rows(Plan(dimensions=by(NAME), where=(IsNull(TIER),)))) == {"Bob"}
    assert names(rows(Plan(dimensions=by(NAME), where=(In(TIER, ("silver", None)),)))) == {"Bob", "Cyd"}
    assert names(rows(Plan(dimensions=by(NAME), where=(In(TIER, ("silver", None), negated=True),)))) == {"Ann", "Dan"}
    assert names(rows(Plan(dimensions=by(NAME), where=(IsNull(TIER, negated=True),)))) == {"Ann", "Cyd", "Dan"}


def test_never_ordered_survives_an_order_without_a_customer(rows):
    # wrong number: NOT IN (…, NULL) gives nobody at all
    assert rows(Plan(dimensions=by(NAME), where=(Exists("orders", negated=True),))) == [("Dan",)]
    buyers = Plan(dimensions=by(FieldRef("orders", "customer_id")), base="orders")
    plan = Plan(dimensions=by(NAME), where=(InPlan(FieldRef("customers", "customer_id"), buyers, negated=True),))
    assert rows(plan) == [("Dan",)]


def test_conditions_on_one_many_side_hold_for_the_same_row(rows):
    # Ann bought office goods on the web and in the shop; Bob's shop order had ink; web + kitchen is Ann's and Cyd's
    both = (In(CATEGORY, ("Kitchen",)), In(CHANNEL, ("web",)))
    assert names(rows(Plan(dimensions=by(NAME), where=(Exists("lines", both),)))) == {"Ann", "Cyd"}
    shop_kitchen = (In(CATEGORY, ("Kitchen",)), In(CHANNEL, ("shop",)))
    assert rows(Plan(dimensions=by(NAME), where=(Exists("lines", shop_kitchen),))) == []
    assert rows(Plan(dimensions=by(NAME), where=(AllOf((Exists("lines", shop_kitchen),)),))) == []


def test_two_purchases_may_be_different_rows(rows):
    two = (Exists("lines", (In(CATEGORY, ("Office",)),)), Exists("lines", (In(CATEGORY, ("Kitchen",)),)))
    assert names(rows(Plan(dimensions=by(NAME), where=two))) == {"Ann"}


def test_alternatives_may_lie_on_different_sides(rows):
    plan = Plan(dimensions=by(NAME), where=(AnyOf((In(TIER, ("silver",)), Exists("reviews"))),))
    assert names(rows(plan)) == {"Ann", "Bob", "Cyd"}


def test_the_rows_themselves_may_be_what_must_exist(rows):
    web = Exists("orders", (In(CHANNEL, ("web",)),))
    assert rows(Plan(of("order count", "revenue"), where=(web,))) == [(3, 44)]
    assert rows(Plan(of("order count"), where=(Exists("orders", (In(CHANNEL, ("web",)),), negated=True),))) == [(3,)]


def test_siblings_are_tied_by_the_row_they_share(rows):
    # subscriptions of customers without an order
    plan = Plan(of(Aggregate(Fn.COUNT, "subs")), where=(Exists("orders", negated=True),))
    assert rows(plan) == [(1,)]


def test_a_sum_over_nothing_is_missing_and_a_count_is_zero(rows, compiled):
    empty = during(date(2019, 1, 1), date(2019, 2, 1))
    plan = Plan(of("revenue", "order count"), window=empty)
    assert rows(plan) == [(None, 0)]
    assert any(n.code == "outside_data" and n.warning for n in compiled(plan).notes)


def test_text_is_matched_as_text(rows):
    assert names(rows(Plan(dimensions=by(NAME), where=(TextMatch(NAME, "AN"),)))) == {"Ann", "Dan"}
    assert rows(Plan(dimensions=by(NAME), where=(TextMatch(NAME, "%"),))) == []
    assert rows(Plan(dimensions=by(NAME), where=(TextMatch(NAME, "_nn"),))) == []
    assert rows(Plan(dimensions=by(NAME), where=(TextMatch(NAME, "an", "starts"),))) == [("Ann",)]


def test_hostile_texts_stay_texts(rows):
    for text in ("' or 1=1 --", '"; drop table orders; --', "\\", "''"):
        assert rows(Plan(dimensions=by(NAME), where=(In(NAME, (text,)),))) == []
        assert rows(Plan(dimensions=by(NAME), where=(TextMatch(NAME, text),))) == []
        assert rows(Plan(dimensions=by(NAME), where=(Compare(NAME, "=", Literal(text)),))) == []


def test_no_values_match_nothing(rows):
    assert rows(Plan(dimensions=by(NAME), where=(In(NAME, ()),))) == []
    assert len(rows(Plan(dimensions=by(NAME), where=(In(NAME, (), negated=True),)))) == 4
