"""What a drafted field is good for: kind, additivity, dates, units, personal matters, the name of a row."""

from __future__ import annotations

import pytest
from drafting_tables import DAY, PEOPLE, Values, cycle, draft, field, numbers


@pytest.mark.parametrize(
    ("name", "values", "kind", "fmt"),
    [
        pytest.param("order_date", ["20240131", "20240201", "n/a"], "time", "%Y%m%d", id="compact text"),
        pytest.param("order_date", [20240131, 20240201], "time", "%Y%m%d", id="compact whole numbers"),
        pytest.param("due", ["01/31/2024", "02/01/2024"], "time", "%m/%d/%Y", id="month first"),
        pytest.param("due", ["31/01/2024", "01/02/2024"], "time", "%d/%m/%Y", id="day first"),
        pytest.param("due", ["01/02/2024", "03/04/2024"], "category", "", id="month or day: nobody can tell"),
        pytest.param("due", ["2024年1月31日", "2024年2月1日"], "time", "%Y年%m月%d日", id="Chinese"),
        pytest.param("year", [2019, 2020, 2021], "time", "", id="years stay the numbers they are"),
        pytest.param("opening_year", [2019.0, 2020.0], "time", "", id="years kept as decimals"),
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
        ("t", "c1", ["11010519491231002X", "440308199901101512"], "national_id"),
        ("t", "c1", ["110105194912310021", "440308199901101513"], ""),
        ("t", "c1", ["123-45-6789", "219-09-9999"], "national_id"),
        ("t", "c1", ["4111 1111 1111 1111", "5500-0000-0000-0004"], "card"),
        ("t", "c1", ["4111111111111112", "5500000000000005"], ""),
        ("t", "c1", ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"], "card"),
        ("t", "c1", ["+44 20 7946 0958", "0049 30 901820"], "phone"),
        ("t", "c1", ["13800138000", "15912345678"], "phone"),
        ("t", "c1", ["2024-01-02", "2025-11-30"], ""),
        ("t", "c1", ["SKU-1001", "SKU-1002"], ""),
        ("t", "mobile", ["0171 1", "0171 2"], "phone"),
        ("t", "身份证号", ["1", "2"], "national_id"),
        ("patients", "name", PEOPLE, "person_name"),
        ("products", "name", PEOPLE, ""),
        ("t", "birth_date", [DAY + "2001-01-01"], "birth_date"),
        ("t", "manager_name", PEOPLE, "person_name"),
        ("t", "city", PEOPLE, ""),
        ("t", "passport_no", ["C01X00T47", "K8812004"], "national_id"),
        ("t", "account_no", ["00-1", "00-2"], "card"),
        ("t", "微信号", ["wx_a", "wx_b"], "other"),
        ("t", "client_ip", ["10.0.0.1", "10.0.0.2"], "other"),
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
