"""A table that answers only in groups: what of it may be asked, and that no row ever shows."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bi_chat.sql.guard import check
from bi_chat.values.catalog import Catalog, Column, GroupRule, Table
from bi_chat.values.issue import Issue
from bi_chat.values.query import CheckedQuery

FIXTURE = Path(__file__).parents[1] / "fixtures" / "policy" / "groups.yaml"
CASES = yaml.safe_load(FIXTURE.read_text("utf-8"))
STAFF = Table(
    "staff",
    (
        Column("id", "INTEGER"),
        Column("name", "VARCHAR"),
        Column("salary", "DOUBLE"),
        Column("dept", "VARCHAR"),
        Column("year", "INTEGER"),
    ),
    groups=GroupRule(5, "id", ("dept", "year")),
)
DEPTS = Table("depts", (Column("id", "INTEGER"), Column("dept", "VARCHAR"), Column("floor", "INTEGER")))
CATALOG = Catalog((STAFF, DEPTS))


@pytest.mark.parametrize("sql", CASES["allowed"])
def test_groups_are_answered(sql: str) -> None:
    found = check(sql, CATALOG)
    assert isinstance(found, CheckedQuery), found


@pytest.mark.parametrize("sql", CASES["refused"])
def test_rows_are_not(sql: str) -> None:
    found = check(sql, CATALOG)
    assert isinstance(found, Issue), "it passed"
    assert "staff answers only in groups, picked by dept, year." in found.problem
    assert "sum(" in found.problem


def test_without_the_rule_the_same_statements_are_not_refused_for_it() -> None:
    free = Catalog((Table("staff", STAFF.columns), DEPTS))
    said = [found.problem for sql in CASES["refused"] if isinstance(found := check(sql, free), Issue)]
    assert not any("groups" in problem for problem in said)
