"""Facts are true, bound to their cells, and left out where they would mislead."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_chat.analysis.findings import find_facts
from bi_chat.values.fact import Fact
from bi_chat.values.plan import FieldRef, Metric, Order, Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result

REGION = ResultColumn("region", "dimension", "Region")
MONTH = ResultColumn("month", "time", "Month", format="date", grain="month")
REVENUE = ResultColumn("revenue", "measure", "Revenue", "USD", "currency")
AVERAGE = ResultColumn("price", "measure", "Average price", "USD", "currency", additive=False)
BEFORE = ResultColumn("before", "baseline", "Revenue before", "USD", "currency")


def made(columns: list[ResultColumn], rows: list[tuple[object, ...]], cut_at: int | None = None) -> Result:
    frame = pl.DataFrame(rows, schema=[c.name for c in columns], orient="row", infer_schema_length=None)
    return Result(frame, tuple(columns), cut_at=cut_at)


def kinds(facts: tuple[Fact, ...]) -> list[str]:
    return [f.kind for f in facts]


def fact(facts: tuple[Fact, ...], kind: str) -> Fact:
    return next(f for f in facts if f.kind == kind)


def months(values: list[float | None]) -> list[tuple[object, ...]]:
    return [(date(2024 + i // 12, i % 12 + 1, 1), v) for i, v in enumerate(values)]


def test_single_value() -> None:
    found = find_facts(made([REVENUE], [(1234.5,)]), Plan())
    assert kinds(found) == ["value"]
    assert found[0].value("value") == 1234.5


def test_groups_tell_largest_share_and_total() -> None:
    rows = [("North", 50), ("South", 30), ("East", 15), ("West", 4), ("Islands", 1)]
    found = find_facts(made([REGION, REVENUE], rows), Plan())
    assert fact(found, "largest").value("group") == "North"
    assert fact(found, "largest").value("share") == 0.5
    assert fact(found, "smallest").value("group") == "Islands"
    assert fact(found, "total").value("total") == 100
    assert fact(found, "share_of_top").value("share") == 0.95


def test_no_total_over_averages() -> None:
    found = find_facts(made([REGION, AVERAGE], [("North", 5.0), ("South", 3.0), ("East", 4.0)]), Plan())
    assert "total" not in kinds(found)
    assert fact(found, "largest").value("share") is None


def test_no_share_of_a_total_that_was_cut() -> None:
    rows = [("North", 50), ("South", 30), ("East", 15)]
    for result, plan in (
        (made([REGION, REVENUE], rows), Plan(limit=3)),
        (made([REGION, REVENUE], rows, cut_at=3), Plan()),
    ):
        found = find_facts(result, plan)
        assert "total" not in kinds(found)
        assert fact(found, "largest").value("share") is None
    assert "cut" in kinds(find_facts(made([REGION, REVENUE], rows, cut_at=3), Plan()))


def test_no_share_with_negative_parts() -> None:
    found = find_facts(made([REGION, REVENUE], [("North", 50), ("South", -30), ("East", 15)]), Plan())
    assert fact(found, "largest").value("share") is None
    assert fact(found, "total").value("total") == 35


def test_ties_are_said() -> None:
    found = find_facts(made([REGION, REVENUE], [("North", 5), ("South", 5), ("East", 1)]), Plan())
    assert fact(found, "tied_largest").value("count") == 2
    assert kinds(find_facts(made([REGION, REVENUE], [("North", 5), ("South", 5)]), Plan()))[0] == "all_equal"


def test_smallest_comes_first_when_asked_for() -> None:
    plan = Plan(order=(Order(Metric("revenue"), descending=False),))
    assert kinds(find_facts(made([REGION, REVENUE], [("N", 1), ("S", 2), ("E", 3)]), plan))[0] == "smallest"
    by_name = Plan(order=(Order(FieldRef("shop", "region"), descending=False),))
    assert kinds(find_facts(made([REGION, REVENUE], [("N", 1), ("S", 2), ("E", 3)]), by_name))[0] == "largest"


def test_groups_without_name_or_value_are_said() -> None:
    found = find_facts(made([REGION, REVENUE], [("North", 5), (None, 3), ("East", None)]), Plan())
    assert fact(found, "nameless_group").value("value") == 3
    assert fact(found, "groups_without_value").value("count") == 1


def test_series_change_peak_and_trough() -> None:
    found = find_facts(made([MONTH, REVENUE], months([100, 80, 150, 120])), Plan())
    change = fact(found, "change")
    assert (change.value("first"), change.value("last"), change.value("relative")) == (100, 120, 0.2)
    assert fact(found, "peak").value("period") == date(2024, 3, 1)
    assert fact(found, "trough").value("value") == 80


def test_series_in_any_row_order() -> None:
    found = find_facts(made([MONTH, REVENUE], months([100, 80, 150, 120])[::-1]), Plan())
    assert fact(found, "change").value("from_period") == date(2024, 1, 1)


def test_an_incomplete_period_is_compared_with_nothing() -> None:
    found = find_facts(made([MONTH, REVENUE], months([100, 110, 120, 7])), Plan(), partial_last=True)
    assert fact(found, "change").value("last") == 120
    assert "trough" not in kinds(found) or fact(found, "trough").value("value") != 7
    assert fact(found, "incomplete").value("period") == date(2024, 4, 1)


def test_no_relative_change_over_zero_or_less() -> None:
    for base in (0, -5):
        found = find_facts(made([MONTH, REVENUE], months([base, 10, 20])), Plan())
        assert fact(found, "change").value("relative") is None
        assert fact(found, "change").value("difference") == 20 - base


def test_comparison() -> None:
    found = find_facts(made([REVENUE, BEFORE], [(120, 100)]), Plan())
    assert kinds(found) == ["comparison"]
    assert (found[0].value("difference"), found[0].value("relative")) == (20, 0.2)
    assert find_facts(made([REVENUE, BEFORE], [(120, 0)]), Plan())[0].value("relative") is None
    assert "no_baseline" in kinds(find_facts(made([REVENUE, BEFORE], [(120, None)]), Plan()))


def test_comparison_of_groups_names_rise_and_fall() -> None:
    rows = [("North", 120, 100), ("South", 40, 90), ("East", 10, 10)]
    found = find_facts(made([REGION, REVENUE, BEFORE], rows), Plan())
    assert fact(found, "comparison_total").value("difference") == -30
    assert fact(found, "largest_rise").value("group") == "North"
    assert fact(found, "largest_fall").value("group") == "South"


def test_panel() -> None:
    rows = [(m, r, v) for m, v in months([1, 2, 3]) for r, v in (("North", 10 * v), ("South", v))]
    found = find_facts(made([MONTH, REGION, REVENUE], rows), Plan())
    assert fact(found, "change_of_sum").value("first") == 11
    assert fact(found, "change_of_sum").value("last") == 33
    assert fact(found, "largest_series").value("group") == "North"
    assert fact(found, "leader").value("value") == 30


def test_lists_and_emptiness() -> None:
    name = ResultColumn("name", "attribute", "Name")
    assert kinds(find_facts(made([name], [("a",), ("b",)]), Plan(base="x"))) == ["listed", "rows"]
    assert kinds(find_facts(made([name], [(str(i),) for i in range(9)]), Plan(base="x"))) == ["rows"]
    assert kinds(find_facts(made([name], [("a",), ("b",)], cut_at=2), Plan(base="x"))) == ["rows_cut"]
    empty = Result(pl.DataFrame(schema={"region": pl.String, "revenue": pl.Int64}), (REGION, REVENUE))
    assert kinds(find_facts(empty, Plan())) == ["empty"]
    assert kinds(find_facts(made([REVENUE], [(None,)]), Plan())) == ["no_value"]


def subject_and_cells(one: Fact, result: Result) -> tuple[object, list[float]]:
    """The subject's cell, and all numeric cells of its column that the fact refers to."""
    column = one.cells[0].column
    cells = [result.frame.item(c.row, c.column) for c in one.cells if c.column == column]
    return cells[0], [c for c in cells if c is not None]


