"""Metric and field texts: taken apart into aggregates, or refused with a reason."""

from __future__ import annotations

import pytest

from bi_chat.sql.expressions import ColumnName, ExpressionFault, parse_metric, parse_row


def _kinds(text):
    return [a.kind for a in parse_metric(text).aggregates]


@pytest.mark.parametrize(
    ("text", "kinds", "additive"),
    [
        ("SUM(a.x)", ["sum"], True),
        ("12 * SUM(a.x)", ["sum"], True),
        ("SUM(a.x) - COUNT(*)", ["sum", "count_rows"], True),
        ("SUM(a.x) / 100", ["sum"], True),
        ("SUM(a.x) + 5", ["sum"], False),
        ("100 / COUNT(a.x)", ["count"], False),
        ("COUNT(DISTINCT a.x)", ["count_distinct"], False),
        ("SUM(a.x) / COUNT(DISTINCT a.y)", ["sum", "count_distinct"], False),
        ("COUNT(*) FILTER (WHERE a.x > 1) / COUNT(*)", ["count_rows", "count_rows"], False),
        ("SUM(a.x) / b.y", ["sum", "attribute"], False),
        ("AVG(a.x)", ["avg"], False),
        ("ROUND(SUM(a.x), 2)", ["sum"], False),
        ("MEDIAN(a.x)", ["other"], False),
        ("SUM(DISTINCT a.x)", ["other"], False),
        ("ARG_MAX(a.x, a.y)", ["other"], False),
    ],
)
def test_kinds_and_additivity(text, kinds, additive):
    assert _kinds(text) == kinds
    assert parse_metric(text).additive is additive


def test_columns_are_named_with_their_dataset():
    (only,) = parse_metric('SUM("销售"."金额" - b.cost)').aggregates
    assert set(only.columns) == {ColumnName("销售", "金额"), ColumnName("b", "cost")}


def test_divisions_are_safe_once():
    assert parse_metric("SUM(a.x) / SUM(a.y)").tree.sql("duckdb").count("NULLIF") == 1
    assert parse_metric("SUM(a.x) / NULLIF(SUM(a.y), 0)").tree.sql("duckdb").count("NULLIF") == 1


@pytest.mark.parametrize(
    "text",
    ["SUM(", "(SELECT 1)", "SUM(x) OVER ()", "AVG(SUM(x))", "no_such_fn(a.x)", "SUM((SELECT max(y) FROM t))"],
)
def test_what_is_no_metric_is_refused(text):
    with pytest.raises(ExpressionFault):
        parse_metric(text)


@pytest.mark.parametrize("text", ["(SELECT password FROM users)", "SUM(x) OVER ()", "a +"])
def test_what_is_no_field_is_refused(text):
    with pytest.raises(ExpressionFault):
        parse_row(text)


def test_a_text_is_parsed_once():
    assert parse_metric("SUM(a.z)") is parse_metric("SUM(a.z)")
