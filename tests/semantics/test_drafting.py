"""Models drafted from databases nobody modelled: keys, references, kinds, dates; and what must not be believed."""

from __future__ import annotations

import time

import pytest

from bi_chat.semantics.drafting import draft_model
from bi_chat.semantics.model import Field, Relationship, SemanticModel
from bi_chat.values.catalog import Catalog, Column, ColumnProfile, ForeignKey, Table, TableProfile

Values = list[object]
DAY = "date:"


def database(
    tables: dict[str, dict[str, Values]], foreign_keys: tuple[ForeignKey, ...] = ()
) -> tuple[Catalog, dict[str, TableProfile]]:
    """A catalog with profiles computed from small columns of values."""
    made, profiles = [], {}
    for name, columns in tables.items():
        rows = len(next(iter(columns.values())))
        made.append(Table(name, tuple(Column(c, type_of(v)) for c, v in columns.items()), rows=rows))
        profiles[name] = TableProfile(name, tuple(profile(c, v) for c, v in columns.items()))
    return Catalog(tuple(made), foreign_keys), profiles


def type_of(values: Values) -> str:
    first = next((v for v in values if v is not None), "")
    if isinstance(first, str) and first.startswith("date:"):
        return "DATE"
    kinds = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR"}
    return kinds[type(first)]


def profile(name: str, values: Values) -> ColumnProfile:
    seen = [v for v in values if v is not None]
    distinct = sorted(set(seen), key=str)
    text = type_of(values) == "VARCHAR"
    low, high = (min(seen), max(seen)) if seen else (None, None)
    return ColumnProfile(
        name,
        len(values),
        len(values) - len(seen),
        len(distinct),
        bool(seen) and len(distinct) == len(seen),
        low,  # type: ignore[arg-type]
        high,  # type: ignore[arg-type]
        tuple(map(str, distinct)) if text else (),
        text,
        sum(len(str(v)) for v in seen) / max(1, len(seen)) if text else 0.0,
    )


def draft(tables: dict[str, dict[str, Values]], foreign_keys: tuple[ForeignKey, ...] = ()) -> SemanticModel:
    return draft_model(*database(tables, foreign_keys))


def joins(model: SemanticModel) -> set[str]:
    return {f"{r.from_dataset}.{r.from_columns[0]} -> {r.to_dataset}.{r.to_columns[0]}" for r in model.relationships}


def only(model: SemanticModel) -> Relationship:
    assert len(model.relationships) == 1, joins(model)
    return model.relationships[0]


def field(model: SemanticModel, dataset: str, name: str) -> Field:
    found = model.field(dataset, name)
    assert found is not None
    return found


def numbers(n: int, start: int = 1) -> Values:
    return list(range(start, start + n))


def cycle(n: int, of: int, start: int = 1) -> Values:
    return [start + i % of for i in range(n)]


PEOPLE = ["Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo"]


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


@pytest.mark.parametrize(
    ("name", "values", "kind", "fmt"),
    [
        pytest.param("order_date", ["20240131", "20240201", "n/a"], "time", "%Y%m%d", id="compact text"),
        pytest.param("order_date", [20240131, 20240201], "time", "%Y%m%d", id="compact whole numbers"),
        pytest.param("due", ["01/31/2024", "02/01/2024"], "time", "%m/%d/%Y", id="month first"),
        pytest.param("due", ["31/01/2024", "01/02/2024"], "time", "%d/%m/%Y", id="day first"),
        pytest.param("due", ["01/02/2024", "03/04/2024"], "category", "", id="month or day: nobody can tell"),
        pytest.param("due", ["2024年1月31日", "2024年2月1日"], "time", "%Y年%m月%d日", id="Chinese"),
        pytest.param("year", [2019, 2020, 2021], "time", "%Y", id="years"),
        pytest.param("year", [1, 2, 3], "number", "", id="years of study are no years"),
        pytest.param("zone", ["20240131", "20240201"], "category", "", id="eight digits that are a code"),
        pytest.param("day", [DAY + "2024-01-31"], "time", "", id="a date type"),
    ],
)
def test_dates_are_found_in_text_and_numbers(name: str, values: Values, kind: str, fmt: str) -> None:
    found = field(draft({"t": {name: values}}), "t", name)
    assert (found.kind, found.time_format) == (kind, fmt)
    assert found.is_time is (kind == "time")


