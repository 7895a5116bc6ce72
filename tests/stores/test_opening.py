"""A store that is damaged, newer, locked or copied: a clear message, and nothing is lost."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bi_chat.errors import StoreError
from bi_chat.stores.sqlalchemy import SqlStore, open_store
from bi_chat.stores.sqlalchemy.copies import backup, restore
from bi_chat.stores.sqlalchemy.tables import metadata
from bi_chat.values.record import Turn


def at(file: Path) -> SqlStore:
    return open_store(f"sqlite:///{file}")


def with_a_turn(file: Path, text: str) -> None:
    store = at(file)
    kept = store.begin("ada", "shop", text)
    store.append("ada", kept.id, Turn(text, datetime(2025, 1, 1), "en", "answered"))
    store.close()


def titles(file: Path) -> list[str]:
    store = at(file)
    found = [c.title for c in store.conversations("ada")]
    store.close()
    return found


def test_migrations_lead_to_the_tables_of_the_program(store: SqlStore) -> None:
    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_only_the_owner_may_read_the_file(file: Path) -> None:
    with_a_turn(file, "x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_damaged_store_is_left_as_it_is(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database at all, but some text" * 100)
    before = file.read_bytes()
    with pytest.raises(StoreError, match="damaged or is no store"):
        at(file)
    assert file.read_bytes() == before


def test_a_newer_store_is_not_touched(file: Path) -> None:
    with_a_turn(file, "x")
    with closing(sqlite3.connect(file)) as there:
        there.execute("UPDATE alembic_version SET version_num = '9999'")
        there.commit()
    with pytest.raises(StoreError, match="newer bi_chat"):
        at(file)


def test_an_address_that_is_none() -> None:
    for address in ("nonsense", "oracle2://x/y", "sqlite"):
        with pytest.raises(StoreError, match="BI_CHAT_STORE"):
            open_store(address)


def test_a_full_disk_says_so_and_keeps_what_was_there(file: Path) -> None:
    with_a_turn(file, "first")
    store = at(file)
    with store._engine.connect() as there:
        pages = there.exec_driver_sql("PRAGMA page_count").scalar()
        there.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        there.commit()
    kept = store.conversations("ada")[0]
    with pytest.raises(StoreError, match="no room left"):
        store.append("ada", kept.id, Turn("x" * 1_000_000, datetime(2025, 1, 1), "en", "answered"))
    assert len(store.turns("ada", kept.id)) == 1
    store.close()


def test_a_copy_is_whole_while_others_write(file: Path, tmp_path: Path) -> None:
    with_a_turn(file, "first")
    store = at(file)
    store.begin("ada", "shop", "second")
    backup(file, tmp_path / "copy.sqlite")
    store.begin("ada", "shop", "third")
    store.close()
    assert titles(tmp_path / "copy.sqlite") == ["second", "first"]


def test_restoring_sets_the_other_store_aside(file: Path, tmp_path: Path) -> None:
    with_a_turn(file, "first")
    backup(file, tmp_path / "copy.sqlite")
    with_a_turn(file, "second")
    kept = restore(tmp_path / "copy.sqlite", file)
    assert titles(file) == ["first"]
    assert kept is not None
    assert titles(kept) == ["second", "first"]


def test_a_damaged_store_can_be_replaced(file: Path, tmp_path: Path) -> None:
    with_a_turn(file, "first")
    backup(file, tmp_path / "copy.sqlite")
    file.write_bytes(b"broken" * 1000)
    restore(tmp_path / "copy.sqlite", file)
    assert titles(file) == ["first"]


def test_what_is_no_copy_restores_nothing(file: Path, tmp_path: Path) -> None:
    with_a_turn(file, "first")
    (tmp_path / "other").write_bytes(b"something else")
    for copy in (tmp_path / "other", tmp_path / "missing"):
        with pytest.raises(StoreError, match="Nothing was changed"):
            restore(copy, file)
    assert titles(file) == ["first"]
    with pytest.raises(StoreError, match="nothing to copy"):
        backup(tmp_path / "missing", tmp_path / "copy")
