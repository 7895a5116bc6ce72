"""In: a row condition as its author wrote it, and a user. Out: its tree, where each {user.…} has become a literal.

`region IN {user.regions}` never becomes text with the regions pasted in: the parameter is a node of the tree before any
value is looked at, and the node is exchanged for quoted literals.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bi_chat.values.policy import Attribute, User

if TYPE_CHECKING:
    from sqlglot import exp

_MARK = "__user_attribute__"
_PIECE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\{\s*user\.(?P<name>\w+)\s*\}|(?P<other>[{}])")
_ADVICE = "Write one condition, such as: region IN {user.regions}."


class ConditionFault(ValueError):
    """A condition that can't be used; the message is a sentence for its author."""


def parse_rows(text: str) -> exp.Expression:
    """The condition with its parameters still open. Raises ConditionFault for anything but one plain condition."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = sqlglot.parse(_PIECE.sub(_marked, text), dialect="duckdb")
    except (SqlglotError, RecursionError):
        raise ConditionFault(f"The condition can't be read. {_ADVICE}") from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Expression) or isinstance(tree, exp.Query | exp.DML | exp.DDL | exp.Command):
        raise ConditionFault(f"This is no condition. {_ADVICE}")
    if tree.find(exp.With, exp.Parameter, exp.Placeholder):
        raise ConditionFault("A condition holds no WITH and no other parameters than {user.…}.")
    return exp.Paren(this=tree)  # so that every part of it has a parent in which it can be exchanged


def parameters(tree: exp.Expression) -> tuple[str, ...]:
    """Names of the user attributes that a parsed condition asks for."""
    return tuple(dict.fromkeys(_asked(node) for node in _marks(tree)))


def bind_rows(text: str, user: User) -> exp.Expression:
    """The condition for one user. Raises ConditionFault on a missing attribute or a list in place of a value."""
    from sqlglot import exp

    tree = parse_rows(text)
    for node in _marks(tree):
        name = _asked(node)
        values = user.attribute(name)
        if values is None:
            raise ConditionFault(f"The condition asks for {{user.{name}}}, which {user.name} does not have.")
        parent = node.parent
        if isinstance(parent, exp.In) and parent.args.get("field") is node:
            parent.replace(_one_of(parent.this, values))
        elif len(values) == 1:
            node.replace(literal(values[0]))
        else:
            raise ConditionFault(f"{{user.{name}}} of {user.name} is a list: write … IN {{user.{name}}}.")
    return tree


def literal(value: Attribute) -> exp.Expression:
    """A constant of a policy file as a node."""
    from bi_chat.sql import nodes

    if isinstance(value, str) and ("\0" in value or any("\ud800" <= c <= "\udfff" for c in value)):
        raise ConditionFault("An attribute holds a character that isn't valid.")
    return nodes.literal(value)


def _one_of(left: exp.Expression, values: tuple[Attribute, ...]) -> exp.Expression:
    from sqlglot import exp

    if not values:
        return exp.false()
    return exp.Paren(this=exp.In(this=left.copy(), expressions=[literal(v) for v in values]))


def _marked(found: re.Match[str]) -> str:
    if found["name"]:
        return f"{_MARK}('{found['name']}')"
    if found["other"]:
        raise ConditionFault("Braces name an attribute of the user, such as {user.region}.")
    if "{user." in found.group():
        raise ConditionFault("Write {user.…} without quotes: it is a value, not a piece of text.")
    if _MARK in found.group():
        raise ConditionFault(_ADVICE)
    return found.group()


def _marks(tree: exp.Expression) -> list[exp.Expression]:
    from sqlglot import exp

    return [node for node in tree.find_all(exp.Anonymous) if node.name.lower() == _MARK]


def _asked(node: exp.Expression) -> str:
    return str(node.expressions[0].name)
