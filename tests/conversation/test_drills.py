"""What stands in the way of keeping a conversation: a store that another process holds, a clock that jumps."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bi_chat.settings import Settings
from bi_chat.stores.sqlalchemy import SqlStore, open_store, opening
from bi_chat.values.record import AuditEntry
from bi_chat.wiring import Connection, connect

ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder = tmp_path_factory.mktemp("people")
    rows = "".join(f"{n},Person {n},{'north' if n % 2 else 'south'},{n * 10}\n" for n in range(1, 41))
    (folder / "clients.csv").write_text("client_id,client_name,region,spend\n" + rows, encoding="utf-8")
    found = connect(folder / "clients.csv", settings=Settings(cache_dir=folder / "cache"))
    yield found
    found.close()


def last(store: SqlStore) -> AuditEntry:
    return list(store.audit())[-1].entry


HOLD = "import sqlite3, sys; at = sqlite3.connect(sys.argv[1], isolation_level=None); at.execute('BEGIN IMMEDIATE'); "
HOLD += "print('held', flush=True); sys.stdin.read()"


@contextmanager
def held_by_another(file: Path) -> Iterator[None]:
    """Another process writes to the store and doesn't come to an end."""
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.stdin.close()


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    monkeypatch.setattr(opening, "_WAIT_SECONDS", 0.3)
    made = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield made
    made.close()


def test_a_locked_store_costs_the_record_and_not_the_answer(
    tea: Connection, impatient: SqlStore, tmp_path: Path
) -> None:
    session = tea.session(user="ada", today=ASKED_AT, store=impatient, door="cli")
    session.ask("revenue by country in 2024")
    with held_by_another(tmp_path / "store.sqlite"):
        answer = session.ask("revenue by country in 2023")
        assert answer.status == "answered" and answer.frame.height
        assert "busy with another program" in "".join(answer.value.warnings)
    again = session.ask("only Germany")
    assert again.value.warnings == () and last(impatient).question == "only Germany"
    assert (impatient.verify().entries, impatient.verify().broken) == (2, None)


def test_a_locked_store_refuses_where_rights_are_in_force(
    people: Connection, impatient: SqlStore, tmp_path: Path
) -> None:
    session = people.session(user="ada", today=ASKED_AT, store=impatient, door="api")
    assert session._journal is not None
    session._journal.scope = "some rights"
    with held_by_another(tmp_path / "store.sqlite"):
        answer = session.ask("total spend by region")
    assert (answer.status, answer.value.issues[0].code.value) == ("declined", "not_recorded")
    assert answer.frame.is_empty() and not answer.sql
    assert session.ask("total spend by region").status == "answered"


def test_a_clock_that_jumps_changes_no_order_and_no_limit(
    tea: Connection, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2025, 6, 1, tzinfo=UTC)
    jumps = [start, start - timedelta(days=400), start + timedelta(days=4_000), start + timedelta(minutes=1)]
    clock = iter(jumps * 50)
    monkeypatch.setattr("bi_chat.stores.sqlalchemy.store._now", lambda: next(clock))
    monkeypatch.setattr(time, "time", lambda: next(clock).timestamp())
    session = tea.session(user="ada", today=ASKED_AT, store=store, door="cli")
    assert session._journal is not None
    moments = iter(jumps)
    session._journal.now = lambda: next(moments)
    asked = ["revenue by country in 2024", "only Germany", "by month", "in 2023"]
    assert [session.ask(q).status for q in asked] == ["answered"] * 4
    assert [r.entry.question for r in store.audit()] == asked
    assert [r.number for r in store.audit()] == [1, 2, 3, 4]
    assert store.verify().broken is None
    (kept,) = store.conversations("ada")
    assert [t.text for t in store.turns("ada", kept.id)] == asked
    assert store.prune(start - timedelta(days=30)) == 0  # what was written after a newer entry is not old
    assert store.verify().broken is None
