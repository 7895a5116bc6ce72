"""In: a question about the data. Out: what there is, in words, from the model alone."""

from __future__ import annotations

from bi_chat.semantics.model import Dataset, SemanticModel

WORDS = {
    "en": {
        "tables": "I know these tables",
        "measures": "Measures",
        "rows": "rows",
        "by": "by time",
        "refers": "It refers to",
        "means": "means",
        "calculated": "is calculated as",
        "values": "for example",
        "same": "also called",
        "none": "There is nothing of that name here.",
    },
    "zh": {
        "tables": "这里有以下数据",
        "measures": "指标",
        "rows": "行",
        "by": "时间字段",
        "refers": "它关联到",
        "means": "的含义",
        "calculated": "的计算方式",
        "values": "例如",
        "same": "也叫",
        "none": "这里没有这个名称。",
    },
}


def about(what: tuple[str, str], model: SemanticModel, language: str) -> str:
    """ "about" lists tables or a table's fields; "define" says what a name means and how it is computed."""
    words = WORDS.get(language, WORDS["en"])
    _, target = what
    if not target:
        return _everything(model, words)
    kind, dataset, name = target.split(":", 2)
    if kind == "metric":
        return _metric(name, model, words)
    found = model.dataset(dataset)
    if found is None:
        return words["none"]
    return _dataset(found, model, words) if kind == "dataset" else _field(found, name, words)


def _everything(model: SemanticModel, words: dict[str, str]) -> str:
    lines = [f"{words['tables']}:"]
    for d in model.datasets:
        rows = f" ({d.rows:,} {words['rows']})" if d.rows else ""
        about_it = f": {d.description}" if d.description else ""
        lines.append(f"- {d.label or d.name}{rows}{about_it}")
    if model.metrics:
        lines.append(f"{words['measures']}: " + ", ".join(m.label or m.name for m in model.metrics))
    return "\n".join(lines)


def _dataset(found: Dataset, model: SemanticModel, words: dict[str, str]) -> str:
    lines = [f"{found.label or found.name}" + (f": {found.description}" if found.description else "")]
    for field in found.fields:
        examples = (
            f" ({words['values']} {', '.join(field.values[:3])})" if field.values and field.kind == "category" else ""
        )
        said = f": {field.description}" if field.description else ""
        lines.append(f"- {field.label or field.name}{said}{examples}")
    linked = [r.to_dataset for r in model.relationships if r.from_dataset == found.name]
    if linked:
        lines.append(f"{words['refers']}: " + ", ".join(dict.fromkeys(linked)))
    return "\n".join(lines)


def _metric(name: str, model: SemanticModel, words: dict[str, str]) -> str:
    metric = model.metric(name)
    if metric is None:
        return words["none"]
    lines = [f"{metric.label or metric.name}" + (f": {metric.description}" if metric.description else "")]
    lines.append(f"{words['calculated']}: {metric.expression}")
    if metric.synonyms:
        lines.append(f"{words['same']}: " + ", ".join(metric.synonyms))
    return "\n".join(lines)


def _field(found: Dataset, name: str, words: dict[str, str]) -> str:
    field = found.field(name)
    if field is None:
        return words["none"]
    said = field.description or f"{field.label or field.name} ({found.label or found.name})"
    lines = [f"{field.label or field.name}: {said}"]
    if field.values and field.kind in ("category", "flag"):
        lines.append(f"{words['values']}: " + ", ".join(field.values[:8]))
    elif field.low is not None:
        lines.append(f"{field.low} – {field.high}")
    if field.synonyms:
        lines.append(f"{words['same']}: " + ", ".join(field.synonyms[:6]))
    return "\n".join(lines)
