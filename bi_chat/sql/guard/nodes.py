"""Out: the shapes of the engine's parse tree that a checked statement may contain; any other shape is refused.

A shape is a node's `class` (expressions) or `type` (tables, queries, modifiers) with its keys. A key that isn't named
here must be empty: a later release that adds a feature under a new key is refused until someone has looked at it.
"""

from __future__ import annotations

_EVERYWHERE = "class type alias query_location query_location_length"
_TABLE = f"{_EVERYWHERE} sample"
_CALL = f"{_EVERYWHERE} function_name schema catalog qualified_name arguments children distinct"
_QUERY = "type modifiers cte_map"


def _keys(*texts: str) -> frozenset[str]:
    return frozenset(" ".join(texts).split())


EXPRESSIONS = {
    "BETWEEN": _keys(_EVERYWHERE, "input lower upper"),
    "CASE": _keys(_EVERYWHERE, "case_checks else_expr"),
    "CAST": _keys(_EVERYWHERE, "child try_cast type_expr cast_type"),
    "COLLATE": _keys(_EVERYWHERE, "child collation"),
    "COLUMN_REF": _keys(_EVERYWHERE, "column_names"),
    "COMPARISON": _keys(_EVERYWHERE, "left right"),
    "CONJUNCTION": _keys(_EVERYWHERE, "children"),
    "CONSTANT": _keys(_EVERYWHERE, "literal value"),
    "FUNCTION": _keys(_CALL, "filter order_bys is_operator"),
    "LAMBDA": _keys(_EVERYWHERE, "lhs expr syntax_type"),
    "OPERATOR": _keys(_EVERYWHERE, "children"),
    "POSITIONAL_REFERENCE": _keys(_EVERYWHERE, "index"),
    "STAR": _keys(
        _EVERYWHERE, "relation_name exclude_list replace_list columns expr qualified_exclude_list rename_list"
    ),
    "SUBQUERY": _keys(_EVERYWHERE, "subquery_type subquery child comparison_type"),
    "TYPE": _keys(_EVERYWHERE, "catalog schema type_name children qualified_name"),
    "WINDOW": _keys(
        _CALL,
        "partitions orders start end start_expr end_expr offset_expr default_expr ignore_nulls has_ignore_nulls",
        "filter_expr exclude_clause arg_orders",
    ),
}

OPERATORS = frozenset(
    [
        "ARRAY_CONSTRUCTOR",
        "ARRAY_EXTRACT",
        "ARRAY_SLICE",
        "COMPARE_IN",
        "COMPARE_NOT_IN",
        "GROUPING_FUNCTION",
        "OPERATOR_COALESCE",
        "OPERATOR_IS_NOT_NULL",
        "OPERATOR_IS_NULL",
        "OPERATOR_NOT",
        "OPERATOR_NULLIF",
        "OPERATOR_TRY",
        "OPERATOR_UNPACK",
        "STRUCT_EXTRACT",
    ]
)

TABLES = {
    "BASE_TABLE": _keys(_TABLE, "schema_name table_name catalog_name column_name_alias qualified_name"),
    "EMPTY": _keys(_TABLE),
    "EXPRESSION_LIST": _keys(_TABLE, "expected_names expected_types values"),
    "JOIN": _keys(
        _TABLE,
        "left right condition join_type ref_type using_columns delim_flipped is_implicit",
        "nearest_count nearest_order_type nearest_approx",
    ),
    "PIVOT": _keys(_TABLE, "source aggregates unpivot_names pivots groups column_name_alias include_nulls"),
    "SUBQUERY": _keys(_TABLE, "subquery column_name_alias"),
    "TABLE_FUNCTION": _keys(_TABLE, "function column_name_alias with_ordinality"),
}

QUERIES = {
    "SELECT_NODE": _keys(
        _QUERY,
        "select_list from_table where_clause group_expressions group_sets aggregate_handling having sample qualify",
    ),
    "SET_OPERATION_NODE": _keys(_QUERY, "setop_type left right setop_all children"),
    "RECURSIVE_CTE_NODE": _keys(_QUERY, "cte_name union_all left right aliases key_targets"),
}

MODIFIERS = {
    "DISTINCT_MODIFIER": _keys("type distinct_on_targets"),
    "LIMIT_MODIFIER": _keys("type limit offset limit_type"),
    "LIMIT_PERCENT_MODIFIER": _keys("type limit offset"),
    "ORDER_MODIFIER": _keys("type orders"),
}

ORDERS = frozenset({"ASCENDING", "DESCENDING", "ORDER_DEFAULT"})
ORDER_KEYS = _keys("type null_order expression")

# Parts that have no `class` and no `type` of their own, by the key under which they stand.
PARTS = {
    "arguments": _keys("name expression"),
    "case_checks": _keys("when_expr then_expr"),
    "cte_map": _keys("map"),
    "map": _keys("key value"),
    "cte_value": _keys("aliases materialized key_targets query_node"),
    "subquery": _keys("node"),
    "pivots": _keys("pivot_expressions unpivot_names entries"),
    "entries": _keys("values star_expr alias"),
    "rename_list": _keys("key value"),
    "replace_list": _keys("key value"),
    "sample": _keys("sample_size is_percentage method seed repeatable sample_rate"),
}

# Under these keys stand values, not syntax: nothing in them names a table or calls a function.
VALUES = frozenset(
    [
        "literal",
        "qualified_name",
        "sample_size",
        "expected_names",
        "expected_types",
        "column_names",
        "column_name_alias",
        "exclude_list",
        "qualified_exclude_list",
        "aliases",
        "unpivot_names",
        "using_columns",
        "group_sets",
        "key",
    ]
)

TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})

# Bare words that the engine answers by itself (session functions, a stored table's row number) where no column has
# the name.
SESSION_WORDS = frozenset(
    [
        "user",
        "current_user",
        "session_user",
        "current_role",
        "current_catalog",
        "current_database",
        "current_schema",
        "current_setting",
        "system_user",
        "rowid",
    ]
)
