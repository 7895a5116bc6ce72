"""In: a reading and how it came about. Out: how likely it is right; issues when there is none."""

from __future__ import annotations

import math

from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.targets import Kind
from bi_chat.values.issue import Issue, IssueCode, Suggestion
from bi_chat.values.plan import Plan
from bi_chat.values.question import Question

WEIGHTS = {"bias": 3.0, "unexplained": -2.6, "unused": -0.5, "part": -0.35, "typo": -0.3, "general": -0.15, "doubt": -1.6, "no_measure": -0.6}


def features(plan: Plan, sketch: Sketch, trace: Trace) -> dict[str, float]:
    """What speaks against a reading, counted."""
    how = [s.choice.how for s in trace.steps if s.choice is not None]
    return {
        "bias": 1.0,
        "unexplained": float(len(unexplained_words(sketch))),
        "unused": float(sum(1 for p in sketch.unused if not p.unexplained and p.hits)),
        "part": float(sum(1 for h in how if h == "part")),
        "typo": float(sum(1 for h in how if h == "typo")),
        "general": float(sum(1 for h in how if h == "general")),
        "doubt": sum(amount for _, amount in trace.doubts),
        "no_measure": float(not trace.steps),
    }


def confidence_of(plan: Plan, sketch: Sketch, trace: Trace, model: SemanticModel) -> float:
    """A logistic score of the features; 0..1."""
    total = sum(WEIGHTS[name] * value for name, value in features(plan, sketch, trace).items())
    return 1 / (1 + math.exp(-total))


def unexplained_words(sketch: Sketch) -> tuple[str, ...]:
    """Content words of the question that the reading does not use."""
    free = {id(c) for c in sketch.unused}
    return tuple(p.text for p in sketch.pieces if p.unexplained and id(p) in free and _content(p))


def _content(piece: Piece) -> bool:
    from bi_chat.planners.grammar.planner import IGNORABLE

    text = piece.text.lower()
    if piece.text.isupper() and len(piece.text) >= 2 and piece.text.isascii():
        return True
    return text not in IGNORABLE and any(ch.isalnum() for ch in text)


def doubts_to_issues(pieces: tuple[Piece, ...], question: Question, model: SemanticModel) -> tuple[Issue, ...]:
    """Nothing could be read: say which words are unknown and what exists."""
    unknown = [p.text for p in pieces if p.unexplained and _content(p)]
    names = [m.name for m in model.metrics][:3] or [d.label or d.name for d in model.datasets][:3]
    known = [h.target.name or h.target.field or h.target.dataset for p in pieces for h in p.of(*Kind)[:1]]
    suggestions = tuple(Suggestion(n, n) for n in names)
    if unknown:
        problem = f"I don't know {', '.join(unknown[:3])} in this data."
        return (Issue(IssueCode.UNKNOWN_WORD, problem, understood=", ".join(known), exists=", ".join(names), suggestions=suggestions),)
    return (Issue(IssueCode.NO_MEASURE, "I could not find what to compute.", exists=", ".join(names), suggestions=suggestions),)
