"""Each module says what it is for, bears a name of the field, and is finished."""

from __future__ import annotations

import ast
import re

from tree import exceptions, modules, name, syntax, texts

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "base", "manager", "service", "handler", "misc", "core"}
# put together from halves, so that this file does not break its own rule
UNFINISHED = re.compile(
    "|".join((r"\bTO" + "DO\\b", r"\bFIX" + "ME\\b", r"\bX" + "XX\\b", "raise NotImplemented" + "Error"))
)
A_MACHINE = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work|opt|mnt|srv)/[\w.-]+|[A-Z]:\\\\?(?:Users|Work)\b")
DEBIANS_BROWSER = "tests/"


def first_paragraph(doc: str) -> str:
    return " ".join(doc.split("\n\n")[0].split())


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        name(file)
        for file in modules()
        if len((said := first_paragraph(ast.get_docstring(syntax(file)) or "")).split()) < 4 or said[-1] not in ".:"
    ]
    assert silent == []


def test_every_module_says_what_comes_in_or_goes_out() -> None:
    mute = set()
    for file in modules():
        room = file.name == "__init__.py" or name(file).startswith("bi_chat/planners/grammar/rules/")
        if not room and not re.search(r"\b(In|Out): ", ast.get_docstring(syntax(file)) or ""):
            mute.add(name(file))
    allowed = set(exceptions("no_in_or_out"))
    assert sorted(mute - allowed) == []
    assert sorted(allowed - mute) == [], "these exceptions are no longer needed: take them out"


def test_no_module_has_an_empty_name() -> None:
    assert [name(f) for f in modules() if EMPTY_NAMES & set(f.stem.split("_")) or EMPTY_NAMES & {f.parent.name}] == []


def test_nothing_is_left_undone() -> None:
    found = [f"{file}: {m.group()}" for file, text in texts().items() if (m := UNFINISHED.search(text))]
    assert found == []


def test_no_path_of_a_machine() -> None:
    found = [f"{file}: {m.group()}" for file, text in texts().items() if (m := A_MACHINE.search(text))]
    assert found == []
