"""Keys and references drafted from databases nobody modelled; and what must not be believed."""

from __future__ import annotations

import time

import pytest
from drafting_tables import DAY, PEOPLE, Values, cycle, database, draft, joins, numbers, only

from bi_chat.semantics.drafting import draft_model
from bi_chat.values.catalog import Catalog, Column, ForeignKey, Table


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        pytest.param(("orders", "customer_id"), ("customers", "customer_id"), True, id="the same name"),
        pytest.param(("orders", "customer_id"), ("customers", "id"), True, id="a bare id"),
        pytest.param(("orders", "cust_id"), ("customers", "customer_id"), True, id="an abbreviation"),
        pytest.param(("orders", "customerId"), ("Customer", "ID"), True, id="camel case"),
        pytest.param(("orders", "ship_to_customer_id"), ("customers", "customer_id"), True, id="a role in front"),
        pytest.param(("tickets", "reporterUserId"), ("users", "userId"), True, id="a role in camel case"),
        pytest.param(("tickets", "reporterUserId"), ("appUser", "id"), True, id="the only table of users"),
        pytest.param(("orders", "buyer_id"), ("customers", "customer_id"), True, id="a synonym"),
        pytest.param(("orders", "storeNo"), ("stores", "storeNo"), True, id="a number as key"),
        pytest.param(("订单", "门店ID"), ("门店", "门店编号"), True, id="Chinese with another suffix"),
        pytest.param(("match", "club_id_2"), ("club", "club_id"), True, id="a running number behind"),
        pytest.param(("dim", "uid"), ("users", "uid"), True, id="initials"),
        pytest.param(("orders", "quantity"), ("customers", "customer_id"), False, id="a measure in the same range"),
        pytest.param(("orders", "id"), ("customers", "id"), False, id="two bare ids"),
        pytest.param(("orders", "home_customers"), ("customers", "customer_id"), False, id="a count of customers"),
        pytest.param(("orders", "product_id"), ("customers", "customer_id"), False, id="another thing's key"),
        pytest.param(("orders", "rating"), ("reviews", "rating"), False, id="two measures of one name"),
    ],
)
def test_references_by_name(source: tuple[str, str], target: tuple[str, str], expected: bool) -> None:
    model = draft(
        {
            source[0]: {"row_key": numbers(40), source[1]: cycle(40, 9)},
            target[0]: {target[1]: numbers(10), "label": [f"n{i}" for i in range(10)]},
        }
    )
    join = f"{source[0]}.{source[1]} -> {target[0]}.{target[1]}"
    assert (join in joins(model)) is expected
    if expected:
        guess = only(model).guess
        assert guess is not None
        assert guess.evidence
        assert 0.6 <= guess.confidence < 1


def test_values_outside_the_key_forbid_a_reference() -> None:
    orders = {"order_id": numbers(40), "customer_id": cycle(40, 9, start=5000)}
    model = draft({"orders": orders, "customers": {"customer_id": numbers(10), "name": PEOPLE}})
    assert joins(model) == set()


def test_a_text_key_does_not_join_a_number() -> None:
    orders = {"order_id": numbers(40), "customer_id": [f"C{i % 9}" for i in range(40)]}
    model = draft({"orders": orders, "customers": {"customer_id": numbers(10), "name": PEOPLE}})
    assert joins(model) == set()


def test_roles_are_told_apart_and_named() -> None:
    model = draft(
        {
            "customers": {"customer_id": numbers(60), "home_store_id": cycle(60, 7)},
            "orders": {"order_id": numbers(90), "customer_id": cycle(90, 60), "store_id": cycle(90, 8)},
            "stores": {"store_id": numbers(8), "store_name": PEOPLE[:8]},
        }
    )
    roles = {(r.from_dataset, r.from_columns[0]): r.role for r in model.relationships}
    assert roles == {
        ("customers", "home_store_id"): "home store",
        ("orders", "customer_id"): "",
        ("orders", "store_id"): "",
    }


def test_a_self_reference_to_the_parent() -> None:
    model = draft({"account": {"accountId": numbers(30), "parentAccountId": [None, *cycle(29, 4)]}})
    r = only(model)
    assert (r.to_dataset, r.to_columns, r.role, r.one_to_one) == ("account", ("accountId",), "parent account", False)


def test_a_manager_is_another_employee() -> None:
    model = draft({"employees": {"emp_id": numbers(30), "name": PEOPLE * 3, "manager_id": cycle(30, 4)}})
    assert joins(model) == {"employees.manager_id -> employees.emp_id"}


