"""Generated and changed statements, run on two databases that differ only in what is forbidden: none tells them apart.

`BI_CHAT_FUZZ` says how many (.ci/run: 100,000); `python benchmarks/fuzz.py` runs as many as one likes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from benchmarks.fuzz import Bench, Tally
from benchmarks.interference import Twins, twins
from bi_chat.engines.duckdb import opening

CASES = int(os.environ.get("BI_CHAT_FUZZ", "2000"))
PIECES = max(4, CASES // 5_000)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    pair: Twins = twins(tmp_path_factory.mktemp("fuzz"), workers=0, timeout=5.0)
    made = Bench(pair)
    yield made
    made.close()


@pytest.mark.parametrize("piece", range(PIECES))
def test_no_statement_tells_the_two_apart(bench: Bench, piece: int) -> None:
    tally = bench.piece(1_000_000 + piece, -(-CASES // PIECES))
    assert tally.found == []
    assert tally.ran > 0.5, tally.kinds
    assert tally.kinds["error"] > 0


def test_a_broken_wall_is_noticed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the engine's part of the wall the same statements find differences: so they do test it."""
    monkeypatch.setattr(opening, "_TELLING", ("extension",))
    monkeypatch.setattr(opening, "_EXPECTING", ())
    open_wall = Bench(twins(tmp_path_factory.mktemp("open"), workers=0, timeout=5.0))
    tally: Tally = open_wall.piece(7, 700)
    open_wall.close()
    assert len(tally.found) > 1
