"""In: a model from a file, a catalog, profiles. Out: the same model, filled from the data where the file is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bi_chat.semantics.drafting import draft_model
from bi_chat.semantics.model import Dataset, Field, Relationship, SemanticModel
from bi_chat.semantics.ossie.expressions import read_expression
from bi_chat.values.catalog import Catalog, TableProfile

_NUMBERS = frozenset({"Integer", "Decimal", "Float"})


def enrich(model: SemanticModel, catalog: Catalog, profiles: Mapping[str, TableProfile]) -> SemanticModel:
    """Fill kinds, types, value lists, bounds, labels and display fields; a word of the file always wins.

    Primary keys and relationships are added only to a file that states none at all; they carry their guesses.
    """
    draft = draft_model(catalog, profiles)
    by_source = {d.source.lower(): d for d in draft.datasets}
    no_keys = not any(d.primary_key for d in model.datasets)
    summed = _summed(model)
    datasets = tuple(_dataset(d, by_source.get(d.source.lower()), summed, keys=no_keys) for d in model.datasets)
    relationships = model.relationships or _relationships(model, draft)
    return replace(model, datasets=datasets, relationships=relationships, _index={})


def _summed(model: SemanticModel) -> frozenset[tuple[str, str]]:
    """Fields that a metric of the file sums: its author says that they may be summed."""
    found = (pair for m in model.metrics for pair in read_expression(m.expression).summed if m.expression)
    return frozenset((d.lower(), f.lower()) for d, f in found)


def _dataset(own: Dataset, draft: Dataset | None, summed: frozenset[tuple[str, str]], *, keys: bool) -> Dataset:
    if draft is None:
        return own
    backing = {f.name: _column_of(f, draft) for f in own.fields}
    # the file may call a column otherwise, or leave it out
    called = {column.name.lower(): name for name, column in reversed(backing.items()) if column}
    if not own.fields:
        called = {f.name.lower(): f.name for f in draft.fields}
    adopt = not own.primary_key and keys and all(k.lower() in called for k in draft.primary_key)
    return replace(
        own,
        fields=tuple(
            _field(f, backing[f.name], is_summed=(own.name.lower(), f.name.lower()) in summed) for f in own.fields
        )
        or draft.fields,
        primary_key=draft.primary_key if adopt else own.primary_key,
        unique_keys=own.unique_keys or draft.unique_keys,
        label=own.label or (draft.label if own.name.lower() == draft.name.lower() else ""),
        description=own.description or draft.description,
        default_time=own.default_time or called.get(draft.default_time.lower(), ""),
        display=own.display or called.get(draft.display.lower(), ""),
        rows=draft.rows if own.rows is None else own.rows,
        guess=own.guess or (draft.guess if adopt else None),
        _index={},
    )


def _column_of(field: Field, draft: Dataset) -> Field | None:
    """The drafted field of the column that an expression simply names; None for anything computed."""
    text = field.expression.strip()
    if not text or text.lower() == field.name.lower():
        return draft.field(field.name)
    read = read_expression(text)
    plain = text.replace('"', "").split(".")[-1].strip()
    if len(read.columns) == 1 and plain.lower() == read.columns[0][1].lower():
        return draft.field(read.columns[0][1])
    return None


def _field(own: Field, draft: Field | None, *, is_summed: bool) -> Field:
    if draft is None:
        return _computed(own, is_summed=is_summed)
    silent = own.kind == "other"
    kind = own.kind if not silent else ("measure" if is_summed and draft.kind != "key" else draft.kind)
    forced = is_summed and draft.kind != "measure"
    return replace(
        own,
        datatype=own.datatype or draft.datatype,
        kind=kind,
        is_time=own.is_time or (silent and draft.is_time and own.datatype in ("", "String", "Integer")),
        label=own.label or draft.label,
        description=own.description or draft.description,
        additivity=own.additivity if not silent or forced else draft.additivity,
        unit=own.unit or draft.unit,
        format=own.format or draft.format,
        time_format=own.time_format or draft.time_format,
        sensitivity=own.sensitivity or draft.sensitivity,
        default_aggregate=own.default_aggregate or ("sum" if forced else draft.default_aggregate),
        distinct=draft.distinct,
        unique=draft.unique,
        nulls=draft.nulls,
        low=draft.low,
        high=draft.high,
        values=own.values or draft.values,
    )


def _computed(own: Field, *, is_summed: bool) -> Field:
    """A field that no single column backs: only its stated type tells what it is."""
    if own.kind != "other":
        return own
    if own.datatype in _NUMBERS:
        return replace(own, kind="measure" if is_summed else "number")
    return replace(own, kind="category") if own.datatype == "String" else own


def _relationships(model: SemanticModel, draft: SemanticModel) -> tuple[Relationship, ...]:
    """The drafted references between the datasets of the file, under the file's names."""
    names = {d.source.lower(): d for d in model.datasets}
    out: list[Relationship] = []
    for r in draft.relationships:
        source, target = names.get(r.from_dataset.lower()), names.get(r.to_dataset.lower())
        if source and target:
            out.append(replace(r, from_dataset=source.name, to_dataset=target.name))
    return tuple(out)
