"""Profiles against hand-written SQL over the same tables: exact where all rows are read, honest where a sample is."""

from __future__ import annotations

import duckdb
import pytest

from bi_chat.errors import EngineError

SMALL = """
CREATE TABLE t AS SELECT
  i AS id, i % 4 AS four, CASE WHEN i % 5 = 0 THEN NULL ELSE 'n' || (i % 3) END AS word, i / 2.0 AS half,
  (i * 1.25)::DECIMAL(8,2) AS price, DATE '2024-01-01' + i::INTEGER AS day,
  TIMESTAMP '2024-01-01 00:00:00' + to_hours(i) AS at_time, i % 2 = 0 AS even, [i] AS listed, 'u' || i AS name,
  NULL::INTEGER AS nothing, uuid() AS u
FROM range(200) r(i)
"""


@pytest.fixture()
def engine(opened):
    return opened(SMALL)


@pytest.fixture()
def truth(engine):
    with duckdb.connect(str(engine.database), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "name", ["id", "four", "word", "half", "price", "day", "at_time", "even", "name", "nothing", "u"]
)
def test_counts(engine, truth, name):
    found = engine.profile("t").column(name)
    nulls, distinct = truth.execute(f"SELECT count(*) - count({name}), count(DISTINCT {name}) FROM t").fetchone()
    assert (found.sampled, found.nulls, found.distinct) == (200, nulls, distinct)
    assert found.unique == (distinct == 200 - nulls > 0)


def test_bounds_are_numbers_or_iso_text(engine):
    profile = engine.profile("t")
    bounds = {
        name: (profile.column(name).low, profile.column(name).high)
        for name in ("id", "half", "price", "day", "at_time", "word", "nothing")
    }
    assert bounds == {
        "id": (0, 199),
        "half": (0.0, 99.5),
        "price": (0.0, 248.75),
        "day": ("2024-01-01", "2024-07-18"),
        "at_time": ("2024-01-01 00:00:00", "2024-01-09 07:00:00"),
        "word": ("n0", "n2"),
        "nothing": (None, None),
    }


def test_values_most_frequent_first(engine, truth):
    expected = truth.execute(
        "SELECT word FROM t WHERE word IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
    ).fetchall()
    found = engine.profile("t").column("word")
    assert found.values == tuple(row[0] for row in expected)
    assert found.values_complete


def test_values_beyond_the_limit_are_not_called_complete(engine):
    found = engine.profile("t", value_limit=10).column("name")
    assert len(found.values) == 10
    assert not found.values_complete
    assert engine.profile("t", value_limit=200).column("name").values_complete


def test_mean_length(engine, truth):
    (expected,) = truth.execute("SELECT avg(length(name)) FROM t").fetchone()
    assert engine.profile("t").column("name").mean_length == pytest.approx(expected)


def test_nested_columns_are_counted_only(engine):
    found = engine.profile("t").column("listed")
    assert (found.nulls, found.distinct, found.values, found.low) == (0, 0, (), None)


def test_an_empty_table(opened):
    found = opened("CREATE TABLE t(a INTEGER, b VARCHAR)").profile("t")
    assert [(c.sampled, c.nulls, c.distinct, c.unique, c.values) for c in found.columns] == [(0, 0, 0, False, ())] * 2


def test_a_view_is_profiled(opened):
    engine = opened("CREATE TABLE t AS SELECT range AS i FROM range(50); CREATE VIEW v AS SELECT i FROM t WHERE i < 20")
    found = engine.profile("v").column("i")
    assert (found.sampled, found.distinct, found.high) == (20, 20, 19)


def test_odd_names(opened):
    engine = opened('CREATE TABLE "a ""b" AS SELECT 1 AS "c ""d", \'x\' AS 列')
    found = engine.profile('a "b')
    assert [c.column for c in found.columns] == ['c "d', "列"]
    assert found.column("列").values == ("x",)


def test_a_table_may_use_any_name_for_its_columns(opened):
    """Also those that the profiling's own queries might use."""
    engine = opened(
        "CREATE TABLE sample AS SELECT range % 3 AS k, 'x' AS v, 'y' AS sample, 1 AS \"count\" FROM range(9)"
    )
    profile = engine.profile("sample")
    assert profile.column("k").values == ("0", "1", "2")
    assert [c.distinct for c in profile.columns] == [3, 1, 1, 1]


def test_a_declared_key_is_believed(opened):
    engine = opened("CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t SELECT range FROM range(10)")
    assert engine.profile("t", sample_rows=3).column("id").unique


def test_an_unknown_table(engine):
    with pytest.raises(EngineError, match="no table"):
        engine.profile("nowhere")


BIG = """
CREATE TABLE big AS SELECT i AS id, i % 50 AS k, 'g' || (i % 30) AS g, DATE '2020-01-01' + (i // 1000)::INTEGER AS d,
  CASE WHEN i = 299999 THEN 0 ELSE i END AS nearly, hash(i)::VARCHAR AS code
FROM range(300000) r(i)
"""


def test_a_big_table_is_sampled_and_says_so(opened):
    profile = opened(BIG).profile("big", sample_rows=20_000)
    assert {c.sampled for c in profile.columns} == {20_000}
    assert profile.column("g").distinct == 30
    assert not profile.column("g").values_complete, "a sample can't promise that it saw every value"


def test_the_ends_of_a_sampled_column_come_from_all_rows(opened):
    profile = opened(BIG).profile("big", sample_rows=20_000)
    assert (profile.column("id").low, profile.column("id").high) == (0, 299_999)
    assert (profile.column("d").low, profile.column("d").high) == ("2020-01-01", "2020-10-26")


def test_unique_is_decided_over_all_rows(opened):
    """One repeated value in 300,000 that hardly any sample would hold twice."""
    profile = opened(BIG).profile("big", sample_rows=20_000)
    assert profile.column("id").unique
    assert profile.column("code").unique
    assert not profile.column("nearly").unique


def test_a_sample_is_spread_over_the_whole_table(opened):
    profile = opened(BIG).profile("big", sample_rows=20_000)
    assert profile.column("d").distinct > 15, "not only the first rows"


def test_profiling_stops_in_time(opened):
    engine = opened(
        "CREATE VIEW slow AS SELECT sum(a.range * b.range) AS x FROM range(1000000) a, range(1000000) b", timeout=0.5
    )
    with pytest.raises(EngineError):
        engine.profile("slow")
