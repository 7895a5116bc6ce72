"""In: the name of a secret. Out: its value, from the environment, from what `bi-chat secret` keeps, or a keyring."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.errors import SettingsError, StoreError
from bi_chat.ports import Secrets
from bi_chat.settings import secret_in_environment

_SERVICE = "bi_chat"


@dataclass(frozen=True, slots=True)
class Vault:
    """Reads a secret each time it is needed, so that a changed one counts at once."""

    kept: Secrets | None = None

    def read(self, name: str) -> str:
        """The secret. Raises SettingsError, which says where to put it."""
        if found := secret_in_environment(name):
            return found
        if self.kept is not None and name in self.kept.names():
            try:
                return self.kept.read(name)
            except StoreError as error:
                raise SettingsError(str(error)) from None
        if found := _from_keyring(name):
            return found
        raise SettingsError(f"There is no secret {name}. Keep one with: bi-chat secret set {name}")


def _from_keyring(name: str) -> str:
    """'' where there is no keyring, or nothing in it."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return keyring.get_password(_SERVICE, name) or ""
    except KeyringError:
        return ""
