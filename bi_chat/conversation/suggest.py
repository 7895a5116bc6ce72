"""In: the plan just answered, the model. Out: good next questions, each of which the planner can read."""

from __future__ import annotations

from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.values.analyses import Concentration, Segments, WhatIf
from bi_chat.values.issue import Suggestion
from bi_chat.values.plan import Aggregate, FieldRef, Metric, Plan, TimeBucket
from bi_chat.values.question import Question

SAY = {
    "en": {
        "by": "{m} by {d}",
        "month": "{m} by month",
        "top": "top 10 {d} by {m}",
        "year": "{m} this year",
        "then_by": "by {d}",
        "then_month": "by month",
        "before": "compare with the year before",
        "other_change": "and {c}?",
        "champions": "who are the champions?",
        "slipping": "who are the slipping ones?",
    },
    "zh": {
        "by": "各{d}的{m}",
        "month": "每月{m}",
        "top": "{m}最高的10个{d}",
        "year": "今年的{m}",
        "then_by": "按{d}",
        "then_month": "按月",
        "before": "和去年同期相比",
        "other_change": "那{c}呢？",
        "champions": "列出冠军客户",
        "slipping": "列出流失风险客户",
    },
}
MOST = 4


def next_questions(plan: Plan | None, model: SemanticModel, question: Question) -> tuple[Suggestion, ...]:
    """At most four."""
    say = SAY.get(question.language, SAY["en"])
    if plan is None or not plan.measures:
        return _starters(model, say)
    if isinstance(plan.analysis, WhatIf) and plan.analysis.moved is None and not plan.analysis.amount:
        other = 2 * (plan.analysis.factor - 1)
        return tuple(Suggestion(t, t) for t in (say["other_change"].format(c=f"{other:+.0%}"),) if other > -1)
    if isinstance(plan.analysis, Segments):
        return tuple(Suggestion(say[k], say[k]) for k in ("champions", "slipping"))
    found: list[str] = []
    used = {(d.of.dataset, d.of.field) for d in plan.dimensions if isinstance(d.of, FieldRef)}
    timed = isinstance(plan.analysis, Concentration) or any(isinstance(d.of, TimeBucket) for d in plan.dimensions)
    if not timed:
        found.append(say["then_month"])
    for dataset, field in _categories(model, _home(plan, model)):
        if (dataset.name, field.name) not in used and len(found) < 3:
            found.append(say["then_by"].format(d=field.label or field.name))
    if plan.window is not None and plan.comparison is None and plan.analysis is None and not timed:
        found.append(say["before"])
    return tuple(Suggestion(text, text) for text in found[:MOST])


def _starters(model: SemanticModel, say: dict[str, str]) -> tuple[Suggestion, ...]:
    found: list[str] = []
    for metric in model.metrics[:2]:
        name = metric.label or metric.name
        found.append(say["month"].format(m=name) if found else say["year"].format(m=name))
        home = metric.time.partition(".")[0]
        for dataset, field in _categories(model, home)[:1]:
            found.append(say["by"].format(m=name, d=field.label or field.name))
            _ = dataset
    if not found:
        for dataset in sorted(model.datasets, key=lambda d: -(d.rows or 0))[:3]:
            category = next((f for f in dataset.fields if f.kind == "category" and (f.distinct or 99) <= 30), None)
            if category is not None:
                found.append(say["by"].format(m=dataset.label or dataset.name, d=category.label or category.name))
    return tuple(Suggestion(text, text) for text in found[:MOST])


def _home(plan: Plan, model: SemanticModel) -> str:
    first = plan.measures[0].of
    if isinstance(first, Aggregate):
        return first.dataset
    if isinstance(first, Metric) and (metric := model.metric(first.name)) is not None:
        return metric.time.partition(".")[0] or next(
            (d.name for d in model.datasets if d.name + "." in metric.expression), ""
        )
    return ""


def _categories(model: SemanticModel, home: str) -> list[tuple[Dataset, Field]]:
    """Fields worth grouping by: few values, on the measure's own dataset or one it refers to."""
    near = {home} | {r.to_dataset for r in model.relationships if r.from_dataset == home}
    near |= {r.to_dataset for r in model.relationships if r.from_dataset in near}
    found = [
        (d, f)
        for d in model.datasets
        if d.name in near
        for f in d.fields
        if f.kind == "category" and f.distinct is not None and 2 <= f.distinct <= 25
    ]
    return sorted(found, key=lambda p: abs((p[1].distinct or 0) - 7))
