"""In: the arguments of `bi-chat`. Out: its exit status: 0 done, 1 asked back or declined, 2 an error, 130 stopped."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from bi_chat.errors import BiChatError
from bi_chat.frontends.cli.arguments import Options, parser
from bi_chat.language.display import visible

STOPPED = 130
FAILED = 2
ASKING = ("ask", "chat")


class Command(Protocol):
    """A module of this package: one command."""

    def run(self, options: Options) -> int:
        """Do it; the exit status."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. What is wrong with the set-up becomes one message on stderr, never a traceback."""
    options = parser().parse_args(argv, namespace=Options())
    try:
        if options.command in ASKING:
            _start_ahead()
        command = cast(Command, import_module(f"bi_chat.frontends.cli.{options.command}"))
        return command.run(options)
    except BiChatError as error:
        print(f"bi-chat: {visible(str(error))}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # the reader has seen enough (… | head)
        sys.stderr.close()
        return 0


def _start_ahead() -> None:
    """The process that will run the queries loads while this one does."""
    from bi_chat.engines.duckdb.workers.launch import start_spare
    from bi_chat.settings import load_settings

    if load_settings().workers:
        start_spare()
