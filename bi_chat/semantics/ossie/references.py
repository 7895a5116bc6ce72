"""In: the nodes of one model and perhaps a catalog. Out: doubled names, names that lead nowhere, bad expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bi_chat.semantics.ossie.document import Path
from bi_chat.semantics.ossie.expressions import Expression, chosen, read_expression
from bi_chat.semantics.ossie.extension import place, said
from bi_chat.semantics.ossie.fault import listed, nearest
from bi_chat.semantics.ossie.reading import Node, nodes, physical_table, texts
from bi_chat.semantics.ossie.structure import Misfit
from bi_chat.values.catalog import Catalog


@dataclass(frozen=True)
class _Known:
    """What a dataset offers: its fields, and the columns of its table (None when nobody can tell)."""

    name: str
    fields: tuple[str, ...]
    columns: tuple[str, ...] | None
    in_expressions: frozenset[str]
    key_columns: frozenset[str]

    def has(self, name: str) -> bool:
        """Whether a field or column of that name exists; True where nobody can tell."""
        lower = name.lower()
        if lower in {f.lower() for f in self.fields}:
            return True
        if self.columns is not None:
            return lower in {c.lower() for c in self.columns}
        return not self.fields or lower in self.in_expressions or lower in self.key_columns

    @property
    def names(self) -> tuple[str, ...]:
        """All names to suggest from."""
        return tuple(dict.fromkeys((*self.fields, *(self.columns or ()))))


def reference_misfits(model: Node, path: Path, catalog: Catalog | None = None) -> Iterator[Misfit]:
    """Every doubled name, unknown dataset, field or column, and unreadable expression of one model."""
    known = {k.name.lower(): k for _, d in nodes(model, "datasets") if (k := _known(d, catalog)).name}
    for part in ("datasets", "relationships", "metrics"):
        yield from _doubled(model, part, path)
    for i, dataset in nodes(model, "datasets"):
        yield from _dataset(dataset, (*path, "datasets", i), known, catalog)
    for i, relationship in nodes(model, "relationships"):
        yield from _relationship(relationship, (*path, "relationships", i), known)
    for i, metric in nodes(model, "metrics"):
        yield from _metric(metric, (*path, "metrics", i), known)


def _known(node: Node, catalog: Catalog | None) -> _Known:
    fields = [f for _, f in nodes(node, "fields")]
    table = catalog.table(physical_table(str(node.get("source", "")))) if catalog else None
    named = frozenset(name.lower() for f in fields for _, name in _read(f).columns)
    return _Known(
        name=str(node.get("name", "")),
        fields=tuple(str(f["name"]) for f in fields if isinstance(f.get("name"), str)),
        columns=tuple(c.name for c in table.columns) if table else None,
        in_expressions=named,
        # keys name columns of the table, which need not be fields; without a catalog they are taken at their word
        key_columns=frozenset(k.lower() for k in (*texts(node, "primary_key"), *_unique_columns(node))),
    )


def _unique_columns(node: Node) -> tuple[str, ...]:
    unique = node.get("unique_keys")
    keys = unique if isinstance(unique, Sequence) and not isinstance(unique, str) else ()
    return tuple(name for key in keys for name in texts({"key": key}, "key"))


def _read(node: Node) -> Expression:
    dialect, text, _ = chosen(node.get("expression"))
    return read_expression(text, dialect) if text else Expression("")


def _doubled(parent: Node, part: str, path: Path) -> Iterator[Misfit]:
    seen: dict[str, int] = {}
    for i, node in nodes(parent, part):
        name = node.get("name")
        if not isinstance(name, str):
            continue
        first = seen.setdefault(name.lower(), i)
        if first != i:
            what = part.removesuffix("s")
            yield Misfit(
                (*path, part, i, "name"),
                f"The name {name} is used by another {what} before.",
                "Names match without regard to case; rename one of them.",
            )


# ------------------------------------------------------------------ datasets
def _dataset(node: Node, path: Path, known: Mapping[str, _Known], catalog: Catalog | None) -> Iterator[Misfit]:
    own = known.get(str(node.get("name", "")).lower())
    yield from _source(node, path, catalog)
    yield from _doubled(node, "fields", path)
    if own is None:
        return
    for name in texts(node, "primary_key"):
        yield from _column(name, own, (*path, "primary_key"), "The primary key")
    for name in _unique_columns(node):
        yield from _column(name, own, (*path, "unique_keys"), "A unique key")
    for i, field in nodes(node, "fields"):
        yield from _field(field, (*path, "fields", i), own)
    extension = said(node)
    for key in ("default_time", "display"):
        value = extension.get(key)
        if isinstance(value, str) and value:
            yield from _spoken_field(value, own, known, place(node, path), f"The {key} of {own.name}")


def _source(node: Node, path: Path, catalog: Catalog | None) -> Iterator[Misfit]:
    source = str(node.get("source", "")).strip()
    if " " in source and source.lower().startswith(("select", "with", "(")):
        problem = f"The source of {node.get('name')} is a query."
        yield Misfit((*path, "source"), problem, "Name a table; make the query a view in the database first.")
    elif catalog and source and catalog.table(physical_table(source)) is None:
        tables = [t.name for t in catalog.tables]
        hint = nearest(physical_table(source), tables) or f"There are {listed(tables)}."
        yield Misfit((*path, "source"), f"The database has no table {physical_table(source)}.", hint)


def _field(node: Node, path: Path, own: _Known) -> Iterator[Misfit]:
    read, where = _checked(node, path)
    if read.problem:
        yield Misfit(where, read.problem, read.suggestion)
        return
    if read.aggregates:
        problem = f"The field {node.get('name')} holds an aggregate."
        yield Misfit(where, problem, "Fields belong to a row; make it a metric.")
    for table, name in read.columns:
        if table and table.lower() != own.name.lower():
            problem = f"The field {node.get('name')} names {table}.{name}, which is not in its own dataset."
            yield Misfit(where, problem, "Fields use columns of their own table; declare a relationship for others.")
        elif own.columns is not None and name.lower() not in _spoken_by_others(str(node.get("name", "")), own):
            yield Misfit(where, f"The table of {own.name} has no column {name}.", nearest(name, own.columns))


def _spoken_by_others(field: str, own: _Known) -> set[str]:
    """What a field's expression may name: columns and other fields. Its own name vouches for no column."""
    return {*(c.lower() for c in own.columns or ()), *(f.lower() for f in own.fields if f.lower() != field.lower())}


