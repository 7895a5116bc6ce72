"""The shape of a result decides the picture; a wish is met where it can be drawn truthfully, and refused by name."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from bi_chat.charts.choose import chart_note, choose_chart
from bi_chat.charts.countries import country_code, outlined
from bi_chat.values.chart import CHART_TYPES, Chart
from bi_chat.values.period import DatePart
from bi_chat.values.plan import Bin, Dimension, FieldRef, Measured, Metric, PartOfDate, Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result

REGION = ResultColumn("region", "dimension", "Region")
CHANNEL = ResultColumn("channel", "dimension", "Channel")
MONTH = ResultColumn("month", "time", "Month", format="date", grain="month")
REVENUE = ResultColumn("revenue", "measure", "Revenue", "USD", "currency")
ORDERS = ResultColumn("orders", "measure", "Orders", format="integer")
SHARE = ResultColumn("share", "share", "Share", format="percent")
BEFORE = ResultColumn("before", "baseline", "Revenue before", "USD", "currency")
PRICE = ResultColumn("price", "measure", "Average price", "USD", "currency", additive=False)


def made(columns: list[ResultColumn], rows: list[tuple[object, ...]]) -> Result:
    frame = pl.DataFrame(rows, schema=[c.name for c in columns], orient="row", infer_schema_length=None)
    return Result(frame, tuple(columns))


def over_time(months: int, groups: int, column: ResultColumn = REVENUE) -> Result:
    days = [date(2024 + m // 12, m % 12 + 1, 1) for m in range(months)]
    if not groups:
        return made([MONTH, column], [(d, 10 + i) for i, d in enumerate(days)])
    return made([MONTH, REGION, column], [(d, f"R{g}", 10 + g) for d in days for g in range(groups)])


def by_region(count: int, column: ResultColumn = REVENUE, *, label: str = "R") -> Result:
    return made([REGION, column], [(f"{label}{i}", 100 - i) for i in range(count)])


def bound(chart: Chart) -> tuple[object, ...]:
    return chart.type, chart.x, chart.y, chart.color


SHAPES = [
    ("one value", made([REVENUE], [(5,)]), ("number", None, ("revenue",), None)),
    ("a series", over_time(12, 0), ("line", "month", ("revenue",), None)),
    ("some series", over_time(12, 4), ("line", "month", ("revenue",), "region")),
    ("two periods", over_time(2, 0), ("bar", "month", ("revenue",), None)),
    ("groups", by_region(7), ("bar", "region", ("revenue",), None)),
    (
        "two groupings",
        made([REGION, CHANNEL, REVENUE], [(f"R{i}", f"C{j}", i + j) for i in range(5) for j in range(3)]),
        ("stacked_bar", "region", ("revenue",), "channel"),
    ),
    (
        "averages are not stacked",
        made([REGION, CHANNEL, PRICE], [(f"R{i}", f"C{j}", i + j) for i in range(5) for j in range(3)]),
        ("bar", "region", ("price",), "channel"),
    ),
    (
        "many cells",
        made([REGION, CHANNEL, REVENUE], [(f"R{i}", f"C{j}", i + j) for i in range(9) for j in range(6)]),
        ("heatmap", "region", ("channel",), "revenue"),
    ),
    (
        "two measures of each entity",
        made([REGION, REVENUE, ORDERS], [(f"P{i}", 10.0 * i, i) for i in range(30)]),
        ("scatter", "revenue", ("orders",), None),
    ),
    (
        "few rows of mixed units",
        made([REGION, REVENUE, ORDERS], [("a", 1.0, 2), ("b", 3.0, 4)]),
        ("table", None, ("revenue", "orders"), None),
    ),
    (
        "beside a baseline",
        made([REGION, REVENUE, BEFORE], [("a", 1, 2), ("b", 3, 4)]),
        ("bar", "region", ("revenue", "before"), None),
    ),
    (
        "shares that make a whole",
        made([REGION, REVENUE, SHARE], [("a", 3, 0.75), ("b", 1, 0.25)]),
        ("pie", "region", ("revenue",), None),
    ),
    (
        "a list",
        made([ResultColumn("name", "attribute"), ResultColumn("born", "attribute")], [("a", date(2000, 1, 1))]),
        ("table", None, (), None),
    ),
    (
        "nothing",
        Result(pl.DataFrame(schema={"region": pl.String, "revenue": pl.Int64}), (REGION, REVENUE)),
        ("table", None, (), None),
    ),
]


@pytest.mark.parametrize(("name", "result", "expected"), SHAPES, ids=[s[0] for s in SHAPES])
def test_the_shape_decides(name: str, result: Result, expected: tuple[object, ...]) -> None:
    chart = choose_chart(result, Plan())
    assert bound(chart) == expected
    assert chart.type not in chart.alternatives
    assert chart.reason


def test_a_pinned_dimension_is_no_grouping() -> None:
    rows = [(date(2024, m, 1), "North", m) for m in range(1, 9)]
    assert bound(choose_chart(made([MONTH, REGION, REVENUE], rows), Plan())) == ("line", "month", ("revenue",), None)


def test_date_parts_fold_into_a_heatmap() -> None:
    plan = Plan(
        measures=(Measured(Metric("orders")),),
        dimensions=(
            Dimension(PartOfDate(FieldRef("o", "at"), DatePart.DAY_OF_WEEK)),
            Dimension(PartOfDate(FieldRef("o", "at"), DatePart.HOUR_OF_DAY)),
        ),
    )
    columns = [ResultColumn("weekday", "dimension"), ResultColumn("hour", "dimension"), ORDERS]
    result = made(columns, [(d, h, d * h) for d in range(1, 4) for h in range(6)])
    assert bound(choose_chart(result, plan)) == ("heatmap", "hour", ("weekday",), "orders")


def test_bins_make_a_histogram() -> None:
    plan = Plan(measures=(Measured(Metric("orders")),), dimensions=(Dimension(Bin(FieldRef("o", "amount"), 50)),))
    result = made([ResultColumn("amount", "dimension"), ORDERS], [(i * 50.0, i) for i in range(5)])
    assert bound(choose_chart(result, plan)) == ("histogram", "amount", ("orders",), None)


def test_long_labels_lie_and_long_tails_are_cut() -> None:
    assert choose_chart(by_region(4, label="A rather long name of a region "), Plan()).horizontal
    assert not choose_chart(by_region(4), Plan()).horizontal
    many = choose_chart(by_region(60), Plan())
    assert (many.horizontal, many.cut) == (True, 40)
    note = chart_note(many)
    assert note is not None and dict(note.args) == {"count": "40"}


def test_many_series_keep_the_largest() -> None:
    assert choose_chart(over_time(12, 12), Plan()).cut == 4


def test_the_unfinished_period_is_marked() -> None:
    assert choose_chart(over_time(3, 0), Plan(), partial_last=True).partial_from == "2024-03-01"
    assert choose_chart(by_region(3), Plan(), partial_last=True).partial_from is None


def negative() -> Result:
    return made([REGION, REVENUE], [("a", 5), ("b", -3), ("c", 2)])


REFUSED = [
    ("pie", negative(), "negative_parts", "bar"),
    ("pie", by_region(3, PRICE), "parts_do_not_add_up", "bar"),
    ("area", over_time(5, 3, PRICE), "parts_do_not_add_up", "line"),
    ("line", by_region(5), "no_time", "bar"),
    ("scatter", by_region(5), "needs_two_numbers", "bar"),
    ("map", by_region(5), "no_countries", "bar"),
    ("heatmap", by_region(5), "needs_two_groupings", "bar"),
    ("stacked_bar", by_region(5), "no_second_grouping", "bar"),
    ("number", by_region(5), "more_than_one_row", "bar"),
]


@pytest.mark.parametrize(("wish", "result", "why", "shown"), REFUSED)
def test_an_impossible_wish_is_refused_by_name(wish: str, result: Result, why: str, shown: str) -> None:
    chart = choose_chart(result, Plan(), requested=wish)
    assert (chart.type, chart.reason) == (shown, f"{wish}_not:{why}")
    note = chart_note(chart)
    assert note is not None and dict(note.args) == {"wished": wish, "why": why, "shown": shown}


def test_every_why_has_a_sentence() -> None:
    import re
    from importlib import resources

    from bi_chat.narration.pack import LANGUAGES, knows

    source = resources.files("bi_chat.charts").joinpath("fits.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'return "([a-z_]+)"', source)) | {"no_numbers"}
    assert len(codes) > 10
    for language in LANGUAGES:
        assert not {c for c in codes if not knows(language, "chart_why", c)}


GRANTED = [
    ("pie", by_region(4), ("pie", "region", ("revenue",), None)),
    ("donut", by_region(4), ("pie", "region", ("revenue",), None)),
    ("bar", over_time(6, 0), ("bar", "month", ("revenue",), None)),
    ("area", over_time(6, 3), ("area", "month", ("revenue",), "region")),
    ("stacked_bar", over_time(6, 3), ("stacked_bar", "month", ("revenue",), "region")),
    ("heatmap", over_time(6, 3), ("heatmap", "month", ("region",), "revenue")),
    ("table", by_region(4), ("table", None, ("revenue",), None)),
    ("scatter", made([REVENUE, ORDERS], [(1.0, 2), (2.0, 3)]), ("scatter", "revenue", ("orders",), None)),
]


@pytest.mark.parametrize(("wish", "result", "expected"), GRANTED)
def test_a_possible_wish_is_met(wish: str, result: Result, expected: tuple[object, ...]) -> None:
    chart = choose_chart(result, Plan(), requested=wish)
    assert bound(chart) == expected
    assert chart.reason == "requested"
    assert choose_chart(result, Plan(chart=wish)).type == chart.type


def test_lists_can_be_spread_out() -> None:
    priority, hours = ResultColumn("priority", "attribute"), ResultColumn("hours", "attribute", unit="hours")
    result = made([priority, hours], [(p, float(i)) for i in range(9) for p in ("low", "high")])
    plan = Plan(base="tickets")
    assert bound(choose_chart(result, plan, requested="box")) == ("box", "priority", ("hours",), None)
    assert bound(choose_chart(result, plan, requested="histogram")) == ("histogram", "hours", (), None)


def test_a_pie_of_the_top_five_is_no_whole() -> None:
    chart = choose_chart(by_region(5), Plan(limit=5), requested="pie")
    assert chart.type == "pie"
    note = chart_note(chart)
    assert note is not None and note.warning


def test_countries_by_name_and_code() -> None:
    assert [country_code(c) for c in ("Germany", "de", "DEU", "德国", " usa ")] == ["DEU"] * 4 + ["USA"]
    assert country_code("Atlantis") is None
    assert {"DEU", "CHN", "USA"} <= outlined()
    result = made([REGION, REVENUE], [("Germany", 1), ("France", 2), ("中国", 3)])
    assert bound(choose_chart(result, Plan(), requested="map")) == ("map", "region", ("revenue",), None)


def test_states_are_not_taken_for_countries() -> None:
    states = made([REGION, REVENUE], [(s, 1) for s in ("CA", "DE", "IN", "NY", "TX", "GA")])
    assert choose_chart(states, Plan(), requested="map").reason == "map_not:no_countries"


def test_alternatives_are_types_that_can_be_drawn() -> None:
    chart = choose_chart(over_time(8, 3), Plan())
    assert set(chart.alternatives) <= set(CHART_TYPES)
    for kind in chart.alternatives:
        assert choose_chart(over_time(8, 3), Plan(), requested=kind).type == kind
