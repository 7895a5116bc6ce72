"""The audit log: what was written is there, and what was changed shows."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bi_chat.stores.sqlalchemy import SqlStore, open_store
from bi_chat.values.record import AuditEntry

START = datetime(2026, 1, 1, tzinfo=UTC)


def entry(n: int) -> AuditEntry:
    return AuditEntry(START + timedelta(days=n), "ada", "web", "shop", f"question {n} 收入", "answered", rows=n)


def filled(file: Path, count: int = 6) -> None:
    store = open_store(f"sqlite:///{file}")
    for n in range(count):
        store.record(entry(n))
    store.close()


def tampered(file: Path, *statements: str) -> int | None:
    """Where the break is seen after someone with the file in hands has changed it."""
    with closing(sqlite3.connect(file)) as at:
        at.execute("DROP TRIGGER audit_frozen")
        for statement in statements:
            at.execute(statement)
        at.commit()
    store = open_store(f"sqlite:///{file}")
    found = store.verify()
    store.close()
    return found.broken


def test_entries_come_back_as_written(store: SqlStore) -> None:
    for n in range(5):
        store.record(entry(n))
    assert [r.entry for r in store.audit()] == [entry(n) for n in range(5)]
    assert [r.entry for r in store.audit(since=START + timedelta(days=3))] == [entry(3), entry(4)]
    state = store.verify()
    assert (state.entries, state.first, state.broken) == (5, 1, None)
    assert state.last_digest == list(store.audit())[-1].digest


def test_a_changed_entry_shows(file: Path) -> None:
    filled(file)
    assert tampered(file, "UPDATE audit SET entry = replace(entry, 'question 2', 'question 9')") == 3


def test_a_removed_entry_shows(file: Path) -> None:
    filled(file)
    assert tampered(file, "DELETE FROM audit WHERE number = 3") == 4


def test_a_removed_beginning_shows(file: Path) -> None:
    filled(file)
    assert tampered(file, "DELETE FROM audit WHERE number <= 2") == 3


def test_entries_that_changed_places_show(file: Path) -> None:
    filled(file)
    swap = "UPDATE audit SET number = CASE number WHEN 2 THEN -3 WHEN 3 THEN -2 ELSE number END"
    assert tampered(file, swap, "UPDATE audit SET number = -number WHERE number < 0") == 2


def test_a_cut_off_end_is_missed_by_its_digest(file: Path) -> None:
    filled(file)
    store = open_store(f"sqlite:///{file}")
    last = store.verify().last_digest
    store.close()
    assert tampered(file, "DELETE FROM audit WHERE number = 6") is None
    store = open_store(f"sqlite:///{file}")
    assert store.verify().last_digest != last
    store.close()


def test_the_store_itself_changes_no_entry(file: Path) -> None:
    filled(file)
    store = open_store(f"sqlite:///{file}")
    with pytest.raises(DBAPIError, match="only added to"), store._engine.begin() as at:
        at.execute(text("UPDATE audit SET entry = ''"))
    assert store.verify().broken is None
    store.close()


def test_pruned_entries_are_gone_and_the_log_says_so(store: SqlStore) -> None:
    for n in range(6):
        store.record(entry(n))
    assert store.prune(START + timedelta(days=4)) == 4
    state = store.verify()
    assert (state.entries, state.first, state.broken) == (3, 5, None)
    assert [r.entry.decision for r in store.audit()] == ["answered", "answered", "pruned"]
    assert store.prune(START) == 0


def test_who_writes_pruned_as_a_question_hides_nothing(file: Path) -> None:
    store = open_store(f"sqlite:///{file}")
    records = [store.record(entry(n)) for n in range(3)]
    asked = AuditEntry(START, "eve", "web", "shop", f"2 {records[1].digest}", "answered", reading="pruned")
    store.record(asked)
    store.close()
    assert tampered(file, "DELETE FROM audit WHERE number <= 2") == 3


def test_writers_at_once_make_one_chain(store: SqlStore) -> None:
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda n: store.record(entry(n)), range(40)))
    state = store.verify()
    assert (state.entries, state.broken) == (40, None)
