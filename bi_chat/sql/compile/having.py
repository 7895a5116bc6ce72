"""In: conditions on groups and the nodes of their measures and dimensions. Out: nodes for HAVING, or WHERE above it."""

from __future__ import annotations

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.conditions import COMPARISONS, binary, negated, single_value
from bi_chat.sql.compile.state import Compilation
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import AllOf, AnyOf, Compare, Condition, Constant, Literal, Not, Operand, Subquery

Values = dict[Operand, exp.Expression]


def having(c: Compilation, values: Values, wanted: tuple[Condition, ...]) -> list[exp.Expression]:
    """Conditions on groups: each operand is one of the measures or dimensions, a constant or another plan's value."""
    return [_one(c, values, condition) for condition in wanted]


def _one(c: Compilation, values: Values, condition: Condition) -> exp.Expression:
    match condition:
        case AllOf(of):
            return nodes.every(_one(c, values, part) for part in of) or exp.true()
        case AnyOf(of):
            return nodes.either(_one(c, values, part) for part in of) or exp.false()
        case Not(of):
            return negated(_one(c, values, of))
        case Compare(left, op, right) if op in COMPARISONS:
            one, two = _operand(c, values, left), _operand(c, values, right)
            return exp.NullSafeNEQ(this=one, expression=two) if op == "!=" else binary(op, one, two)
    raise Refusal("unsupported", what=f"{type(condition).__name__} on groups")


def _operand(c: Compilation, values: Values, value: Operand) -> exp.Expression:
    if value in values:
        return values[value].copy()
    match value:
        case Literal():
            return nodes.literal(value.value)
        case Constant(number):
            return nodes.number(number)
        case Subquery(plan):
            return single_value(c.subplan(c, plan))
    raise Refusal("unsupported", what="a condition on groups that are not shown")
