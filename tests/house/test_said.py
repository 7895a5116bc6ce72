"""Whatever the program can say has its sentence in every language, and whatever a user can type stands in the docs."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tree import ROOT, modules, name, syntax, texts

from bi_chat.frontends.cli.arguments import parser
from bi_chat.narration.pack import LANGUAGES, knows
from bi_chat.settings import PREFIX
from bi_chat.values.issue import IssueCode

SPEAKING = {"Note", "note", "doubt", "_refused"}
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def codes_used() -> Iterator[tuple[str, str]]:
    """The first argument of Note(…), .note(…), .doubt(…) and _refused(…), written there or in a variable `code`."""
    for file in modules():
        calls = [n for n in ast.walk(syntax(file)) if isinstance(n, ast.Call) and n.args and called(n) in SPEAKING]
        for code in (c for call in calls for c in texts_of(call.args[0])):
            yield code, name(file)
        if any(isinstance(call.args[0], ast.Name) and call.args[0].id == "code" for call in calls):
            yield from ((code, name(file)) for code in kept_as_code(syntax(file)))


def kept_as_code(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "code" for t in node.targets):
            yield from texts_of(node.value)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def texts_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from (*texts_of(node.body), *texts_of(node.orelse))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_has_a_sentence(language: str) -> None:
    used = set(codes_used())
    assert {"partial_period", "missing_as_zero", "too_few_values", "periodic"} <= {code for code, _ in used}
    assert sorted((code, file) for code, file in used if not knows(language, "notes", code)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(IssueCode))
def test_every_issue_says_what_stands_in_the_way(code: IssueCode, language: str) -> None:
    assert knows(language, "issues", f"{code.value}.problem")


def commands(of: argparse.ArgumentParser, prefix: str) -> Iterator[str]:
    """Every command with its sub-commands, as one types it."""
    below = [a for a in of._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield prefix
    for action in below:
        for word, inner in action.choices.items():
            yield from commands(inner, f"{prefix} {word}")


def documents() -> str:
    return "\n".join(text for file, text in texts().items() if file == "README.md" or file.startswith("docs/"))


@pytest.mark.parametrize("command", sorted(commands(parser(), "bi-chat")))
def test_every_command_is_documented(command: str) -> None:
    assert command in documents()


def test_every_setting_is_documented() -> None:
    used = set(re.findall(r'(?:_number\(|PREFIX \+ )"([A-Z_]+)"', (ROOT / "bi_chat/settings.py").read_text("utf-8")))
    assert used
    assert [s for s in sorted(used) if PREFIX + s not in documents()] == []


@pytest.mark.parametrize("file", [f for f in texts() if f.endswith(".md")])
def test_links_of_the_documents_lead_somewhere(file: str) -> None:
    home = Path(ROOT / file).parent
    links = [link for link in LINK.findall(texts()[file]) if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in links if not (home / link).exists()] == []
