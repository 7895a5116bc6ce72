"""Out: a report as it is handed over: pages as files, and the parcel that a channel delivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`name` has no folder in it and is safe on every system; `kind` is a media type."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one recipient gets by one channel. `key` is the same for every attempt, so that a receiver can tell a
    repetition; `address` where to, as the report's file says it.

    `text` and `html` say the same; `pictures` are those that the HTML shows as cid:NAME. `due` knows its time zone.
    """

    key: str
    report: str
    subject: str
    address: str
    due: datetime
    text: str
    html: str = ""
    pictures: tuple[Page, ...] = ()
    pages: tuple[Page, ...] = ()
    user: str = ""
    language: str = "en"
