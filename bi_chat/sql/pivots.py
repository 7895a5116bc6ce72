"""In: a statement with a PIVOT that lists no values. Out: the same with its values listed.

Example: `PIVOT orders ON status USING sum(amount)`. Difficulty: its columns are not known before it runs, so no guard
can read it. Rule: read the values first (a query like any other, guarded like any other), then write them as a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import Token

MOST_VALUES = 100
_CLAUSES = ("USING", "GROUP BY", "GROUP", "ORDER BY", "ORDER", "LIMIT", "OFFSET")
_AFTER = ("ORDER BY", "ORDER", "LIMIT", "OFFSET")

Ask = Callable[[str], tuple[str, ...] | None]


class TooManyValues(ValueError):
    """The PIVOT would make more columns than anybody reads."""


@dataclass(frozen=True, slots=True)
class _Pivot:
    """Places in the text: of PIVOT, of the source, of what stands ON, and where the pivot ends."""

    start: int
    source: tuple[int, int]
    on: tuple[int, int]
    items: tuple[tuple[int, int], ...]
    end: int
    top: bool


def with_listed_values(sql: str, ask: Ask) -> str | None:
    """The statement with the values of its one PIVOT listed; None where there is none to list or `ask` gets no answer.

    `ask` gives the first column of a query's rows, as texts. Raises TooManyValues.
    """
    tokens = _tokens(sql)
    pivots = [i for i, t in enumerate(tokens) if t.text.upper() == "PIVOT" and _is_word(t)]
    found = _pivot(sql, tokens, pivots[0]) if len(pivots) == 1 else None
    if found is None:
        return None
    ahead = sql[: found.start] if found.top else _ahead(sql, tokens, pivots[0])
    if ahead is None:
        return None
    items = []
    for start, end in found.items:
        item = sql[start:end].strip()
        values = ask(f"{ahead} {_values_query(item, sql[slice(*found.source)])}")
        if not values:
            return None
        if len(values) > MOST_VALUES:
            raise TooManyValues(f"This PIVOT makes more than {MOST_VALUES} columns.")
        listed = ", ".join("'" + v.replace("'", "''") + "'" for v in values)
        items.append(f"CAST({item} AS VARCHAR) IN ({listed})")
    written = sql[: found.on[0]] + " " + ", ".join(items) + " " + sql[found.on[1] :]
    if not found.top:
        return written
    moved = len(written) - len(sql)
    pivot, rest = written[found.start : found.end + moved], written[found.end + moved :]
    return f"{sql[: found.start]} SELECT * FROM ({pivot}) AS pivoted {rest}"  # noqa: S608 (guarded once more)


def _values_query(item: str, source: str) -> str:
    """The values as the engine itself would order them: as texts."""
    inner = f"SELECT DISTINCT CAST({item} AS VARCHAR) AS v FROM {source}"  # noqa: S608 (own words; the guard reads it)
    return f"SELECT found.v FROM ({inner}) AS found WHERE found.v IS NOT NULL ORDER BY found.v LIMIT {MOST_VALUES + 1}"  # noqa: S608


def _tokens(sql: str) -> list[Token]:
    from sqlglot import tokenize
    from sqlglot.errors import SqlglotError

    try:
        return tokenize(sql, dialect="duckdb")
    except SqlglotError:
        return []


def _is_word(token: Token) -> bool:
    return token.token_type.name not in ("STRING", "IDENTIFIER")


def _pivot(sql: str, tokens: list[Token], at: int) -> _Pivot | None:
    """The parts of a PIVOT whose every ON item lists no values; None for any other form."""
    level = list(_same_level(tokens, at + 1))
    on = next((i for i in level if tokens[i].text.upper() == "ON" and _is_word(tokens[i])), None)
    if on is None:
        return None
    rest = [i for i in level if i > on]
    stop = next((i for i in rest if _says(tokens[i], _CLAUSES)), None)
    after = next((i for i in rest if _says(tokens[i], _AFTER)), None)
    closed = level[-1] + 1 < len(tokens)
    end = tokens[level[-1]].end + 1
    edge = tokens[stop].start if stop is not None else end
    inside = [i for i in rest if tokens[i].start < edge]
    if not inside or any(_says(tokens[i], ("IN",)) for i in inside):
        return None
    commas = [i for i in inside if tokens[i].text == ","]
    starts = [tokens[on].end + 1, *(tokens[i].end + 1 for i in commas)]
    ends = [*(tokens[i].start for i in commas), edge]
    source = (tokens[at].end + 1, tokens[on].start)
    last = tokens[after].start if after is not None and not closed else end
    items = tuple(zip(starts, ends, strict=True))
    return _Pivot(tokens[at].start, source, (starts[0], edge), items, last, not closed)


def _same_level(tokens: list[Token], start: int) -> Iterator[int]:
    """Places of all tokens up to the bracket or semicolon that ends this level; those inside brackets stand for it."""
    depth = 0
    for i in range(start, len(tokens)):
        text = tokens[i].text if _is_word(tokens[i]) else ""
        if text in (")", "]", "}"):
            depth -= 1
            if depth < 0:
                return
        if depth == 0 and text == ";":
            return
        if depth == 0:
            yield i
        if text in ("(", "[", "{"):
            depth += 1


def _ahead(sql: str, tokens: list[Token], at: int) -> str | None:
    """The WITH clause that a PIVOT in brackets may draw on: all before the statement's own SELECT or FROM."""
    level = list(_same_level(tokens, 0))
    if not _says(tokens[level[0]], ("WITH",)):
        return ""
    main = next((i for i in level[1:] if _says(tokens[i], ("SELECT", "FROM"))), None)
    return sql[: tokens[main].start] if main is not None and main < at else None


def _says(token: Token, words: tuple[str, ...]) -> bool:
    return _is_word(token) and token.text.upper() in words
