"""In: calls and joins of a statement. Out: a Refusal where their size is unbounded or beyond reason.

The engine counts neither a long text nor a long list against its memory limit, and can't be stopped inside one call:
`repeat('x', 4e9)` has to be refused by its arguments. What multiplies over several calls is added up in `extent`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bi_chat.sql.guard import dated
from bi_chat.sql.guard.parse import Node
from bi_chat.sql.guard.refusal import Refusal
from bi_chat.sql.guard.tree import arguments, children, constant, node

MAX_REPEAT = 1_000
MAX_LIST = 10_000
MAX_SERIES = 1_000_000
MAX_PATTERN = 1_000
MAX_CROSS_ROWS = 1_000_000_000

_WIDTH = re.compile(r"\d{4,}|\*|\{[^{}]*\{")
_COUNTED_PATTERN = re.compile(r"\{\d{4,}|\{\d+,\d{4,}")
_SIZES = frozenset({"len", "length", "array_length", "cardinality", "list_count"})


def check_call(call: Node, name: str, *, compiled: bool = False) -> None:
    """Refuses a call whose size isn't small and plain to see."""
    if name in _RULES and call.get("schema"):
        raise Refusal(f"{name}() after a dot is refused.", advice=f"Write {name}(value, …).")
    factor(call, name, compiled=compiled)


def factor(call: Node, name: str, *, compiled: bool = False) -> float:
    """How many times larger than its largest argument a call's value may be; raises Refusal where that is unknown.

    A `compiled` query makes its list of periods from the data's own first and last day, once: that is let through.
    """
    if compiled and name == "generate_series" and dated.is_series(arguments(call)):
        return dated.GUESS
    rule = _RULES.get(name)
    return max(1.0, rule(name, arguments(call))) if rule is not None else _ESCAPED.get(name, 1.0)


def check_series(call: Node, name: str) -> None:
    """range and generate_series as a table: their numbers are literals up to a million, or not literals."""
    values = [constant(a) for a in arguments(call)]
    numbers = [v for v in values if isinstance(v, int | float)]
    if any(abs(v) > MAX_SERIES * 100 for v in numbers) or (
        len(numbers) == len(values) and _steps(numbers) > MAX_SERIES
    ):
        raise Refusal(f"{name}() gives more than {MAX_SERIES:,} rows.", advice="Use a smaller range.")
    for argument in arguments(call):
        if argument.get("class") == "FUNCTION" and argument.get("function_name") in ("*", "**", "^", "<<", "pow"):
            raise Refusal(f"{name}() needs plain numbers or dates.", advice="Write the result out.")


def check_cross_join(select: Node, rows: Callable[[str], int | None]) -> None:
    """Refuses tables side by side with no condition at all whose rows multiply beyond a thousand million."""
    joins, product = [node(select.get("from_table"))], 1
    while joins:
        table = joins.pop()
        kind = table.get("type") if table else None
        if table is None or kind == "EMPTY":
            continue
        if kind == "JOIN" and table.get("ref_type") == "CROSS":
            joins += [node(table.get("left")), node(table.get("right"))]
        elif kind == "BASE_TABLE":
            product *= rows(str(table.get("table_name"))) or 1
    if product > MAX_CROSS_ROWS and select.get("where_clause") is None:
        raise Refusal(
            f"Every row is paired with every row: {product:,} of them.", advice="Join the tables ON a condition."
        )


def check_recursion(right: Node | None) -> None:
    """Refuses a recursive query whose repeated part has nothing that could end it."""
    if right is None or right.get("type") != "SELECT_NODE":
        return
    ends = (right.get(key) for key in ("where_clause", "having", "qualify"))
    table = node(right.get("from_table"))
    joined = table is not None and table.get("type") == "JOIN" and table.get("ref_type") != "CROSS"
    limited = any(str(m.get("type")).startswith("LIMIT") for m in children(right.get("modifiers")))
    if not (any(e is not None for e in ends) or joined or limited):
        raise Refusal("A recursive query without an end is refused.", advice="Give its second part a WHERE.")


def _repeat(name: str, args: list[Node]) -> float:
    count = constant(args[1]) if len(args) > 1 else None
    if not isinstance(count, int) or count > MAX_REPEAT:
        raise Refusal(f"{name}() needs a written number up to {MAX_REPEAT:,}.", advice="Write the number out.")
    return count if name == "repeat" else count / 100


def _bar(name: str, args: list[Node]) -> float:
    return _repeat(name, [args[0], args[3]]) if len(args) > 3 else 1.0


def _list(name: str, args: list[Node]) -> float:
    """A range inside an expression becomes a list in memory: of written numbers or dates, or as long as a list is."""
    values = [constant(a) for a in args]
    numbers = [v for v in values if isinstance(v, int | float)]
    if len(numbers) == len(values):
        size: float | None = _steps(numbers)
    elif dated.is_series(args):
        size = dated.steps(args)
    else:
        size = 10.0 if all(v is not None or _is_size(a) for v, a in zip(values, args, strict=True)) else None
    if size is None or size > MAX_LIST:
        raise Refusal(
            f"{name}() inside an expression needs written numbers or dates and at most {MAX_LIST:,} values.",
            advice=f"Use it as a table: FROM {name}(…).",
        )
    return size


