"""In: a user's name. Out: a key of the HTTP API for them, shown once; the list of keys; or the end of one."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bi_chat.errors import SettingsError
from bi_chat.ports import Keys
from bi_chat.settings import LOCAL, Settings, load_settings
from bi_chat.values.identity import SCOPES
from bi_chat.values.record import AuditEntry

if TYPE_CHECKING:
    from bi_chat.frontends.cli.arguments import Options

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_START = "bic_"


def register(commands: Commands) -> None:
    """Add `bi-chat key new | list | revoke`."""
    actions = commands.add_parser("key", help="Make, list or end keys of the HTTP API.").add_subparsers(
        metavar="ACTION", required=True
    )
    made = _action(actions, "new", "Make a key. It is shown once; only a hash of it is kept.")
    made.add_argument("--user", required=True, metavar="NAME", help="whose it is, as the policy names them")
    made.add_argument("--scope", default=",".join(SCOPES), metavar="LIST", help="ask, sql, or both (the default)")
    made.add_argument("--expires", default="90d", metavar="DAYS", help="like 90d (the default), or never")
    _action(actions, "list", "List the keys: prefix, user, what for, state.")
    made = _action(actions, "revoke", "End a key, at once and for good.")
    made.add_argument("prefix", metavar="PREFIX", help="as listed; the key itself does as well")


def run(options: Options) -> int:
    """1 where there was no such key."""
    from bi_chat.wiring import open_keys

    settings = load_settings()
    keys = open_keys(settings)
    if keys is None:
        raise SettingsError('Keys need a place to be kept: pip install "bi_chat[api]"')
    try:
        return {"new": _new, "list": _list, "revoke": _revoke}[options.action](keys, options, settings)
    finally:
        keys.close()


def _new(keys: Keys, options: Options, settings: Settings) -> int:
    try:
        from bi_chat.frontends.api.keys import new_key
    except ImportError:
        raise SettingsError('Keys need Argon2: pip install "bi_chat[api]"') from None
    scopes = tuple(s for s in SCOPES if s in options.scope.replace(",", " ").split())
    if not scopes or set(options.scope.replace(",", " ").split()) - set(SCOPES):
        raise SettingsError(f"A key is for {' or '.join(SCOPES)}, or both: --scope ask,sql")
    if not options.user.strip() or not options.user.isprintable():
        raise SettingsError("Say whose key it is: --user NAME.")
    now = datetime.now(UTC)
    shown, key = new_key(options.user, scopes, now, _expiry(options.expires, now))
    keys.add(key)
    _audited(settings, f"{_START}{key.prefix} for {key.user}: {' '.join(scopes)}", "key made")
    until = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at is not None else "for ever"
    print(shown)
    print(f"For {key.user}, {' and '.join(scopes)}, {until}. It is not shown again.", file=sys.stderr)
    return 0


def _list(keys: Keys, options: Options, settings: Settings) -> int:
    now = datetime.now(UTC)
    for key in keys.listed():
        until = f"{key.expires_at:%Y-%m-%d}" if key.expires_at is not None else "never ends"
        print(f"{_START}{key.prefix}  {key.state(now):<8} {until:<10}  {','.join(key.scopes):<8} {key.user}")
    return 0


def _revoke(keys: Keys, options: Options, settings: Settings) -> int:
    prefix = options.prefix.removeprefix(_START).partition("_")[0]
    if not keys.revoke(prefix, datetime.now(UTC)):
        print("There is no such key, or it has been revoked already.", file=sys.stderr)
        return 1
    _audited(settings, f"{_START}{prefix}", "key revoked")
    print(f"{_START}{prefix} is revoked.")
    return 0


def _audited(settings: Settings, what: str, decision: str) -> None:
    from bi_chat.wiring import open_store

    store = open_store(settings)
    if store is not None:
        store.record(AuditEntry(datetime.now(UTC), LOCAL, "cli", "", what, decision))
        store.close()


def _expiry(text: str, now: datetime) -> datetime | None:
    """So many days from now; None for never. Raises SettingsError."""
    if text == "never":
        return None
    try:
        days = int(text.removesuffix("d"))
        if days < 1:
            raise ValueError
        return now + timedelta(days=days)
    except (ValueError, OverflowError):
        raise SettingsError(f"Write --expires like 90d, or never, not {text!r}.") from None


def _action(actions: Commands, name: str, about: str) -> argparse.ArgumentParser:
    made = actions.add_parser(name, help=about, description=about)
    made.set_defaults(command="key", action=name)
    return made
