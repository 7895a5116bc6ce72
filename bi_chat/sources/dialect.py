"""In: the first lines of a delimited text file. Out: how it is delimited and quoted."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
_NONE = "\x1f"
_LABELS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", _NONE: "nothing"}
_SAMPLE_CHARS = 1 << 20
_SAMPLE_RECORDS = 300

# cells longer than this are beyond any table; the reader stops there instead of filling the memory
MAX_CELL = 16_000_000
csv.field_size_limit(MAX_CELL)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`escape`: the quote itself when quotes are doubled, else a backslash; `hint_line`: a "sep=;" line comes first."""

    delimiter: str
    escape: str = '"'
    hint_line: bool = False

    @property
    def label(self) -> str:
        """The delimiter in words."""
        return _LABELS[self.delimiter]


@dataclass(frozen=True, slots=True)
class Record:
    """One parsed record and the physical line (from 1) on which it ends."""

    cells: tuple[str, ...]
    last_line: int


def sniff_dialect(path: Path) -> Dialect:
    """The delimiter that cuts most records into equally many fields; a comma when the file has one column."""
    with path.open("r", encoding="utf-8", errors="replace", newline="") as file:
        sample = file.read(_SAMPLE_CHARS)
    hint = re.match(r"sep=([,;\t|])\r?\n", sample, re.IGNORECASE)
    if hint:
        return Dialect(hint.group(1), _escape(sample), hint_line=True)
    lines = sample.splitlines(keepends=True)
    scores = [(_score(lines, d), -i, d) for i, d in enumerate(DELIMITERS)]
    best, _, delimiter = max(scores)
    return Dialect(delimiter if best > 0 else _of_header(lines), _escape(sample))


def _of_header(lines: list[str]) -> str:
    """The delimiter of a header above irregular rows; one that never occurs when the header names a single column."""
    header = next((line for line in lines if line.strip()), "")
    counts = {d: len(next(csv.reader([header], delimiter=d), [])) for d in DELIMITERS}
    best = max(DELIMITERS, key=lambda d: counts[d])
    return best if counts[best] > 1 else _NONE


def _escape(sample: str) -> str:
    return "\\" if '\\"' in sample and '""' not in sample else '"'


def _score(lines: list[str], delimiter: str) -> float:
    try:
        records = list(itertools.islice(csv.reader(lines, delimiter=delimiter), _SAMPLE_RECORDS))
    except csv.Error:
        return 0.0
    counts = [len(r) for r in records if any(c.strip() for c in r)]
    # titles above the header have one field whatever the delimiter
    titles = next((i for i, n in enumerate(counts[:10]) if n > 1), 0)
    counts = counts[titles:] if len(counts) - titles > 1 else counts
    if not counts:
        return 0.0
    mode, hits = Counter(counts).most_common(1)[0]
    share = hits / len(counts)
    starts_well = counts[0] == mode and not titles
    if mode == 1 or share < (0.4 if starts_well else 0.7):
        return 0.0
    return share + 0.5 * starts_well + 0.01 * min(mode, 40)


def first_records(path: Path, dialect: Dialect, limit: int = 200) -> list[Record]:
    """The first records of the file, blank ones included, so that line numbers stay true."""
    with path.open("r", encoding="utf-8", errors="replace", newline="") as file:
        reader = make_reader(itertools.islice(file, 5000), dialect)
        try:
            return [Record(tuple(cells), reader.line_num) for cells in itertools.islice(reader, limit)]
        except csv.Error:
            return []


def make_reader(lines: object, dialect: Dialect) -> csv._reader:  # type: ignore[name-defined]
    """A lenient csv reader for the dialect over an iterable of lines."""
    doubled = dialect.escape == '"'
    return csv.reader(
        lines,  # type: ignore[arg-type]
        delimiter=dialect.delimiter,
        doublequote=doubled,
        escapechar=None if doubled else "\\",
    )
