"""Runs plans over the shop on a real DuckDB, beside hand-written check SQL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

# tests are imported without their folder on the path; the shop lies beside them
sys.path.insert(0, str(Path(__file__).parent))
from shop import ASKED_ON, MODEL, TABLES

from bi_chat.semantics.model import SemanticModel
from bi_chat.sql.compile import compile_plan
from bi_chat.values.issue import Issue
from bi_chat.values.plan import Plan
from bi_chat.values.query import Query

Rows = list[tuple[object, ...]]


@pytest.fixture(scope="session")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    found = duckdb.connect()
    found.execute(TABLES)
    yield found
    found.close()


@pytest.fixture()
def compiled() -> Callable[..., Query]:
    def compile_it(plan: Plan, asked_on: date = ASKED_ON, model: SemanticModel = MODEL) -> Query:
        found = compile_plan(plan, model, asked_on)
        assert not isinstance(found, Issue), found
        return found

    return compile_it


@pytest.fixture()
def rows(connection: duckdb.DuckDBPyConnection, compiled: Callable[..., Query]) -> Callable[..., Rows]:
    """Rows of a plan, as the statement gives them; the columns described are the columns returned."""

    def run(plan: Plan, asked_on: date = ASKED_ON, model: SemanticModel = MODEL) -> Rows:
        query = compiled(plan, asked_on, model)
        result = connection.execute(query.sql)
        assert [d[0] for d in result.description or ()] == [column.name for column in query.columns], query.sql
        return result.fetchall()

    return run


@pytest.fixture()
def check(connection: duckdb.DuckDBPyConnection) -> Callable[[str], Rows]:
    """Rows of hand-written check SQL."""
    return lambda sql: connection.execute(sql).fetchall()


@pytest.fixture()
def refused() -> Callable[..., Issue]:
    def compile_it(plan: Plan, asked_on: date = ASKED_ON, model: SemanticModel = MODEL) -> Issue:
        found = compile_plan(plan, model, asked_on)
        assert isinstance(found, Issue), found.sql
        return found

    return compile_it
