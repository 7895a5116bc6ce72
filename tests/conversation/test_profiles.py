"""Profiles: counted through the guard, whatever the columns are called and hold."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from bi_chat.conversation.previewing import metric_preview
from bi_chat.conversation.profiles import table_facts
from bi_chat.semantics.model import MetricDefinition
from bi_chat.settings import Settings
from bi_chat.wiring import connect

ODD = 'the "odd" one; --'


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    parcels = pl.DataFrame(
        {
            "sent": [date(2025, 1, d) for d in (1, 1, 2, 3)],
            ODD: [1.5, -2.0, None, 4.0],
            "stars": [1, 2, 2, 5],
            "town": ["Ulm", "Ulm", "Köln", None],
            "code": ["a", "b", "c", "d"],
            "void": pl.Series([None] * 4, dtype=pl.Int64),
            "same": [7, 7, 7, 7],
            "fragile": [True, False, True, True],
        }
    )
    connection = connect({"parcels": parcels}, settings=Settings(cache_dir=tmp_path_factory.mktemp("c"), workers=0))
    yield connection.session(today=datetime(2025, 2, 1))
    connection.close()


def facts(session):
    tools = session.tools
    found = table_facts(tools.catalog.tables[0], tools, "en")
    assert found.issue is None and found.rows == 4
    return {c.name: c for c in found.columns}


def test_what_is_missing_and_differs(session):
    found = facts(session)
    assert [(found[c].missing, found[c].distinct) for c in (ODD, "town", "void", "code")] == [
        (1, 3),
        (1, 2),
        (4, 0),
        (0, 4),
    ]


def test_every_filled_cell_is_in_one_bar(session):
    found = facts(session)
    assert found["stars"].bars == (1, 2, 0, 0, 1) and found["sent"].bars == (2, 1, 1)
    assert sum(found[ODD].bars) == 3 and (found[ODD].low, found[ODD].high) == (-2.0, 4.0)
    assert found["same"].bars == () == found["void"].bars and found["same"].low == 7


def test_the_most_frequent_values(session):
    found = facts(session)
    assert found["town"].top == (("Ulm", 2), ("Köln", 1)) and found["fragile"].top == (("true", 3), ("false", 1))
    assert [v for v, _ in found["code"].top] == ["a", "b", "c", "d"] and found["stars"].top == ()


def test_a_measure_is_tried_out_by_year(session):
    made = metric_preview(MetricDefinition("most", "MAX(parcels.stars)"), session.tools, datetime(2025, 2, 1), "en")
    assert made.status == "answered" and made.result.frame.item(0, -1) == 5
