"""In: a catalog and its profiles. Out: a semantic model for data that nobody modelled, each guess with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bi_chat.semantics import naming
from bi_chat.semantics.drafting.fit import Containment
from bi_chat.semantics.drafting.hints import ends_with, hints
from bi_chat.semantics.drafting.joins import draft_relationships
from bi_chat.semantics.drafting.keys import Key, Uniqueness, draft_keys
from bi_chat.semantics.drafting.kinds import kind_of
from bi_chat.semantics.drafting.shapes import NUMERIC, Shape, TableShape, datatype, shapes
from bi_chat.semantics.drafting.times import business_time, time_format
from bi_chat.semantics.model import Dataset, Field, Guess, Relationship, SemanticModel
from bi_chat.values.catalog import Catalog, TableProfile

_KEPT_VALUES = 50_000


def draft_model(
    catalog: Catalog,
    profiles: Mapping[str, TableProfile],
    *,
    contains: Containment | None = None,
    unique: Uniqueness | None = None,
) -> SemanticModel:
    """A model of every table, by names, types, declared keys and profiles (by table name).

    `contains` and `unique`, where given, let the database confirm guessed references and keys of several columns.
    No metrics are drafted: measures are fields, row counts are the datasets themselves.
    """
    tables = shapes(catalog, profiles)
    keys = draft_keys(tables, unique=unique)
    relationships = draft_relationships(tables, keys, catalog.foreign_keys, contains=contains)
    datasets = {t.name: _dataset(t, keys.get(t.name), relationships) for t in tables}
    dated = _inherit_time(tables, datasets, relationships)
    return SemanticModel(
        name=catalog.name or "model",
        datasets=tuple(dated[t.name] for t in tables),
        relationships=relationships,
        drafted=True,
    )


def _dataset(table: TableShape, key: Key | None, relationships: tuple[Relationship, ...]) -> Dataset:
    keyed = {c.lower() for c in (key.columns if key else ())}
    keyed |= {c.lower() for r in relationships if r.from_dataset == table.name for c in r.from_columns}
    people = bool(table.words and table.words[-1] in hints("people"))
    formats = {c.name: time_format(c) for c in table.columns}
    fields = tuple(
        _field(c, table, is_key=c.name.lower() in keyed, fmt=formats[c.name], people=people) for c in table.columns
    )
    if not any(f.is_time for f in fields):
        fields = tuple(_without_time(f) for f in fields)
    times = [(c, fmt) for c in table.columns if (fmt := formats[c.name]) is not None and c.name.lower() not in keyed]
    return Dataset(
        name=table.name,
        source=table.name,
        primary_key=key.columns if key else (),
        unique_keys=table.table.unique_keys,
        fields=fields,
        label=naming.label(table.name.rsplit(".", 1)[-1]),
        description=table.table.comment,
        default_time=business_time(times, table.words),
        display=display_of(table, keyed, {c.lower() for c in (key.columns if key else ())}),
        rows=table.table.rows,
        guess=_dataset_guess(key),
    )


def _without_time(field: Field) -> Field:
    """A level in a table without dates is known once for each row: there is no time to add it over."""
    if field.additivity != "semi":
        return field
    return replace(field, additivity="additive", default_aggregate="sum")


def _dataset_guess(key: Key | None) -> Guess:
    if key is None:
        return Guess("no column identifies its rows", 0.5)
    return key.guess or Guess(f"the database declares the key {' and '.join(key.columns)}", 1.0)


def _field(column: Shape, table: TableShape, *, is_key: bool, fmt: str | None, people: bool) -> Field:
    fmt = None if is_key and (fmt or column.family in NUMERIC) else fmt
    kind = kind_of(column, is_key=is_key, time_format=fmt, people=people)
    profile = column.profile
    return Field(
        name=column.name,
        expression=quoted(column.name),
        datatype=datatype(column.column.type),
        kind=kind.kind,
        is_time=kind.kind == "time",
        label=naming.label(column.name, prefix=table.prefix),
        description=column.column.comment,
        # what a key is about is asked for by that name where no table bears it: "by store" over store_id
        synonyms=(" ".join(column.subject),) if kind.kind == "key" and not is_key and column.subject else (),
        additivity=kind.additivity,
        unit=kind.unit,
        format=kind.format,
        time_format=fmt or "",
        sensitivity=kind.sensitivity,
        default_aggregate=kind.default_aggregate,
        distinct=profile.distinct if profile else None,
        unique=bool(profile and profile.unique),
        nulls=profile.nulls > 0 if profile and profile.sampled else column.column.nullable,
        low=profile.low if profile else None,
        high=profile.high if profile else None,
        values=profile.values[:_KEPT_VALUES] if profile and column.family == "text" else (),
        guess=Guess(_evidence(kind.sensitivity), 0.7),
    )


def _evidence(sensitivity: str) -> str:
    found = "by its name, type and values"
    return f"{found}, which look like {sensitivity.replace('_', ' ')}" if sensitivity else found


def quoted(name: str) -> str:
    """An identifier as DuckDB reads it whatever letters it holds."""
    return '"' + name.replace('"', '""') + '"'


def display_of(table: TableShape, keyed: set[str], own: set[str]) -> str:
    """The field that names a row to a person: a name or title, else a unique text or code; '' when there is none."""
    texts = [c for c in table.columns if c.family == "text"]
    ranked = sorted(((_display_rank(c, table, keyed - own), c.position, c.name) for c in texts), key=lambda r: r[:2])
    if ranked and ranked[0][0] < 9:
        return ranked[0][2]
    return ""


def _display_rank(column: Shape, table: TableShape, keyed: set[str]) -> int:
    """Lower is better; 9 is unfit."""
    said = column.singular
    referring = column.name.lower() in keyed
    if ends_with(said, hints("names")):
        own = tuple(w for w in said[:-1] if w not in ("full", "display")) in ((), table.words, table.words[-1:])
        partial = said[0] in hints("partial_names") and len(said) > 1
        return 6 if referring else 4 if partial else 0 if own else 3
    if referring:
        return 9
    if said == table.words:
        return 1
    if column.is_unique and column.seen >= 5 and column.profile and column.profile.mean_length <= 40:
        return 5 if not ends_with(said, hints("codes")) else 8
    return 9


def _adds_up(dataset: Dataset) -> bool:
    """Whether rows hold amounts or quantities: what belongs to a visit, and is no state of it."""
    return any(f.kind == "measure" and f.additivity == "additive" for f in dataset.fields)


def _inherit_time(
    tables: tuple[TableShape, ...], datasets: dict[str, Dataset], relationships: tuple[Relationship, ...]
) -> dict[str, Dataset]:
    """Lines without a date of their own take that of the order they belong to (`order_items` → orders.order_date)."""
    out = dict(datasets)
    for table in tables:
        if datasets[table.name].default_time:
            continue
        lines = set(table.words) & hints("line_words")
        for r in relationships:
            whole = datasets.get(r.to_dataset)
            if r.from_dataset != table.name or whole is None or not whole.default_time or "." in whole.default_time:
                continue
            words = tuple(naming.singular(w) for w in naming.words(r.to_dataset))
            begins = len(words) < len(table.words) and table.words[: len(words)] == words
            if (lines and set(words) & set(table.words) - hints("line_words")) or (
                begins and _adds_up(datasets[table.name])
            ):
                out[table.name] = replace(datasets[table.name], default_time=f"{whole.name}.{whole.default_time}")
                break
    return out
