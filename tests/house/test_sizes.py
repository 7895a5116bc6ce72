"""Files and functions stay small; the list of exceptions can only shrink."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tree import exceptions, modules, name, syntax

MOST_LINES = 350
MOST_IN_A_FUNCTION = 45


def lengths() -> Iterator[tuple[str, int]]:
    for file in modules():
        yield name(file), len(file.read_text("utf-8").splitlines())


def function_lengths() -> Iterator[tuple[str, int]]:
    for file in modules():
        for node in ast.walk(syntax(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name(file)}::{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_its_room_allows() -> None:
    long = {file: lines for file, lines in lengths() if lines > MOST_LINES}
    assert {f: n for f, n in long.items() if f not in exceptions("long_files")} == {}
    assert sorted(set(exceptions("long_files")) - set(long)) == [], (
        "these exceptions are no longer needed: take them out"
    )


def test_no_function_is_longer_than_a_page() -> None:
    long = {function: lines for function, lines in function_lengths() if lines > MOST_IN_A_FUNCTION}
    assert {f: n for f, n in long.items() if f not in exceptions("long_functions")} == {}
    assert sorted(set(exceptions("long_functions")) - set(long)) == [], "no longer needed: take them out"


def test_every_exception_has_a_reason() -> None:
    for kind in ("long_files", "long_functions", "no_in_or_out"):
        assert all(len(reason.split()) >= 4 for reason in exceptions(kind).values()), kind