def _is_size(argument: Node) -> bool:
    return argument.get("function_name") in _SIZES


def _steps(numbers: list[int | float]) -> float:
    if len(numbers) < 2:
        return abs(numbers[0]) if numbers else 0.0
    start, stop, step = (*numbers, 1)[:3]
    return abs(stop - start) / abs(step or 1)


def _format(name: str, args: list[Node]) -> float:
    spelt = constant(args[0]) if args else None
    if not isinstance(spelt, str) or len(spelt) > MAX_PATTERN or _WIDTH.search(spelt):
        raise Refusal(f"{name}() needs a written format without wide columns.", advice="Write the format out.")
    return 1.0


def _pattern(name: str, args: list[Node]) -> float:
    spelt = constant(args[1]) if len(args) > 1 else None
    if not isinstance(spelt, str) or len(spelt) > MAX_PATTERN or _COUNTED_PATTERN.search(spelt):
        raise Refusal(f"{name}() needs a written pattern of ordinary length.", advice="Write the pattern out.")
    return _swap(name, args) if name == "regexp_replace" else 1.0


def _swap(name: str, args: list[Node]) -> float:
    """A replacement longer than what it replaces multiplies the text; a value from the data counts for ten letters."""
    old, new = (constant(a) for a in args[1:3]) if len(args) > 2 else (None, None)
    new_length = len(new) if isinstance(new, str) else 10
    old_length = len(old) if isinstance(old, str) and name == "replace" else 1
    growth = new_length / max(1, old_length)
    return growth if growth > 2 else 1.0


def _named(name: str, args: list[Node]) -> float:
    from bi_chat.sql.guard.names import allowed_functions

    spelt = constant(args[1]) if len(args) > 1 else None
    if not isinstance(spelt, str) or spelt.lower() not in allowed_functions():
        raise Refusal(f"{name}() needs the written name of a known aggregate.", advice="For example 'sum'.")
    return 1.0


# Their value is as large as all arguments together.
TOGETHER = frozenset(
    [
        "||",
        "concat",
        "concat_ws",
        "format",
        "printf",
        "list_concat",
        "list_cat",
        "array_concat",
        "array_cat",
        "list_value",
        "list_pack",
        "array_value",
        "list_append",
        "list_prepend",
        "array_append",
        "array_prepend",
        "array_push_back",
        "array_push_front",
        "list_zip",
        "array_zip",
        "row",
        "struct_pack",
        "struct_concat",
        "struct_insert",
        "struct_update",
        "map",
        "map_concat",
        "map_from_entries",
        "json_array",
        "json_object",
        "regexp_replace",
        "replace",
        "overlay",
        "translate",
    ]
)
# A lambda's value for each element of a list.
ITERATED = frozenset(["list_transform", "list_apply", "array_transform", "array_apply", "apply"])
REDUCED = frozenset(["list_reduce", "array_reduce", "reduce"])
# Aggregates whose value grows with the rows.
GATHERED = frozenset(
    [
        "list",
        "array_agg",
        "string_agg",
        "group_concat",
        "listagg",
        "histogram",
        "histogram_exact",
        "json_group_array",
        "json_group_object",
    ]
)
# Time grows with the product of both lengths, and one call can't be stopped.
QUADRATIC = frozenset(
    [
        "levenshtein",
        "damerau_levenshtein",
        "editdist3",
        "jaro_similarity",
        "jaro_winkler_similarity",
    ]
)
# Escaping an escaped text again doubles it each time.
_ESCAPED = {
    **dict.fromkeys(("to_json", "json_quote", "row_to_json", "array_to_json", "regexp_escape", "hex", "to_hex"), 2.0),
    **dict.fromkeys(("to_base64", "base64"), 1.4),
    **dict.fromkeys(("bin", "to_binary"), 8.0),
    "url_encode": 3.0,
}

_RULES: dict[str, Callable[[str, list[Node]], float]] = {
    **dict.fromkeys(("repeat", "lpad", "rpad"), _repeat),
    **dict.fromkeys(("range", "generate_series"), _list),
    **dict.fromkeys(("format", "printf"), _format),
    **dict.fromkeys(
        (
            "regexp_extract",
            "regexp_extract_all",
            "regexp_full_match",
            "regexp_matches",
            "regexp_replace",
            "regexp_split_to_array",
            "str_split_regex",
            "string_split_regex",
        ),
        _pattern,
    ),
    **dict.fromkeys(("list_aggr", "list_aggregate", "array_aggr", "array_aggregate", "aggregate"), _named),
    "replace": _swap,
    "bar": _bar,
}
