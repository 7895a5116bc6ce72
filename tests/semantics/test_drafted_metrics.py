"""Metrics that a draft adds to data that nobody modelled: balances, units sold, margin, a table's own amount."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from bi_chat.settings import Settings
from bi_chat.wiring import Connection, connect

ASKED_AT = "2025-05-01"


@pytest.fixture
def gym(tmp_path: Path) -> Connection:
    """Contracts that begin and end, and sales with quantities and costs."""
    file = tmp_path / "gym.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("CREATE TABLE members (member_id INTEGER PRIMARY KEY, member_name TEXT, town TEXT)")
        con.execute("INSERT INTO members SELECT i, 'Member ' || i, ['Bern', 'Basel'][1 + i % 2] FROM range(1, 41) t(i)")
        con.execute(
            "CREATE TABLE contracts (contract_id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES members(member_id), "
            "start_date DATE, end_date DATE, monthly_fee DECIMAL(8,2))"
        )
        con.execute(
            "INSERT INTO contracts SELECT i, i, DATE '2024-01-01' + CAST(i AS INTEGER) * 5, "
            "CASE WHEN i % 4 = 0 THEN DATE '2025-01-31' END, 50 FROM range(1, 41) t(i)"
        )
        con.execute("CREATE TABLE items (item_id INTEGER PRIMARY KEY, item_name TEXT, unit_cost DECIMAL(8,2))")
        con.execute("INSERT INTO items SELECT i, 'Item ' || i, i FROM range(1, 6) t(i)")
        con.execute(
            "CREATE TABLE sales (sale_id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES items(item_id), sold_on DATE, "
            "quantity INTEGER, sale_amount DECIMAL(10,2), status TEXT)"
        )
        con.execute(
            "INSERT INTO sales SELECT i, 1 + i % 5, DATE '2025-01-01' + CAST(i % 90 AS INTEGER), 1 + i % 3, 10 + i, "
            "CASE WHEN i % 10 = 0 THEN 'cancelled' ELSE 'done' END FROM range(1, 201) t(i)"
        )
    return connect(str(file), settings=Settings(cache_dir=tmp_path / "kept"))


def asked(gym: Connection, question: str) -> object:
    answer = gym.session(today=date_time(ASKED_AT)).ask(question)
    assert answer.status == "answered", answer.text
    return answer.frame.item(0, answer.frame.width - 1)


def date_time(text: str) -> object:
    from datetime import datetime

    return datetime.combine(date.fromisoformat(text), datetime.min.time())


def checked(gym: Connection, sql: str) -> object:
    return gym.session().sql(sql).frame.item()


def test_a_recurring_fee_is_that_of_the_rows_valid_on_the_day(gym: Connection) -> None:
    day = "start_date <= DATE '{0}' AND coalesce(end_date > DATE '{0}', true)"
    valid = f"SELECT sum(monthly_fee) FROM contracts WHERE {day}"
    assert asked(gym, "monthly fee") == checked(gym, valid.format("2025-05-01"))
    assert asked(gym, "monthly fee at the end of December 2024") == checked(gym, valid.format("2024-12-31"))


def test_live_rows_are_counted_on_the_day(gym: Connection) -> None:
    assert asked(gym, "how many active contracts are there") == 30


def test_units_and_margin_follow_from_quantity_and_unit_cost(gym: Connection) -> None:
    assert asked(gym, "units sold") == checked(gym, "SELECT sum(quantity) FROM sales")
    margin = (
        "SELECT sum(sale_amount - quantity * unit_cost) FILTER (WHERE status <> 'cancelled') "
        "FROM sales JOIN items USING (item_id)"
    )
    assert asked(gym, "gross margin") == checked(gym, margin)


def test_the_only_money_of_a_table_is_known_by_the_table(gym: Connection) -> None:
    assert asked(gym, "sales value") == checked(gym, "SELECT sum(sale_amount) FROM sales")


def test_a_fiscal_year_that_nobody_defined_is_not_guessed(gym: Connection) -> None:
    answer = gym.session(today=date_time(ASKED_AT)).ask("revenue in fiscal year 2025")
    assert answer.status != "answered"
