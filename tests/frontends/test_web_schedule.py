"""A board becomes a report that is sent when it is due."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bi_chat.frontends.cli import main
from bi_chat.frontends.sample_data import FOLDER
from bi_chat.reports.file import load_report
from bi_chat.values.board import Tile

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def board(tmp_path, monkeypatch):
    """The app with an open board of one tile, and what it shows."""
    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "argv", ["app"])
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.chat_input[0].set_value("revenue by country in 2024").run()
    place = app.session_state["bi_chat"]
    plan = place.turns[-1].answer.plan
    made = place.shelf.boards.add(place.shelf.owner, place.shelf.source, "Morning: figures")
    place.shelf.boards.change(made.owner, made.id, lambda b: replace(b, tiles=(Tile("Countries", plan),)))
    place.open_board(made.id)
    yield app.run(), plan
    st.cache_resource.clear()


def opened(app):
    app.session_state["board-schedule"] = True
    return app.run()


def test_schedule_this_writes_a_report_that_runs(board, tmp_path):
    app, plan = board
    opened(app).button(key="schedule-put").click().run()
    assert not app.exception
    (file,) = (tmp_path / "state" / "reports").glob("*.yaml")
    report = load_report(file).require()
    assert (report.title, report.data) == ("Morning: figures", ("teahouse",))
    assert [(i.title, i.plan) for i in report.items] == [("Countries", plan)]
    assert report.schedule is not None
    assert report.recipients[0].addresses == (("folder", str(file.parent / "out")),)
    assert main(["report", "run", str(file), "--output", str(tmp_path / "made"), "--format", "html"]) == 0
    assert "Germany" in next((tmp_path / "made").glob("*.html")).read_text("utf-8")


def test_words_that_are_no_time_are_told_and_nothing_is_written(board, tmp_path):
    app, _ = board
    opened(app).text_input(key="schedule-when").set_value("whenever the moon is full").run()
    assert any("moon" in w.value for w in app.warning)
    assert not [b for b in app.button if b.key == "schedule-put"]
    assert not list((tmp_path / "state").rglob("*.yaml"))
