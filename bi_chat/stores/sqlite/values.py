"""In: the values of a model. Out: a `ValueIndex` in a file: made once for a state of the data, read by every process.

Two million values take gigabytes and minutes as dictionaries, and a few thousand are a third of a second at each start.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bi_chat.semantics.forms import Key
from bi_chat.semantics.known_values import JOINED, MOST_HOLDERS, Entry, Form, keep_best, spellable
from bi_chat.semantics.targets import Kind, Target

_LOG = logging.getLogger(__name__)
VERSION = 1
_BETWEEN = "\x1f"  # in no token
_BATCH = 50_000

_LOADING = """
CREATE TABLE value (
  id INTEGER PRIMARY KEY, dataset TEXT, field TEXT, value TEXT, phrase TEXT, score REAL, key TEXT, written TEXT);
CREATE TEMP TABLE keys (key TEXT, value INT, whole INT);
CREATE TEMP TABLE joins (word TEXT, value INT);
CREATE TEMP TABLE parts (word TEXT, value INT);
CREATE TABLE spelt (length INT, word TEXT, PRIMARY KEY (length, word)) WITHOUT ROWID;
"""
_SORTING = """
CREATE TABLE exact (key TEXT, value INT, whole INT, PRIMARY KEY (key, value, whole)) WITHOUT ROWID;
CREATE TABLE joined (word TEXT, value INT, PRIMARY KEY (word, value)) WITHOUT ROWID;
CREATE TABLE part (word TEXT, value INT, PRIMARY KEY (word, value)) WITHOUT ROWID;
CREATE TABLE holders (word TEXT PRIMARY KEY, many INT) WITHOUT ROWID;
INSERT OR IGNORE INTO exact SELECT key, value, whole FROM keys ORDER BY key, value, whole;
INSERT OR IGNORE INTO joined SELECT word, value FROM joins ORDER BY word, value;
INSERT OR IGNORE INTO part SELECT word, value FROM parts ORDER BY word, value;
INSERT INTO holders SELECT word, count(*) FROM part GROUP BY word;
CREATE TABLE meta (size INT, version INT);
"""

_FOUND = "v.dataset, v.field, v.value, v.phrase, v.score, v.key, v.written"
_EXACT = f"""
SELECT e.key, e.whole, {_FOUND} FROM json_each(?) AS j
CROSS JOIN exact AS e ON e.key = j.value CROSS JOIN value AS v ON v.id = e.value
"""  # noqa: S608
_JOINED = f"""
SELECT e.word, 0, {_FOUND} FROM json_each(?) AS j
CROSS JOIN joined AS e ON e.word = j.value CROSS JOIN value AS v ON v.id = e.value
"""  # noqa: S608
_HOLDING = f"""
SELECT e.word, 0, {_FOUND} FROM json_each(?) AS j
CROSS JOIN holders AS h ON h.word = j.value AND h.many <= {MOST_HOLDERS}
CROSS JOIN part AS e ON e.word = h.word CROSS JOIN value AS v ON v.id = e.value
"""  # noqa: S608
_KNOWN = """
SELECT EXISTS (SELECT 1 FROM exact WHERE key = $1) OR EXISTS (SELECT 1 FROM part WHERE word = $1)
  OR EXISTS (SELECT 1 FROM joined WHERE word = $1)
"""
Row = tuple[str, int, str, str, str, str, float, str, str]


def write_values(forms: Iterable[Form], file: Path, *, progress: Callable[[int], None] | None = None) -> None:
    """Makes the file, or nothing: it appears when it is whole. `progress` is told how many are in. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{threading.get_ident():x}.part")
    part.unlink(missing_ok=True)
    at = sqlite3.connect(part, isolation_level=None)
    try:
        at.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;" + _LOADING)
        size, waiting, count = 0, iter(forms), 0
        while batch := list(islice(waiting, _BATCH)):
            size += _write(at, batch, count)
            count += len(batch)
            if progress is not None:
                progress(count)
        at.executescript(_SORTING)
        at.execute("INSERT INTO meta VALUES (?, ?)", (size, VERSION))
        at.close()
        part.replace(file)
    except sqlite3.Error as error:
        raise OSError(str(error)) from None
    finally:
        at.close()
        part.unlink(missing_ok=True)


