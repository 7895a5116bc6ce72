"""In: conditions of the plan and the scope whose rows they judge. Out: nodes for WHERE, FILTER and HAVING.

A negated condition keeps rows whose value is missing ("excluding X" is not "known to be other than X"), as `Not` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlglot import exp

from bi_chat.sql import dates, nodes
from bi_chat.sql.compile.related import far_exists, related
from bi_chat.sql.compile.scalars import fields_of, inside, is_time, moment, scalar
from bi_chat.sql.compile.scope import Scope
from bi_chat.sql.compile.state import Relation
from bi_chat.sql.refusal import Refusal
from bi_chat.sql.word_forms import word_forms
from bi_chat.values.period import Period, PeriodExpr, resolve_period
from bi_chat.values.plan import (
    Aggregate,
    AllOf,
    AnyOf,
    Arithmetic,
    Compare,
    Condition,
    Constant,
    Exists,
    FieldRef,
    In,
    InPlan,
    IsNull,
    Literal,
    Measure,
    Metric,
    Nested,
    Not,
    Operand,
    Scalar,
    Scalarish,
    Subquery,
    TextMatch,
    TimeBucket,
    Within,
)

MEASURES = (Metric, Aggregate, Arithmetic, Constant, Nested)
COMPARISONS: dict[str, type[exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


def operands_of(condition: Condition) -> Iterator[Operand]:
    """The operands of a condition that is no combination of others."""
    match condition:
        case Compare(left, _, right):
            yield left
            yield right
        case AllOf() | AnyOf() | Not() | Exists():
            return
        case _:
            yield condition.of


def parts_of(condition: Condition) -> Iterator[Condition]:
    """The simple conditions inside a combined one."""
    match condition:
        case AllOf(of) | AnyOf(of):
            for part in of:
                yield from parts_of(part)
        case Not(of):
            yield from parts_of(of)
        case _:
            yield condition


def has_measure(condition: Condition) -> bool:
    """Whether a condition is about measures, and so belongs after grouping."""
    return any(isinstance(o, MEASURES) for part in parts_of(condition) for o in operands_of(part))


def refs_of(condition: Condition) -> tuple[FieldRef, ...]:
    """The fields that a simple condition reads."""
    return tuple(
        ref for o in operands_of(condition) if not isinstance(o, (*MEASURES, Subquery)) for ref in fields_of(o)
    )


def conditions(scope: Scope, wanted: tuple[Condition, ...]) -> list[exp.Expression]:
    """Nodes that all have to hold. Conditions on the same to-many dataset apply to the same related row."""
    found: list[exp.Expression] = []
    far: list[Condition] = []
    for condition in _flat(wanted):
        match condition:
            case AnyOf(of):
                found.append(_any(scope, of))
            case Not(of):
                inner = nodes.every(conditions(scope, (of,))) or exp.true()
                found.append(negated(inner))
            case Exists():
                found.append(related(scope, condition, conditions))
            case _ if all(scope.reaches(ref) for ref in refs_of(condition)):
                found.append(simple(scope, condition))
            case _:
                far.append(condition)
    if far:
        found += far_exists(scope, [(c, refs_of(c)) for c in far], conditions)
    return found


def _flat(wanted: tuple[Condition, ...]) -> Iterator[Condition]:
    for condition in wanted:
        if isinstance(condition, AllOf):
            yield from _flat(condition.of)
        else:
            yield condition


def _any(scope: Scope, of: tuple[Condition, ...]) -> exp.Expression:
    parts = [nodes.every(conditions(scope, (part,))) or exp.true() for part in of]
    return nodes.either(parts) or exp.false()


def negated(node: exp.Expression) -> exp.Expression:
    """NOT of a condition, where unknown counts as not holding."""
    if isinstance(node, exp.Exists):
        return exp.Not(this=node)
    return exp.Not(this=nodes.coalesce(node, exp.false()))


def simple(scope: Scope, condition: Condition) -> exp.Expression:
    """A condition on one row of the scope."""
    match condition:
        case Compare():
            return compare(scope, condition)
        case In():
            return _in(scope, condition)
        case TextMatch():
            return _text(scope, condition)
        case IsNull(of, is_negated):
            node = exp.Is(this=nodes.wrapped(_stored(scope, of)), expression=exp.null())
            return exp.Not(this=node) if is_negated else node
        case Within(of, period, is_negated):
            held = nodes.every(inside(scope, of, resolved(scope, period))) or exp.true()
            return _keep_missing(scope, held) if is_negated else held
        case InPlan():
            return _in_plan(scope, condition)
    raise Refusal("unsupported", what=type(condition).__name__)


def resolved(scope: Scope, period: PeriodExpr) -> Period:
    """Dates of a spoken period; refuses a day that does not exist."""
    try:
        return resolve_period(period, scope.c.asked_on, scope.c.calendar)
    except ValueError as fault:
        raise Refusal("no_such_day") from fault


def _keep_missing(scope: Scope, node: exp.Expression) -> exp.Expression:
    scope.c.note("nulls_kept")
    return negated(node)


def _stored(scope: Scope, value: Scalar) -> exp.Expression:
    """The value as stored: texts are matched as they stand, even where they hold dates."""
    return scope.raw(value) if isinstance(value, FieldRef) else scalar(scope, value)


def may_be_missing(scope: Scope, value: Scalar) -> bool:
    """Whether a scalar can be NULL: unless it is a field of the root itself that never is."""
    if not isinstance(value, FieldRef):
        return True
    return bool(scope.route(value)) or scope.field(value).nulls


def operand(scope: Scope, value: Operand) -> exp.Expression:
    """A scalar, a measure where the scope can give one, or the single value of another plan."""
    if isinstance(value, Subquery):
        return single_value(scope.c.subplan(scope.c, value.plan))
    if isinstance(value, MEASURES):
        if scope.measure is None:
            raise Refusal("unsupported", what="a measure among the conditions on rows")
        return scope.measure(value)
    return scalar(scope, value)


def single_value(relation: Relation) -> exp.Expression:
    """A plan's first measure (else its first column) as a value."""
    name = (relation.measures or relation.dimensions)[0]
    if len(relation.measures) == 1 and not relation.dimensions:
        return exp.Subquery(this=relation.query)
    inner = nodes.derived(relation.query, "single")
    return exp.Subquery(this=exp.Select(expressions=[nodes.column(name, "single")], from_=exp.From(this=inner)))


