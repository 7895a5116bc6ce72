"""For the tests of reports: a report over the sample shop, and a painter that needs no browser."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Literal

import pytest

from bi_chat.reports.compose import compose
from bi_chat.reports.composed import Composed
from bi_chat.reports.file import read_report
from bi_chat.values.chart import Chart
from bi_chat.values.result import Result
from bi_chat.wiring import Connection

NOW = datetime(2025, 10, 18, 8)
WEEKLY = """
title: Weekly sales review
period: last week
contents:
  - heading: Sales
  - text: "Revenue came to {revenue}, {revenue.relative} against {revenue.baseline}. First: {groups.group}."
  - ask: revenue last week compared with the week before
    name: revenue
  - ask: revenue by product group
    name: groups
    title: Revenue by product group
  - heading: Products
  - ask: top 5 products by revenue
    show: [told, table]
"""
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BAR = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="700" height="420"><rect width="90" height="300" x="40" y="60"/>'
    '<text x="40" y="40" style="font-family: Arial;">{title}</text></svg>'
)


class PlainPictures:
    """A `Pictures` that draws a bar and the chart's type."""

    def picture(
        self,
        chart: Chart,
        result: Result,
        *,
        form: Literal["svg", "png"],
        language: str = "en",
        width: int = 760,
        scale: float = 2.0,
    ) -> bytes:
        return DOT if form == "png" else BAR.replace("{title}", chart.type).encode()

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def pictures() -> PlainPictures:
    return PlainPictures()


@pytest.fixture(scope="session")
def weekly(tea: Connection) -> Composed:
    made = compose(read_report(WEEKLY, name="weekly").require(), (), tea.session(today=NOW, remembered=False), NOW)
    assert isinstance(made, Composed)
    return made
