"""In: a plan and the model of a user. Out: which masked fields the plan needs, and the plan without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from bi_chat.semantics.model import MASKED, Field, SemanticModel
from bi_chat.values.plan import FieldRef, Plan


def masked_in(value: object, model: SemanticModel) -> tuple[Field, ...]:
    """The masked fields that a plan, or a part of one, refers to: their values are gone, so it can't be answered."""
    found = (model.field(ref.dataset, ref.field) for ref in _references(value))
    return tuple(dict.fromkeys(f for f in found if f is not None and f.kind == MASKED))


def has_masked(model: SemanticModel) -> bool:
    """Whether anything of the model is masked."""
    return any(f.kind == MASKED for d in model.datasets for f in d.fields)


def without_masked(plan: Plan, model: SemanticModel) -> Plan | None:
    """The plan without what names a masked field; None where nothing worth asking is left of it."""
    clear = replace(
        plan,
        measures=tuple(m for m in plan.measures if not masked_in(m, model)),
        dimensions=tuple(d for d in plan.dimensions if not masked_in(d, model)),
        where=tuple(c for c in plan.where if not masked_in(c, model)),
        having=tuple(c for c in plan.having if not masked_in(c, model)),
        order=tuple(o for o in plan.order if not masked_in(o, model)),
        limit=plan.limit if not any(masked_in(o, model) for o in plan.order) else None,
        limit_per=plan.limit_per if not any(masked_in(d, model) for d in plan.dimensions) else (),
    )
    if masked_in(clear, model) or len(clear.measures) < len(plan.measures):
        return None
    return clear if clear.measures or clear.dimensions else None


def _references(value: object) -> Iterator[FieldRef]:
    if isinstance(value, FieldRef):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _references(part)
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from _references(getattr(value, item.name))
