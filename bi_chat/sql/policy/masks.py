"""In: a mask and a column. Out: the expression that stands in the column's place inside a policy's view.

What the view doesn't give, no statement over it can get back: filters, orders and joins see the masked values only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.sql import nodes
from bi_chat.values.catalog import Column
from bi_chat.values.policy import Mask

if TYPE_CHECKING:
    from sqlglot import exp

STARS = "***"
_HASHED = 16
_NUMBERS = (
    "TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT DOUBLE DECIMAL".split()
)
_DAYS = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE")
GRAINS = ("day", "week", "month", "quarter", "year", "decade")


def misuse(mask: Mask, column: Column) -> str:
    """Why a mask doesn't fit a column; '' when it does."""
    kind = column.type.split("(")[0]
    if mask.kind == "bucket" and mask.width and kind not in _NUMBERS:
        return f"{column.name} holds no numbers ({column.type}), so it can't be cut into buckets of {mask.width:g}."
    if mask.kind == "bucket" and mask.grain and kind not in _DAYS:
        return f"{column.name} holds no dates ({column.type}), so it can't be cut to the {mask.grain}."
    return ""


def masked(mask: Mask, column: Column, value: exp.Expression, secret: str) -> exp.Expression:
    """The masked value of `value`, which stands for the column. `secret` keys the hashes."""
    from sqlglot import exp

    if mask.kind == "hash":
        return _hashed(_text(value), secret)
    if mask.kind == "partial":
        return _partial(_text(value), mask.keep)
    if mask.kind == "bucket" and mask.grain:
        cut = exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string(mask.grain), value])
        return _as_type(cut, column.type)
    if mask.kind == "bucket":
        width = nodes.number(mask.width)
        floor = exp.Anonymous(this="floor", expressions=[exp.Div(this=_as_type(value, "DOUBLE"), expression=width)])
        return exp.Mul(this=exp.Paren(this=floor), expression=width.copy())
    return _as_type(exp.null(), column.type)


def type_of(mask: Mask, column: Column) -> str:
    """The type of the masked values."""
    if mask.kind in ("hash", "partial"):
        return "VARCHAR"
    return "DOUBLE" if mask.kind == "bucket" and not mask.grain else column.type


def _hashed(text: exp.Expression, secret: str) -> exp.Expression:
    """The nested form of HMAC, so that nothing can be appended: sha256(secret ‖ sha256(secret ‖ value)).

    Equal values have equal hashes in every column, so that masked keys still join.
    """
    from sqlglot import exp

    def keyed(inner: exp.Expression) -> exp.Expression:
        joined = exp.DPipe(this=exp.Literal.string(secret), expression=inner)
        return exp.Anonymous(this="sha256", expressions=[joined])

    return exp.Anonymous(this="left", expressions=[keyed(keyed(text)), exp.Literal.number(_HASHED)])


def _partial(text: exp.Expression, keep: int) -> exp.Expression:
    """Stars and the last characters; only stars where these would be more than half of the value.

    The number of stars is fixed: it does not tell the length.
    """
    from sqlglot import exp

    ending = exp.Anonymous(this="right", expressions=[text.copy(), exp.Literal.number(keep)])
    shown = exp.DPipe(this=exp.Literal.string(STARS), expression=ending)
    length = exp.Anonymous(this="length", expressions=[text.copy()])
    long = exp.GTE(this=length, expression=exp.Literal.number(2 * keep))
    missing = exp.Is(this=text, expression=exp.null())
    return (
        exp.Case()
        .when(missing, exp.null(), copy=False)
        .when(long, shown, copy=False)
        .else_(exp.Literal.string(STARS), copy=False)
    )


def _text(value: exp.Expression) -> exp.Expression:
    return _as_type(value, "VARCHAR")


def _as_type(value: exp.Expression, kind: str) -> exp.Expression:
    from sqlglot import exp

    return exp.Cast(this=value, to=exp.DataType.build(kind, dialect="duckdb", udt=True))
