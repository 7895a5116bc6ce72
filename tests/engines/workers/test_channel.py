"""Letters between program and worker: what is sent arrives, and what is no letter of ours is not believed."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator

import pytest

from bi_chat.engines.duckdb.workers.channel import BrokenLetter, Channel, Letter
from bi_chat.engines.duckdb.workers.messages import Failed, Rows, Run
from bi_chat.values.catalog import Catalog, Column, Table

Ends = tuple[Channel, Channel, int]


@pytest.fixture()
def ends() -> Iterator[Ends]:
    """The program's end, the worker's end, and the raw pipe to the program."""
    (to_worker, from_program), (to_program, from_worker) = os.pipe(), os.pipe()
    program = Channel(to_program, from_program, most=4 << 20)
    worker = Channel(to_worker, from_worker, most=4 << 20)
    yield program, worker, from_worker
    program.close()
    worker.close()


@pytest.mark.parametrize(
    "message",
    [
        Run("all", "SELECT '销售 \"x\" \\ \n'", True, 1.5),
        Rows(("a", "b"), ("BIGINT", "VARCHAR"), False),
        Catalog((Table("t", (Column("x", "DECIMAL(9,2)", False, "说明"),), primary_key=("x",), rows=3),), (), "f", "n"),
        Failed("EngineError", "no"),
    ],
)
def test_a_letter_arrives_as_it_was_sent(ends: Ends, message: object) -> None:
    program, worker, _ = ends
    sent = Letter(7, message, b"\x00\xff" * 1_000, 123)
    worker.send(sent)
    assert program.receive() == sent


def test_large_bodies_arrive_whole(ends: Ends) -> None:
    program, worker, _ = ends
    body = os.urandom(3 << 20)
    sending = threading.Thread(target=worker.send, args=(Letter(1, Rows((), (), True), body),))
    sending.start()
    found = program.receive()
    sending.join()
    assert found is not None and found.body == body


def test_the_end_of_the_pipe_is_no_letter(ends: Ends) -> None:
    program, worker, _ = ends
    worker.close()
    assert program.receive() is None
    with pytest.raises(OSError):
        worker.send(Letter(1, Failed("EngineError", "")))


@pytest.mark.parametrize(
    "text",
    [
        b"no json",
        b'{"is": "Popen", "args": ["touch", "x"]}',
        b'{"is": "Failed"}',
        b'{"is": "Failed", "error": "E", "text": "t", "more": 1}',
        b'{"is": ["Failed"]}',
        b"\xff\xfe",
    ],
)
def test_forged_letters_are_refused(ends: Ends, text: bytes) -> None:
    program, _, raw = ends
    os.write(raw, struct.pack(">QQQQ", 1, len(text), 0, 0) + text)
    with pytest.raises(BrokenLetter):
        program.receive()


@pytest.mark.parametrize("sizes", [(1 << 40, 0), (10, 1 << 40), (2**64 - 1, 2**64 - 1)])
def test_a_letter_that_claims_to_be_huge_is_refused(ends: Ends, sizes: tuple[int, int]) -> None:
    program, _, raw = ends
    os.write(raw, struct.pack(">QQQQ", 1, *sizes, 0))
    with pytest.raises(BrokenLetter):
        program.receive()
