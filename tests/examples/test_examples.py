"""Each example runs as it stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not (ROOT / "datasets").is_dir(), reason="the sample data lie only in a clone")


def test_the_script(tmp_path):
    env = {**os.environ, "BI_CHAT_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "examples/ask.py"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert "Revenue" in done.stdout and "SELECT" in done.stdout and "Green tea" in done.stdout


# The kernel's messages travel over loopback TCP here; zmq and nbclient leave an event loop or socket to the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook(tmp_path, monkeypatch):
    pytest.importorskip("nbclient", reason="nbclient is missing")
    pytest.importorskip("ipykernel", reason="ipykernel is missing")
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("BI_CHAT_CACHE_DIR", str(tmp_path))
    book = nbformat.read(ROOT / "examples" / "ask.ipynb", 4)
    NotebookClient(book, timeout=60, resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [o for c in book.cells if c.cell_type == "code" for o in c.outputs]
    assert all(o.output_type != "error" for o in outputs)
    assert sum("bi-card" in o.get("data", {}).get("text/html", "") for o in outputs) >= 4


def test_the_notebook_is_kept_without_outputs():
    import nbformat

    book = nbformat.read(ROOT / "examples" / "ask.ipynb", 4)
    assert all(not c.outputs for c in book.cells if c.cell_type == "code")


@pytest.mark.parametrize("name", ["weekly-sales", "market-weekly"])
def test_the_reports(name, tmp_path, monkeypatch, capsys):
    from bi_chat.frontends.cli import main

    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path / "state"))
    file = ROOT / "examples" / "reports" / f"{name}.yaml"
    assert main(["report", "check", str(file)]) == 0, capsys.readouterr().out
    assert (
        main(["report", "run", str(file), "--output", str(tmp_path / "out"), "--format", "html", "--format", "md"]) == 0
    )
    pages = {p.suffix: p.read_text("utf-8") for p in (tmp_path / "out").iterdir()}
    assert set(pages) == {".html", ".md"}
    expected = "What to expect" if name == "weekly-sales" else "预期"
    assert expected in pages[".md"] and "SELECT" in pages[".html"]
    assert "(unknown)" not in pages[".md"] and "(未知)" not in pages[".md"]  # a fact that its answer has not
