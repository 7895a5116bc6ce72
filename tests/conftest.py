"""For all tests: a cache and state of their own, and no browser test passed over where one is required."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bi_chat.wiring import Connection

CACHE = "BI_CHAT_CACHE_DIR"
STATE = "BI_CHAT_STATE_DIR"
REQUIRE_BROWSER = "BI_CHAT_REQUIRE_BROWSER"


def pytest_configure(config: pytest.Config) -> None:
    """One empty cache for the run, which workers inherit from the process that starts them; a state for each."""
    if not hasattr(config, "workerinput"):
        made = tempfile.mkdtemp(prefix="bi_chat_tests_")
        os.environ[CACHE] = made
        config.add_cleanup(lambda: shutil.rmtree(made, ignore_errors=True))
    worker = getattr(config, "workerinput", {}).get("workerid", "alone")
    os.environ[STATE] = str(Path(os.environ[CACHE], "state", worker))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped browser test fails where a browser is required: a check that never runs would pass for ever."""
    report = yield
    if report.skipped and os.environ.get(REQUIRE_BROWSER) and item.get_closest_marker("browser") is not None:
        report.outcome = "failed"
        report.longrepr = f"skipped, though {REQUIRE_BROWSER} is set: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The sample shop with its model."""
    from bi_chat.settings import Settings
    from bi_chat.wiring import connect

    folder = Path(__file__).resolve().parents[1] / "datasets" / "teahouse"
    found = connect(folder, model=folder / "model.yaml", settings=Settings(cache_dir=tmp_path_factory.mktemp("cache")))
    yield found
    found.close()
