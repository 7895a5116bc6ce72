"""In: a name, and a value from the keyboard or standard input. Out: it is kept in cipher, listed, or deleted."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from bi_chat.errors import SettingsError
from bi_chat.settings import load_settings

if TYPE_CHECKING:
    from bi_chat.frontends.cli.arguments import Options

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

ABSENT = 1


def register(commands: Commands) -> None:
    """Add `bi-chat secret set | list | delete`."""
    actions = commands.add_parser("secret", help="Keep passwords that the program needs, in cipher.").add_subparsers(
        metavar="ACTION", required=True
    )
    for name, about in (
        ("set", "Keep a secret; its value is asked for, or read from standard input. Never an argument."),
        ("list", "The names of the secrets that are kept."),
        ("delete", "Forget a secret."),
    ):
        made = actions.add_parser(name, help=about, description=about)
        made.set_defaults(command="secret", action=name)
        if name != "list":
            made.add_argument("source", metavar="NAME")


def run(options: Options) -> int:
    """0 done, 1 there was none of that name."""
    from bi_chat.wiring import open_secrets

    kept = open_secrets(load_settings())
    if kept is None:
        raise SettingsError("Secrets are kept in a folder: set BI_CHAT_STATE_DIR.")
    if options.action == "list":
        print(*kept.names(), sep="\n", end="\n" if kept.names() else "")
        return 0
    if options.action == "delete":
        there = kept.delete(options.source)
        print("Deleted." if there else f"There is no secret {options.source!r}.", file=None if there else sys.stderr)
        return 0 if there else ABSENT
    kept.keep(options.source, _asked(options.source))
    print("Kept.")
    return 0


def _asked(name: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Value of {name} (not shown): ")
    return sys.stdin.readline().rstrip("\r\n")
