"""A PIVOT that lists no values gets them from the data, through the same guard as everything else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from bi_chat.conversation.own_sql import admitted
from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.values.issue import Issue
from bi_chat.values.query import CheckedQuery

TABLES = """
CREATE TABLE sales AS SELECT i AS id, ['paid', 'open', 'it''s'][1 + i % 3] AS status, i * 1.5 AS amount,
  DATE '2023-11-01' + i::INTEGER AS day FROM range(120) t(i);
CREATE TABLE secrets AS SELECT 'x' AS word;
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pivots") / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
    return path


@pytest.fixture(scope="module")
def engine(path: Path) -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(path, hidden=frozenset({"secrets"}))
    yield made
    made.close()


def admit(sql: str, engine: DuckDBEngine) -> CheckedQuery | Issue:
    return admitted(sql, engine.catalog(), engine, row_limit=1_000)


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT sales ON status USING sum(amount)",
        "PIVOT (SELECT status, month(day) AS m, amount FROM sales) ON status USING sum(amount) GROUP BY m ORDER BY m",
        "SELECT * FROM (PIVOT sales ON status, year(day) USING sum(amount) AS a, count(*) GROUP BY ALL) p ORDER BY ALL",
        "WITH s AS (SELECT status, amount, id % 4 AS q FROM sales) PIVOT s ON status USING max(amount) ORDER BY q",
        "WITH s AS (SELECT status, amount, id % 4 AS q FROM sales) SELECT * FROM (PIVOT s ON q USING avg(amount))",
        "PIVOT sales ON month(day) USING count(*) GROUP BY status",
    ],
)
def test_it_gives_what_the_engine_alone_would(sql: str, engine: DuckDBEngine, path: Path) -> None:
    checked = admit(sql.replace("GROUP BY ALL", "GROUP BY id"), engine)
    assert isinstance(checked, CheckedQuery), checked
    result = engine.run(checked)
    with duckdb.connect(str(path), read_only=True) as connection:
        wanted = connection.execute(sql.replace("GROUP BY ALL", "GROUP BY id"))
        names = [column[0] for column in wanted.description]
        rows = [tuple(float(c) if str(type(c)).endswith("Decimal'>") else c for c in r) for r in wanted.fetchall()]
    assert result.frame.columns == names
    assert sorted(map(repr, result.rows)) == sorted(map(repr, rows))


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT secrets ON word USING count(*)",
        "PIVOT sales ON query('SELECT 1') USING count(*)",
        "PIVOT sales ON status USING count(*); DROP TABLE sales",
        "PIVOT sales ON (SELECT word FROM secrets) USING count(*)",
        "PIVOT read_csv('x') ON status USING count(*)",
    ],
)
def test_what_is_refused_stays_refused(sql: str, engine: DuckDBEngine) -> None:
    assert isinstance(admit(sql, engine), Issue)


def test_more_columns_than_anybody_reads_are_refused_with_advice(engine: DuckDBEngine) -> None:
    found = admit("PIVOT sales ON id USING sum(amount)", engine)
    assert isinstance(found, Issue)
    assert "more than 100 columns" in found.problem
    assert "List the ones you need" in found.problem
