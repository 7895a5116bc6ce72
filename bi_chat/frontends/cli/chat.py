"""In: questions typed one after another. Out: answers; follow-ups and numbers of offered readings work."""

from __future__ import annotations

import sys

from bi_chat.conversation.answer import Answer
from bi_chat.conversation.session import Session
from bi_chat.frontends.cli.arguments import Options
from bi_chat.frontends.cli.ask import explained, say_progress
from bi_chat.frontends.open_data import OpenData, open_data
from bi_chat.ports import Store
from bi_chat.settings import LOCAL, load_settings
from bi_chat.wiring import open_store

HELP = "Type a question, or: \\sql for the last SQL, \\new to begin anew, \\quit. Ctrl-C stops a query."
PROMPT = "› "


def run(options: Options) -> int:
    """Read until the end of the input."""
    opened = open_data(
        options.data, model=options.model, today=options.today, progress=say_progress, policy=options.policy
    )
    store = open_store(load_settings())
    try:
        user = options.user if options.policy else LOCAL
        session = opened.session(user=user, store=store, door="cli")
        _begin(session, opened, store if options.last else None, user)
        while (line := _read()) is not None:
            if line == "\\quit":
                break
            if line:
                print(f"\n{_reply(line, session)}\n")
    finally:
        opened.connection.close()
        if store is not None:
            store.close()
    return 0


def _begin(session: Session, opened: OpenData, store: Store | None, user: str) -> None:
    """How it works and what can be asked, or where the last conversation stood."""
    kept = store.conversations(user, source=opened.connection.name) if store is not None else ()
    print(HELP)
    for turn in session.resume(kept[0]) if kept else ():
        print(f"\n{PROMPT}{turn.value.question.text}\n{turn.text}")
    for starter in () if kept else session.starters():
        print(f"  {starter.text}")


def _read() -> str | None:
    try:
        return input(PROMPT if sys.stdin.isatty() else "").strip()
    except EOFError:
        return None


def _reply(line: str, session: Session) -> str:
    if line == "\\new":
        session.forget()
        return "A new conversation."
    last = session.history[-1] if session.history else None
    if line == "\\sql":
        return explained(last) if last is not None else HELP
    if line.startswith("\\"):
        return HELP
    try:
        return str(_chosen(line, session, last) or session.ask(line))
    except KeyboardInterrupt:
        session.cancel()
        return "Stopped."


def _chosen(line: str, session: Session, last: Answer | None) -> Answer | None:
    """A bare number picks one of the readings just offered."""
    if last is None or last.status != "clarify" or not line.isdecimal():
        return None
    number = int(line)
    offered = last.value.choices
    return session.choose(offered[number - 1], text=last.value.question.text) if 1 <= number <= len(offered) else None
