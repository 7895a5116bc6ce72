"""In: the folder that an installation keeps. Out: its secret, made at random when it is first needed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from bi_chat.errors import SettingsError

NAME = "policy.key"
_LENGTH = 64


def installation_secret(folder: Path | None, name: str = NAME) -> str:
    """64 hexadecimal digits, which key the hashes of masked fields, or by another name something else.

    Raises SettingsError for a file that holds less.

    Whoever has them can try values out until the hash fits: the file is its owner's alone.
    """
    if folder is None:
        raise SettingsError("A secret has to be kept: set BI_CHAT_STATE_DIR to a folder.")
    file = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make(file)
        found = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"The secret {file} can't be read or made. Set BI_CHAT_STATE_DIR to a folder of yours."
        ) from None
    if len(found) < _LENGTH or len(set(found)) < 8:
        raise SettingsError(f"The secret {file} is too weak. Delete it: a new one is made, and hashes change.")
    return found


def _make(file: Path) -> None:
    """Written beside and linked into place, so that two processes at once agree on one."""
    if file.exists():
        return
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(_LENGTH // 2))
    try:
        if not file.exists():
            os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()
