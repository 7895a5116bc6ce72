"""In: audit entries. Out: a chain of digests in which a changed, lost or moved entry shows.

Each digest covers the entry, its number and the digest before it, as in Schneier and Kelsey, "Secure Audit Logs to
Support Computer Forensics" (1999), without their evolving key: who may write the whole store can write a whole new
chain, so the last digest is worth keeping elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from hashlib import sha256

from bi_chat.values.record import AuditEntry, AuditRecord, AuditState

START = "0" * 64
PRUNED = "pruned"


def linked(entry: AuditEntry, number: int, previous: str) -> AuditRecord:
    """The entry as the next of a chain."""
    return AuditRecord(number, entry, previous, digest(written(entry), number, previous))


def digest(text: str, number: int, previous: str) -> str:
    """SHA-256 over the digest before, the number and the entry as it is written."""
    return sha256(f"{previous}\n{number}\n{text}".encode()).hexdigest()


def written(entry: AuditEntry) -> str:
    """One way to write an entry, so that its digest can be made again."""
    data = {**asdict(entry), "at": stamp(entry.at)}
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(text: str) -> AuditEntry:
    """The entry that was written. Raises ValueError or TypeError for what is none."""
    data = json.loads(text)
    known = {f.name for f in fields(AuditEntry)}
    return AuditEntry(**{k: v for k, v in data.items() if k in known and k != "at"}, at=moment(data["at"]))


def pruning(at: datetime, last: AuditRecord) -> AuditEntry:
    """The entry that says up to where entries were given up, so that the chain may begin after them."""
    return AuditEntry(at, "", "", "", f"{last.number} {last.digest}", PRUNED)


def look_through(rows: Iterable[tuple[int, str, str, str]]) -> AuditState:
    """In: (number, entry, previous, digest), in order. The first number that doesn't fit, if one doesn't.

    A chain that doesn't begin at 1 is whole only if a later entry of it tells of the pruning.
    """
    count = first = 0
    start = expected = START
    number = broken = None
    told: set[str] = set()
    for found, text, previous, kept in rows:
        if number is None:
            first, start, expected, number = found, previous, previous, found
        if broken is None and (found != number or previous != expected or kept != digest(text, found, previous)):
            broken = found
        count, expected, number = count + 1, kept, found + 1
        told |= _pruned(text)
    begins_right = start == START if first <= 1 else f"{first - 1} {start}" in told
    if broken is None and not begins_right:
        broken = first
    return AuditState(count, first, expected, broken)


def _pruned(text: str) -> set[str]:
    """Where an entry says that the chain was cut."""
    if f'"{PRUNED}"' not in text:
        return set()
    try:
        entry = read(text)
    except (ValueError, TypeError):
        return set()
    return {entry.question} if entry.decision == PRUNED and not entry.user and not entry.door else set()


def stamp(at: datetime) -> str:
    """A moment as text that sorts: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The moment of such a text."""
    return datetime.fromisoformat(text)
