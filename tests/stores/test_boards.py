"""Boards in a store of each kind."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest

from bi_chat.errors import StoreError
from bi_chat.values.board import EVERYBODY, Tile
from bi_chat.values.period import Grain, Relative
from bi_chat.values.plan import FieldRef, In, Measured, Metric, Plan

TILE = Tile("Revenue", Plan(measures=(Measured(Metric("revenue")),)), "zh", "bar", wide=True)


def test_a_board_comes_back_as_it_was(store):
    made = store.boards.add("ada", "shop", "  Monday  ")
    only = In(FieldRef("shops", "town"), ("Ulm",))
    kept = store.boards.change(
        "ada", made.id, lambda b: replace(b, tiles=(TILE,), filters=(only,), period=Relative(Grain.MONTH, -1))
    )
    assert store.boards.of("ada", "shop") == (kept,)
    assert kept.name == "Monday" and kept.tiles == (TILE,) and kept.filters == (only,)
    assert store.boards.of("ada", "other") == ()


def test_another_s_board_is_as_if_it_did_not_exist(store):
    made = store.boards.add("ada", "shop", "Mine")
    assert store.boards.of("eve", "shop") == ()
    with pytest.raises(StoreError, match="no such board"):
        store.boards.change("eve", made.id, lambda b: replace(b, name="Hers"))
    store.boards.delete("eve", made.id)
    assert store.boards.of("ada", "shop")[0].name == "Mine"
    stolen = store.boards.change("ada", made.id, lambda b: replace(b, owner="eve", source="x"))
    assert (stolen.owner, stolen.source) == ("ada", "shop")


def test_two_tabs_that_pin_at_once_lose_nothing(store):
    made = store.boards.add("ada", "shop", "Both")

    def pin(n):
        store.boards.change("ada", made.id, lambda b: replace(b, tiles=(*b.tiles, replace(TILE, title=str(n)))))

    tabs = [Thread(target=pin, args=(n,)) for n in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert {t.title for t in store.boards.of("ada", "shop")[0].tiles} == {str(n) for n in range(8)}


def test_who_is_forgotten_is_forgotten_with_their_boards(store):
    store.boards.add("ada", "shop", "Gone")
    store.delete_owner("ada")
    assert store.boards.of("ada", "shop") == ()


def test_a_shared_board_is_seen_by_its_readers_and_changed_by_none(store):
    made = store.boards.add("ada", "shop", "Monday")
    store.boards.add("ada", "shop", "Private")
    store.boards.change("ada", made.id, lambda b: replace(b, tiles=(TILE,), readers=("eve",)))
    (seen,) = store.boards.shared("eve", "shop")
    assert (seen.owner, seen.name, seen.tiles) == ("ada", "Monday", (TILE,))
    assert store.boards.shared("mallory", "shop") == () == store.boards.shared("", "shop")
    assert store.boards.shared("eve", "other") == () == store.boards.shared("ada", "shop")
    with pytest.raises(StoreError, match="no such board"):
        store.boards.change("eve", made.id, lambda b: replace(b, readers=(EVERYBODY,)))
    store.boards.change("ada", made.id, lambda b: replace(b, readers=(EVERYBODY,)))
    assert [b.name for b in store.boards.shared("mallory", "shop")] == ["Monday"]
    store.boards.change("ada", made.id, lambda b: replace(b, readers=()))
    assert store.boards.shared("eve", "shop") == ()
