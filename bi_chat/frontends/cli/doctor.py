"""In: this machine. Out: what bi_chat needs here and whether it is there, a line for each, with what to do."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat import __version__
from bi_chat.errors import BiChatError
from bi_chat.settings import Settings, load_settings

if TYPE_CHECKING:
    from bi_chat.frontends.cli.arguments import Options

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

UNWELL = 1
_ROOM = 200 * 2**20
_LIBRARIES = ("duckdb", "polars", "pyarrow", "sqlglot", "plotly")
_EXTRAS = (
    ("streamlit", "web", "the web app"),
    ("IPython", "notebook", "the notebook"),
    ("fastexcel", "excel", "workbooks"),
    ("jieba", "chinese", "Chinese questions"),
    ("sqlalchemy", "store", "keeping conversations"),
    ("argon2-cffi", "api", "the HTTP API"),
    ("authlib", "signin", "sign-in in the web app"),
    ("typst", "report", "reports as PDF"),
    ("apprise", "channels", "reports to chat services"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`well` None: not needed for everything, so no fault."""

    what: str
    well: bool | None
    said: str


def register(commands: Commands) -> None:
    """Add `bi-chat doctor`."""
    about = "Check this installation: libraries, folders, the store, the audit log, an answer."
    commands.add_parser("doctor", help=about, description=about).set_defaults(command="doctor")


def run(options: Options) -> int:
    """1 when something that is needed is not well."""
    findings = examined()
    for found in findings:
        mark = {True: "ok", False: "!!", None: "--"}[found.well]
        print(f"{mark}  {found.what:<14} {found.said}")
    return UNWELL if any(f.well is False for f in findings) else 0


def examined() -> tuple[Finding, ...]:
    """Each check by itself: one that fails keeps no other from being made."""
    settings = load_settings()
    return (
        Finding("bi_chat", True, f"{__version__}, Python {sys.version.split()[0]}"),
        *(_library(name) for name in _LIBRARIES),
        *(_extra(*extra) for extra in _EXTRAS),
        _check("cache", lambda: _folder(settings.cache_dir)),
        _check("state", lambda: _folder(settings.state_dir) if settings.state_dir else "nothing is kept"),
        _check("store", lambda: _store(settings)),
        *((_check("policy", lambda: _policy(settings)),) if settings.policy else ()),
        *((_check("language model", lambda: _language_model(settings)),) if settings.llm is not None else ()),
        *((_check("sign-in", lambda: _sign_in(settings)),) if settings.sign_in is not None else ()),
        *(_reports() if find_spec("typst") and find_spec("kaleido") else ()),
        _check("an answer", _answer),
    )


def _reports() -> tuple[Finding, ...]:
    """What reports look better with, and can do without."""
    checks = _check("charts in PDF", _picture), _check("Chinese in PDF", _chinese)
    return tuple(Finding(f.what, f.well or None, f.said) for f in checks)


def _picture() -> str:
    import polars as pl

    from bi_chat.charts.kaleido import KaleidoPictures
    from bi_chat.values.chart import Chart
    from bi_chat.values.query import ResultColumn
    from bi_chat.values.result import Result

    columns = ResultColumn("region", "dimension"), ResultColumn("amount", "measure")
    result = Result(pl.DataFrame({"region": ["north", "south"], "amount": [1.0, 2.0]}), columns)
    pictures = KaleidoPictures()
    try:
        made = pictures.picture(Chart("bar", x="region", y=("amount",)), result, form="svg")
    finally:
        pictures.close()
    return f"a chart was drawn, {len(made):,} bytes"


def _chinese() -> str:
    from bi_chat.reports.pages.typst import fonts_for

    return f"the font {fonts_for('中文')[-2]} is here"


def _library(name: str) -> Finding:
    try:
        return Finding(name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, False, "is missing: install bi_chat again")


def _extra(module: str, extra: str, purpose: str) -> Finding:
    if find_spec(module.partition("-")[0]) is None:
        return Finding(extra, None, f'{purpose}: not installed; pip install "bi_chat[{extra}]"')
    return Finding(extra, True, f"{purpose}: {metadata.version(module.lower())}")


def _check(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except BiChatError as error:
        return Finding(what, False, str(error))
    except OSError as error:
        return Finding(what, False, f"{error.strerror or 'failed'}: {error.filename or ''}")


def _folder(folder: Path) -> str:
    """A file can be written there, and there is some room."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"bi_chat")
        file.flush()
        os.fsync(file.fileno())
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        raise OSError(28, f"Only {free // 2**20} MB are free", str(folder))
    return f"{folder}, {free / 2**30:,.1f} GB free"


def _store(settings: Settings) -> str:
    from bi_chat.wiring import open_store

    store = open_store(settings)
    if store is None:
        return "nothing is kept"
    try:
        state = store.verify()
    finally:
        store.close()
    if state.broken is not None:
        raise OSError(5, f"The audit log was changed at entry {state.broken}", "")
    return f"opens; {state.entries:,} entries in the audit log, each as it was written"


def _policy(settings: Settings) -> str:
    """Without the data only its own words can be looked at."""
    from bi_chat.sql.policy.reading import load_policy

    policy = load_policy(Path(settings.policy)).require()
    return f"{settings.policy}, {len(policy.users)} users, {len(policy.roles)} roles; bi-chat policy check says more"


def _language_model(settings: Settings) -> str:
    """One small request."""
    from bi_chat.values.exchange import ModelRequest
    from bi_chat.wiring import open_language_model

    asked, server = open_language_model(settings), settings.llm
    assert asked is not None
    assert server is not None
    asked.complete(ModelRequest("Reply with an empty JSON object.", (("user", "{}"),), '{"type":"object"}', 50))
    return f"{asked.name} at {asked.server} answers; asked when {server.when}, told {server.share}, never rows"


def _sign_in(settings: Settings) -> str:
    from bi_chat.frontends.api.tokens import fetched

    found = settings.sign_in
    assert found is not None
    try:
        return f"{fetched(found.metadata)['issuer']} answers"
    except ValueError:
        raise BiChatError(f"{found.metadata} is no configuration of an OpenID provider.") from None


def _answer() -> str:
    """A question over a table of its own, through every stage."""
    import polars as pl

    import bi_chat

    frame = pl.DataFrame({"region": ["north", "south", "south"], "amount": [1.0, 2.0, 3.0]})
    made = bi_chat.ask("total amount by region", {"orders": frame})
    if made.status != "answered" or sorted(made.frame.rows()) != [("north", 1.0), ("south", 5.0)]:
        raise BiChatError("A simple question was not answered right.")
    took = sum(t.seconds for t in made.value.timings)
    return f"a question was read, checked, run and answered in {took * 1000:,.0f} ms"
