"""In: a trace. Out: other meanings that its pieces may have had, each with what it costs."""

from __future__ import annotations

from collections.abc import Iterator

from bi_chat.planners.grammar.tracing import Trace
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.targets import Kind, Target

MARGIN = 0.25
MOST = 4
SAME_VALUE = 0.12  # one value in two fields: only a clear difference decides


def alternatives(trace: Trace, model: SemanticModel) -> Iterator[tuple[dict[int, Target], float]]:
    """Rival targets within a margin of the chosen one, closest first; the loss is 0..1."""
    found: list[tuple[float, int, Target]] = []
    for step in trace.steps:
        if step.choice is None:
            continue
        for target, score in step.choice.rivals:
            gap = step.choice.score - score
            if gap == 0 and step.choice.how == "value" and _of_one_field(step.choice.target, target):
                continue  # one word for several values of a field means all of them
            one_word = step.choice.how == "part" and step.piece.end - step.piece.start == 1
            if one_word and _of_one_field(step.choice.target, target):
                gap = 0.0  # "python courses", and two have it in their names: the shorter name is no better
            if _refers(step.choice.target, target, model):
                continue  # the key and what it points to are the same value of the same rows
            if gap <= MARGIN and _differs(step.choice.target, target):
                same = target.kind is Kind.VALUE and target.name == step.choice.target.name
                found.append((max(0.0, gap - (SAME_VALUE if same else 0.0)), step.piece.start, target))
    found.sort(key=lambda f: f[0])
    for gap, start, target in found[:MOST]:
        yield {start: target}, min(0.9, gap * 1.6)


def _of_one_field(one: Target, other: Target) -> bool:
    return one.kind is other.kind is Kind.VALUE and one.key == other.key


def _refers(one: Target, other: Target, model: SemanticModel) -> bool:
    """Whether two values are one, seen in a reference and in the row that it refers to."""
    if not one.kind is other.kind is Kind.VALUE or one.name != other.name:
        return False
    ends = {one.key, other.key}
    return any(
        {(r.from_dataset, a), (r.to_dataset, b)} == ends
        for r in model.relationships
        for a, b in zip(r.from_columns, r.to_columns, strict=True)
    )


def _differs(one: Target, other: Target) -> bool:
    """A dataset and the field that names its rows are the same thing to a person."""
    kinds = {one.kind, other.kind}
    if kinds == {Kind.VALUE} and one.key == other.key:
        return one.name.strip().casefold() != other.name.strip().casefold()
    if Kind.DATASET in kinds and one.dataset == other.dataset:
        return False
    return not (kinds == {Kind.METRIC, Kind.DATASET} or kinds == {Kind.METRIC, Kind.FIELD})
