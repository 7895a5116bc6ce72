"""In: nodes of the engine's parse tree, of release 1.5 or 2. Out: their names, arguments and constants, in one form."""

from __future__ import annotations

from bi_chat.sql.guard.parse import Json, Node, char_offset

_NOWHERE = 2**63


def children(value: Json) -> list[Node]:
    """The nodes in a list; nothing where it isn't one."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def node(value: Json) -> Node | None:
    """The value as a node."""
    return value if isinstance(value, dict) else None


def text(value: Json) -> str:
    """The value as text; '' for anything else."""
    return value if isinstance(value, str) else ""


def texts(value: Json) -> list[str]:
    """The texts in a list; nothing where it isn't one."""
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def arguments(call: Node) -> list[Node]:
    """A call's arguments in order; release 2 wraps each with its name."""
    if "arguments" in call:
        return [e for a in children(call["arguments"]) if (e := node(a.get("expression"))) is not None]
    return children(call.get("children"))


def constant(value: Node | None) -> str | int | float | None:
    """What a literal (also a cast or negative one) says; None for anything that isn't a plain literal."""
    if value is None:
        return None
    kind = value.get("class")
    if kind == "CAST":
        return constant(node(value.get("child")))
    if kind == "FUNCTION" and value.get("function_name") == "-" and len(arguments(value)) == 1:
        inner = constant(arguments(value)[0])
        return -inner if isinstance(inner, int | float) else None
    if kind != "CONSTANT":
        return None
    literal = node(value.get("literal"))
    return _literal(literal) if literal is not None else _value(node(value.get("value")))


def _literal(literal: Node) -> str | int | float | None:
    spelt = text(literal.get("text"))
    match literal.get("kind"):
        case "STRING":
            return spelt
        case "INTEGER":
            return int(spelt) if len(spelt) < 40 else float("inf")
        case "NUMERIC":
            return float(spelt)
    return None


def _value(value: Node | None) -> str | int | float | None:
    held = value.get("value") if value is not None and not value.get("is_null") else None
    return held if isinstance(held, str | int | float) and not isinstance(held, bool) else None


def place(sql: str, at: Node) -> tuple[int, int] | None:
    """Where a node stands in the text, in characters; None where the engine doesn't say."""
    start, length = at.get("query_location"), at.get("query_location_length", 1)
    if not isinstance(start, int) or not isinstance(length, int) or start >= _NOWHERE:
        return None
    return char_offset(sql, start), char_offset(sql, start + max(1, length))
