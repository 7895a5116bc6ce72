"""Out: a delivery as the ledger knows it: what is due to whom by which channel, and how far it has come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stand(StrEnum):
    """due: to be sent, or to be tried again; claimed: being made; sending: handed to the channel; sent: taken by it;
    dead: given up, a person has to look; skipped: missed, as the file wants it; withheld: no condition held."""

    DUE = "due"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    SKIPPED = "skipped"
    WITHHELD = "withheld"


OVER = (Stand.SENT, Stand.DEAD, Stand.SKIPPED, Stand.WITHHELD)
"""Nothing more is to be done, unless a person asks for it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`key` is made of report, moment, variant, recipient, channel and address: the same thing is never due twice.

    `variant`: the values of the parameters in words; `target`: a digest of the address, which itself stands in the file
    alone. Times are UTC. `said` tells why it failed or was held back.
    """

    key: str
    report: str
    due: datetime
    variant: str
    recipient: str
    channel: str
    target: str
    stand: Stand = Stand.DUE
    attempts: int = 0
    next_try: datetime | None = None
    changed_at: datetime | None = None
    said: str = ""


def delivery(
    report: str, due: datetime, *, variant: str, recipient: str, channel: str, address: str, stand: Stand = Stand.DUE
) -> Delivery:
    """A new one; its key follows from what it is."""
    target = hashlib.sha256(f"{channel} {address}".encode()).hexdigest()[:16]
    parts = (report, due.isoformat(), variant, recipient, channel, target)
    key = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
    return Delivery(key, report, due, variant, recipient, channel, target, stand, next_try=due)
