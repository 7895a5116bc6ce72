"""What is kept of conversations: found again after a restart, by its owner alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.errors import StoreError
from bi_chat.stores.sqlalchemy import SqlStore, open_store
from bi_chat.values.plan import Measured, Metric, Plan
from bi_chat.values.record import Turn

NOON = datetime(2025, 10, 18, 12)


def turn(text: str = "revenue?", plan: Plan | None = None) -> Turn:
    return Turn(text, NOON, "en", "answered", "It was 5.", "SELECT 5", ("Careful.",), plan)


def test_a_conversation_is_whole_after_a_restart(file: Path) -> None:
    plan = Plan(measures=(Measured(Metric("revenue")),))
    first = open_store(f"sqlite:///{file}")
    kept = first.begin("ada", "shop", "revenue?")
    first.append("ada", kept.id, turn(plan=plan))
    first.append("ada", kept.id, turn("and by month?"))
    first.close()
    again = open_store(f"sqlite:///{file}")
    assert again.turns("ada", kept.id) == (turn(plan=plan), turn("and by month?"))
    assert [c.title for c in again.conversations("ada")] == ["revenue?"]
    again.close()


def test_the_latest_comes_first_and_words_find_it(store: SqlStore) -> None:
    old, new = store.begin("ada", "shop", "100% margin"), store.begin("ada", "tea", "orders")
    store.append("ada", new.id, turn("How many Orders?"))
    assert [c.id for c in store.conversations("ada")] == [new.id, old.id]
    assert [c.id for c in store.conversations("ada", containing="many ord")] == [new.id]
    assert [c.id for c in store.conversations("ada", containing="0%")] == [old.id]
    assert store.conversations("ada", containing="_") == ()
    assert [c.id for c in store.conversations("ada", source="shop")] == [old.id]
    store.append("ada", old.id, turn())
    assert [c.id for c in store.conversations("ada")] == [old.id, new.id]


def test_another_persons_conversation_does_not_exist(store: SqlStore) -> None:
    kept = store.begin("ada", "shop", "secret")
    store.append("ada", kept.id, turn())
    assert store.conversations("bob") == ()
    for attempt in (
        lambda: store.turns("bob", kept.id),
        lambda: store.append("bob", kept.id, turn()),
        lambda: store.rename("bob", kept.id, "mine"),
        lambda: store.delete("bob", kept.id),
    ):
        with pytest.raises(StoreError) as refused:
            attempt()
        with pytest.raises(StoreError) as unknown:
            store.turns("bob", "0" * 32)
        assert str(refused.value) == str(unknown.value)
    assert store.turns("ada", kept.id) == (turn(),)


def test_renamed_and_deleted(store: SqlStore) -> None:
    kept = store.begin("ada", "shop", "x")
    store.append("ada", kept.id, turn())
    store.rename("ada", kept.id, "The May review")
    assert store.conversations("ada")[0].title == "The May review"
    store.delete("ada", kept.id)
    assert store.conversations("ada") == ()
    with pytest.raises(StoreError, match="no such conversation"):
        store.turns("ada", kept.id)


def test_a_person_is_forgotten_and_others_are_not(store: SqlStore) -> None:
    for owner in ("ada", "ada", "bob"):
        store.append(owner, store.begin(owner, "shop", "x").id, turn())
    assert store.delete_owner("ada") == 2
    assert store.conversations("ada") == ()
    assert len(store.conversations("bob")) == 1


def test_turns_written_at_once_each_get_a_number(store: SqlStore) -> None:
    kept = store.begin("ada", "shop", "x")
    with ThreadPoolExecutor(5) as pool:
        numbers = list(pool.map(lambda n: store.append("ada", kept.id, turn(f"q{n}")), range(25)))
    assert sorted(numbers) == list(range(1, 26))
    assert len(store.turns("ada", kept.id)) == 25


def test_a_plan_of_another_version_leaves_the_words(file: Path) -> None:
    import sqlite3

    store = open_store(f"sqlite:///{file}")
    kept = store.begin("ada", "shop", "x")
    store.append("ada", kept.id, turn(plan=Plan()))
    store.close()
    with sqlite3.connect(file) as at:
        at.execute("""UPDATE turn SET plan = '{"is": "PlanOfTomorrow"}'""")
    at.close()
    store = open_store(f"sqlite:///{file}")
    assert store.turns("ada", kept.id) == (turn(),)
    store.close()
