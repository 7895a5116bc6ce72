"""In: two pipes. Out: numbered letters both ways, each a message of ours and raw bytes, never code."""

from __future__ import annotations

import json
import os
import struct
import threading
from dataclasses import dataclass

from bi_chat.engines.duckdb.workers import messages
from bi_chat.values import catalog, view
from bi_chat.values.serial import Codec, SerialError

_HEAD = struct.Struct(">QQQQ")
_CHUNK = 1 << 20
_CODEC = Codec((messages, catalog, view))


class BrokenLetter(Exception):
    """What came is no letter of ours; whoever sent it is not to be trusted any more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An order or its answer: both bear the same number. `resident` is the sender's memory in bytes."""

    number: int
    message: object
    body: bytes = b""
    resident: int = 0


class Channel:
    """Both ends of the talk use one; many threads may send, one receives."""

    def __init__(self, incoming: int, outgoing: int, *, most: int) -> None:
        """File descriptors; no letter larger than `most` bytes is taken in."""
        self._incoming, self._outgoing, self._most = incoming, outgoing, most
        self._sending = threading.Lock()
        self._open = True

    def send(self, letter: Letter) -> None:
        """Raises OSError where the other side is gone."""
        text = json.dumps(_CODEC.to_data(letter.message)).encode()
        head = _HEAD.pack(letter.number, len(text), len(letter.body), letter.resident)
        with self._sending:
            if not self._open:
                raise BrokenPipeError
            _write(self._outgoing, head + text)
            if letter.body:
                _write(self._outgoing, letter.body)

    def receive(self) -> Letter | None:
        """The next letter, or None where the other side is gone. Raises BrokenLetter."""
        head = self._read(_HEAD.size)
        if head is None:
            return None
        number, text_size, body_size, resident = _HEAD.unpack(head)
        if text_size + body_size > self._most:
            raise BrokenLetter("too large")
        text, body = self._read(text_size), self._read(body_size)
        if text is None or body is None:
            return None
        try:
            return Letter(number, _CODEC.from_data(json.loads(text)), bytes(body), resident)
        except (SerialError, ValueError, TypeError, KeyError) as error:
            raise BrokenLetter(type(error).__name__) from None

    def close(self) -> None:
        """Closes both pipes; nothing may be receiving. Later letters raise OSError and reach no other file."""
        with self._sending:
            if self._open:
                self._open = False
                os.close(self._incoming)
                os.close(self._outgoing)

    def _read(self, size: int) -> bytearray | None:
        got = bytearray()
        while len(got) < size:
            try:
                chunk = os.read(self._incoming, min(_CHUNK, size - len(got)))
            except OSError:
                return None
            if not chunk:
                return None
            got += chunk
        return got


def _write(target: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(target, left) :]
