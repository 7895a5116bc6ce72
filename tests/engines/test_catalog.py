"""What the catalog says of tables, columns, keys and comments, and when its fingerprint changes."""

from __future__ import annotations

import duckdb
import pytest

from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.values.catalog import ForeignKey

SHOP = """
CREATE TABLE customers(id INTEGER PRIMARY KEY, email VARCHAR UNIQUE, name VARCHAR NOT NULL, mood ENUM('a', 'b'));
CREATE TABLE orders(id INTEGER, line INTEGER, customer_id INTEGER REFERENCES customers(id), amount DECIMAL(10,2),
  PRIMARY KEY (id, line));
CREATE TABLE "order lines 'x'"("a ""quoted"" name" INTEGER);
CREATE TABLE 销售(地区 VARCHAR, 金额 DOUBLE);
CREATE TABLE empty(x STRUCT(a INTEGER, b VARCHAR[]), y MAP(VARCHAR, INTEGER));
CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100;
CREATE SCHEMA other;
CREATE TABLE other.elsewhere(x INTEGER);
INSERT INTO customers SELECT i, 'm' || i, 'n' || i, 'a' FROM range(5) t(i);
INSERT INTO orders SELECT i, 1, i % 5, i * 10 FROM range(20) t(i);
COMMENT ON TABLE orders IS 'what was sold';
COMMENT ON COLUMN orders.amount IS 'in euros, with tax';
COMMENT ON VIEW big_orders IS 'over a hundred';
COMMENT ON TABLE 销售 IS '销售明细';
"""


@pytest.fixture()
def catalog(opened):
    return opened(SHOP).catalog()


def test_tables_and_views_of_the_served_schema(catalog):
    names = {"customers", "orders", "order lines 'x'", "销售", "empty", "big_orders"}
    assert {table.name for table in catalog.tables} == names


def test_columns_in_order_with_types(catalog):
    assert [(c.name, c.type) for c in catalog.table("orders").columns] == [
        ("id", "INTEGER"),
        ("line", "INTEGER"),
        ("customer_id", "INTEGER"),
        ("amount", "DECIMAL(10,2)"),
    ]
    assert catalog.table("empty").column("x").type.startswith("STRUCT(")


def test_keys(catalog):
    assert catalog.table("customers").primary_key == ("id",)
    assert catalog.table("customers").unique_keys == (("email",),)
    assert catalog.table("orders").primary_key == ("id", "line")
    assert catalog.foreign_keys == (ForeignKey("orders", ("customer_id",), "customers", ("id",)),)


def test_comments_of_tables_columns_and_views(catalog):
    assert catalog.table("orders").comment == "what was sold"
    assert catalog.table("orders").column("amount").comment == "in euros, with tax"
    assert catalog.table("big_orders").comment == "over a hundred"
    assert catalog.table("销售").comment == "销售明细"
    assert catalog.table("customers").comment == ""


def test_nullable(catalog):
    assert [c.name for c in catalog.table("customers").columns if not c.nullable] == ["id", "name"]


def test_rows_are_counted_for_tables_and_unknown_for_views(catalog):
    rows = {table.name: table.rows for table in catalog.tables}
    assert rows["customers"] == 5
    assert rows["orders"] == 20
    assert rows["empty"] == 0
    assert rows["big_orders"] is None


def test_odd_names_can_be_asked(opened, ask):
    engine = opened(SHOP)
    assert ask(engine, 'SELECT "a ""quoted"" name" FROM "order lines \'x\'"').rows == []
    assert ask(engine, "SELECT sum(金额) FROM 销售").rows == [(None,)]


def test_hidden_tables_leave_no_trace(opened):
    catalog = opened(SHOP, hidden=frozenset({"CUSTOMERS", "main.big_orders"})).catalog()
    assert {"customers", "big_orders"}.isdisjoint(t.name for t in catalog.tables)
    assert catalog.foreign_keys == ()


def test_a_lone_other_schema_is_served(opened, ask):
    engine = opened("CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT 7 AS n")
    assert [t.name for t in engine.catalog().tables] == ["orders"]
    assert ask(engine, "SELECT n FROM orders").rows == [(7,)]


def test_a_broken_view_is_left_out(opened):
    engine = opened(
        "CREATE TABLE a AS SELECT 1 AS x; CREATE VIEW v AS SELECT x FROM a; DROP TABLE a; CREATE TABLE b(y INTEGER)"
    )
    assert [t.name for t in engine.catalog().tables] == ["b"]


def test_an_empty_database_has_an_empty_catalog(opened):
    assert opened("SELECT 1").catalog().tables == ()


def test_the_catalog_is_named_after_the_file(opened):
    assert opened(SHOP).catalog().name == "data0"


def test_the_fingerprint_changes_with_the_data_and_only_then(opened):
    engine = opened(SHOP)
    first = engine.catalog().fingerprint
    engine.close()
    again = DuckDBEngine(engine.database)
    assert again.catalog().fingerprint == first
    again.close()
    with duckdb.connect(str(engine.database)) as connection:
        connection.execute("INSERT INTO customers VALUES (99, 'x', 'x', 'b')")
    changed = DuckDBEngine(engine.database)
    assert changed.catalog().fingerprint != first
    changed.close()
