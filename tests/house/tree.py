"""The repository as the house's rules see it: its files, their text, their syntax trees."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "bi_chat"
BENCHMARKS = ROOT.parent / "shared" / "benchmarks"
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".ipynb", ".css", ".js", ".txt", ".tsv", ".html", ".sh", ""}
ROOMS = ("bi_chat", "datasets", "examples", "benchmarks", "tests", "docs", ".ci")


@cache
def modules() -> tuple[Path, ...]:
    """The package's modules."""
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def texts() -> dict[str, str]:
    """Every text file of the repository by its path, without what tools leave behind."""
    files = [f for f in ROOT.iterdir() if f.is_file()]
    files += [f for room in ROOMS for f in (ROOT / room).rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    return {name(f): f.read_text("utf-8") for f in sorted(files) if f.suffix in TEXT}


@cache
def syntax(file: Path) -> ast.Module:
    """A module's tree."""
    return ast.parse(file.read_text("utf-8"), filename=str(file))


def name(file: Path) -> str:
    """A path inside the repository, with forward slashes."""
    return file.relative_to(ROOT).as_posix()


@cache
def exceptions(kind: str) -> dict[str, str]:
    """What is let off a rule: name, and the reason."""
    found: dict[str, str] = (
        yaml.safe_load((ROOT / "tests/fixtures/house/exceptions.yaml").read_text("utf-8"))[kind] or {}
    )
    return found
