"""`import bi_chat` costs nothing that a question does not need, and offers what it says."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bi_chat

HEAVY = ("duckdb", "polars", "plotly", "sqlglot", "streamlit", "pyarrow", "numpy", "pandas", "yaml", "IPython")


def test_import_is_light():
    code = f"import bi_chat, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_line_is_light_until_it_knows_what_to_do():
    first = "import sys; from bi_chat.frontends.cli.arguments import parser; parser()"
    code = f"{first}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", bi_chat.__all__)
def test_each_public_name_is_there(name):
    assert getattr(bi_chat, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = bi_chat.nonsense


def test_ask_answers_about_a_frame():
    import polars as pl

    sales = pl.DataFrame({"region": ["North", "South", "North"], "revenue": [10.0, 20.0, 30.0]})
    answer = bi_chat.ask("total revenue by region", {"sales": sales})
    assert answer.status == "answered"
    assert sorted(answer.frame.rows()) == [("North", 40.0), ("South", 20.0)]


def test_today_decides_what_last_month_means(tmp_path):
    (tmp_path / "sales.csv").write_text("day,revenue\n2025-01-15,10\n2025-02-15,20\n2025-03-15,40\n")
    answer = bi_chat.ask("total revenue last month", tmp_path / "sales.csv", today="2025-03-10")
    assert answer.frame.row(0)[-1] == 20
