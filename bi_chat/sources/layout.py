"""In: the first rows of a sheet or text file. Out: where the header stands, and what the columns are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bi_chat.sources.dates import looks_like_date
from bi_chat.sources.numbers import looks_like_number
from bi_chat.sources.report import CHANGED, DOUBT, Message, shorten

Row = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """`skip` rows come before the header, which takes `header_rows` (0, 1 or 2) rows; `headers` may hold blanks."""

    skip: int
    header_rows: int
    headers: tuple[str, ...]
    messages: tuple[Message, ...] = ()

    @property
    def body_start(self) -> int:
        """Index of the first row of data."""
        return self.skip + self.header_rows


def find_layout(rows: Sequence[Row], width: int) -> Layout:
    """Header position among the first rows of a table of `width` columns.

    Titles above the header have one filled cell; a second header line fills the gaps of the first with words above
    numbers; there is no header when the first row already looks like the rows below it.
    """
    skip = _title_rows(rows, width)
    body = rows[skip:]
    messages: list[Message] = []
    if any(_filled(r) for r in rows[:skip]):
        text = f"{skip} line{'s' * (skip > 1)} above the header ({_quote(rows[:skip])}) left out."
        messages.append(Message(CHANGED, "lines_above_header", text, line=1))
    if not body:
        return Layout(skip, 0, ("",) * width, tuple(messages))
    if _is_data(body[0], body[1:]):
        text = "The first line looks like data, not like column names; columns are called column_1, column_2 and so on."
        return Layout(skip, 0, ("",) * width, (*messages, Message(DOUBT, "no_header", text, line=skip + 1)))
    if len(body) > 2 and _two_lines(body[0], body[1], body[2:]):
        headers = _joined(_padded(body[0], width), _padded(body[1], width))
        text = f'The header takes two lines; they were joined to names such as "{shorten(headers[-1])}".'
        return Layout(skip, 2, headers, (*messages, Message(DOUBT, "two_header_lines", text, line=skip + 1)))
    return Layout(skip, 1, _padded(body[0], width), tuple(messages))


def _filled(row: Row) -> int:
    return sum(1 for c in row if c and c.strip())


def _padded(row: Row, width: int) -> tuple[str, ...]:
    return tuple((row[i] or "").strip() if i < len(row) else "" for i in range(width))


def _quote(rows: Sequence[Row]) -> str:
    first = next((c for r in rows for c in r if c and c.strip()), "")
    return f'"{shorten(first)}"'


def _title_rows(rows: Sequence[Row], width: int) -> int:
    counts = [_filled(r) for r in rows[:60]]
    usual = median([c for c in counts if c] or [0])
    if width < 2 or usual < 2:
        return next((i for i, c in enumerate(counts) if c), 0)
    few = 2 if usual >= 5 else 1
    for index, count in enumerate(counts[:30]):
        if count > few:
            # a sparse first row that the next one completes is a header of two lines, not a title
            return index
    return 0


def _is_data(first: Row, rest: Sequence[Row]) -> bool:
    sample = [r for r in rest[:50] if _filled(r)]
    typed = hits = 0
    for index, cell in enumerate(first):
        below = [v for v in (r[index] if index < len(r) else None for r in sample) if v and v.strip()]
        if not below or sum(_typed(v) for v in below) < 0.8 * len(below):
            continue
        typed += 1
        hits += bool(cell and _typed(cell))
    return typed > 0 and hits == typed and not _years_ahead(first, sample)


def _typed(cell: str) -> bool:
    return looks_like_number(cell) or looks_like_date(cell)


def _years_ahead(first: Row, sample: Sequence[Row]) -> bool:
    # "Region, 2023, 2024": years as column names above numbers that are no years
    heads = [i for i, c in enumerate(first) if c and _typed(c)]
    if not all(_is_year(first[i]) for i in heads):
        return False
    below = [r[i] for r in sample for i in heads if i < len(r) and r[i]]
    return sum(_is_year(v) for v in below) < 0.5 * max(1, len(below))


def _is_year(cell: str | None) -> bool:
    text = (cell or "").strip()
    return len(text) == 4 and text.isdecimal() and 1900 <= int(text) <= 2100


def _two_lines(top: Row, second: Row, rest: Sequence[Row]) -> bool:
    width = max(len(top), len(second))
    upper, lower = _padded(top, width), _padded(second, width)
    gaps = [i for i in range(width) if not upper[i] and lower[i]]
    if not gaps or not any(upper[i] and lower[i] for i in range(width)):
        return False
    if any(looks_like_number(c) and not _is_year(c) for c in lower if c) or not any(lower):
        return False
    below = [c for r in rest[:20] for i, c in enumerate(r) if i < width and lower[i] and c]
    return bool(below) and sum(_typed(c) for c in below) >= 0.6 * len(below)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    names, carried = [], ""
    for top, bottom in zip(upper, lower, strict=True):
        carried = top or carried
        names.append(f"{carried} {bottom}".strip() if bottom else top)
    return tuple(names)
