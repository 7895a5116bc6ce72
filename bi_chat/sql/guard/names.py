"""In: nothing. Out: the allowed function and operator names, read once from `functions.txt`."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def allowed_functions() -> frozenset[str]:
    """Names in lower case; see the head of the file for what is left out and why."""
    lines = Path(__file__).with_name("functions.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


def folded(name: str) -> str:
    """A name as the engine compares names: ASCII letters only are folded."""
    return "".join(c.lower() if c.isascii() else c for c in name) if not name.isascii() else name.lower()
