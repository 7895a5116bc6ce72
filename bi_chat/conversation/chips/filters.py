"""In: a condition of a plan, or a field to narrow by. Out: the values to pick from, and the plan with those picked."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.conversation.chips.chip import Asked, Values
from bi_chat.values.plan import Compare, Condition, FieldRef, In, Literal, Plan

MOST_VALUES = 500


def values_of(asked: Asked, at: int) -> Values | None:
    """The values that a filter chip may keep; None where it isn't about named values."""
    match asked.plan.where[at]:
        case In(FieldRef() as ref, kept, negated):
            return _values(asked, ref, tuple(str(v) for v in kept if isinstance(v, str)), len(kept), negated=negated)
        case Compare(FieldRef() as ref, "=" | "!=" as op, Literal(str() as value)):
            return _values(asked, ref, (value,), 1, negated=op == "!=")
    return None


def values_for(asked: Asked, ref: FieldRef) -> Values | None:
    """The values of a field that nothing narrows yet."""
    return _values(asked, ref, (), 0, negated=False)


def _values(asked: Asked, ref: FieldRef, kept: tuple[str, ...], count: int, *, negated: bool) -> Values | None:
    field = asked.model.field(ref.dataset, ref.field)
    if field is None or len(kept) != count or not (field.values or kept):
        return None
    known = tuple(dict.fromkeys((*kept, *field.values)))[:MOST_VALUES]
    return Values(ref, tuple(sorted(known, key=str.casefold)), kept, negated)


def with_values(plan: Plan, at: int | None, chosen: Values, kept: tuple[str, ...]) -> Plan:
    """The plan that keeps (or leaves out) these; without the filter where none is picked."""
    if not kept:
        return plan if at is None else without_filter(plan, at)
    condition: Condition = In(chosen.ref, kept, chosen.negated)
    place = len(plan.where) if at is None else at
    return replace(plan, where=(*plan.where[:place], condition, *plan.where[place + 1 :]))


def without_filter(plan: Plan, at: int) -> Plan:
    """One condition less."""
    return replace(plan, where=plan.where[:at] + plan.where[at + 1 :])
