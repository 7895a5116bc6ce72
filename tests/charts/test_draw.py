"""Every type is drawn, in both themes and languages, from escaped text, with what it leaves out said."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import polars as pl
import pytest

from bi_chat.charts.choose import choose_chart
from bi_chat.charts.draw import PAINTERS, draw
from bi_chat.charts.spread import binned
from bi_chat.charts.ticks import nice_ticks, shortened
from bi_chat.charts.world import projected
from bi_chat.values.chart import CHART_TYPES, Chart
from bi_chat.values.plan import Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result

REGION = ResultColumn("region", "dimension", "Region")
MONTH = ResultColumn("month", "time", "Month", format="date", grain="month")
REVENUE = ResultColumn("revenue", "measure", "Revenue", "USD", "currency")
ORDERS = ResultColumn("orders", "measure", "Orders", format="integer")


def made(columns: list[ResultColumn], rows: list[tuple[object, ...]]) -> Result:
    frame = pl.DataFrame(rows, schema=[c.name for c in columns], orient="row", infer_schema_length=None)
    return Result(frame, tuple(columns))


def over_time(months: int, groups: int) -> Result:
    days = [date(2024 + m // 12, m % 12 + 1, 1) for m in range(months)]
    return made(
        [MONTH, REGION, REVENUE], [(d, f"R{g}", 10.0 * (g + 1) + i) for i, d in enumerate(days) for g in range(groups)]
    )


SERIES = made([MONTH, REVENUE], [(date(2024, m, 1), 1000.0 * m) for m in range(1, 9)])
GROUPS = made([REGION, REVENUE], [(f"R{i}", 10.0 * i) for i in range(1, 6)])
ENTITIES = made([REGION, REVENUE, ORDERS], [(f"P{i}", 10.0 * i, i * i) for i in range(30)])
RAW = made(
    [ResultColumn("kind", "attribute"), ResultColumn("hours", "attribute")],
    [(k, float(i * i)) for i in range(20) for k in "ab"],
)
EXAMPLES = {
    "number": made([REVENUE], [(1234567.0,)]),
    "table": ENTITIES,
    "line": over_time(9, 3),
    "area": over_time(9, 3),
    "bar": GROUPS,
    "stacked_bar": over_time(4, 3),
    "scatter": ENTITIES,
    "pie": GROUPS,
    "histogram": RAW,
    "heatmap": over_time(6, 4),
    "map": made([REGION, REVENUE], [("Germany", 3.0), ("中国", 5.0), ("Singapore", 9.0)]),
    "box": RAW,
}


def drawn(result: Result, kind: str, theme: str = "light", language: str = "en", **kwargs: bool) -> dict[str, object]:
    chart = choose_chart(result, Plan(), requested=kind, **kwargs)
    assert chart.type == kind, chart
    figure: dict[str, object] = json.loads(draw(chart, result, theme=theme, language=language).to_json())
    return figure


def test_every_type_has_a_painter_and_an_example() -> None:
    assert set(PAINTERS) == set(CHART_TYPES) == set(EXAMPLES)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", CHART_TYPES)
def test_every_type_is_drawn(kind: str, theme: str, language: str) -> None:
    figure = drawn(EXAMPLES[kind], kind, theme, language)
    layout = figure["layout"]
    assert layout["autosize"] is True and "width" not in layout
    assert layout["paper_bgcolor"] == "rgba(0,0,0,0)"
    if kind != "number":
        assert figure["data"]
    assert "http" not in json.dumps(figure)


@pytest.mark.parametrize("kind", CHART_TYPES)
def test_text_from_the_data_is_escaped(kind: str) -> None:
    evil = "<b onclick=x><a href='javascript:1'>&"
    result = EXAMPLES[kind]
    columns = tuple(ResultColumn(c.name, c.role, evil, c.unit, c.format, c.grain, c.additive) for c in result.columns)
    frame = result.frame.with_columns(
        *(
            pl.lit(evil).add(pl.col(n).cast(pl.String)).alias(n)
            for n, t in result.frame.schema.items()
            if t == pl.String and kind != "map"
        )
    )
    text = json.dumps(drawn(Result(frame, columns), kind))
    assert "<b onclick" not in text and "<a href" not in text


def test_bars_are_sorted_and_ordinal_ones_are_not() -> None:
    mixed = made([REGION, REVENUE], [("a", 5.0), ("b", 9.0), ("c", 1.0)])
    assert drawn(mixed, "bar")["layout"]["xaxis"]["ticktext"] == ["b", "a", "c"]
    weekday = ResultColumn("d", "dimension", "Weekday", grain="day_of_week")
    days = made([weekday, REVENUE], [(3, 5.0), (1, 2.0), (2, 9.0)])
    assert drawn(days, "bar")["layout"]["xaxis"]["ticktext"] == ["Monday", "Tuesday", "Wednesday"]
    ascending = made([REGION, REVENUE], [("a", 1.0), ("b", 5.0), ("c", 9.0)])
    assert drawn(ascending, "bar")["layout"]["xaxis"]["ticktext"] == ["a", "b", "c"]


def test_the_cut_is_said_in_the_picture() -> None:
    many = made([REGION, REVENUE], [(f"R{i}", float(i)) for i in range(60)])
    figure = drawn(many, "bar")
    assert len(figure["data"][0]["x"]) == 20
    assert "20 of 60 shown" in figure["layout"]["title"]["subtitle"]["text"]


def test_what_a_stack_leaves_out_is_added_up() -> None:
    figure = drawn(over_time(3, 12), "stacked_bar")
    assert [t["name"] for t in figure["data"]][-1] == "Other"
    total = sum(v for t in figure["data"] for v in t["y"])
    assert total == pytest.approx(sum(over_time(3, 12).frame["revenue"]))


def test_an_unfinished_period_is_dashed_and_hollow() -> None:
    whole, rest = drawn(SERIES, "line", partial_last=True)["data"]
    assert (len(whole["x"]), len(rest["x"])) == (7, 2)
    assert rest["line"]["dash"] == "dot"
    assert "not over yet" in rest["hovertext"][1]


def test_a_missing_month_leaves_a_gap() -> None:
    holed = made([MONTH, REVENUE], [(date(2024, m, 1), 1.0) for m in (1, 2, 4)])
    assert drawn(holed, "line")["data"][0]["y"] == [1.0, 1.0, None, 1.0]


def test_numbers_are_short_on_axes_and_full_when_pointed_at() -> None:
    rows = [(date(2024, m, 1), 1_234_567.0 + m) for m in range(1, 6)]
    big = made([MONTH, REVENUE], [*rows, (date(2024, 6, 1), 9.0)])
    english, chinese = drawn(big, "line"), drawn(big, "line", language="zh")
    assert "$1M" in english["layout"]["yaxis"]["ticktext"]
    assert "$100万" in chinese["layout"]["yaxis"]["ticktext"]
    assert "$1,234,568" in english["data"][0]["hovertext"][0]


def test_lines_that_lie_close_may_leave_zero_out_but_bars_never() -> None:
    close = made([MONTH, REVENUE], [(date(2024, m, 1), 1000.0 + m) for m in range(1, 9)])
    assert drawn(close, "line")["layout"]["yaxis"]["range"][0] > 0
    assert drawn(close, "bar")["layout"]["yaxis"]["range"][0] == 0


def test_a_small_country_is_named_because_the_map_can_not_show_it() -> None:
    assert "not on the map: Singapore" in drawn(EXAMPLES["map"], "map")["layout"]["title"]["subtitle"]["text"]
    assert projected(0, 0) == (0, 0)
    assert projected(180, 0)[0] > projected(180, 60)[0] > 0


def test_ticks_are_round_and_cover() -> None:
    assert nice_ticks(0, 97) == [0, 25, 50, 75, 100]
    assert nice_ticks(0, 3, whole=True) == [0, 1, 2, 3]
    assert nice_ticks(5, 5)[0] <= 5 <= nice_ticks(5, 5)[-1]
    assert shortened("<b>" + "宽" * 20, 10).startswith("&lt;b&gt;宽宽宽")


def test_bins_hold_every_value_once() -> None:
    for values in ([1, 2, 2, 3, 10], [0.5] * 4, [1.25 * i for i in range(97)], [-3.0, 8.0]):
        bins, size = binned(values)
        assert sum(n for _, n in bins) == len(values)
        assert bins[0][0] <= min(values) and max(values) <= bins[-1][0] + size


def test_choosing_needs_no_drawing_library() -> None:
    code = "import sys, bi_chat.charts.choose, bi_chat.charts.draw; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw(Chart("sculpture"), GROUPS)
