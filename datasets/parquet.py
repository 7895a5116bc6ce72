"""In: rows of a table and its columns. Out: a Parquet file (zstd), money as exact decimals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl

KINDS: dict[str, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int32(),
    "bigint": pl.Int64(),
    "float": pl.Float64(),
    "flag": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "money": pl.Decimal(12, 2),
}


def cents(amount: float) -> int:
    """An amount in whole cents, half a cent rounded away from zero."""
    return int(amount * 100 + (0.5 if amount >= 0 else -0.5))


def write_table(folder: Path, name: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
    """Write one table. `columns` reads "name kind, name kind"; cells of money columns are whole cents or None."""
    described = [column.split() for column in columns.split(", ")]
    cells = zip(*rows, strict=True)
    series = [_series(column, kind, values) for (column, kind), values in zip(described, cells, strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(series).write_parquet(folder / f"{name}.parquet", compression="zstd", compression_level=19)


def _series(name: str, kind: str, values: Sequence[object]) -> pl.Series:
    if kind == "money":
        values = [Decimal(v).scaleb(-2) if isinstance(v, int) else None for v in values]
    return pl.Series(name, values, dtype=KINDS[kind], strict=True)
