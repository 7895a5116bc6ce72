"""In: the store. Out: a copy of it, a copy brought back, or a person forgotten."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import SettingsError
from bi_chat.settings import LOCAL, load_settings

if TYPE_CHECKING:
    from bi_chat.frontends.cli.arguments import Options

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add `bi-chat store backup | restore | forget`."""
    actions = commands.add_parser("store", help="Copy, bring back or clear what is remembered.").add_subparsers(
        metavar="ACTION", required=True
    )
    for name, about in (
        ("backup", "Write a copy of the store while others use it (SQLite; for PostgreSQL use pg_dump)."),
        ("restore", "Put a copy in the store's place; the store as it was stays beside it."),
    ):
        made = _action(actions, name, about)
        made.add_argument("file", metavar="FILE")
    made = _action(actions, "forget", "Delete all conversations of a person and what they taught. The audit log stays.")
    made.add_argument("--user", default=LOCAL, metavar="NAME", help="default: you")


def run(options: Options) -> int:
    """Do it; says what was done."""
    if options.action == "forget":
        return _forget(options.user)
    from bi_chat.stores.sqlalchemy.copies import backup, restore

    settings = load_settings()
    if settings.store and not settings.store.startswith("sqlite"):
        raise SettingsError("The store is not a file. Use your database's own tools: pg_dump and pg_restore.")
    database = settings.store_file
    file = Path(options.file).expanduser()
    if options.action == "backup":
        backup(database, file)
        print(f"Written to {file}.")
        return 0
    kept = restore(file, database)
    print("Restored." + (f" The store as it was is kept as {kept.name} beside it." if kept is not None else ""))
    return 0


def _forget(user: str) -> int:
    from bi_chat.stores.learned import forget_person
    from bi_chat.wiring import open_store

    settings = load_settings()
    store = open_store(settings)
    if settings.state_dir is not None:
        forget_person(settings.state_dir, user)
    if store is None:
        print("Nothing is kept here.", file=sys.stderr)
        return 0
    try:
        count = store.delete_owner(user)
    finally:
        store.close()
    print(f"{count:,} conversation{'' if count == 1 else 's'} deleted.")
    return 0


def _action(actions: Commands, name: str, about: str) -> argparse.ArgumentParser:
    made = actions.add_parser(name, help=about, description=about)
    made.set_defaults(command="store", action=name)
    return made
