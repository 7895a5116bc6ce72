"""In: an access and the names of the data. Out: what its user sees, as lines for the person who wrote the policy."""

from __future__ import annotations

from collections.abc import Iterator

from bi_chat.semantics.ossie.fault import listed
from bi_chat.sql.policy.names import Names
from bi_chat.values.catalog import Table
from bi_chat.values.policy import Access, Mask, Right, TableAccess


def seen_in_words(access: Access, names: Names) -> Iterator[str]:
    """One paragraph for each table; what is not there comes last."""
    yield f"{access.user} sees {len(access.tables)} of {len(names.catalog.tables)} tables."
    for table in names.catalog.tables:
        seen = access.table(table.name)
        if seen is not None:
            yield f"\n{table.name}"
            yield from (f"  {line}" for line in _table(seen, table))
    hidden = [t.name for t in names.catalog.tables if access.table(t.name) is None]
    if hidden:
        yield f"\nDoes not exist: {listed(hidden, 30)}"
    if access.metrics is not None:
        yield f"Metrics: {listed(sorted(access.metrics), 30) or 'none'}"


def _table(seen: TableAccess, table: Table) -> Iterator[str]:
    for right in seen.rights:
        alone = len(seen.rights) == 1
        yield f"{'' if alone else '+ '}{_rows(right)}: {_fields(right, table)}"
    hidden = [c.name for c in table.columns if c.name not in seen.columns]
    if hidden:
        yield f"fields that do not exist: {listed(hidden, 30)}"
    if seen.groups is not None:
        by = listed(seen.groups.dimensions, 30) or "nothing: totals only"
        yield f"only figures about at least {seen.groups.least} different {seen.groups.person}, by {by}"


def _rows(right: Right) -> str:
    return f"rows where {right.rows}" if right.rows else "all rows"


def _fields(right: Right, table: Table) -> str:
    clear = [name for name, mask in right.columns if mask is None]
    masks = [f"{name} ({_mask(mask)})" for name, mask in right.columns if mask is not None]
    said = "all fields" if len(clear) == len(table.columns) else listed(clear, 30) or "no field in clear"
    return f"{said}; masked: {listed(masks, 30)}" if masks else said


def _mask(mask: Mask) -> str:
    if mask.kind == "partial":
        return f"last {mask.keep} characters"
    if mask.kind == "bucket":
        return f"by {mask.grain}" if mask.grain else f"in steps of {mask.width:g}"
    return "empty" if mask.kind == "null" else mask.kind
