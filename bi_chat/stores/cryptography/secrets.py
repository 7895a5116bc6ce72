"""In: a secret under a name, such as a mail password. Out: it is kept in cipher, in one file of its owner's.

The key is BI_CHAT_STORE_KEY where that is set, else one made at random beside the file. A key beside it keeps a secret
out of copies of the one file and out of what is shown by mistake, not from who may read the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from bi_chat.errors import StoreError
from bi_chat.stores.cryptography.sealing import Seal

_NAME = re.compile(r"[A-Za-z][\w.-]{0,63}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class SecretsFile:
    """A `Secrets` (see ports) in a folder; `key` '' is made and kept there."""

    folder: Path
    key: str = ""

    @property
    def file(self) -> Path:
        """Where the secrets lie."""
        return self.folder / "secrets.json"

    def names(self) -> tuple[str, ...]:
        """The names, in order; no value."""
        return tuple(sorted(self._all()))

    def read(self, name: str) -> str:
        """The secret. Raises StoreError where there is none of that name, or the key is another."""
        kept = self._all()
        if name not in kept:
            raise StoreError(f"There is no secret {name!r}. Keep one with: bi-chat secret set {name}")
        return self._seal().opened(kept[name], name)

    def keep(self, name: str, value: str) -> None:
        """Under that name, in place of what was there. Raises StoreError."""
        if not _NAME.match(name):
            raise StoreError("A name is a letter and then letters, digits, dots, hyphens or underscores: mail.password")
        if not value:
            raise StoreError("There is no secret to keep: the value is empty.")
        kept, seal = self._all(), self._seal()
        for other in kept:
            seal.opened(kept[other], other)  # a second key beside the first would lose one of them
        self._write({**kept, name: seal.sealed(value, name)})

    def delete(self, name: str) -> bool:
        """Whether there was one."""
        kept = self._all()
        if name not in kept:
            return False
        self._write({n: v for n, v in kept.items() if n != name})
        return True

    def _all(self) -> dict[str, str]:
        try:
            found = json.loads(self.file.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise StoreError(f"{self.file} can't be read. It was left as it is.") from None
        if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
            raise StoreError(f"{self.file} is not as bi_chat writes it. It was left as it is.")
        return found

    def _write(self, kept: dict[str, str]) -> None:
        """Beside it, synced, then put in its place."""
        text = json.dumps(kept, indent=1, sort_keys=True) + "\n"
        part = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        try:
            _private(self.folder, part, text)
            part.replace(self.file)
        except OSError:
            raise StoreError(f"{self.file} can't be written. Nothing was changed.") from None
        finally:
            part.unlink(missing_ok=True)

    def _seal(self) -> Seal:
        return Seal(self.key or self._own_key())

    def _own_key(self) -> str:
        """Made once, and linked into place, so that two processes at once agree on one."""
        file = self.folder / "secrets.key"
        try:
            if not file.exists():
                if self._all():
                    raise StoreError(
                        f"The key {file.name} is gone, so what {self.file.name} holds can't be read. Bring the key "
                        "back, or delete the file and set the secrets anew. Nothing was changed."
                    )
                part = self.folder / f".{file.name}.{secrets.token_hex(4)}"
                _private(self.folder, part, secrets.token_urlsafe(48))
                with contextlib.suppress(FileExistsError):
                    os.link(part, file)
                part.unlink()
            return file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise StoreError(f"The key {file} can't be read or made.") from None


def _private(folder: Path, file: Path, text: str) -> None:
    """A new file that only its owner may read, on disk when this returns."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
