"""In: a parcel. Out: its pages as files in a folder, each written whole or not at all; a repetition changes nothing."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path

from bi_chat.errors import DeliveryError
from bi_chat.values.page import Page, Parcel


class Folder:
    """A `Channel` (see ports). A file's name holds the parcel's key, so a second attempt writes the same file."""

    keyed = True

    def send(self, parcel: Parcel, at: datetime) -> None:
        """Writes the pages, or the text where there are none. Raises DeliveryError."""
        pages = parcel.pages or (Page("report.txt", "text/plain", parcel.text.encode("utf-8")),)
        home = Path(parcel.address)
        try:
            home.mkdir(parents=True, exist_ok=True)
            for page in pages:
                name = Path(page.name)
                put(home / f"{name.stem}-{parcel.key[:8]}{name.suffix}", page.content)
        except OSError as error:
            raise DeliveryError(f"The folder {home} can't be written: {error.strerror}.") from None


def put(file: Path, content: bytes) -> None:
    """Beside it, synced, then in its place: whoever looks sees all of it or nothing."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with part.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
