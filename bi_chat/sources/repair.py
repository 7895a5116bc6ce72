"""In: delimited text that the fast reader would not take whole. Out: a regular copy, and which lines were mended.

The copy has exactly the wanted number of fields and the physical line of each record in a last field, so that every
later message can name the line.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bi_chat.errors import SourceError
from bi_chat.sources.dialect import Dialect, make_reader
from bi_chat.sources.numbers import looks_like_number
from bi_chat.sources.report import DOUBT, Message, name_lines, shorten

# a quoted cell over more lines than this is taken for a quote that never closes
MAX_CELL_LINES = 5000
_SENTINEL = "\x1e end of input \x1e"


@dataclass(slots=True)
class Repaired:
    """Tally of a repair; line lists count physical lines from 1."""

    path: Path
    rows: int = 0
    short: list[int] = field(default_factory=list)
    long: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    open_quotes: list[int] = field(default_factory=list)
    extra: str = ""

    def messages(self) -> tuple[Message, ...]:
        """What was done, as sentences that name the lines."""
        found = []
        ragged = sorted([*self.short, *self.long])
        if ragged:
            extra = f' Surplus values such as "{shorten(self.extra, 30)}" were not loaded.' if self.long else ""
            text = f"Too few or too many fields: {name_lines(ragged)}. Missing fields became empty.{extra}"
            found.append(Message(DOUBT, "ragged_rows", text, line=ragged[0]))
        if self.left_out:
            text = (
                f"Rows left out because their fields do not fit the columns: {name_lines(self.left_out)}. "
                "A delimiter inside a value may lack its quotes."
            )
            found.append(Message(DOUBT, "rows_left_out", text, line=self.left_out[0]))
        if self.open_quotes:
            text = (
                f"A quote opens and never closes: {name_lines(self.open_quotes)}. It was read as an ordinary character."
            )
            found.append(Message(DOUBT, "open_quote", text, line=self.open_quotes[0]))
        return tuple(found)


def repair(source: Path, target: Path, *, dialect: Dialect, width: int, skip_lines: int) -> Repaired:
    """Copy the records after `skip_lines` physical lines to `target`, each with `width` fields and its line number."""
    done = Repaired(target)
    numeric = _numeric_columns(source, dialect, width, skip_lines)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for line, cells in _records(source, dialect, skip_lines, done):
            if not any(cells):
                continue
            fitted = cells if len(cells) == width else _fit(cells, width, line, numeric, done)
            if fitted is not None:
                writer.writerow([*fitted, line])
                done.rows += 1
    return done


def _fit(cells: list[str], width: int, line: int, numeric: frozenset[int], done: Repaired) -> list[str] | None:
    if len(cells) > width and not any(c.strip() for c in cells[width:]):
        return cells[:width]
    kept = cells[:width] + [""] * (width - len(cells))
    # words under a numeric column betray that the fields moved: loading them would put values where they do not belong
    if any(kept[i].strip() and not looks_like_number(kept[i]) for i in numeric):
        done.left_out.append(line)
        return None
    if len(cells) < width:
        done.short.append(line)
    else:
        done.long.append(line)
        done.extra = done.extra or dialect_join(cells[width:])
    return kept


def dialect_join(cells: list[str]) -> str:
    """Surplus cells as one text for a message."""
    return ", ".join(c for c in cells if c.strip())


def _numeric_columns(source: Path, dialect: Dialect, width: int, skip_lines: int) -> frozenset[int]:
    seen: Counter[int] = Counter()
    numbers: Counter[int] = Counter()
    regular = 0
    for _, cells in _records(source, dialect, skip_lines, Repaired(source)):
        if len(cells) != width:
            continue
        regular += 1
        for index, cell in enumerate(cells):
            if cell.strip():
                seen[index] += 1
                numbers[index] += looks_like_number(cell)
        if regular >= 200:
            break
    return frozenset(i for i, n in seen.items() if numbers[i] >= 0.9 * n)


@dataclass(slots=True)
class _Feed:
    """Hands lines to the csv reader and keeps those of the record in progress, to take them back."""

    lines: Iterator[str]
    number: int
    pending: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    ended: bool = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.pending) > MAX_CELL_LINES:
            raise StopIteration
        if self.again:
            line = self.again.pop()
        else:
            line = next(self.lines, "")
            if not line:
                if self.ended:
                    raise StopIteration
                self.ended = True
                return _SENTINEL
        self.pending.append(line)
        self.number += 1
        return line

    def accept(self) -> None:
        """The record is whole: forget its lines."""
        self.pending.clear()

    def take_back(self) -> str:
        """Undo the record in progress but for its first line, which comes back."""
        first, *rest = self.pending
        self.again.extend(reversed(rest))
        self.number -= len(rest)
        self.pending.clear()
        self.ended = False
        return first


def _records(source: Path, dialect: Dialect, skip_lines: int, done: Repaired) -> Iterator[tuple[int, list[str]]]:
    with source.open("r", encoding="utf-8", errors="replace", newline="") as file:
        for _ in range(skip_lines):
            file.readline()
        feed = _Feed(file, skip_lines)
        while True:
            start = feed.number + 1
            stuck = yield from _run(feed, dialect, start)
            if not stuck:
                return
            first = feed.take_back()
            done.open_quotes.append(feed.number)
            yield feed.number, first.rstrip("\r\n").split(dialect.delimiter)


def _run(feed: _Feed, dialect: Dialect, start: int) -> Generator[tuple[int, list[str]], None, bool]:
    """Records until the end (returns False) or until a quote does not close (returns True)."""
    reader = make_reader(feed, dialect)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return bool(feed.pending)
        except csv.Error as fault:
            raise SourceError(f"Line {start:,} can't be read as a table row ({fault}).") from fault
        if cells == [_SENTINEL]:
            return False
        if feed.ended or len(feed.pending) > MAX_CELL_LINES:
            return True
        yield start, cells
        start += len(feed.pending)
        feed.accept()
