"""In: a plan and the model of a user. Out: which masked fields the plan needs, and the plan without them."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.semantics.model import MASKED, Field, SemanticModel
from bi_chat.values.parts import parts_of
from bi_chat.values.plan import FieldRef, Plan


def masked_in(value: object, model: SemanticModel) -> tuple[Field, ...]:
    """The masked fields that a plan, or a part of one, refers to: their values are gone, so it can't be answered."""
    found = (model.field(p.dataset, p.field) for p in parts_of(value) if isinstance(p, FieldRef))
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
