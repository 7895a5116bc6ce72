"""In: a text and the place it is kept at. Out: the same in cipher, which only the key opens, and only at that place.

AES-GCM with 256 bits (NIST SP 800-38D), a random nonce for each text; the key comes from the words of a setting by HKDF
(RFC 5869). The place goes in as associated data, so that a cipher moved to another row no longer opens.
"""

from __future__ import annotations

import base64
import binascii
import os

from bi_chat.errors import SettingsError, StoreError

# No question begins so: signs that nobody sees are taken out of what is asked.
MARK = "\x01sealed:1:"
_LEAST, _DIFFERENT = 32, 12
_NONCE = 12
_OTHER = (
    "What is kept here is encrypted, and not with this key. Set BI_CHAT_STORE_KEY to the key that it was written with; "
    "nothing was changed."
)


class Seal:
    """A `Sealer` (see ports). Raises SettingsError for a key that is too weak."""

    def __init__(self, key: str) -> None:
        if len(key) < _LEAST or len(set(key)) < _DIFFERENT:
            raise SettingsError(
                f"A key needs {_LEAST} characters at least, made at random. For example: "
                'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.hashes import SHA256
            from cryptography.hazmat.primitives.kdf.hkdf import HKDF
        except ImportError:
            raise SettingsError("Encryption needs the library `cryptography`: install bi_chat[store].") from None
        made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bi_chat store 1").derive(key.encode())
        self._cipher = AESGCM(made)

    def sealed(self, text: str, place: str) -> str:
        """In cipher, as text."""
        nonce = os.urandom(_NONCE)
        cipher = self._cipher.encrypt(nonce, text.encode(), place.encode())
        return MARK + base64.b64encode(nonce + cipher).decode("ascii")

    def opened(self, text: str, place: str) -> str:
        """The text again; one that isn't sealed as it is. Raises StoreError for another key or a changed text."""
        if not is_sealed(text):
            return text
        from cryptography.exceptions import InvalidTag

        try:
            raw = base64.b64decode(text.removeprefix(MARK), validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise StoreError(_OTHER) from None


class Open:
    """A `Sealer` without a key: writes in clear, and says so where something was sealed."""

    def sealed(self, text: str, place: str) -> str:
        """The text as it is."""
        return text

    def opened(self, text: str, place: str) -> str:
        """The text as it is. Raises StoreError where it is in cipher."""
        if is_sealed(text):
            raise StoreError(_OTHER.replace(", and not with this key", ""))
        return text


def is_sealed(text: str) -> bool:
    """Whether a kept text is in cipher."""
    return text.startswith(MARK)