def _write(at: sqlite3.Connection, batch: Sequence[Form], first: int) -> int:
    at.execute("BEGIN")
    at.executemany("INSERT INTO value VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _values(batch, first))
    keys = [(_BETWEEN.join(k), n, k is form.key) for n, form in enumerate(batch, first) for k, _ in form.keys]
    at.executemany("INSERT INTO keys VALUES (?, ?, ?)", keys)
    joins = ((form.joined, n) for n, form in enumerate(batch, first) if form.joined)
    at.executemany("INSERT INTO joins VALUES (?, ?)", joins)
    parts = ((word, n) for n, form in enumerate(batch, first) for word in form.parts)
    at.executemany("INSERT INTO parts VALUES (?, ?)", parts)
    words = {word for form in batch for word in form.keys[0][1] if spellable(word)}
    at.executemany("INSERT OR IGNORE INTO spelt VALUES (?, ?)", ((len(w), w) for w in words))
    at.execute("COMMIT")
    return len(keys)


def _values(batch: Sequence[Form], first: int) -> Iterator[tuple[int, str, str, str, str, float, str, str]]:
    for n, form in enumerate(batch, first):
        key, written = _BETWEEN.join(form.key), _BETWEEN.join(form.keys[0][1])
        yield n, form.dataset, form.field, form.value, form.phrase, form.score, key, written


class SqliteValues:
    """Reads such a file. Raises OSError when it is none, or one of another version.

    `again` writes the file anew: a place that is damaged deep inside shows only when it is read, in the middle of a
    question, which is then answered from the new file.
    """

    def __init__(self, file: Path, again: Callable[[], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._file, self._again = file, again
        self._counts: dict[str, int] = {}
        self._open()

    def _open(self) -> None:
        file = self._file
        try:
            address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
            self._at = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._size, version = self._at.execute("SELECT size, version FROM meta").fetchone()
        except (sqlite3.Error, TypeError) as error:
            raise OSError(str(error)) from None
        if version != VERSION:
            raise OSError("made by another version")

    @property
    def size(self) -> int:
        """How many keys there are, about."""
        return int(self._size)

    def exact(self, keys: Collection[Key]) -> Mapping[Key, Sequence[tuple[Target, Entry]]]:
        """Values that are said by just these stems."""
        wanted = {_BETWEEN.join(k): k for k in keys}
        found: dict[Key, dict[Target, Entry]] = defaultdict(dict)
        for row in self._rows(_EXACT, wanted):
            written = _words(row[8]) if row[1] else ()
            keep_best(found[wanted[row[0]]], _target(row), (row[6], "value", row[5], written))
        return {k: tuple(v.items()) for k, v in found.items()}

    def joined(self, words: Collection[str]) -> Mapping[str, Sequence[tuple[Target, Entry]]]:
        """Values whose words, written as one, are these."""
        found: dict[str, dict[Target, Entry]] = defaultdict(dict)
        for row in self._rows(_JOINED, words):
            keep_best(found[row[0]], _target(row), (JOINED, "value", row[5], ()))
        return {w: tuple(v.items()) for w, v in found.items()}

    def holding(self, words: Collection[str]) -> Mapping[str, Sequence[tuple[Target, Key]]]:
        """Values that a word is a part of, where these are not too many."""
        found: dict[str, dict[tuple[Target, Key], None]] = defaultdict(dict)
        for row in self._rows(_HOLDING, words):
            found[row[0]][_target(row), _words(row[7])] = None
        return {w: tuple(v) for w, v in found.items()}

    def count(self, word: str) -> int:
        """How many values a word is a part of."""
        known = self._counts.get(word)
        if known is None:
            row = self._one("SELECT many FROM holders WHERE word = ?", word)
            known = self._counts[word] = int(row[0]) if row is not None else 0
        return known

    def knows(self, stem: str) -> bool:
        """Whether a word is a value or a part of one."""
        row = self._one(_KNOWN, stem)
        return bool(row and row[0])

    def spelt(self, length: int) -> Sequence[str]:
        """The words of that many letters, as written."""
        return [w for (w,) in self._read("SELECT word FROM spelt WHERE length = ?", length)]

    def _rows(self, statement: str, words: Iterable[str]) -> list[Row]:
        return self._read(statement, json.dumps(list(words)))

    def _one(self, statement: str, word: str) -> tuple[int, ...] | None:
        found: list[tuple[int, ...]] = self._read(statement, word)
        return found[0] if found else None

    def _read(self, statement: str, wanted: str | int) -> list[Any]:
        with self._lock:
            try:
                return self._at.execute(statement, (wanted,)).fetchall()
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                again, self._again = self._again, None  # a file that is bad again at once is no accident
                if again is None:
                    raise OSError(f"The kept values can't be read: {error}") from None
                _LOG.warning("The kept values were damaged and are made again.")
                self._at.close()
                again()
                self._open()
                return self._at.execute(statement, (wanted,)).fetchall()


def _target(row: Row) -> Target:
    return Target(Kind.VALUE, row[2], row[3], row[4])


def _words(text: str) -> Key:
    return tuple(text.split(_BETWEEN))
