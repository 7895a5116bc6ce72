"""In: a parcel. Out: a message in a chat service (Slack, Teams, Feishu, DingTalk, WeCom and a hundred more).

Chat services know no key for a message, so after a crash in the middle of sending nobody can tell whether it arrived:
the ledger then holds it back for a person to decide.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from bi_chat.errors import DeliveryError, SettingsError
from bi_chat.values.page import Parcel

LONGEST = 3_000


class Chat:
    """A `Channel` (see ports). The parcel's address names a secret; `address` gives what it holds, an address of
    apprise with the service's key in it."""

    keyed = False

    def __init__(self, address: Callable[[str], str]) -> None:
        self._address = address

    def send(self, parcel: Parcel, at: datetime) -> None:
        """The text, with the pages where the service takes files. Raises DeliveryError."""
        try:
            import apprise
        except ImportError:
            raise SettingsError('Chat services need apprise: pip install "bi_chat[channels]".') from None
        logging.getLogger("apprise").disabled = True  # it writes addresses, keys and all, to the log
        service = apprise.Apprise()
        if not service.add(self._address(f"chat.{parcel.address}")):
            raise DeliveryError(f"The secret chat.{parcel.address} holds no address of apprise.", again=False)
        takes_files = any(getattr(s, "attachment_support", False) for s in service)
        with _files(parcel if takes_files else None) as files:
            text = parcel.text if len(parcel.text) <= LONGEST else parcel.text[: LONGEST - 1] + "…"
            plain = apprise.NotifyFormat.TEXT
            sent = service.notify(body=text, title=parcel.subject, body_format=plain, attach=files or None)
        if not sent:
            raise DeliveryError("The chat service did not take the message.")


@contextlib.contextmanager
def _files(parcel: Parcel | None) -> Iterator[list[str]]:
    """The pages as files, for as long as they are needed."""
    with tempfile.TemporaryDirectory(prefix="bi_chat_chat_") as folder:
        paths = [Path(folder, p.name) for p in parcel.pages] if parcel is not None else []
        for path, page in zip(paths, parcel.pages if parcel is not None else (), strict=True):
            path.write_bytes(page.content)
        yield [str(p) for p in paths]
