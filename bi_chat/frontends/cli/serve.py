"""In: data, a policy, an address. Out: the web app and the HTTP API in one process, served until they are stopped."""

from __future__ import annotations

import sys
from contextlib import closing
from importlib.util import find_spec

from bi_chat.errors import SettingsError
from bi_chat.frontends.cli.api import local_user, log_to_stderr, opened, require_api
from bi_chat.frontends.cli.arguments import Options
from bi_chat.frontends.serving import check_web
from bi_chat.settings import load_settings


def run(options: Options) -> int:
    """Serve until Ctrl-C."""
    settings = load_settings()
    check_web(options.host, settings, options.policy or settings.policy)
    require_api()
    if find_spec("streamlit") is None:
        raise SettingsError('The web app needs Streamlit: pip install "bi_chat[web]"')
    if settings.sign_in is not None and find_spec("authlib") is None:
        raise SettingsError('Sign-in needs Authlib: pip install "bi_chat[signin]"')
    from bi_chat.frontends.api.routes import routes
    from bi_chat.frontends.api.server import made
    from bi_chat.frontends.web.server import serve

    log_to_stderr()
    address = settings.url or f"http://{options.host}:{options.port}"
    with closing(made(lambda: opened(options), settings, local=local_user(options))) as api:
        print(f"bi-chat is at {address}, its API at {address}/v1 (Ctrl-C ends it)", file=sys.stderr)
        serve(options.host, options.port, settings, routes(api))
    return 0
