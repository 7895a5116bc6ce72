"""The magics, in a real kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="nbclient is missing")
pytest.importorskip("ipykernel", reason="ipykernel is missing")

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
# The kernel's messages travel over loopback TCP here; zmq and nbclient leave an event loop or socket to the collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

CELLS = (
    "%load_ext bi_chat",
    "%ask_data",
    "import polars as pl\nsales = pl.DataFrame({'region': ['North', 'South', 'North'], 'revenue': [10.0, 20.0, 30.0]})",
    "%ask_data sales",
    "%ask total revenue by region --into rows",
    "print(rows.height, rows.columns)",
    "%%ask --sql\ntotal revenue\nby region",
    "%ask total revenue by region --chart pie",
    "%ask total revenue --chart spaghetti",
    "%ask how many wibbly wobblies",
    "%ask_data no_such_thing",
    "sales = pl.DataFrame({'region': ['North'], 'revenue': [1.5]})",
    "%ask --data sales total revenue",
    "%ask what's the total revenue",
    "%ask_data teahouse",
    "%ask_data teahouse --policy datasets/teahouse/policy.yaml",
    "%ask_data teahouse --policy datasets/teahouse/policy.yaml --as ada",
    "%ask revenue in 2024",
    "%ask --today 2025-10-18 stock on hand",
    "%ask revenue in 2023",
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    NotebookClient(book, timeout=60, resources={"metadata": {"path": str(ROOT)}}).execute()
    return {c.source: c.outputs for c in book.cells}


def text(outputs) -> str:
    return "\n".join(str(o.get("text") or o.get("data", {}).get("text/plain", "")) for o in outputs)


def test_nothing_connected_names_what_there_is(ran):
    assert "Nothing is connected" in text(ran["%ask_data"])


def test_a_frame_is_connected_by_its_name(ran):
    assert "3 rows" in text(ran["%ask_data sales"])


def test_rows_go_into_a_variable(ran):
    assert text(ran["print(rows.height, rows.columns)"]).startswith("2 ['region'")


def test_an_answer_shows_richly_and_plainly(ran):
    (shown,) = [o for o in ran["%ask total revenue by region --into rows"] if o.output_type == "execute_result"]
    assert "North" in shown.data["text/plain"] and "bi-card" in shown.data["text/html"]


def test_the_chart_library_comes_once(ran):
    sizes = [len(o.data["text/html"]) for outs in ran.values() for o in outs if "text/html" in o.get("data", {})]
    assert sum(size > 1_000_000 for size in sizes) == 1


def test_lines_of_a_cell_are_a_conversation_with_sql(ran):
    shown = text(ran["%%ask --sql\ntotal revenue\nby region"])
    assert "60" in shown and "North" in shown


def test_another_chart_of_the_same_rows(ran):
    (shown,) = [o for o in ran["%ask total revenue by region --chart pie"] if o.output_type == "execute_result"]
    assert '"type":"pie"' in shown.data["text/html"].replace(" ", "")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%ask total revenue --chart spaghetti", "stacked_bar"),
        ("%ask how many wibbly wobblies", "wibbl"),
        ("%ask_data no_such_thing", "Frames in this notebook: sales"),
    ],
)
def test_faults_are_guidance(ran, cell, says):
    assert says in text(ran[cell])
    assert all(o.output_type != "error" for o in ran[cell])


def test_a_changed_frame_is_read_again(ran):
    assert "1.5" in text(ran["%ask --data sales total revenue"])


def test_an_apostrophe_is_a_letter(ran):
    assert "1.5" in text(ran["%ask what's the total revenue"])


def test_under_a_policy_a_notebook_shows_what_its_user_may_see(ran):
    policy = "%ask_data teahouse --policy datasets/teahouse/policy.yaml"
    assert "--as NAME" in text(ran[policy])
    offered = text(ran[f"{policy} --as ada"])
    assert "Stock" in offered and "Orders" not in offered
    assert "Stock on hand" in text(ran["%ask --today 2025-10-18 stock on hand"])
    assert all("€" not in text(ran[q]) for q in ("%ask revenue in 2024", "%ask revenue in 2023"))
