"""Every type of the engine comes out as one of six plain ones, whether few rows are asked for or many."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import polars as pl
import pytest

TYPES = """
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE TABLE t AS SELECT
  1::TINYINT AS tiny, 2::SMALLINT AS small, 3::INTEGER AS int, 4::BIGINT AS big, 5::HUGEINT AS huge,
  170141183460469231731687303715884105727::HUGEINT AS hugest,
  6::UTINYINT AS utiny, 7::UINTEGER AS uint, 18446744073709551615::UBIGINT AS ubig, 8::UHUGEINT AS uhuge,
  1.5::FLOAT AS single, 2.5::DOUBLE AS double, 'nan'::DOUBLE AS nan, 'infinity'::DOUBLE AS inf,
  1234567.0123456789::DECIMAL(38,10) AS decimal, true AS yes, 'text' AS text,
  DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 12:30:00.000001' AS stamp,
  TIMESTAMP_S '2024-02-29 12:30:00' AS stamp_s, TIMESTAMP_NS '2024-02-29 12:30:00' AS stamp_ns,
  TIMESTAMPTZ '2024-02-29 12:30:00+02' AS zoned, TIME '01:02:03' AS clock, TIMETZ '01:02:03+01' AS zoned_clock,
  INTERVAL 3 DAY AS span, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID AS uuid, 'high'::mood AS mood,
  '0101'::BIT AS bits, 'ab'::BLOB AS blob, [1, 2] AS list, [1, 2]::INTEGER[2] AS array, {'a': 1, 'b': 'x'} AS struct,
  MAP {'k': 1} AS map, '{"a": [1]}'::JSON AS json, NULL AS nothing,
  DATE 'infinity' AS forever, DATE '0044-03-15 (BC)' AS ides, TIMESTAMP '-infinity' AS never
