"""What a chart shows, in words."""

from __future__ import annotations

from datetime import date

import polars as pl

from bi_chat.charts.describe import WORDS, described
from bi_chat.values.chart import CHART_TYPES, Chart
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result

MONTH = ResultColumn("m", "time", "month", grain="month", format="date")
TOWN = ResultColumn("t", "dimension", "Town")
LOANS = ResultColumn("n", "measure", "Loans", format="integer")


def test_a_line_says_its_extent_and_ends():
    frame = pl.DataFrame({"m": [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)], "n": [7, None, 1200]})
    said = described(Chart("line", "m", ("n",)), Result(frame, (MONTH, LOANS)), "en")
    extent, ends = "2 values, from Jan 2025 to Mar 2025.", "Highest: 1,200 (Mar 2025), lowest: 7 (Jan 2025)."
    assert said == f"Line chart: Loans by month. {extent} {ends}"


def test_groups_are_named_and_text_of_the_data_is_short():
    frame = pl.DataFrame({"t": ["Ulm\nam Rhein", "x" * 90], "n": [1, 2]})
    said = described(Chart("bar", "t", ("n",)), Result(frame, (TOWN, LOANS)), "zh")
    assert said.startswith("柱形图：按Town的Loans。2个数值。最高：2（xxx") and "\n" not in said and len(said) < 120


def test_nothing_to_say_is_said_shortly():
    empty = Result(pl.DataFrame({"t": [], "n": []}, schema={"t": pl.String, "n": pl.Int64}), (TOWN, LOANS))
    assert described(Chart("pie", "t", ("n",)), empty, "en") == "Pie chart: Loans by Town."


def test_every_type_has_a_word():
    assert all(kind in words for words in WORDS.values() for kind in CHART_TYPES)
    assert set(WORDS["en"]) == set(WORDS["zh"])
