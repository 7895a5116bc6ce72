"""In: the text after %ask or %ask_data. Out: its options and the rest, as typed values; faults as guidance."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from bi_chat.errors import SettingsError


@dataclass(frozen=True, slots=True)
class AskOptions:
    """`question` may be several lines in a cell, or empty."""

    question: str
    data: tuple[str, ...] = ()
    model: str | None = None
    today: str | None = None
    into: str | None = None
    chart: str | None = None
    sql: bool = False
    plan: bool = False
    explain: bool = False


@dataclass(frozen=True, slots=True)
class DataOptions:
    """`names` are files, folders, sample sets, the notebook's variables; `policy` shows only what it grants `user`."""

    names: tuple[str, ...]
    model: str | None = None
    today: str | None = None
    policy: str | None = None
    user: str = ""


class _Parser(argparse.ArgumentParser):
    """Raises instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message[:1].upper()}{message[1:]}. Type %ask? to see what can be written.")


def ask_options(line: str) -> AskOptions:
    """Options may stand before or after the question. Raises SettingsError."""
    parser = _Parser(prog="%ask", add_help=False, allow_abbrev=False)
    parser.add_argument("--data", action="append", default=[])
    parser.add_argument("--model")
    parser.add_argument("--today")
    parser.add_argument("--into")
    parser.add_argument("--chart")
    for shown in ("--sql", "--plan", "--explain"):
        parser.add_argument(shown, action="store_true")
    parser.add_argument("words", nargs="*")
    found = parser.parse_intermixed_args(_split(line))
    if found.into is not None and not str(found.into).isidentifier():
        raise SettingsError(f"--into needs a name for a variable, not {found.into!r}.")
    return AskOptions(
        " ".join(found.words),
        tuple(found.data),
        found.model,
        found.today,
        found.into,
        found.chart,
        bool(found.sql),
        bool(found.plan),
        bool(found.explain),
    )


def data_options(line: str) -> DataOptions:
    """What to connect. Raises SettingsError."""
    parser = _Parser(prog="%ask_data", add_help=False, allow_abbrev=False)
    parser.add_argument("--model")
    parser.add_argument("--today")
    parser.add_argument("--policy")
    parser.add_argument("--as", dest="user", default="")
    parser.add_argument("names", nargs="*")
    found = parser.parse_intermixed_args(_split(line))
    return DataOptions(tuple(found.names), found.model, found.today, found.policy, found.user)


def _split(line: str) -> Sequence[str]:
    """Words and quoted parts; an apostrophe inside a word ("what's") is a letter like any other."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.quotes = '"'
    lexer.escape = ""
    try:
        return list(lexer)
    except ValueError:
        return line.split()
