"""`start.py` runs on any Python far enough to say what is missing, and the README names its two commands."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tree import ROOT

SCRIPT = ROOT / "start.py"


def test_an_old_python_can_read_it_and_needs_nothing_installed() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 8))
    imported = {a.name.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {(n.module or "").partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert imported <= set(sys.stdlib_module_names)
    assert len(SCRIPT.read_text("utf-8").splitlines()) < 120


def test_an_old_python_is_told_so(tmp_path: Path) -> None:
    code = f"import sys; sys.version_info = (3, 8, 10); sys.path.insert(0, {str(ROOT)!r}); import start; start.main([])"
    made = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 1
    assert made.stderr.strip() == "bi_chat needs Python 3.11 or newer; this is 3.8.10. Run start.py with a newer one."


def test_the_readme_names_both_commands() -> None:
    lines = [line.partition("#")[0].strip() for line in (ROOT / "README.md").read_text("utf-8").splitlines()]
    assert "python3 start.py" in lines
    assert "python3 start.py test" in lines