"""

EXPECTED: dict[str, tuple[pl.DataType, object]] = {
    "tiny": (pl.Int64(), 1),
    "small": (pl.Int64(), 2),
    "int": (pl.Int64(), 3),
    "big": (pl.Int64(), 4),
    "huge": (pl.Int64(), 5),
    "hugest": (pl.Float64(), 1.7014118346046923e38),
    "utiny": (pl.Int64(), 6),
    "uint": (pl.Int64(), 7),
    "ubig": (pl.Float64(), 18446744073709551615.0),
    "uhuge": (pl.Int64(), 8),
    "single": (pl.Float64(), 1.5),
    "double": (pl.Float64(), 2.5),
    "inf": (pl.Float64(), math.inf),
    "decimal": (pl.Float64(), 1234567.0123456789),
    "yes": (pl.Boolean(), True),
    "text": (pl.String(), "text"),
    "day": (pl.Date(), date(2024, 2, 29)),
    "stamp": (pl.Datetime("us"), datetime(2024, 2, 29, 12, 30, 0, 1)),
    "stamp_s": (pl.Datetime("us"), datetime(2024, 2, 29, 12, 30)),
    "stamp_ns": (pl.Datetime("us"), datetime(2024, 2, 29, 12, 30)),
    "zoned": (pl.Datetime("us", "UTC"), datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
    "clock": (pl.String(), "01:02:03"),
    "zoned_clock": (pl.String(), "01:02:03+01"),
    "span": (pl.String(), "3 days"),
    "uuid": (pl.String(), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "mood": (pl.String(), "high"),
    "bits": (pl.String(), "0101"),
    "blob": (pl.String(), "ab"),
    "list": (pl.String(), "[1, 2]"),
    "array": (pl.String(), "[1, 2]"),
    "struct": (pl.String(), "{'a': 1, 'b': x}"),
    "map": (pl.String(), "{k=1}"),
    "json": (pl.String(), '{"a": [1]}'),
    "nothing": (pl.String(), None),
    "forever": (pl.Date(), None),
    "ides": (pl.Date(), None),
    "never": (pl.Datetime("us"), None),
}

FEW_AND_MANY = pytest.mark.parametrize("row_limit", [100, 20_000])


@FEW_AND_MANY
@pytest.mark.parametrize("name", EXPECTED)
def test_type(opened, ask, name, row_limit):
    result = ask(opened(TYPES), f'SELECT "{name}" FROM t', row_limit=row_limit)
    kind, value = EXPECTED[name]
    assert result.frame.schema[name] == kind
    assert result.frame[name].to_list() == [value]


@FEW_AND_MANY
def test_not_a_number_stays_one(opened, ask, row_limit):
    (value,) = ask(opened(TYPES), "SELECT nan FROM t", row_limit=row_limit).rows[0]
    assert isinstance(value, float) and math.isnan(value)


@FEW_AND_MANY
def test_no_rows_still_have_their_types(opened, ask, row_limit):
    engine = opened(TYPES)
    full, empty = (ask(engine, f"SELECT * FROM t {w}", row_limit=row_limit).frame for w in ("", "WHERE big = 0"))
    wide = {"hugest", "ubig"}  # where no value says that they don't fit, they count as whole numbers
    assert empty.height == 0
    assert {n: k for n, k in full.schema.items() if n not in wide} == {
        n: k for n, k in empty.schema.items() if n not in wide
    }


def test_few_and_many_rows_give_the_same_frame(opened, ask):
    engine = opened(TYPES)
    few, many = (
        ask(engine, "SELECT * EXCLUDE (nan) FROM t UNION ALL FROM (SELECT * EXCLUDE (nan) FROM t)", row_limit=n).frame
        for n in (10, 20_000)
    )
    assert few.equals(many, null_equal=True)
    assert few.schema == many.schema


def test_nulls_come_through_in_every_type(opened, ask):
    engine = opened(TYPES + "; INSERT INTO t (text) VALUES ('second')")
    last = ask(engine, "SELECT * FROM t").rows[1]
    assert [cell for cell in last if cell is not None] == ["second"]


def test_the_time_zone_of_the_engine_is_kept(opened, ask):
    engine = opened(TYPES, time_zone="Asia/Shanghai")
    for row_limit in (10, 20_000):
        (value,) = ask(engine, "SELECT zoned FROM t", row_limit=row_limit).rows[0]
        assert value == datetime(2024, 2, 29, 10, 30, tzinfo=UTC)
        assert value.hour == 18


def test_the_time_zone_also_cuts_days(opened, ask):
    engine = opened(
        "CREATE TABLE t AS SELECT TIMESTAMPTZ '2024-02-28 22:00:00+00' AS moment", time_zone="Asia/Shanghai"
    )
    assert ask(engine, "SELECT moment::DATE, strftime(date_trunc('day', moment), '%d') FROM t").rows == [
        (date(2024, 2, 29), "29")
    ]


def test_repeated_column_names_are_told_apart(opened, ask):
    engine = opened("CREATE TABLE t AS SELECT 1 AS id, 2.5::DECIMAL(4,1) AS x")
    assert ask(engine, "SELECT a.id, b.id, a.x, b.x FROM t a, t b").frame.columns == ["id", "id_1", "x", "x_1"]


def test_odd_column_names_survive(opened, ask):
    engine = opened('CREATE TABLE t("a ""b" DECIMAL(4,1), "金 额" DATE)')
    assert ask(engine, "SELECT * FROM t").frame.columns == ['a "b', "金 额"]


def test_columns_are_described_by_their_types(opened, ask):
    result = ask(opened(TYPES), "SELECT day, stamp, int, double, text FROM t")
    assert [(c.role, c.format) for c in result.columns] == [
        ("time", "date"),
        ("time", "text"),
        ("measure", "integer"),
        ("measure", "number"),
        ("dimension", "text"),
    ]
    assert not any(column.additive for column in result.columns if column.role == "measure")