def check(one: Fact, result: Result) -> None:
    """Recompute a fact's numbers from nothing but its cells."""
    if not one.cells:
        return
    subject, cells = subject_and_cells(one, result)
    others = [result.frame.item(c.row, c.column) for c in one.cells if c.column == "before"]
    match one.kind:
        case "total":
            assert math.isclose(one.value("total"), math.fsum(cells), abs_tol=1e-9)
            assert one.value("groups") == len(cells)
        case "largest" | "smallest":
            assert one.value("value") == subject
            if one.value("share") is not None:
                assert math.isclose(one.value("share"), subject / math.fsum(cells))
        case "share_of_top":
            assert math.isclose(one.value("share"), math.fsum(cells[:3]) / math.fsum(cells))
        case "tied_largest" | "tied_smallest" | "all_equal":
            assert set(cells) == {one.value("value")}
            assert len(cells) == one.value("count" if "tied" in one.kind else "groups")
        case "value" | "peak" | "trough" | "incomplete":
            assert one.value("value") == subject
        case "change" | "latest_change":
            assert (one.value("first"), one.value("last")) == (cells[0], cells[-1])
            assert math.isclose(one.value("difference"), cells[-1] - cells[0], abs_tol=1e-9)
            if one.value("relative") is not None:
                assert math.isclose(one.value("relative"), (cells[-1] - cells[0]) / cells[0])
        case "comparison" | "comparison_total" | "largest_rise" | "largest_fall":
            assert math.isclose(one.value("value"), math.fsum(cells), abs_tol=1e-9)
            assert math.isclose(one.value("baseline"), math.fsum(others), abs_tol=1e-9)
            assert math.isclose(one.value("difference"), math.fsum(cells) - math.fsum(others), abs_tol=1e-6)


NUMBERS = st.one_of(st.none(), st.integers(-1000, 1000), st.floats(-1e6, 1e6))


@settings(max_examples=80, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=9))
def test_every_value_follows_from_its_cells(values: list[float | None]) -> None:
    values = [None if v is None else float(v) for v in values]
    if all(v is None for v in values):
        values[0] = 1.0
    groups = made([REGION, REVENUE], [(f"R{i}", v) for i, v in enumerate(values)])
    series = made([MONTH, REVENUE], months(values))
    pairs = zip(values, values[::-1], strict=True)
    compared = made([REGION, REVENUE, BEFORE], [(f"R{i}", v, w) for i, (v, w) in enumerate(pairs)])
    for result in (groups, series, compared):
        for one in find_facts(result, Plan(), partial_last=True):
            check(one, result)


def test_the_end_of_a_cut_ranking_is_not_called_the_lowest() -> None:
    rows = [("North", 50), ("South", 30), ("East", 15)]
    found = find_facts(made([REGION, REVENUE], rows), Plan(limit=3, order=(Order(Metric("revenue")),)))
    assert fact(found, "last_shown").value("group") == "East" and "smallest" not in kinds(found)