def compare(scope: Scope, condition: Compare) -> exp.Expression:
    """A comparison; whole days against timestamps keep the day whole, and != keeps rows whose value is missing."""
    left, op, right = condition.left, condition.op, condition.right
    if op not in COMPARISONS:
        raise Refusal("unsupported", what=op)
    if isinstance(right, Literal):
        special = _against_constant(scope, left, op, right.value)
        if special is not None:
            return special
    one, two = operand(scope, left), operand(scope, right)
    return _unequal(scope, left, one, two) if op == "!=" else binary(op, one, two)


def _against_constant(scope: Scope, left: Operand, op: str, value: Scalarish) -> exp.Expression | None:
    """Comparisons that plain operators get wrong: with nothing, with a text as stored, with a whole day."""
    if value is None:
        node = exp.Is(this=operand(scope, left), expression=exp.null())
        return exp.Not(this=node) if op == "!=" else node
    if isinstance(left, FieldRef) and isinstance(value, str) and op in ("=", "!="):
        one, two = scope.raw(left), nodes.literal(value)
        return _unequal(scope, left, one, two) if op == "!=" else binary(op, one, two)
    if not isinstance(value, date) or isinstance(value, datetime) or not isinstance(left, FieldRef | TimeBucket):
        return None
    if not is_time(scope, left):
        return None
    if op == "!=":
        same_day = dates.compare_day(moment(scope, left), "=", value)
        return _keep_missing(scope, same_day) if same_day is not None else None
    return dates.compare_day(moment(scope, left), op, value)


