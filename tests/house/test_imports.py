"""Who may import whom, and what an import costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from tree import ROOT

HEAVY = {
    "duckdb",
    "polars",
    "pyarrow",
    "sqlglot",
    "plotly",
    "streamlit",
    "pandas",
    "numpy",
    "jieba",
    "fastexcel",
    "IPython",
    "yaml",
    "prophet",
    "openai",
    "starlette",
    "uvicorn",
    "argon2",
    "jwt",
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def loaded_by(statement: str) -> set[str]:
    made = run(
        "-c", f"{statement}\nimport json, sys; print(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    )
    assert made.returncode == 0, made.stderr
    return set(json.loads(made.stdout.splitlines()[-1]))


def test_the_layers_hold() -> None:
    """The exhaustive contract of pyproject.toml: a new room must be given its place in it."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    made = run("-c", code)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "1 kept, 0 broken" in made.stdout


@pytest.mark.parametrize(
    "statement",
    ["import bi_chat", "from bi_chat.frontends.cli import main", "from bi_chat.values import plan, answer, catalog"],
)
def test_importing_loads_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) & HEAVY == set()


def test_the_guards_key_is_used_by_the_guard_alone() -> None:
    """`CheckedQuery` is the proof that a statement was checked: only `sql.guard` may make one."""
    users = [f for f in (ROOT / "bi_chat").rglob("*.py") if "_checked(" in f.read_text("utf-8")]
    makers = {
        f.relative_to(ROOT).as_posix()
        for f in users
        if "import" in f.read_text("utf-8") and "values.query" in f.read_text("utf-8")
    }
    assert makers == {"bi_chat/sql/guard/check.py"}


def test_a_question_on_the_command_line_says_nothing_but_its_answer(tmp_path: os.PathLike[str]) -> None:
    """Libraries like to talk on stderr, above all when a process ends."""
    data = ROOT / "datasets" / "market"
    made = run(
        "-m", "bi_chat", "ask", "demand by market in 2024", "--data", str(data), "--model", str(data / "model.yaml")
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert "Poland" in made.stdout
