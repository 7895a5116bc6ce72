"""In: a semantic model and one user's access. Out: the model of the world that user lives in.

What is hidden goes with all that is said about it: label, description, synonyms, values. What is masked keeps its names
alone (kind `masked`), so that a question about it can be told so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bi_chat.semantics.model import MASKED, Dataset, Field, MetricDefinition, Relationship, SemanticModel
from bi_chat.semantics.ossie.expressions import read_expression
from bi_chat.values.catalog import TableProfile
from bi_chat.values.policy import Access, TableAccess

_AGGREGATED = ("measure", "number")


def cut_model(model: SemanticModel, access: Access) -> SemanticModel:
    """The datasets, fields, relationships and metrics that the user may see in clear, with nothing masked."""
    cut = _Cut(model, access)
    datasets = tuple(found for d in model.datasets if (found := cut.dataset(d)).fields)
    names = {d.name.lower() for d in datasets}
    relationships = tuple(r for r in model.relationships if cut.relationship(r, names))
    metrics = tuple(m for m in model.metrics if cut.metric(m))
    whole = (datasets, relationships, metrics) == (model.datasets, model.relationships, model.metrics)
    return replace(
        model,
        datasets=datasets,
        relationships=relationships,
        metrics=metrics,
        # words about everything may speak of what is hidden
        description=model.description if whole else "",
        instructions=model.instructions if whole else "",
        _index={},
    )


def with_masked(own: SemanticModel, whole: SemanticModel, access: Access) -> SemanticModel:
    """The user's model with the names of the fields that are masked for them."""
    cut = _Cut(whole, access)
    datasets = []
    for dataset in own.datasets:
        source = whole.dataset(dataset.name)
        names = {f.name.lower() for f in dataset.fields}
        fields = cut.masked(source) if source is not None else ()
        added = tuple(f for f in fields if f.name.lower() not in names)
        datasets.append(replace(dataset, fields=(*dataset.fields, *added), _index={}))
    return replace(own, datasets=tuple(datasets), _index={})


def with_seen_values(model: SemanticModel, access: Access, profiles: Mapping[str, TableProfile]) -> SemanticModel:
    """The model without values that a file lists and this user's rows don't hold."""
    datasets = []
    for dataset in model.datasets:
        seen = access.table(dataset.source)
        if seen is not None and (seen.filtered or seen.groups is not None or len(seen.rights) > 1):
            profile = next((p for name, p in profiles.items() if name.lower() == dataset.source.lower()), None)
            fields = tuple(_with_seen(f, profile) for f in dataset.fields)
            dataset = replace(dataset, fields=fields, _index={})
        datasets.append(dataset)
    return replace(model, datasets=tuple(datasets), _index={})


def with_groups(model: SemanticModel, access: Access) -> SemanticModel:
    """Where a table answers in groups only: what is no dimension can't pick, group, join or date its rows."""
    rules = {d.name.lower(): seen.groups for d in model.datasets if (seen := access.table(d.source)) and seen.groups}
    if not rules:
        return model
    dimensions = {name: {d.lower() for d in rule.dimensions} for name, rule in rules.items()}

    def usable(dataset: str, field: str) -> bool:
        found = model.field(dataset, field)
        names = _lower(_columns(found)) if found is not None else {field.lower()}
        return dataset.lower() not in rules or dimensions[dataset.lower()] >= names

    def dated(name: str) -> str:
        dataset, _, field = name.rpartition(".")
        return name if not name or usable(dataset, field) else ""

    datasets = []
    for dataset in model.datasets:
        if dataset.name.lower() in rules:
            fields = tuple(
                f
                if usable(dataset.name, f.name) or f.kind in _AGGREGATED
                else Field(f.name, f.expression, kind=MASKED, label=f.label, synonyms=f.synonyms)
                for f in dataset.fields
            )
            time = dataset.default_time
            kept = dated(time if "." in time or not time else f"{dataset.name}.{time}") and time
            dataset = replace(dataset, fields=fields, default_time=kept, display="", _index={})
        datasets.append(dataset)
    relationships = tuple(
        r
        for r in model.relationships
        if all(usable(r.from_dataset, c) for c in r.from_columns) and all(usable(r.to_dataset, c) for c in r.to_columns)
    )
    metrics = tuple(replace(m, time=dated(m.time)) for m in model.metrics)
    return replace(model, datasets=tuple(datasets), relationships=relationships, metrics=metrics, _index={})


