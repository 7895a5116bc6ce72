"""A real server of the API on a free port, over the sample shop, with and without its policy."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn

from bi_chat.frontends.api.keys import new_key
from bi_chat.frontends.api.routes import Api
from bi_chat.frontends.api.server import configured, made
from bi_chat.frontends.open_data import OpenData, open_data
from bi_chat.frontends.sample_data import FOLDER
from bi_chat.settings import Settings, load_settings
from bi_chat.wiring import open_keys

POLICY = FOLDER / "teahouse" / "policy.yaml"
if not FOLDER.is_dir():
    pytest.skip("the sample data lie only in a clone", allow_module_level=True)


@dataclass(frozen=True)
class Served:
    """Where it is, what it runs on, and a way to have a key."""

    url: str
    api: Api
    settings: Settings

    def key(self, user: str, *scopes: str, days: int = 1) -> str:
        """A new key, straight into the store."""
        now = datetime.now(UTC)
        shown, key = new_key(user, scopes or ("ask", "sql"), now, now + timedelta(days=days))
        keys = open_keys(self.settings)
        assert keys is not None
        keys.add(key)
        keys.close()
        return shown

    def client(self, key: str = "") -> httpx.Client:
        """Sends the key with each request."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)


@contextmanager
def serving(opening: Callable[[], OpenData], settings: Settings, *, local: str | None) -> Iterator[Served]:
    """Runs in a thread until the test is over."""
    api = made(opening, settings, local=local)
    server = uvicorn.Server(configured(api, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}", api, settings)
    server.should_exit = True
    thread.join()
    api.close()


def settings_in(folder: Path, **changed: object) -> Settings:
    return replace(load_settings(), state_dir=folder, api_rate=6_000.0, **changed)


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For this machine alone, without a policy."""
    settings = settings_in(tmp_path_factory.mktemp("local"))
    with serving(lambda: open_data("teahouse", settings=settings), settings, local="local") as found:
        yield found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For others: keys, under the sample policy."""
    settings = settings_in(tmp_path_factory.mktemp("served"))
    with serving(lambda: open_data("teahouse", settings=settings, policy=POLICY), settings, local=None) as found:
        yield found
