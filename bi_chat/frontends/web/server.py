"""In: an address, the settings, more routes. Out: the web app served there, with our headers, cookies and sign-in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from bi_chat.frontends.serving import is_here
from bi_chat.frontends.web.headers import Guarded
from bi_chat.settings import Settings
from bi_chat.worlds.secret import installation_secret

if TYPE_CHECKING:
    from streamlit.runtime.secrets import SecretsValue

SCRIPT = Path(__file__).with_name("start.py")
COOKIE_SECRET = "cookie.key"  # noqa: S105 (the name of a file)
_MEGABYTES_FOR_OTHERS = 50


def serve(host: str, port: int, settings: Settings, routes: Sequence[BaseRoute]) -> None:
    """Until Ctrl-C."""
    app(host, settings, routes).run(config={**look(), **safe(host, port)})


def app(host: str, settings: Settings, routes: Sequence[BaseRoute]) -> st.App:
    """The page, the other routes, and around them all what every reply bears."""
    middleware = [Middleware(Guarded, here=is_here(host) and settings.sign_in is None, url=settings.url)]
    return st.App(SCRIPT, routes=list(routes), middleware=middleware, secrets=_sign_in(settings))


def look() -> dict[str, object]:
    """The options of our own configuration file, by their full names."""
    text = resources.files("bi_chat.frontends.web").joinpath(".streamlit/config.toml").read_text(encoding="utf-8")
    return dict(_flat("", tomllib.loads(text)))


def safe(host: str, port: int) -> dict[str, object]:
    """What must hold whatever a configuration file of the machine says."""
    limit = {} if is_here(host) else {"server.maxUploadSize": _MEGABYTES_FOR_OTHERS}
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.trustedUserHeaders": "{}",
        "client.showErrorDetails": "none",
        "browser.gatherUsageStats": False,
        **limit,
    }


def _sign_in(settings: Settings) -> dict[str, SecretsValue]:
    """What the app's own sign-in needs; cookies are signed with a secret of this installation, made at first start."""
    found = settings.sign_in
    if found is None:
        return {}
    auth: dict[str, SecretsValue] = {
        "redirect_uri": f"{settings.url}/oauth2callback",
        "cookie_secret": installation_secret(settings.state_dir, COOKIE_SECRET),
        "client_id": found.client,
        "client_secret": found.secret,
        "server_metadata_url": found.metadata,
    }
    return {"auth": auth}


def _flat(prefix: str, node: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", value
