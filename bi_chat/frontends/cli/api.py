"""In: data, perhaps a policy, an address. Out: the HTTP API over them, served until it is stopped."""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec

from bi_chat.errors import SettingsError
from bi_chat.frontends.cli.arguments import Options
from bi_chat.frontends.cli.ask import say_progress
from bi_chat.frontends.open_data import OpenData, open_data
from bi_chat.frontends.serving import is_here
from bi_chat.settings import LOCAL, load_settings

_NEEDED = ("starlette", "uvicorn", "argon2", "jwt", "sqlalchemy")


def run(options: Options) -> int:
    """Serve until Ctrl-C."""
    require_api()
    from bi_chat.frontends.api.server import check_start, made, serve

    settings = load_settings()
    check_start(options.host, settings)
    log_to_stderr()
    api = made(lambda: opened(options), settings, local=local_user(options))
    print(f"The API is at http://{options.host}:{options.port}/v1 (Ctrl-C ends it)", file=sys.stderr)
    serve(api, options.host, options.port)
    return 0


def require_api() -> None:
    """Raises SettingsError that says what to install."""
    if any(find_spec(name) is None for name in _NEEDED):
        raise SettingsError('The API needs more libraries: pip install "bi_chat[api]"')


def opened(options: Options) -> OpenData:
    """The data as the options name them."""
    policy = options.policy or load_settings().policy or None
    return open_data(options.data, model=options.model, today=options.today, progress=say_progress, policy=policy)


def local_user(options: Options) -> str | None:
    """Who asks without a key: whoever sits at this machine; nobody where others can reach it."""
    settings = load_settings()
    if not is_here(options.host) or settings.sign_in is not None:
        return None
    return options.user if options.policy or settings.policy else LOCAL


def log_to_stderr() -> None:
    """A line for each request, warnings of the rest."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    logging.getLogger("bi_chat").setLevel(logging.INFO)
