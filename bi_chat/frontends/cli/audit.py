"""In: the audit log. Out: whether it is as it was written, its entries as JSON lines, or an end to the oldest."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SettingsError
from bi_chat.ports import Store
from bi_chat.settings import load_settings

if TYPE_CHECKING:
    from bi_chat.frontends.cli.arguments import Options

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

CHANGED = 1


def register(commands: Commands) -> None:
    """Add `bi-chat audit verify | export | prune`."""
    actions = commands.add_parser("audit", help="Check, export or shorten the log of who asked what.").add_subparsers(
        metavar="ACTION", required=True
    )
    about = "Say whether an entry was changed, moved or taken out since it was written."
    made = _action(actions, "verify", about)
    made.add_argument("--expect", default="", metavar="DIGEST", help="a digest seen earlier that must still be there")
    made = _action(actions, "export", "Write the entries as JSON lines, each with its digest.")
    made.add_argument("--output", metavar="FILE", help="default: standard output")
    made = _action(
        actions, "prune", "Delete entries older than a day, or than some days; the log says that it was done."
    )
    made.add_argument("--before", required=True, metavar="DATE|DAYS", help="like 2026-01-31, or 365d")


def run(options: Options) -> int:
    """0 done, 1 the log was changed."""
    from bi_chat.wiring import open_store

    store = open_store(load_settings())
    if store is None:
        raise SettingsError("Nothing is kept here: install bi_chat[store] first.")
    try:
        return {"verify": _verify, "export": _export, "prune": _prune}[options.action](store, options)
    finally:
        store.close()


def _action(actions: Commands, name: str, about: str) -> argparse.ArgumentParser:
    made = actions.add_parser(name, help=about, description=about)
    made.set_defaults(command="audit", action=name)
    return made


def _verify(store: Store, options: Options) -> int:
    state = store.verify()
    if state.broken is not None:
        print(f"Entry {state.broken} is not as it was written, or one before it is missing.", file=sys.stderr)
        return CHANGED
    if options.expect and all(options.expect not in (r.digest, r.previous) for r in store.audit()):
        print("No entry with that digest is there any more: the end of the log was cut off.", file=sys.stderr)
        return CHANGED
    if not state.entries:
        print("The log is empty.")
        return 0
    print(f"{state.entries:,} entries, each as it was written. The last digest: {state.last_digest}")
    print("Keep it elsewhere: `bi-chat audit verify --expect DIGEST` then shows whether the end was cut off.")
    return 0


def _export(store: Store, options: Options) -> int:
    with Path(options.output).open("w", encoding="utf-8") if options.output else nullcontext(sys.stdout) as target:
        for record in store.audit():
            data = {**asdict(record), "entry": {**asdict(record.entry), "at": record.entry.at.isoformat()}}
            target.write(json.dumps(data, ensure_ascii=False) + "\n")
    return 0


def _prune(store: Store, options: Options) -> int:
    print(f"{store.prune(_moment(options.before)):,} entries deleted.")
    return 0


def _moment(text: str) -> datetime:
    """A day, or so many days ago. Raises SettingsError."""
    try:
        if text.endswith("d"):
            return datetime.now(UTC) - timedelta(days=int(text[:-1]))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise SettingsError(f"Write a day like 2026-01-31, or days like 365d, not {text!r}.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
