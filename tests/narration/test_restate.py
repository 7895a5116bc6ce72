"""A plan prints itself: every part of the algebra is said, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from bi_chat.narration.periods import period_words
from bi_chat.narration.restate import restate
from bi_chat.semantics.model import Dataset, Field, MetricDefinition, Relationship, SemanticModel
from bi_chat.values.analyses import Anomalies, Forecast, Why
from bi_chat.values.period import (
    BusinessCalendar,
    DatePart,
    Days,
    Earlier,
    Grain,
    Holding,
    Named,
    PeriodExpr,
    Range,
    Relative,
    Shifted,
    ToDate,
    Weekday,
)
from bi_chat.values.plan import (
    TIME,
    Age,
    Aggregate,
    AllOf,
    AnyOf,
    Arithmetic,
    Bin,
    Change,
    Combination,
    Compare,
    Comparison,
    Constant,
    Dimension,
    Elapsed,
    EntityMeasure,
    Exists,
    FieldRef,
    Fn,
    In,
    InPlan,
    IsNull,
    Literal,
    Measure,
    Measured,
    Metric,
    Nested,
    Not,
    Operation,
    Order,
    PartOfDate,
    Plan,
    Rank,
    Rolling,
    Running,
    Scalar,
    Share,
    Subquery,
    TextMatch,
    TimeBucket,
    Window,
    Within,
)

ASKED_ON = date(2025, 6, 25)
MODEL = SemanticModel(
    "shop",
    (
        Dataset(
            "orders",
            "orders",
            label="orders",
            default_time="ordered_at",
            fields=(
                Field("ordered_at", "ordered_at", kind="time", is_time=True, label="order date"),
                Field("shipped_at", "shipped_at", kind="time", is_time=True),
                Field("region", "region", kind="category"),
                Field("amount", "amount", kind="measure", unit="USD", format="currency"),
                Field("name", "name", kind="text"),
            ),
        ),
        Dataset("customers", "customers", label="customers", fields=(Field("name", "name"), Field("born", "born"))),
    ),
    relationships=(Relationship("billed", "orders", "customers", ("c",), ("id",), role="billing customer"),),
    metrics=(MetricDefinition("revenue", "SUM(orders.amount)", label="Revenue", unit="USD", format="currency"),),
)
REVENUE = Metric("revenue")
REGION, AMOUNT, ORDERED = (FieldRef("orders", f) for f in ("region", "amount", "ordered_at"))
CUSTOMER = FieldRef("customers", "name")
AVERAGE = Plan(measures=(Measured(Aggregate(Fn.AVG, "orders", AMOUNT)),))


def said(plan: Plan, language: str = "en") -> str:
    return restate(plan, MODEL, language, ASKED_ON)


def measured(measure: Measure, language: str = "en") -> str:
    return said(Plan(measures=(Measured(measure),)), language)


def test_the_sentence_of_a_plain_question() -> None:
    plan = Plan(
        measures=(Measured(REVENUE),),
        dimensions=(Dimension(REGION),),
        window=Window(Range(Named(2025, ("month", 4)), Named(2025, ("month", 6)))),
        order=(Order(REVENUE),),
        limit=5,
    )
    assert said(plan) == "Revenue by region, Apr 2025 to Jun 2025 (1 Apr – 30 Jun 2025), largest first, top 5"
    assert said(plan, "zh") == "按region的Revenue，2025年4月至2025年6月（2025年4月1日至6月30日），从大到小，前5名"


def test_a_list() -> None:
    plan = Plan(
        base="customers",
        dimensions=(Dimension(CUSTOMER),),
        where=(Exists("orders", negated=True),),
        distinct=True,
        order=(Order(CUSTOMER, descending=False),),
        limit=10,
        offset=2,
        ties=True,
    )
    expected = (
        "Name of customers, each once, without any orders, sorted by name (customers), "
        "first 10 rows, ties included, after skipping 2"
    )
    assert said(plan) == expected


MEASURES: list[tuple[Measure, str]] = [
    (Aggregate(Fn.COUNT, "orders"), "Number of orders"),
    (Aggregate(Fn.COUNT, "orders", CUSTOMER, distinct=True), "Number of different name (customers)"),
    (Aggregate(Fn.SUM, "orders", AMOUNT), "Total amount"),
    (Aggregate(Fn.PERCENTILE, "orders", AMOUNT, argument=0.9), "90th percentile of amount"),
    (Aggregate(Fn.CORRELATION, "orders", AMOUNT, other=REGION), "Correlation of amount with region"),
    (
        Aggregate(Fn.AVG, "orders", AMOUNT, where=(Compare(REGION, "=", Literal("North")),)),
        "Average amount (only where region is North)",
    ),
    (Arithmetic("*", Constant(12), Arithmetic("-", REVENUE, REVENUE)), "12 × (Revenue − Revenue)"),
    (Nested(Fn.MEDIAN, REVENUE, (CUSTOMER,)), "Median Revenue per name (customers)"),
    (Aggregate(Fn.AVG, "orders", Operation("*", AMOUNT, Literal(2))), "Average amount × 2"),
]


@pytest.mark.parametrize(("measure", "expected"), MEASURES)
def test_measures(measure: Measure, expected: str) -> None:
    assert measured(measure) == expected
    assert measured(measure, "zh")


SCALARS: list[tuple[Scalar, str]] = [
    (TimeBucket(ORDERED, Grain.MONTH), "month"),
    (TimeBucket(TIME, Grain.QUARTER, fiscal=True), "fiscal quarter"),
    (TimeBucket(FieldRef("orders", "shipped_at"), Grain.WEEK), "week of shipped at"),
    (PartOfDate(ORDERED, DatePart.DAY_OF_WEEK), "weekday"),
    (Bin(AMOUNT, 50), "amount in steps of 50"),
    (Elapsed(ORDERED, FieldRef("orders", "shipped_at"), "day"), "days from order date to shipped at"),
    (Age(FieldRef("customers", "born")), "age (completed years since born)"),
    (EntityMeasure(REVENUE, "customers"), "Revenue of each of customers"),
    (FieldRef("customers", "born", ("billed",)), "born via billing customer"),
]


@pytest.mark.parametrize(("scalar", "expected"), SCALARS)
def test_groupings(scalar: Scalar, expected: str) -> None:
    assert said(Plan(measures=(Measured(REVENUE),), dimensions=(Dimension(scalar),))) == f"Revenue by {expected}"


CONDITIONS = [
    (Compare(AMOUNT, ">=", Literal(1000)), "amount is at least $1,000"),
    (Compare(ORDERED, "<", Literal(date(2025, 1, 5))), "order date is before 5 Jan 2025"),
    (Compare(AMOUNT, ">", Subquery(AVERAGE)), "amount is above the overall average amount"),
    (In(REGION, ("N", "S", None)), "region is N, S or (missing)"),
    (In(REGION, ("N",), negated=True), "region is not N"),
    (TextMatch(REGION, "or", "starts", negated=True), "region does not start with “or”"),
    (IsNull(REGION), "region is missing"),
    (Within(ORDERED, Named(2024)), "order date in 2024"),
    (InPlan(CUSTOMER, Plan(base="customers"), negated=True), "name (customers) is not among (customers)"),
    (Not(IsNull(REGION)), "not (region is missing)"),
    (
        AnyOf((IsNull(REGION), AllOf((IsNull(AMOUNT), IsNull(ORDERED))))),
        "(region is missing or amount is missing and order date is missing)",
    ),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_conditions(condition: object, expected: str) -> None:
    assert said(Plan(measures=(Measured(REVENUE),), where=(condition,))) == f"Revenue, where {expected}"
    assert said(Plan(measures=(Measured(REVENUE),), where=(condition,)), "zh").startswith("Revenue，条件：")


def test_calculations_comparison_and_analysis() -> None:
    month = Dimension(TimeBucket(ORDERED, Grain.MONTH))
    plan = Plan(
        measures=(Measured(REVENUE),),
        dimensions=(month, Dimension(REGION)),
        window=Window(Relative(Grain.MONTH, -12, 12)),
        having=(Compare(REVENUE, ">", Literal(5)),),
        calculations=(Share(0), Share(0, (0,)), Change(), Change(0, Grain.YEAR), Running(), Rolling(0, 3), Rank()),
        comparison=Comparison(Earlier(Grain.YEAR)),
        limit=2,
        limit_per=(0,),
        chart="line",
    )
    text = said(plan)
    for part in (
        "only groups where Revenue is above $5",
        "share of the total, share within each month",
        "relative change from the month before, relative change from 1 year earlier",
        "running total, mean of the last 3 months, rank",
        "compared with the last 12 months, 1 year earlier (1 Jun 2023 – 31 May 2024)",
        "first 2 rows for each month",
        "as a line chart",
    ):
        assert part in text
    for analysis, words in (
        (Forecast(Grain.MONTH, 3), "with a forecast for the next 3 months"),
        (Why(Earlier()), "and what drove the change against the period before"),
        (Anomalies(Grain.DAY), "and which days are unusual"),
    ):
        assert said(Plan(measures=(Measured(REVENUE),), analysis=analysis)) == f"Revenue, {words}"
    other = Plan(base="orders")
    assert said(Plan(base="customers", combined=(Combination("except", other),))) == "Customers, but not in (Orders)"


PERIODS: list[tuple[PeriodExpr, str, str]] = [
    (Named(2025, ("quarter", 1)), "Q1 2025 (1 Jan – 31 Mar 2025)", "2025年第1季度（2025年1月1日至3月31日）"),
    (
        Named(2025, fiscal=True),
        "fiscal year 2025 (1 Apr 2024 – 31 Mar 2025)",
        "2025财年（2024年4月1日至2025年3月31日）",
    ),
    (Named(2024), "2024", "2024年"),
    (Named(None, ("month", 4)), "Apr 2025", "2025年4月"),
    (Relative(Grain.MONTH, -1), "last month (1 May – 31 May 2025)", "上月（2025年5月1日至5月31日）"),
    (
        Relative(Grain.DAY, -6, 7),
        "the last 7 days, today included (19 Jun – 25 Jun 2025)",
        "最近7天（含今天）（2025年6月19日至6月25日）",
    ),
    (
        ToDate(Grain.YEAR, years_back=1),
        "year to date, 1 year earlier (1 Jan – 25 Jun 2024)",
        "1年前同期的年初至今（2024年1月1日至6月25日）",
    ),
    (Range(Named(2024)), "since 2024 (from 1 Jan 2024)", "2024年以来（2024年1月1日起）"),
    (
        Range(None, Named(2024), end_inclusive=False),
        "before 2024 (until 31 Dec 2023)",
        "2024年之前（截至2023年12月31日）",
    ),
    (Days(date(2025, 1, 1), date(2025, 1, 2)), "1 Jan 2025", "2025年1月1日"),
    (
        Shifted(Relative(Grain.MONTH, -1), Grain.YEAR, 1),
        "last month, 1 year earlier (1 May – 31 May 2024)",
        "上月的1年前同期（2024年5月1日至5月31日）",
    ),
    (Weekday(6, 2, -1), "21 Jun – 22 Jun 2025", "2025年6月21日至6月22日"),
    (
        Holding(Grain.WEEK, Named(2025, ("day", 602))),
        "the week of 2 Jun 2025 (2 Jun – 8 Jun 2025)",
        "2025年6月2日所在的周（2025年6月2日至6月8日）",
    ),
    (Named(2025, ("christmas", 0)), "25 Dec 2025", "2025年12月25日"),
    (Earlier(Grain.YEAR), "the same period 1 year earlier", "1年前同期"),
    (Days(None, None), "the whole time", "全部时间"),
]


@pytest.mark.parametrize(("expr", "english", "chinese"), PERIODS)
def test_periods_with_their_dates(expr: PeriodExpr, english: str, chinese: str) -> None:
    calendar = BusinessCalendar(fiscal_start_month=4)
    assert period_words(expr, ASKED_ON, "en", calendar) == english
    assert period_words(expr, ASKED_ON, "zh", calendar) == chinese
