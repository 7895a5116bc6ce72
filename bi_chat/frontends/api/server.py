"""In: data, who may call, an address. Out: the API, made; and served until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import uvicorn
from starlette.applications import Starlette

from bi_chat.frontends.api.callers import Callers, utc_now
from bi_chat.frontends.api.keys import KeyCheck
from bi_chat.frontends.api.live import LiveSessions
from bi_chat.frontends.api.routes import Api, routes
from bi_chat.frontends.api.tokens import TokenCheck
from bi_chat.frontends.open_data import OpenData
from bi_chat.frontends.serving import check_api
from bi_chat.ports import Keys
from bi_chat.settings import Settings
from bi_chat.wiring import open_keys, open_store

_MOST_AT_ONCE = 500


def made(opening: Callable[[], OpenData], settings: Settings, *, local: str | None) -> Api:
    """The API over these data; `local` is who asks without a key, on a server for this machine alone."""
    keys = open_keys(settings)
    tokens = TokenCheck(settings.sign_in) if settings.sign_in is not None else None
    check = KeyCheck(keys) if keys is not None else None
    callers = Callers(check, tokens, local=local, per_minute=settings.api_rate)
    return Api(LiveSessions(opening, open_store(settings)), callers)


def serve(api: Api, host: str, port: int) -> None:
    """Until Ctrl-C."""
    with closing(api):
        uvicorn.Server(configured(api, host, port)).run()


def configured(api: Api, host: str, port: int) -> uvicorn.Config:
    """The server as it is run: no access log of its own (the doors write one), no name in its replies."""
    return uvicorn.Config(
        Starlette(routes=routes(api)),
        host=host,
        port=port,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_AT_ONCE,
        timeout_graceful_shutdown=5,
    )


def check_start(host: str, settings: Settings) -> None:
    """Raises SettingsError where nobody could show who they are."""
    keys = open_keys(settings)
    try:
        check_api(host, settings, keys=keys is not None and _any_valid(keys))
    finally:
        if keys is not None:
            keys.close()


def _any_valid(keys: Keys) -> bool:
    now = utc_now()
    return any(key.state(now) == "valid" for key in keys.listed())
