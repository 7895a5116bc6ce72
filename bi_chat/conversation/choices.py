"""In: a plan that can't be compiled as it is. Out: readings to choose from: each way, or without masked fields."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from bi_chat.semantics.model import Relationship, SemanticModel
from bi_chat.sql.masked import without_masked
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.plan import FieldRef, Plan
from bi_chat.values.reading import Reading

T = TypeVar("T")


def ways(issue: Issue, plan: Plan, model: SemanticModel, *, confidence: float) -> tuple[Reading, ...]:
    """Readings with one role each ("billing country", "delivery country");
    the same question without a masked field; none when the issue is about something else."""
    if issue.code is IssueCode.MASKED:
        clear = without_masked(plan, model)
        return (Reading(clear, confidence),) if clear is not None else ()
    if issue.code is not IssueCode.AMBIGUOUS:
        return ()
    found = [_relationship(s.text, model) for s in issue.suggestions]
    roles = [r for r in found if r is not None and r.role]
    if len(roles) < 2:
        return ()
    return tuple(Reading(_through(plan, rel), confidence / len(roles), label=rel.role) for rel in roles)


def _relationship(path: str, model: SemanticModel) -> Relationship | None:
    """The last step of "a → b", by name or role."""
    last = path.rpartition(" → ")[2]
    return next((r for r in model.relationships if last in (r.name, r.role)), None)


def _through(value: T, rel: Relationship) -> T:
    """A copy in which every field of the relationship's target is reached through it."""
    if isinstance(value, FieldRef):
        return replace(value, via=(rel.name,)) if value.dataset == rel.to_dataset and not value.via else value
    if isinstance(value, tuple):
        return tuple(_through(v, rel) for v in value)  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _through(getattr(value, f.name), rel) for f in fields(value) if f.init}
        return replace(value, **changed)
    return value
