"""In: what a policy's engine shows, the whole catalog, the access. Out: the catalog that its user's statements meet.

Columns, types and counts are the views' own. Keys and comments come from the data, as far as every column they are
about is there in clear: a key of masked values would promise joins that don't hold.
"""

from __future__ import annotations

from dataclasses import replace

from bi_chat.values.catalog import Catalog, ColumnProfile, ForeignKey, Table, TableProfile
from bi_chat.values.policy import Access, TableAccess


def visible_catalog(shown: Catalog, whole: Catalog, access: Access) -> Catalog:
    """Tables with all their visible columns, masked ones too: what the guard resolves names against."""
    tables = tuple(_table(t, whole.table(t.name), seen) for t in shown.tables if (seen := access.table(t.name)))
    fingerprint = f"{shown.fingerprint}-{access.fingerprint}"
    return Catalog(tables, _foreign(whole, access), fingerprint, whole.name)


def clear_catalog(visible: Catalog, access: Access) -> Catalog:
    """The same without masked columns: what a model may be made from."""
    tables = tuple(
        replace(t, columns=tuple(c for c in t.columns if c.name not in set(_seen(access, t).masked)))
        for t in visible.tables
    )
    return Catalog(tuple(t for t in tables if t.columns), visible.foreign_keys, visible.fingerprint, visible.name)


def open_profile(profile: TableProfile, table: Table) -> TableProfile:
    """A profile without what single rows say, where a table answers only in groups."""
    rule = table.groups
    if rule is None:
        return profile
    columns = (c if c.column in rule.dimensions else _without_values(c) for c in profile.columns)
    return TableProfile(profile.table, tuple(columns))


def _without_values(column: ColumnProfile) -> ColumnProfile:
    return replace(column, low=None, high=None, values=(), values_complete=False)


def _table(shown: Table, whole: Table | None, seen: TableAccess) -> Table:
    if whole is None:
        return shown
    clear = set(seen.columns) - set(seen.masked)
    comments = {c.name: c.comment for c in whole.columns if c.name in clear}
    return replace(
        shown,
        columns=tuple(replace(c, comment=comments.get(c.name, "")) for c in shown.columns),
        primary_key=whole.primary_key if clear >= set(whole.primary_key) else (),
        unique_keys=tuple(key for key in whole.unique_keys if clear >= set(key)),
        comment=whole.comment,
        groups=seen.groups,
    )


def _foreign(whole: Catalog, access: Access) -> tuple[ForeignKey, ...]:
    def clear(table: str, columns: tuple[str, ...]) -> bool:
        seen = access.table(table)
        return seen is not None and set(seen.columns) - set(seen.masked) >= set(columns)

    return tuple(k for k in whole.foreign_keys if clear(k.table, k.columns) and clear(k.to_table, k.to_columns))


def _seen(access: Access, table: Table) -> TableAccess:
    return access.table(table.name) or TableAccess(table.name, ())
