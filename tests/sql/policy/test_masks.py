"""Masks: what stands in place of a value, and what of it can't be told any more."""

from __future__ import annotations

import duckdb
import pytest

from bi_chat.sql import nodes
from bi_chat.sql.policy.masks import masked, misuse, type_of
from bi_chat.values.catalog import Column
from bi_chat.values.policy import Mask

KEY = "k" * 64


def shown(mask: Mask, kind: str, *values: str, secret: str = KEY) -> list[object]:
    column = Column("c", kind)
    sql = masked(mask, column, nodes.column("c"), secret).sql(dialect="duckdb")
    with duckdb.connect() as connection:
        rows = " UNION ALL ".join(f"SELECT {v}::{kind} AS c" for v in values)
        found = connection.execute(f"SELECT {sql}, typeof({sql}) FROM ({rows})").fetchall()
    assert {row[1] for row in found} == {type_of(mask, column)}
    return [row[0] for row in found]


def test_null_leaves_the_type_alone() -> None:
    assert shown(Mask("null"), "INTEGER", "1", "NULL") == [None, None]
    assert shown(Mask("null"), "STRUCT(a INTEGER)", "{'a': 1}") == [None]


def test_partial_keeps_the_end_of_long_values_only() -> None:
    mask = Mask("partial", keep=4)
    assert shown(mask, "VARCHAR", "'DE1234567890'", "'1234567'", "''", "NULL") == ["***7890", "***", "***", None]
    assert shown(mask, "BIGINT", "4929123456781234") == ["***1234"]


def test_the_stars_do_not_tell_the_length() -> None:
    short, long = shown(Mask("partial", keep=2), "VARCHAR", "'abcd99'", "'a much longer text 99'")
    assert short == long == "***99"


def test_equal_values_have_equal_hashes_and_another_key_gives_others() -> None:
    first, second, same = shown(Mask("hash"), "VARCHAR", "'a@b.c'", "'x@b.c'", "'a@b.c'")
    assert first == same != second
    assert shown(Mask("hash"), "VARCHAR", "'a@b.c'", secret="z" * 64) != [first]
    assert len(str(first)) == 16
    assert shown(Mask("hash"), "VARCHAR", "NULL") == [None]


def test_buckets_of_numbers_and_days() -> None:
    assert shown(Mask("bucket", width=10), "DECIMAL(9,2)", "123.45", "-3", "NULL") == [120.0, -10.0, None]
    [month] = shown(Mask("bucket", grain="month"), "TIMESTAMP", "'2024-05-06 07:08:09'")
    assert str(month) == "2024-05-01 00:00:00"


@pytest.mark.parametrize(
    ("mask", "kind"), [(Mask("bucket", width=5), "VARCHAR"), (Mask("bucket", grain="day"), "BIGINT")]
)
def test_a_mask_that_does_not_fit_its_column_is_named(mask: Mask, kind: str) -> None:
    assert "c holds no" in misuse(mask, Column("c", kind))
    assert misuse(Mask("hash"), Column("c", kind)) == ""