def test_a_bridge_has_two_references_and_no_single_key() -> None:
    model = draft(
        {
            "students": {"student_id": numbers(10), "name": PEOPLE},
            "courses": {"course_id": numbers(10), "title": [f"t{i}" for i in range(10)]},
            # by chance every student has one row
            "enrolments": {"student_id": numbers(10), "course_id": cycle(10, 3)},
        }
    )
    assert joins(model) == {
        "enrolments.student_id -> students.student_id",
        "enrolments.course_id -> courses.course_id",
    }
    bridge = model.dataset("enrolments")
    assert bridge is not None
    assert bridge.primary_key == ()


def test_the_database_may_confirm_a_key_of_two_columns() -> None:
    catalog, profiles = database(
        {
            "order_items": {"order_id": cycle(20, 10), "line_no": [1] * 10 + [2] * 10, "qty": cycle(20, 3)},
            "orders": {"order_id": numbers(10)},
        }
    )
    asked: list[tuple[str, tuple[str, ...]]] = []

    def unique(table: str, columns: tuple[str, ...]) -> bool:
        asked.append((table, columns))
        return columns == ("order_id", "line_no")

    items = draft_model(catalog, profiles, unique=unique).dataset("order_items")
    assert items is not None
    assert items.primary_key == ("order_id", "line_no")
    assert asked == [("order_items", ("order_id", "line_no"))]
    unasked = draft_model(catalog, profiles).dataset("order_items")
    assert unasked is not None
    assert unasked.primary_key == ()


@pytest.mark.parametrize(("share", "believed"), [(1.0, True), (0.95, True), (0.2, False)])
def test_the_database_may_confirm_or_refute_a_reference(share: float, believed: bool) -> None:
    catalog, profiles = database(
        {
            "orders": {"order_id": numbers(40), "customer_id": cycle(40, 9)},
            "customers": {"customer_id": numbers(10)},
        }
    )
    model = draft_model(catalog, profiles, contains=lambda *_: share)
    assert bool(model.relationships) is believed


def test_declared_references_come_without_a_guess_and_are_not_guessed_again() -> None:
    declared = (ForeignKey("orders", ("buyer",), "customers", ("id",)),)
    model = draft({"orders": {"id": numbers(20), "buyer": cycle(20, 9)}, "customers": {"id": numbers(10)}}, declared)
    r = only(model)
    assert r.guess is None
    assert (r.from_columns, r.to_columns, r.role) == (("buyer",), ("id",), "buyer")


def test_two_tables_that_share_a_key_are_one_to_one() -> None:
    model = draft(
        {
            "person": {"person_id": numbers(10), "name": PEOPLE},
            "passport": {"person_id": numbers(8), "valid_until": [DAY + "2030-01-01"] * 8},
        }
    )
    r = only(model)
    assert (r.from_dataset, r.to_dataset, r.one_to_one) == ("passport", "person", True)


def test_empty_tables_are_judged_by_name_with_less_confidence() -> None:
    empty: dict[str, dict[str, Values]] = {"orders": {"customer_id": []}, "customers": {"customer_id": []}}
    catalog = Catalog(tuple(Table(n, tuple(Column(c, "BIGINT") for c in cols), rows=0) for n, cols in empty.items()))
    r = only(draft_model(catalog, {}))
    assert r.guess is not None
    assert "no rows" in r.guess.evidence
    assert r.guess.confidence < 0.9


def test_a_hundred_tables_are_drafted_in_a_second_of_processor_time() -> None:
    things = ["customer", "order", "product", "store", "ticket", "invoice", "payment", "plan", "event", "asset"]
    tables: dict[str, dict[str, Values]] = {}
    for kind in ("raw", "ext", "old", "new", "eu", "us", "web", "app", "b2b", "test"):
        for i, thing in enumerate(things):
            columns: dict[str, Values] = {f"{kind}_{thing}_id": numbers(30)}
            columns |= {f"{kind}_{other}_id": cycle(30, 20) for other in things[:i]}
            columns |= {f"amount_{k}": [1.5, 2.5] * 15 for k in range(10 - i)}
            columns |= {f"note_{k}": [f"v{j}" for j in range(30)] for k in range(9)}
            tables[f"{kind}_{thing}"] = columns
    catalog, profiles = database(tables)
    assert sum(len(t.columns) for t in catalog.tables) == 2_000
    start = time.process_time()
    model = draft_model(catalog, profiles)
    assert time.process_time() - start < 1.0
    assert len(model.relationships) == 450
