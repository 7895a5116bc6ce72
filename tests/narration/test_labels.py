"""Columns of a Chinese answer are called by Chinese words; their names, which the rows go by, stay as they are."""

from __future__ import annotations

from datetime import date

from bi_chat.narration.labels import labelled
from bi_chat.semantics.model import Dataset, Field, MetricDefinition, SemanticModel
from bi_chat.sql.compile import compile_plan
from bi_chat.values.period import Days, Grain
from bi_chat.values.plan import (
    Aggregate,
    Change,
    Comparison,
    Dimension,
    FieldRef,
    Fn,
    Measured,
    Plan,
    Rank,
    Share,
    TimeBucket,
    Window,
)
from bi_chat.values.plan import Metric as OfMetric
from bi_chat.values.query import Query, ResultColumn

DAY = date(2025, 10, 18)
FIELDS = (
    Field("id", "id", datatype="Integer", kind="key"),
    Field("day", "day", datatype="Date", kind="time", is_time=True),
    Field("paid", "paid", datatype="Decimal", kind="measure", unit="EUR", synonyms=("实付金额",)),
    Field("town", "town", datatype="String", kind="category", label="Town", synonyms=("城市", "town")),
)
SALES = Dataset("sales", "sales", fields=FIELDS, primary_key=("id",), default_time="sales.day", synonyms=("订单",))
REVENUE = MetricDefinition("revenue", "SUM(sales.paid)", label="Revenue", synonyms=("销售额",))
MODEL = SemanticModel("shop", datasets=(SALES,), metrics=(REVENUE,))
TOWN, MONTH = Dimension(FieldRef("sales", "town")), Dimension(TimeBucket(FieldRef("sales", "day"), Grain.MONTH))
MONEY = Measured(OfMetric("revenue"))


def columns_of(plan: Plan, language: str) -> tuple[ResultColumn, ...]:
    query = compile_plan(plan, MODEL, DAY)
    assert isinstance(query, Query)
    found = labelled(query.columns, plan, MODEL, language, DAY)
    assert [c.name for c in found] == [c.name for c in query.columns]
    return found


def labels_of(plan: Plan, language: str = "zh") -> list[str]:
    return [c.label for c in columns_of(plan, language)]


def test_groups_and_measures_are_called_by_the_models_chinese_words() -> None:
    plan = Plan((MONEY, Measured(Aggregate(Fn.COUNT, "sales"))), (MONTH, TOWN))
    assert labels_of(plan) == ["月", "城市", "销售额", "订单数"]


def test_computed_columns_say_what_they_are() -> None:
    plan = Plan((MONEY,), (MONTH,), calculations=(Share(0), Change(0, relative=True), Rank(0)))
    assert labels_of(plan) == ["月", "销售额", "销售额（占比）", "销售额（变化率）", "销售额（排名）"]


def test_columns_of_a_comparison_are_told_apart() -> None:
    window = Window(Days(date(2025, 1, 1), date(2025, 4, 1)))
    plan = Plan((MONEY,), (TOWN,), window=window, comparison=Comparison(Days(date(2024, 1, 1), date(2024, 4, 1))))
    assert labels_of(plan) == ["城市", "销售额", "销售额（对比期）", "销售额（差值）", "销售额（变化率）"]


def test_english_labels_and_labels_of_the_plan_are_kept() -> None:
    plan = Plan((Measured(OfMetric("revenue"), "Umsatz"),), (TOWN,), calculations=(Share(0),))
    assert labels_of(plan) == ["城市", "Umsatz", "Umsatz（占比）"]
    assert labels_of(plan, "en") == ["Town", "Umsatz", "Umsatz (share)"]


def test_no_two_columns_are_called_the_same() -> None:
    plan = Plan((MONEY,), (MONTH,), calculations=(Change(0, relative=True), Change(0, periods=12, relative=True)))
    found = labels_of(plan)
    assert found[2] == "销售额（变化率）" and len(set(found)) == len(found)


def test_columns_of_a_list_take_the_words_of_their_fields() -> None:
    plan = Plan(dimensions=(TOWN, Dimension(FieldRef("sales", "paid"))), base="sales")
    assert labels_of(plan) == ["城市", "实付金额"]
