"""In: tables as drafting sees them. Out: the primary key of each, declared or guessed, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from bi_chat.semantics.drafting.hints import hints
from bi_chat.semantics.drafting.kinds import additivity_of
from bi_chat.semantics.drafting.shapes import Shape, TableShape
from bi_chat.semantics.model import Guess

_SMALLEST = 0.5
_MOST_TRIES = 6
_SURELY_UNIQUE = 200


class Uniqueness(Protocol):
    """Asks the database whether these columns together are unique and never null in a table."""

    def __call__(self, table: str, columns: tuple[str, ...]) -> bool:
        """True when no two rows share the values."""
        ...


@dataclass(frozen=True)
class Key:
    """The columns that identify a row; `guess` is None when the database declared them."""

    columns: tuple[str, ...]
    guess: Guess | None = None


def draft_keys(tables: tuple[TableShape, ...], *, unique: Uniqueness | None = None) -> Mapping[str, Key]:
    """Primary keys by table name; tables without a believable key are absent.

    A key of several columns is only given when `unique` confirms it: profiles can't.
    """
    found: dict[str, Key] = {}
    subjects = {t.words for t in tables}
    for table in tables:
        key = _declared(table) or _single(table, subjects) or (_several(table, unique) if unique else None)
        if key:
            found[table.name] = key
    return found


def _declared(table: TableShape) -> Key | None:
    return Key(table.table.primary_key) if table.table.primary_key else None


def _single(table: TableShape, subjects: set[tuple[str, ...]]) -> Key | None:
    bridge = _is_bridge(table, subjects)
    scored = [
        (_score(c, table, subjects), -c.position, c)
        for c in table.columns
        if _may_be_key(c) and not (bridge and c.seen < _SURELY_UNIQUE)
    ]
    if not scored:
        return None
    score, _, column = max(scored, key=lambda s: s[:2])
    if score < _SMALLEST:
        return None
    if column.profile is None or not column.profile.sampled:
        return Key((column.name,), Guess(f"{column.name} is named like the key of {table.name}; no rows to check", 0.6))
    seen = f"{column.name} is unique in {column.seen} rows and never empty"
    return Key((column.name,), Guess(f"{seen}; {_reason(column, table)}", min(0.97, score)))


def _is_bridge(table: TableShape, subjects: set[tuple[str, ...]]) -> bool:
    """Two references lead the table and no key of its own: one of them may be unique by chance, not by rule."""
    leading = table.columns[:2]
    foreign = len(leading) == 2 and leading[0].subject in subjects
    return foreign and all(c.is_key_name and c.subject and not _is_own(c, table, subjects) for c in leading)


def _is_own(column: Shape, table: TableShape, subjects: set[tuple[str, ...]]) -> bool:
    """Whether a key-named column is about this table: bears its name, its initials or a part of it."""
    if column.subject in (table.words, ()):
        return True
    short = column.subject[0]
    if len(column.subject) == 1 and (short == "".join(w[0] for w in table.words) or table.words[0].startswith(short)):
        return column.subject not in subjects
    return bool(set(column.subject) & set(table.words)) and column.subject not in subjects


def _may_be_key(column: Shape) -> bool:
    if column.key_family not in ("integer", "text"):
        return False
    if column.profile is None or not column.profile.sampled:
        return column.is_key_name or column.position == 0
    return column.is_unique


def _score(column: Shape, table: TableShape, subjects: set[tuple[str, ...]]) -> float:
    """How much the name and place say that this unique column is the key rather than unique by chance."""
    first = column.position == 0
    own = column.subject == table.words or not column.subject
    if column.is_key_name and own:
        # a bare `number` or `code` further right is often an attribute that happens to be unique
        generic = not column.subject and column.singular[-1] not in ("id", "ids", "key", "uuid", "guid", "编号", "标识")
        return 0.98 if first or not generic else 0.7
    if column.is_key_name:
        other_table = column.subject in subjects
        related = _is_own(column, table, subjects)
        score = 0.8 + 0.1 * first + 0.05 * related - 0.2 * other_table
        return score if first or related or other_table else score - 0.35
    return _unnamed_score(column, table, first=first)


def _unnamed_score(column: Shape, table: TableShape, *, first: bool) -> float:
    """A unique column without a key word: believed when it stands first and is text, or bears the table's name."""
    if column.singular == table.words:
        return 0.75
    if not first:
        return 0.0
    if column.singular[0] in hints("partial_names") and len(column.singular) > 1:
        return 0.0
    few = column.seen < 5
    if column.family == "text":
        return 0.45 if few else 0.6
    # a measure that stands first and happens to be unique identifies nothing
    return 0.0 if few or additivity_of(column) else 0.5


def _reason(column: Shape, table: TableShape) -> str:
    if column.is_key_name and column.subject in (table.words, ()):
        return "its name says that it is the key of this table"
    return "its name is that of a key" if column.is_key_name else "it is the first column"


def _several(table: TableShape, unique: Uniqueness) -> Key | None:
    """The first few key-like columns together, when the database confirms that they are unique."""
    likely = [c for c in table.columns if _part_of_key(c)][:4]
    tries = [pair for size in (2, 3) for pair in combinations(likely, size) if _room(pair)]
    for columns in tries[:_MOST_TRIES]:
        names = tuple(c.name for c in columns)
        if unique(table.name, names):
            text = f"{' and '.join(names)} together are unique in {columns[0].seen} rows"
            return Key(names, Guess(text, 0.8))
    return None


def _part_of_key(column: Shape) -> bool:
    named = column.is_key_name or column.position < 2
    fits = column.key_family in ("integer", "text", "date", "timestamp")
    return named and fits and bool(column.profile and column.profile.sampled and not column.profile.nulls)


def _room(columns: tuple[Shape, ...]) -> bool:
    """Whether there are enough distinct combinations for every row."""
    product = 1
    for c in columns:
        product *= c.profile.distinct if c.profile else 1
    return columns[0].seen > 0 and product >= columns[0].seen
