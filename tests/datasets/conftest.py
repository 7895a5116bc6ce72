"""Connections to the committed data sets: each Parquet file is a view named by its stem."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]


def connect(name: str) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for file in sorted((ROOT / "datasets" / name).glob("*.parquet")):
        con.execute(f"CREATE VIEW \"{file.stem}\" AS FROM read_parquet('{file.as_posix()}')")
    return con


@pytest.fixture(scope="session")
def teahouse() -> duckdb.DuckDBPyConnection:
    return connect("teahouse")


@pytest.fixture(scope="session")
def market() -> duckdb.DuckDBPyConnection:
    return connect("market")


@pytest.fixture(params=["teahouse", "market"])
def data_set(request: pytest.FixtureRequest) -> tuple[Path, duckdb.DuckDBPyConnection]:
    """Folder and connection of each data set in turn."""
    return ROOT / "datasets" / request.param, request.getfixturevalue(request.param)
