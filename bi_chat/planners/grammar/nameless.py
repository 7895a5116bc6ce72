"""In: a ranked plan. Out: the ranked fields that may be empty: no group without a name is the best of its kind."""

from __future__ import annotations

from bi_chat.planners.grammar.measures import measure_home
from bi_chat.semantics.model import SemanticModel
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import FieldRef, IsNull, Plan


def nameless(plan: Plan, model: SemanticModel, homes: dict[str, str]) -> tuple[FieldRef, ...]:
    """The ranked fields that may be empty: no group without a name is the best of its kind."""
    if plan.limit is None or plan.base is not None or not plan.measures:
        return ()
    home = measure_home(plan.measures[0].of, homes)
    refs = [d.of for d in plan.dimensions if isinstance(d.of, FieldRef)]
    kept = {c.of for c in plan.where if isinstance(c, IsNull) and c.negated}
    return tuple(r for r in refs if r not in kept and _may_lack(r, home, model))


def _may_lack(ref: FieldRef, home: str, model: SemanticModel) -> bool:
    field = model.field(ref.dataset, ref.field)
    if field is not None and field.nulls and field.distinct is not None:
        return True
    near = {home, *reachable(model, home)} if home else set()
    leading = [r for r in model.relationships if r.to_dataset == ref.dataset and r.from_dataset in near]
    said = [r for r in leading if r.name in ref.via] or leading
    keys = [model.field(r.from_dataset, c) for r in said for c in r.from_columns]
    return any(k is not None and k.nulls and k.distinct is not None for k in keys)
