"""What a compiled query says of itself: columns, tables, notes, quoting, languages, speed."""

from __future__ import annotations

import time
from datetime import date
from statistics import median

import duckdb
import pytest

from bi_chat.semantics.model import Dataset, Field, MetricDefinition, Relationship, SemanticModel
from bi_chat.sql.compile import compile_plan
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Grain, Named
from bi_chat.values.plan import (
    TIME,
    Aggregate,
    Dimension,
    FieldRef,
    Fn,
    In,
    Measured,
    Metric,
    Order,
    Plan,
    Share,
    TimeBucket,
    Window,
)
from bi_chat.values.query import Query

TODAY = date(2024, 6, 1)
MODEL = SemanticModel(
    "odd names",
    (
        Dataset(
            "订单",
            'db."main"."select"',
            ("订单号",),
            (),
            (
                Field("订单号", '"订单号"', "Integer", kind="key"),
                Field("group", '"group"', "String", label="Group"),
                Field("net", '"a""b" * 2', "Decimal", unit="EUR", format="currency"),
                Field("at", '"at"', "Date"),
                Field("store", '"store"', "Integer"),
            ),
            default_time="at",
        ),
        Dataset("shop", "shop", ("id",), (), (Field("id", "id", "Integer"), Field("order", '"order"', "String"))),
    ),
    (Relationship("in_shop", "订单", "shop", ("store",), ("id",)),),
    (MetricDefinition("销售额", 'SUM("订单".net)', label="Net sales", unit="EUR"),),
)
SCHEMA = """
create table "select" ("订单号" int, "group" varchar, "a""b" decimal(8,2), "at" date, store int);
insert into "select" values (1,'x',1.5,'2024-01-02',1),(2,'y',2,'2024-05-02',2),(3,null,4,'2024-05-03',null);
create table shop (id int, "order" varchar);
insert into shop values (1,'first'),(2,'second');
"""


@pytest.fixture()
def con():
    with duckdb.connect() as found:
        found.execute(SCHEMA)
        yield found


def compiled(plan, **more) -> Query:
    found = compile_plan(plan, MODEL, TODAY, **more)
    assert isinstance(found, Query), found
    return found


SALES = (Measured(Metric("销售额")),)


def test_reserved_and_foreign_names_are_quoted(con):
    plan = Plan(SALES, (Dimension(FieldRef("shop", "order")), Dimension(FieldRef("订单", "group"))))
    assert set(con.execute(compiled(plan).sql).fetchall()) == {("first", "x", 3), ("second", "y", 4), (None, None, 8)}


def test_labels_of_the_plan_name_the_columns(con):
    plan = Plan((Measured(Metric("销售额"), 'my "sum"'),), (Dimension(FieldRef("订单", "group"), "; drop table shop"),))
    query = compiled(plan)
    assert [c.name for c in query.columns] == ["; drop table shop", 'my "sum"']
    assert [d[0] for d in con.execute(query.sql).description] == ["; drop table shop", 'my "sum"']


def test_columns_carry_role_unit_and_format():
    plan = Plan(
        SALES, (Dimension(TimeBucket(TIME, Grain.MONTH)), Dimension(FieldRef("订单", "group"))), calculations=(Share(),)
    )
    month, group, sales, share = compiled(plan).columns
    assert (month.role, month.grain, month.format) == ("time", "month", "date")
    assert (group.role, group.label) == ("dimension", "Group")
    assert (sales.role, sales.label, sales.unit, sales.format, sales.measure) == (
        "measure",
        "Net sales",
        "EUR",
        "currency",
        0,
    )
    assert (share.role, share.unit, share.format, share.measure) == ("share", "%", "percent", 0)


def test_hidden_measures_are_marked():
    count = Aggregate(Fn.COUNT, "订单")
    plan = Plan((*SALES, Measured(count)), (Dimension(FieldRef("订单", "group")),), order=(Order(count),), hidden=(1,))
    assert [c.hidden for c in compiled(plan).columns] == [False, False, True]


def test_tables_are_those_read():
    assert compiled(Plan(SALES)).tables == ("select",)
    assert set(compiled(Plan(SALES, where=(In(FieldRef("shop", "order"), ("first",)),))).tables) == {"select", "shop"}


def test_one_dataset_needs_no_common_table_expression():
    query = compiled(Plan(SALES, (Dimension(FieldRef("shop", "order")),), window=Window(Named(2024))))
    assert "WITH" not in query.sql
    assert query.sql.count("SELECT") == 1


def test_the_period_is_noted():
    notes = {n.code: dict(n.args) for n in compiled(Plan(SALES, window=Window(Named(2023)))).notes}
    assert notes["period_resolved"] == {"start": "2023-01-01", "end": "2023-12-31"}


def test_issues_speak_the_askers_language():
    english = compile_plan(Plan((Measured(Metric("profit")),)), MODEL, TODAY)
    chinese = compile_plan(Plan((Measured(Metric("profit")),)), MODEL, TODAY, language="zh")
    assert isinstance(english, Issue) and isinstance(chinese, Issue)
    assert english.code is chinese.code is IssueCode.UNKNOWN_WORD
    assert english.problem == "The data have no profit."
    assert chinese.problem == "数据里没有profit。"


def test_compiling_takes_a_few_milliseconds():
    plan = Plan(SALES, (Dimension(FieldRef("shop", "order")),), window=Window(Named(2024)), calculations=(Share(),))
    compiled(plan)
    seconds = []
    for _ in range(15):
        start = time.process_time()
        compiled(plan)
        seconds.append(time.process_time() - start)
    assert median(seconds) < 0.02
