"""In: a port, perhaps data. Out: the web app, served on this machine alone until it is stopped."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from bi_chat.errors import SettingsError
from bi_chat.frontends.cli.arguments import Options
from bi_chat.frontends.sample_data import sample_of

SCRIPT = Path(__file__).resolve().parents[1] / "web" / "here.py"


def run(options: Options) -> int:
    """Serve until Ctrl-C."""
    if find_spec("streamlit") is None:
        raise SettingsError('The web app needs Streamlit: pip install "bi_chat[web]"')
    print(f"bi-chat is at http://127.0.0.1:{options.port} (Ctrl-C ends it)", file=sys.stderr)
    return subprocess.run(command(options), check=False).returncode  # noqa: S603 (our own interpreter and script)


def command(options: Options) -> list[str]:
    """The command that serves the app: bound to this machine, nothing sent anywhere."""
    data = [_absolute(spec) for spec in options.data or ()]
    return [
        *(sys.executable, "-m", "streamlit", "run", str(SCRIPT)),
        *("--server.address", "127.0.0.1", "--server.port", str(options.port)),
        *("--server.headless", "true" if options.no_browser else "false"),
        *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none", "--client.toolbarMode", "minimal"),
        *("--", *(part for spec in data for part in ("--data", spec)), *_given(options)),
    ]


def _given(options: Options) -> list[str]:
    """The other options, which the app reads as well."""
    files = (("--model", options.model), ("--policy", options.policy))
    found = [(name, str(Path(file).absolute())) for name, file in files if file]
    found += [(name, value) for name, value in (("--today", options.today), ("--as", options.user)) if value]
    return [part for pair in found for part in pair]


def _absolute(spec: str) -> str:
    """Paths must still hold when the app looks from elsewhere; names of sample sets stay."""
    return spec if sample_of(spec) is not None and not Path(spec).exists() else str(Path(spec).absolute())
