"""With a key the store keeps its words in cipher; all works as without, and another key changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bi_chat.errors import StoreError
from bi_chat.stores.cryptography import Seal
from bi_chat.stores.cryptography.sealing import Open
from bi_chat.stores.sqlalchemy import SqlStore, open_store
from bi_chat.stores.sqlalchemy.copies import backup, restore
from bi_chat.values.plan import Aggregate, Fn, Measured, Plan
from bi_chat.values.record import AuditEntry, Turn

KEY = "kX3v-Qb8mZt5Lr2Hw9Ys6Nc1Pd4Gf7Ja0"
PLAN = Plan(measures=(Measured(Aggregate(Fn.COUNT, "walnut_orders")),))
TURN = Turn(
    "walnut sales?", datetime(2025, 1, 1), "en", "answered", "Walnut: 3", "SELECT walnut", ("walnut!",), plan=PLAN
)
ENTRY = AuditEntry(datetime(2025, 1, 1, tzinfo=UTC), "ada", "cli", "shop", "walnut sales?", "answered")


def at(file: Path, key: str = KEY) -> SqlStore:
    return open_store(f"sqlite:///{file}", Seal(key) if key else Open())


def filled(file: Path, key: str = KEY) -> str:
    store = at(file, key)
    store.record(ENTRY)
    made = store.begin("ada", "shop", "walnut sales?")
    store.append("ada", made.id, TURN)
    store.close()
    return made.id


def on_disk(file: Path) -> bytes:
    return b"".join(f.read_bytes() for f in file.parent.glob(f"{file.name}*"))


def test_no_word_lies_in_clear_and_all_is_read_again(file: Path) -> None:
    number = filled(file)
    assert b"alnut" not in on_disk(file)
    store = at(file)
    assert store.turns("ada", number) == (TURN,)
    assert [c.title for c in store.conversations("ada", containing="WALNUT")] == ["walnut sales?"]
    assert store.conversations("ada", containing="almond") == ()
    store.rename("ada", number, "nuts")
    assert [c.title for c in store.conversations("ada", containing="sales")] == ["nuts"]
    assert [r.entry.question for r in store.audit()] == ["walnut sales?"]
    assert store.verify().broken is None
    assert store.prune(datetime(2026, 1, 1, tzinfo=UTC)) == 1
    assert (store.verify().entries, store.verify().broken) == (1, None)
    store.close()


def test_without_a_key_words_lie_in_clear(file: Path) -> None:
    filled(file, "")
    assert b"alnut" in on_disk(file)


@pytest.mark.parametrize("key", ["", KEY[::-1]])
def test_another_key_or_none_is_told_and_changes_nothing(file: Path, key: str) -> None:
    filled(file)
    before = file.read_bytes()
    with pytest.raises(StoreError, match="BI_CHAT_STORE_KEY"):
        at(file, key)
    assert file.read_bytes() == before
    store = at(file)
    assert store.verify().entries == 1
    store.close()


def test_what_was_written_before_the_key_stays_readable(file: Path) -> None:
    old = filled(file, "")
    new = filled(file)
    store = at(file)
    assert store.turns("ada", old) == store.turns("ada", new) == (TURN,)
    assert len(store.conversations("ada", containing="walnut")) == 2
    assert (store.verify().entries, store.verify().broken) == (2, None)
    store.close()


def test_copies_stay_in_cipher_and_come_back(file: Path, tmp_path: Path) -> None:
    number = filled(file)
    copy = tmp_path / "copy.sqlite"
    backup(file, copy)
    assert b"alnut" not in copy.read_bytes()
    filled(file)
    restore(copy, file)
    store = at(file)
    assert [c.id for c in store.conversations("ada")] == [number]
    store.close()


def test_a_cipher_moved_to_another_row_is_noticed(file: Path) -> None:
    first = filled(file)
    second = filled(file)
    with closing(sqlite3.connect(file)) as there:
        there.execute("DROP TRIGGER audit_frozen")
        there.execute("UPDATE audit SET entry = (SELECT entry FROM audit WHERE number = 2) WHERE number = 1")
        taken = "(SELECT text FROM turn WHERE conversation = ?)"
        there.execute(f"UPDATE turn SET text = {taken} WHERE conversation = ?", (first, second))
        there.commit()
    store = at(file)
    assert store.verify().broken == 1
    with pytest.raises(StoreError):
        store.turns("ada", second)
    store.close()
