"""A cache of its own for the whole room, so that the data are read once and the person's own cache stays untouched."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("BI_CHAT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()
