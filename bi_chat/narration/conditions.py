"""In: conditions of a plan. Out: them in the asker's language."""

from __future__ import annotations

from datetime import date

from bi_chat.narration.pack import spoken
from bi_chat.narration.periods import period_words
from bi_chat.narration.phrases import Tongue, dataset_words, field_of, measure_words, scalar_words, value_words
from bi_chat.semantics.model import Field
from bi_chat.values.plan import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Exists,
    FieldRef,
    In,
    InPlan,
    IsNull,
    Literal,
    Measure,
    Metric,
    Not,
    Operand,
    Plan,
    Subquery,
    TextMatch,
    Within,
)


def conditions_words(of: tuple[Condition, ...], t: Tongue) -> str:
    """Several conditions that must all hold."""
    words = condition_words(of[0], t)
    for condition in of[1:]:
        words = t.say("and", a=words, b=condition_words(condition, t))
    return words


def condition_words(of: Condition, t: Tongue) -> str:
    """One condition in words."""
    match of:
        case Compare():
            return _compare(of, t)
        case In(scalar, values, negated):
            return _in(of, scalar_words(scalar, t), [value_words(v, t, field=_field(scalar, t)) for v in values], t)
        case TextMatch(scalar, text, mode, negated):
            key = f"match.{'not_' if negated else ''}{mode}"
            return t.say(key, of=scalar_words(scalar, t), text=t.say("quoted", of=text))
        case IsNull(scalar, negated):
            return t.say("not_null" if negated else "is_null", of=scalar_words(scalar, t))
        case Within(scalar, period, negated):
            words = period_words(period, t.asked_on, t.language, t.model.calendar)
            return t.say("not_within" if negated else "within", of=scalar_words(scalar, t), period=words)
        case Exists() | InPlan():
            return _related(of, t)
        case AllOf() | AnyOf() | Not():
            return _combined(of, t)


def _in(of: In, left: str, values: list[str], t: Tongue) -> str:
    joined = values[0] if values else t.say("missing")
    if len(values) > 1:
        joined = t.say("or", a=t.listed(values[:-1]), b=values[-1])
    return t.say("not_in" if of.negated else "in", of=left, values=joined)


def _related(of: Exists | InPlan, t: Tongue) -> str:
    if isinstance(of, InPlan):
        key = "not_in_plan" if of.negated else "in_plan"
        return t.say(key, of=scalar_words(of.of, t), plan=_inner(of.plan, t))
    conditions = conditions_words(of.where, t) if of.where else ""
    key = "not_exists" if of.negated else "exists"
    return t.say(key, dataset=dataset_words(of.dataset, t), conditions=conditions)


def _combined(of: AllOf | AnyOf | Not, t: Tongue) -> str:
    match of:
        case Not(inner):
            return t.say("not", of=condition_words(inner, t))
        case AllOf(parts):
            return conditions_words(parts, t) if parts else ""
        case AnyOf(parts):
            words = [condition_words(p, t) for p in parts]
            joined = words[0] if words else ""
            for part in words[1:]:
                joined = t.say("or", a=joined, b=part)
            return t.say("in_brackets", of=joined) if len(words) > 1 else joined


def _compare(of: Compare, t: Tongue) -> str:
    field = _field(of.left, t)
    is_date = isinstance(of.right, Literal) and isinstance(of.right.value, date)
    kind = "date" if is_date or (field is not None and field.is_time) else "op"
    return t.say(f"{kind}.{of.op}", left=_operand(of.left, t, field=None), right=_operand(of.right, t, field=field))


def _operand(of: Operand, t: Tongue, *, field: Field | None) -> str:
    match of:
        case Subquery(plan):
            return t.say("subquery", plan=_inner(plan, t))
        case Literal(value):
            return value_words(value, t, field=field)
    if isinstance(of, Measure):
        return measure_words(of, t)
    return scalar_words(of, t)


def _field(of: Operand, t: Tongue) -> Field | None:
    """The field whose format a constant beside it takes; a metric's unit counts as well."""
    if isinstance(of, FieldRef):
        return field_of(of, t)
    if isinstance(of, Metric):
        metric = t.model.metric(of.name)
        return Field(metric.name, "", kind="measure", unit=metric.unit, format=metric.format) if metric else None
    return None


def _inner(plan: Plan, t: Tongue) -> str:
    from bi_chat.narration.restate import restate  # plans nest in conditions, and conditions in plans

    words = restate(plan, t.model, t.language, t.asked_on)
    return words if spoken(t.language) == "zh" else words[:1].lower() + words[1:]
