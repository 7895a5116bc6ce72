"""Two databases that differ only in what is forbidden, opened under one policy; made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.interference import Twins, twins


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    made = twins(tmp_path_factory.mktemp("twins"))
    yield made
    made.close()