def binary(op: str, left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """left op right."""
    return COMPARISONS[op](this=nodes.wrapped(left), expression=nodes.wrapped(right))


def _unequal(scope: Scope, left: Operand, one: exp.Expression, two: exp.Expression) -> exp.Expression:
    if isinstance(left, FieldRef) and not may_be_missing(scope, left):
        return binary("!=", one, two)
    scope.c.note("nulls_kept")
    return exp.NullSafeNEQ(this=nodes.wrapped(one), expression=nodes.wrapped(two))


def _in(scope: Scope, condition: In) -> exp.Expression:
    """IN a list. A missing value among them is matched by IS NULL, which IN would never do."""
    known = [v for v in condition.values if v is not None]
    whole_days = known and all(isinstance(v, date) and not isinstance(v, datetime) for v in known)
    texts = all(isinstance(v, str) for v in known)
    node = _stored(scope, condition.of) if texts else scalar(scope, condition.of)
    if whole_days and is_time(scope, condition.of):
        node = nodes.cast(node, "DATE")
    listed = _one_of(node, [nodes.literal(v) for v in known], outside=condition.negated)
    missing = exp.Is(this=nodes.wrapped(node.copy()), expression=exp.null())
    with_missing = None in condition.values
    if not condition.negated:
        return exp.Or(this=listed, expression=missing) if with_missing else listed
    if with_missing:
        return exp.And(this=listed, expression=exp.Not(this=missing))
    if not may_be_missing(scope, condition.of):
        return listed
    scope.c.note("nulls_kept")
    return exp.Or(this=listed, expression=missing)


def _one_of(node: exp.Expression, values: list[exp.Expression], *, outside: bool) -> exp.Expression:
    if not values:
        return exp.true() if outside else exp.false()
    if len(values) == 1:
        return binary("!=" if outside else "=", node, values[0])
    found = exp.In(this=nodes.wrapped(node), expressions=values)
    return exp.Not(this=found) if outside else found


def _text(scope: Scope, condition: TextMatch) -> exp.Expression:
    """Case-insensitive match; % and _ in the text are letters, no wildcards."""
    text = condition.text
    if condition.mode == "mentions" and text.isascii() and (forms := word_forms(text)):
        told = exp.Lower(this=nodes.wrapped(_stored(scope, condition.of)))
        found = exp.RegexpLike(this=told, expression=exp.Literal.string(forms))
        return _keep_missing(scope, exp.Not(this=found)) if condition.negated else found
    for mark in ("\\", "%", "_"):
        text = text.replace(mark, f"\\{mark}")
    before = "%" if condition.mode in ("contains", "mentions", "ends") else ""
    after = "%" if condition.mode in ("contains", "mentions", "starts") else ""
    like = exp.ILike(
        this=nodes.wrapped(_stored(scope, condition.of)), expression=exp.Literal.string(before + text + after)
    )
    node = exp.Escape(this=like, expression=exp.Literal.string("\\")) if text != condition.text else like
    return _keep_missing(scope, node) if condition.negated else node


def _in_plan(scope: Scope, condition: InPlan) -> exp.Expression:
    """A semi-join with another plan's first column; negated it is an anti-join, which NULLs in the plan can't empty."""
    relation = scope.c.subplan(scope.c, condition.plan)
    name = (relation.dimensions or relation.measures)[0]
    listed = nodes.derived(relation.query, scope.name("listed"))
    column = nodes.column(name, listed.alias)
    match = exp.EQ(this=column, expression=nodes.wrapped(scalar(scope, condition.of)))
    inner = exp.Select(expressions=[nodes.number(1)], from_=exp.From(this=listed), where=exp.Where(this=match))
    found = exp.Exists(this=inner)
    return exp.Not(this=found) if condition.negated else found


def measures_in(condition: Condition) -> Iterator[Measure]:
    """The measures that a condition on groups needs."""
    for part in parts_of(condition):
        for value in operands_of(part):
            if isinstance(value, MEASURES) and not isinstance(value, Constant):
                yield value
