"""In: a list whose conditions no single row can meet, or rows that must be absent. Out: a plan over sets of rows.

Examples: "nations with both hosts over 45 and hosts under 35", "cities without a branch of more than 100 members",
"visitors who did not visit any museum opened after 2010". Difficulty: as conditions on a row they are never met, or met
by the wrong rows. Rule: a listed attribute is judged by all rows that bear it; what is said after a negated relation
says which related rows are meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Aggregate,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Exists,
    FieldRef,
    Fn,
    In,
    IsNull,
    Literal,
    Measured,
    Plan,
    TextMatch,
    Within,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def over_sets(plan: Plan, made: Assembler) -> Plan:
    """The plan with absences told whole, and attributes judged by all their rows."""
    plan = _absences(plan, made)
    base = made.model.dataset(plan.base) if plan.base else None
    refs = [d.of for d in plan.dimensions]
    if base is None or plan.measures or plan.order or plan.having or not refs:
        return plan
    fields = [base.field(r.field) for r in refs if isinstance(r, FieldRef) and r.dataset == base.name]
    if len(fields) < len(refs) or any(f is None or f.unique or f.name == base.display for f in fields):
        return plan
    absent = [c for c in made.inverted if c[0] in plan.where]
    together = _never_together(plan.where, both=made.sketch.both)
    if not absent and not together:
        return plan
    gone = {id(c) for c, _ in absent} | {id(c) for c in plan.where if c in together or _split(c, together)}
    where = tuple(c for c in plan.where if id(c) not in gone and c not in [a for a, _ in absent])
    counts = [(Aggregate(Fn.COUNT, base.name, where=(c,)), ">") for c in together]
    counts += [(Aggregate(Fn.COUNT, base.name, where=(said,)), "=") for _, said in absent]
    having = tuple(Compare(count, op, Literal(0)) for count, op in counts)
    measures = tuple(dict.fromkeys(Measured(count) for count, _ in counts))
    hidden = tuple(range(len(measures)))
    return replace(plan, base=None, where=where, having=having, measures=measures, hidden=hidden)


def _never_together(where: tuple[Condition, ...], *, both: bool) -> list[Condition]:
    """Conditions on one field that no single row meets at once; "both before 2000 and after 2005" is said as either."""
    for condition in where:
        if both and isinstance(condition, AnyOf) and all(isinstance(c, Within) for c in condition.of):
            return list(condition.of)
        if both and isinstance(condition, In) and len(condition.values) > 1 and not condition.negated:
            return [In(condition.of, (value,)) for value in condition.values]
    plain = [c for c in where if isinstance(c, Compare | In) and _field(c) is not None]
    for one, other in pairwise(plain):
        if _field(one) == _field(other) and _exclusive(one, other):
            return [one, other]
    return []


def _split(condition: Condition, parts: list[Condition]) -> bool:
    if isinstance(condition, In):
        return bool(parts) and tuple(v for p in parts if isinstance(p, In) for v in p.values) == condition.values
    return isinstance(condition, AnyOf) and bool(parts) and list(condition.of) == parts


def _field(condition: Condition) -> FieldRef | None:
    match condition:
        case Compare(FieldRef() as of, _, Literal()) | In(FieldRef() as of, _, False):
            return of
    return None


def _exclusive(one: Condition, other: Condition) -> bool:
    """Whether two conditions on one field exclude each other."""
    if isinstance(one, In) and isinstance(other, In):
        return not set(one.values) & set(other.values)
    if not (isinstance(one, Compare) and isinstance(other, Compare)):
        return False
    ends = {c.op[0]: c.right for c in (one, other)}
    low, high = ends.get(">"), ends.get("<")
    if not isinstance(low, Literal) or not isinstance(high, Literal):
        return False
    return isinstance(low.value, int | float) and isinstance(high.value, int | float) and low.value >= high.value


def _absences(plan: Plan, made: Assembler) -> Plan:
    """What is said after "did not visit any …" narrows the rows that must be absent."""
    at = next((i for i, c in enumerate(plan.where) if isinstance(c, Exists) and c.negated and not c.where), None)
    subject = plan.base or (made.subject.name if made.subject is not None else "")
    if at is None or not subject:
        return plan
    absent = plan.where[at]
    assert isinstance(absent, Exists)
    near, far = reachable(made.model, subject), reachable(made.model, absent.dataset)
    kept: list[Condition] = []
    inside: list[Condition] = []
    for condition in plan.where[at + 1 :]:
        if isinstance(condition, Exists) and not condition.where and condition.dataset in far and not condition.negated:
            continue
        homes = set(_datasets(condition))
        (inside if homes and homes <= far and not homes & near else kept).append(condition)
    window = plan.window
    if window is not None and window.field is not None and window.field.dataset in far - near:
        inside.append(Within(window.field, window.period))
        window = None
    told = replace(absent, where=tuple(inside))
    return replace(plan, where=(*plan.where[:at], told, *kept), window=window)


def _datasets(condition: Condition) -> Iterator[str]:
    match condition:
        case In(FieldRef(dataset)) | TextMatch(FieldRef(dataset)) | IsNull(FieldRef(dataset)):
            yield dataset
        case Within(FieldRef(dataset)) | Compare(FieldRef(dataset), _, Literal()):
            yield dataset
        case AllOf(of) | AnyOf(of):
            for part in of:
                yield from _datasets(part)
        case Exists(dataset, where, False) if where:
            yield dataset


def merged(conditions: tuple[Condition, ...], *, strict: bool) -> tuple[Condition, ...]:
    """Two values of one field that no row can have at once ("male and female") are alternatives, not both asked."""
    found: list[Condition] = []
    for condition in conditions:
        at = next((i for i, c in enumerate(found) if not strict and _same_field(c, condition)), None)
        if at is None:
            found.append(condition)
        else:
            found[at] = either([found[at], condition])
    return tuple(found)


def _same_field(one: Condition, other: Condition) -> bool:
    return (
        isinstance(one, In)
        and isinstance(other, In)
        and one.of == other.of
        and not one.negated
        and not other.negated
        and not set(one.values) & set(other.values)
    )


def either(parts: list[Condition]) -> Condition:
    """Alternatives; values of one field said apart ("web orders vs counter") are one list of values."""
    first = parts[0]
    if isinstance(first, In) and all(isinstance(p, In) and p.of == first.of and not p.negated for p in parts):
        values = [v for p in parts if isinstance(p, In) for v in p.values]
        return replace(first, values=tuple(dict.fromkeys(values)))
    return first if len(parts) == 1 else AnyOf(tuple(parts))