@pytest.mark.parametrize(
    ("name", "values", "kind", "additivity", "aggregate"),
    [
        pytest.param("net_amount", [1.5, 2.5], "measure", "additive", "sum", id="an amount"),
        pytest.param("qty", [1, 2, 3], "measure", "additive", "sum", id="a quantity"),
        pytest.param("number_of_rooms", [3, 4], "measure", "additive", "sum", id="a count"),
        pytest.param("实付金额", [3.5, 4.5], "measure", "additive", "sum", id="Chinese amount"),
        pytest.param("unit_price", [3.5, 4.5], "number", "none", "avg", id="a price"),
        pytest.param("unit_cost", [3.5, 4.5], "number", "none", "avg", id="a cost per unit"),
        pytest.param("discount_pct", [0.1, 0.2], "number", "none", "avg", id="a percentage"),
        pytest.param("退货率", [0.1, 0.2], "number", "none", "avg", id="a Chinese rate"),
        pytest.param("avg_sales", [0.1, 0.2], "number", "none", "avg", id="an average of sales"),
        pytest.param("rating", [4, 5], "number", "none", "avg", id="a rating"),
        pytest.param("age", [40, 50], "number", "none", "avg", id="an age"),
        pytest.param("latitude", [40.5, 50.5], "number", "none", "avg", id="a coordinate"),
        pytest.param("zorp", [4, 5], "number", "additive", "", id="a number nobody knows"),
        pytest.param("is_active", [0, 1], "flag", "none", "count", id="zero and one"),
        pytest.param("opened", ["Y", "N"], "flag", "none", "count", id="Y and N"),
        pytest.param("ticket_uuid", ["a1", "b2"], "key", "none", "", id="a key that refers to nothing"),
    ],
)
def test_kinds_of_fields(name: str, values: Values, kind: str, additivity: str, aggregate: str) -> None:
    found = field(draft({"t": {"t_id": numbers(len(values)), name: values}}), "t", name)
    assert (found.kind, found.additivity, found.default_aggregate) == (kind, additivity, aggregate)


def test_a_balance_is_not_added_over_time() -> None:
    stock = {"day": [DAY + "2024-01-31", DAY + "2024-02-29"], "stock": [5, 7], "closing_balance": [1.5, 2.5]}
    model = draft({"levels": stock})
    for name in ("stock", "closing_balance"):
        assert (field(model, "levels", name).additivity, field(model, "levels", name).default_aggregate) == (
            "semi",
            "last",
        )


@pytest.mark.parametrize(
    ("name", "values", "unit", "fmt"),
    [
        ("amount_usd", [1.5], "USD", "currency"),
        ("金额_元", [1.5], "CNY", "currency"),
        ("tax_rate", [0.2, 0.1], "", "percent"),
        ("discount_pct", [20, 10], "%", "number"),
        ("durationMinutes", [20, 10], "minutes", "integer"),
        ("floor_area_sqft", [20, 10], "sqft", "integer"),
        ("revenue", [1.5], "", "currency"),
    ],
)
def test_units_and_formats(name: str, values: Values, unit: str, fmt: str) -> None:
    found = field(draft({"t": {name: values}}), "t", name)
    assert (found.unit, found.format) == (unit, fmt)


@pytest.mark.parametrize(
    ("table", "name", "values", "sensitivity"),
    [
        ("t", "contact", ["a@b.org", "c@d.com"], "email"),
        ("t", "mobile", ["0171 1", "0171 2"], "phone"),
        ("t", "身份证号", ["1", "2"], "national_id"),
        ("patients", "name", PEOPLE, "person_name"),
        ("products", "name", PEOPLE, ""),
        ("t", "birth_date", [DAY + "2001-01-01"], "birth_date"),
        ("t", "manager_name", PEOPLE, "person_name"),
        ("t", "city", PEOPLE, ""),
    ],
)
def test_personal_matters_are_marked(table: str, name: str, values: Values, sensitivity: str) -> None:
    assert field(draft({table: {name: values}}), table, name).sensitivity == sensitivity


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (("ship_date", "order_date", "updated_at"), "order_date"),
        (("due_on", "issued_on", "paid_on"), "issued_on"),
        (("birth_date", "signup_date"), "signup_date"),
        (("birth_date",), ""),
        (("end_date", "start_date"), "start_date"),
        (("发货日期", "下单时间"), "下单时间"),
    ],
)
def test_the_business_date_of_a_table(columns: tuple[str, ...], expected: str) -> None:
    model = draft({"facts": {c: [DAY + "2024-01-31", DAY + "2024-02-29"] for c in columns}})
    assert model.datasets[0].default_time == expected


def test_order_lines_take_the_date_of_their_order() -> None:
    model = draft(
        {
            "orders": {"order_id": numbers(10), "order_date": [DAY + f"2024-01-{d:02}" for d in range(1, 11)]},
            "order_items": {"item_key": numbers(30), "order_id": cycle(30, 10), "qty": cycle(30, 3)},
        }
    )
    items = model.dataset("order_items")
    assert items is not None
    assert items.default_time == "orders.order_date"


@pytest.mark.parametrize(
    ("columns", "display"),
    [
        ({"product_id": numbers(10), "sku": [f"s{i}" for i in range(10)], "product_name": PEOPLE}, "product_name"),
        ({"product_id": numbers(10), "title": PEOPLE, "supplier_name": ["x"] * 10}, "title"),
        ({"product_id": numbers(10), "sku": [f"s{i}" for i in range(10)]}, "sku"),
        ({"product_id": numbers(10), "qty": cycle(10, 3)}, ""),
    ],
)
def test_the_field_that_names_a_row(columns: dict[str, Values], display: str) -> None:
    assert draft({"products": columns}).datasets[0].display == display


def test_a_draft_says_so_and_labels_read_well() -> None:
    model = draft({"dim_cust": {"dc_cust_id": numbers(10), "dc_first_nm": PEOPLE, "dc_st_cd": cycle(10, 3)}})
    assert model.drafted
    assert model.datasets[0].label == "customer"
    assert [f.label for f in model.datasets[0].fields] == ["customer ID", "first name", "state code"]


def test_names_that_need_quotes_are_quoted() -> None:
    assert field(draft({"t": {'net "x" amount': [1.5]}}), "t", 'net "x" amount').expression == '"net ""x"" amount"'


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
