"""In: a semantic model. Out: for each metric the dataset whose rows it goes over."""

from __future__ import annotations

from bi_chat.semantics.model import MetricDefinition, SemanticModel
from bi_chat.sql.joins import reachable


def metric_homes(model: SemanticModel) -> dict[str, str]:
    """Metric name → its finest dataset ('' when it has none)."""
    return {m.name: _home(m, model) for m in model.metrics}


def _home(metric: MetricDefinition, model: SemanticModel) -> str:
    from bi_chat.sql.expressions import parse_metric

    parsed = parse_metric(metric.expression)
    named = [c.dataset for a in parsed.aggregates for c in a.columns if c.dataset]
    datasets = [d.name for n in dict.fromkeys(named) if (d := model.dataset(n)) is not None]
    for one in datasets:
        if all(other in reachable(model, one) for other in datasets):
            return one
    return datasets[0] if datasets else ""


def number_fields(model: SemanticModel) -> frozenset[tuple[str, str]]:
    """Dataset and field of every field that holds numbers to order or aggregate."""
    return frozenset(
        (d.name, f.name)
        for d in model.datasets
        for f in d.fields
        if f.kind in ("measure", "number") and f.datatype in ("Integer", "Decimal", "Float")
    )


def flag_fields(model: SemanticModel) -> frozenset[tuple[str, str]]:
    """Dataset and field of every field that says yes or no."""
    return frozenset((d.name, f.name) for d in model.datasets for f in d.fields if f.kind == "flag")


def time_fields(model: SemanticModel) -> frozenset[tuple[str, str]]:
    """Dataset and field of every date or time."""
    return frozenset((d.name, f.name) for d in model.datasets for f in d.fields if f.is_time)
