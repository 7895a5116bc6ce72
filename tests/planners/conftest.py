from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.settings import Settings
from bi_chat.wiring import Connection, connect

ROOT = Path(__file__).resolve().parents[2]
ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.fixture(scope="session")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The sample shop with its model."""
    folder = ROOT / "datasets" / "teahouse"
    found = connect(folder, model=folder / "model.yaml", settings=Settings(cache_dir=tmp_path_factory.mktemp("cache")))
    yield found
    found.close()