def _with_seen(field: Field, profile: TableProfile | None) -> Field:
    columns = _columns(field)
    found = profile.column(columns[0]) if profile is not None and len(columns) == 1 else None
    held = set(found.values) if found is not None else set()
    return replace(
        field,
        values=tuple(v for v in field.values if v in held),
        value_synonyms=tuple(pair for pair in field.value_synonyms if pair[0] in held),
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    model: SemanticModel
    access: Access

    def dataset(self, dataset: Dataset) -> Dataset:
        seen = self.access.table(dataset.source)
        fields = tuple(f for f in dataset.fields if seen is not None and _clear(seen) >= _lower(_columns(f)))
        clear = {f.name.lower() for f in fields} | (_clear(seen) if seen is not None else set())
        return replace(
            dataset,
            fields=fields,
            primary_key=dataset.primary_key if clear >= _lower(dataset.primary_key) else (),
            unique_keys=tuple(key for key in dataset.unique_keys if clear >= _lower(key)),
            display=dataset.display if dataset.display.lower() in clear else "",
            default_time=dataset.default_time if self.named(dataset.name, dataset.default_time) else "",
            _index={},
        )

    def masked(self, dataset: Dataset) -> tuple[Field, ...]:
        seen = self.access.table(dataset.source)
        if seen is None:
            return ()
        visible = {c.lower() for c in seen.columns}
        return tuple(
            Field(f.name, f.expression, kind=MASKED, label=f.label, synonyms=f.synonyms, sensitivity=f.sensitivity)
            for f in dataset.fields
            if visible >= _lower(_columns(f)) and not _clear(seen) >= _lower(_columns(f))
        )

    def relationship(self, found: Relationship, datasets: set[str]) -> bool:
        return (
            {found.from_dataset.lower(), found.to_dataset.lower()} <= datasets
            and all(self.clear(found.from_dataset, c) for c in found.from_columns)
            and all(self.clear(found.to_dataset, c) for c in found.to_columns)
        )

    def metric(self, metric: MetricDefinition) -> bool:
        """Whether the metric is granted and all it is made from is seen in clear."""
        if self.access.metrics is not None and metric.name.lower() not in self.access.metrics:
            return False
        used = [
            f"{dataset}.{name}" if dataset else name for dataset, name in read_expression(metric.expression).columns
        ]
        used += [name for name in (metric.time, *(metric.as_of or ())) if name]
        return bool(used) and all(self.named("", name) for name in used)

    def named(self, home: str, name: str) -> bool:
        """Whether `dataset.field`, or a field of `home` (of any dataset without one), is seen in clear."""
        dataset, _, field = name.rpartition(".")
        if not name:
            return True
        homes = [dataset or home] if dataset or home else [d.name for d in self.model.datasets]
        return any(self.clear(h, field) for h in homes)

    def clear(self, dataset: str, name: str) -> bool:
        """Whether a field or column of a dataset is seen in clear."""
        found = self.model.dataset(dataset)
        seen = self.access.table(found.source) if found is not None else None
        if found is None or seen is None:
            return False
        field = found.field(name)
        return _clear(seen) >= (_lower(_columns(field)) if field is not None else {name.lower()})


def _columns(field: Field) -> tuple[str, ...]:
    text = field.expression.strip()
    return tuple(dict.fromkeys(n for _, n in read_expression(text).columns)) if text else (field.name,)


def _clear(seen: TableAccess) -> set[str]:
    masked = set(seen.masked)
    return {c.lower() for c in seen.columns if c not in masked}


def _lower(names: tuple[str, ...]) -> set[str]:
    return {n.lower() for n in names}
