"""In: tables with their keys. Out: which column refers to which key: declared ones first, then guesses with evidence.

Example: `tickets.reporterUserId` refers to `users.userId`. Difficulty: names vary (suffix, abbreviation, role in
front) and equal ranges prove nothing. Rule: a name must speak for the reference, the values must allow it; each column
gets its best target. Candidates come from dictionaries of names: the cost grows with the columns, not with their pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bi_chat.semantics.drafting.candidates import Candidate, Index, build_index, candidates
from bi_chat.semantics.drafting.fit import Containment, fit
from bi_chat.semantics.drafting.keys import Key
from bi_chat.semantics.drafting.shapes import Shape, TableShape
from bi_chat.semantics.model import Guess, Relationship
from bi_chat.semantics.vocabulary import is_chinese
from bi_chat.values.catalog import ForeignKey

__all__ = ["Containment", "draft_relationships"]

_ENOUGH = 0.6


def draft_relationships(
    tables: tuple[TableShape, ...],
    keys: Mapping[str, Key],
    declared: tuple[ForeignKey, ...] = (),
    *,
    contains: Containment | None = None,
) -> tuple[Relationship, ...]:
    """Declared references without a guess, then guessed ones that reach a confidence of 0.6."""
    by_name = {t.name.lower(): t for t in tables}
    out = [r for fk in declared if (r := _from_declared(fk, by_name, keys))]
    taken = {(fk.table.lower(), c.lower()) for fk in declared for c in fk.columns}
    index = build_index(tables, keys)
    for table in tables:
        for column in table.columns:
            if (table.name.lower(), column.name.lower()) not in taken and _may_refer(column, table, index):
                out.extend(_best(column, table, index, contains))
    return _without_circles(out)


def _from_declared(fk: ForeignKey, tables: Mapping[str, TableShape], keys: Mapping[str, Key]) -> Relationship | None:
    source, target = tables.get(fk.table.lower()), tables.get(fk.to_table.lower())
    if source is None or target is None:
        return None
    columns = [source.column(c) for c in fk.columns]
    role = _role(columns[0], target, fk.to_columns[0]) if len(columns) == 1 and columns[0] else ""
    own = keys.get(source.name)
    same = own is not None and {c.lower() for c in own.columns} == {c.lower() for c in fk.columns}
    return Relationship(
        name=_name(source.name, fk.columns, target.name),
        from_dataset=source.name,
        to_dataset=target.name,
        from_columns=fk.columns,
        to_columns=fk.to_columns,
        role=role,
        one_to_one=same,
    )


def _may_refer(column: Shape, table: TableShape, index: Index) -> bool:
    """The table's own key refers to nothing, unless it is named after something else (a table of details)."""
    if column.key_family not in ("integer", "text"):
        return False
    own = index.primary.get(table.name)
    home = own is not None and own.column.name == column.name
    return not (home and column.subject in (table.words, ()))


def _best(column: Shape, table: TableShape, index: Index, contains: Containment | None) -> Iterator[Relationship]:
    found: dict[tuple[str, str], tuple[float, Candidate, str]] = {}
    for candidate in candidates(column, table, index):
        target = candidate.target
        if target.table.name == table.name and target.column.name == column.name:
            continue
        values = fit(column, target.column, contains)
        if values is None:
            continue
        score = min(0.97, candidate.score + values.bonus - (0.08 if not values.checked else 0))
        where = (target.table.name, target.column.name)
        if where not in found or found[where][0] < score:
            found[where] = (score, candidate, values.evidence)
    if not found:
        return
    ranked = sorted(found.values(), key=lambda f: -f[0])
    score, candidate, evidence = ranked[0]
    if score >= _ENOUGH and (len(ranked) == 1 or score - ranked[1][0] > 0.001 or candidate.score >= 0.8):
        yield _relationship(column, table, candidate, Guess(f"{candidate.reason}; {evidence}", round(score, 2)), index)


def _relationship(column: Shape, table: TableShape, of: Candidate, guess: Guess, index: Index) -> Relationship:
    own = index.primary.get(table.name)
    unique = (own is not None and own.column.name == column.name) or (column.is_unique and column.seen >= 50)
    return Relationship(
        name=_name(table.name, (column.name,), of.target.table.name),
        from_dataset=table.name,
        to_dataset=of.target.table.name,
        from_columns=(column.name,),
        to_columns=(of.target.column.name,),
        role=_role(column, of.target.table, of.target.column.name),
        one_to_one=unique and of.target.table.name != table.name,
        guess=guess,
    )


def _role(column: Shape, target: TableShape, key: str) -> str:
    """What the reference is called when that differs from the target: home_store_id → "home store"."""
    said = column.subject or column.singular
    found = target.column(key)
    if said == target.words or (found and (said == found.subject or column.singular == found.singular)):
        return ""
    return ("" if is_chinese("".join(said)) else " ").join(said)


def _name(source: str, columns: tuple[str, ...], target: str) -> str:
    return "_".join((source, *columns, target))


def _without_circles(found: list[Relationship]) -> tuple[Relationship, ...]:
    """Of two guesses that are each other's reverse the surer stays."""
    best: dict[frozenset[tuple[str, tuple[str, ...]]], Relationship] = {}
    for r in found:
        ends = frozenset({(r.from_dataset, r.from_columns), (r.to_dataset, r.to_columns)})
        if ends not in best or _confidence(r) > _confidence(best[ends]):
            best[ends] = r
    return tuple(r for r in found if r in best.values())


def _confidence(r: Relationship) -> float:
    return r.guess.confidence if r.guess else 1.0
