"""The container's recipe says what the program does: read as text, since nothing is built here."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bi_chat.frontends.cli.arguments import parser

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()


def words(name: str) -> list[str]:
    """The JSON list of an instruction."""
    return json.loads(next(line for line in LINES if line.startswith(name)).removeprefix(name))


def test_its_command_is_one_of_ours():
    assert words("ENTRYPOINT") == ["bi-chat"]
    options = parser().parse_args(words("CMD"))
    assert (options.host, options.port, options.policy) == ("0.0.0.0", 8501, "/config/policy.yaml")


def test_it_runs_as_nobody_special_and_says_whether_it_lives():
    user = next(line for line in LINES if line.startswith("USER")).split()[1]
    assert user not in ("root", "0") and LINES.index("USER bi_chat") > max(
        i for i, line in enumerate(LINES) if line.startswith("RUN")
    )
    route = re.search(r"8501(/\w+)'", next(line for line in LINES if line.startswith("HEALTHCHECK")))
    assert route and f'"{route[1]}"' in (ROOT / "bi_chat/frontends/api/routes.py").read_text("utf-8")


def test_what_it_copies_is_there_and_let_in():
    copied = [
        p.removeprefix("./")
        for line in LINES
        if line.startswith("COPY ") and "--from" not in line
        for p in line.split()[1:-1]
    ]
    let_in = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert copied and all((ROOT / p).exists() and f"!{p}" in let_in for p in copied)