def _checked(node: Node, path: Path) -> tuple[Expression, Path]:
    dialect, text, place = chosen(node.get("expression"))
    where = (*path, "expression", "dialects", place, "expression")
    return (read_expression(text, dialect) if text else Expression("")), where


def _column(name: str, of: _Known, path: Path, what: str) -> Iterator[Misfit]:
    if not of.has(name):
        hint = nearest(name, of.names) or f"{of.name} has {listed(of.names)}."
        yield Misfit(path, f"{what} names {name}, which {of.name} does not have.", hint)


def _spoken_field(
    value: str, own: _Known | None, known: Mapping[str, _Known], path: Path, what: str
) -> Iterator[Misfit]:
    """A field said as `field` or `dataset.field`."""
    dataset, _, name = value.rpartition(".")
    of = known.get(dataset.lower()) if dataset else own
    if of is None:
        hint = nearest(dataset, (k.name for k in known.values()))
        yield Misfit(path, f"{what} names the dataset {dataset or value}, which does not exist.", hint)
    else:
        yield from _column(name, of, path, what)


# ------------------------------------------------------------------ relationships and metrics
def _relationship(node: Node, path: Path, known: Mapping[str, _Known]) -> Iterator[Misfit]:
    for end in ("from", "to"):
        name = node.get(end)
        columns = texts(node, f"{end}_columns")
        if not isinstance(name, str) or not name:
            continue
        of = known.get(name.lower())
        if of is None:
            hint = _or_listed(name, (k.name for k in known.values()))
            yield Misfit((*path, end), f"The relationship {node.get('name')} names {name}, which is no dataset.", hint)
            continue
        for column in columns:
            yield from _column(column, of, (*path, f"{end}_columns"), f"The relationship {node.get('name')}")
    ends = texts(node, "from_columns"), texts(node, "to_columns")
    if all(ends) and len(ends[0]) != len(ends[1]):
        problem = f"from_columns has {len(ends[0])} columns and to_columns has {len(ends[1])}."
        yield Misfit((*path, "to_columns"), problem, "They are matched in order and must be equally many.")


def _or_listed(name: str, names: Iterable[str]) -> str:
    choices = list(names)
    return nearest(name, choices) or f"Known are {listed(choices)}."


def _metric(node: Node, path: Path, known: Mapping[str, _Known]) -> Iterator[Misfit]:
    read, where = _checked(node, path)
    if read.problem:
        yield Misfit(where, read.problem, read.suggestion)
        return
    if read.text and not read.aggregates:
        problem = f"The metric {node.get('name')} does not aggregate."
        yield Misfit(where, problem, "Wrap the columns in SUM, COUNT, AVG or another aggregate.")
    for table, name in read.columns:
        yield from _metric_column(table, name, str(node.get("name")), where, known)
    extension = said(node)
    as_of = extension.get("as_of")
    spans = [as_of.get("start"), as_of.get("end")] if isinstance(as_of, Mapping) else []
    for value in (extension.get("time"), *spans):
        if isinstance(value, str) and value:
            what = f"The time of the metric {node.get('name')}"
            yield from _spoken_field(value, None, known, place(node, path), what)


def _metric_column(table: str, name: str, metric: str, path: Path, known: Mapping[str, _Known]) -> Iterator[Misfit]:
    if table:
        of = known.get(table.lower())
        if of is None:
            hint = _or_listed(table, (k.name for k in known.values()))
            yield Misfit(path, f"The metric {metric} names {table}, which is no dataset.", hint)
        else:
            yield from _column(name, of, path, f"The metric {metric}")
        return
    owners = [k.name for k in known.values() if name.lower() in {n.lower() for n in k.names}]
    if len(owners) == 1:
        return
    if owners:
        hint = f"Write {owners[0]}.{name} or {owners[1]}.{name}."
        yield Misfit(path, f"The metric {metric} names {name}, which {listed(owners)} all have.", hint)
    else:
        hint = nearest(name, (f"{k.name}.{n}" for k in known.values() for n in k.names))
        yield Misfit(path, f"The metric {metric} names {name}, which no dataset has.", hint)
