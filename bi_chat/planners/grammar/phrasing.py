"""In: a trace. Out: how each phrase was read, and what tells one reading from its rivals."""

from __future__ import annotations

from collections.abc import Sequence

from bi_chat.language.meanings import Token
from bi_chat.planners.grammar.tracing import Step, Trace
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.targets import Kind, Target
from bi_chat.values.question import Question
from bi_chat.values.reading import Phrase


def phrases_of(trace: Trace, question: Question, model: SemanticModel, tokens: Sequence[Token]) -> tuple[Phrase, ...]:
    """Each decision as a phrase with its place in the question."""
    found = []
    for step in sorted(trace.steps, key=lambda s: s.piece.start):
        if step.piece.end > len(tokens):
            continue
        span = (tokens[step.piece.start].start, tokens[step.piece.end - 1].end)
        found.append(Phrase(span, question.text[span[0] : span[1]], step.role, _meaning(step, model)))
    return tuple(found)


def _meaning(step: Step, model: SemanticModel) -> str:
    if step.choice is not None:
        return label_of(step.choice.target, model)
    return " ".join(step.detail.values()) or step.piece.text


def label_of(target: Target, model: SemanticModel) -> str:
    """A target's readable name: the model's labels, with the dataset where the field's name alone would not do."""
    if target.kind is Kind.METRIC:
        metric = model.metric(target.name)
        return (metric.label if metric and metric.label else target.name) or target.name
    dataset = model.dataset(target.dataset)
    owner = (dataset.label or dataset.name) if dataset else target.dataset
    if target.kind is Kind.DATASET or dataset is None:
        return owner
    field = dataset.field(target.field)
    name = (field.label or field.name) if field else target.field
    said = f"{owner} · {name}"
    return f"{said} = {target.name}" if target.kind is Kind.VALUE else said


def reading_label(trace: Trace, model: SemanticModel) -> str:
    """What tells this reading apart: its measures, dimensions and filters."""
    parts = [label_of(s.choice.target, model) for s in trace.steps if s.choice is not None]
    return ", ".join(dict.fromkeys(parts))
