"""Each statement of guard_refuse.yaml is refused with advice; each of guard_allow.yaml runs on a real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.sql.guard import check
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.query import CheckedQuery

FIXTURES = Path(__file__).parents[1] / "fixtures"


def cases(name: str) -> list[object]:
    entries = yaml.safe_load((FIXTURES / name).read_text(encoding="utf-8"))
    return [pytest.param(entry["sql"], id=entry["title"]) for entry in entries]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    path = tmp_path_factory.mktemp("guard") / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute((FIXTURES / "guard_shop.sql").read_text(encoding="utf-8"))
    made = DuckDBEngine(path, hidden=frozenset({"staff", "v_staff"}), timeout=10.0)
    yield made
    made.close()


@pytest.mark.parametrize("sql", cases("guard_refuse.yaml"))
def test_refused(engine: DuckDBEngine, sql: str) -> None:
    issue = check(sql, engine.catalog())
    assert isinstance(issue, Issue), f"passed as {issue.sql}"
    assert issue.code is IssueCode.REFUSED_SQL
    assert issue.problem.endswith((".", ")", "…)")), issue.problem
    assert "CANARY" not in repr(issue)
    if issue.span is not None:
        start, end = issue.span
        assert 0 <= start < end <= len(sql) + 1


@pytest.mark.parametrize("sql", cases("guard_allow.yaml"))
def test_allowed_and_run(engine: DuckDBEngine, sql: str) -> None:
    checked = check(sql, engine.catalog())
    assert isinstance(checked, CheckedQuery), checked
    result = engine.run(checked)
    assert [column.name for column in result.columns] == result.frame.columns
    assert "CANARY" not in repr(result.rows)


def test_there_are_enough_cases() -> None:
    assert len(cases("guard_refuse.yaml")) >= 80
    assert len(cases("guard_allow.yaml")) >= 60
