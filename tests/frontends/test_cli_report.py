"""In: `bi-chat report …` and `bi-chat schedule …`. Out: pages, faults, deliveries, as a person at the terminal sees."""

from __future__ import annotations

import email
import io
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bi_chat.frontends.cli import main

REPORT = """
title: Orders by region
language: en
data: orders.csv
summary: false
formats: [html, xlsx]
contents:
  - ask: how many orders by region
    name: orders
  - text: "Most come from {orders.group}: {orders}."
schedule: {at: weekdays at 8:00, time_zone: Europe/Berlin}
recipients: [{folder: out}]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = "\n".join(f"{n},{'north north south'.split()[n % 3]}" for n in range(30))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "orders.csv").write_text(f"order_no,region\n{rows}\n", "utf-8")
    (tmp_path / "reports" / "regions.yaml").write_text(REPORT, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BI_CHAT_WORKERS", "0")
    return tmp_path


def test_check_run_and_schema(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "check", "reports/regions.yaml"]) == 0
    assert "1 question, answered" in capsys.readouterr().out
    assert main(["report", "run", "reports/regions.yaml", "--output", "made", "--format", "html"]) == 0
    (page,) = (home / "made").iterdir()
    assert "Most come from north: 20." in page.read_text("utf-8")
    capsys.readouterr()
    assert main(["report", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "A bi_chat report"


def test_check_names_line_and_what_exists(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "reports" / "regions.yaml"
    file.write_text(REPORT.replace("{orders.group}", "{orders.gruop}"), "utf-8")
    assert main(["report", "check", str(file)]) == 1
    assert "regions.yaml:10: The answer orders has no fact gruop. Did you mean group?" in capsys.readouterr().out
    file.write_text(REPORT.replace("weekdays at 8:00", "wekdays at 8"), "utf-8")
    assert main(["report", "check", str(file)]) == 1
    assert "regions.yaml:11:" in capsys.readouterr().out
    assert main(["report", "run", str(file)]) == 2


def test_a_report_whose_condition_does_not_hold_makes_no_page(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = REPORT.replace("by region", "are there") + "when: orders is above 1000\n"
    text = text.replace('  - text: "Most come from {orders.group}: {orders}."\n', "")
    (home / "reports" / "regions.yaml").write_text(text, "utf-8")
    assert main(["report", "run", "reports/regions.yaml", "--output", "made"]) == 1
    assert "does not hold" in capsys.readouterr().out and not list((home / "made").iterdir())


def test_a_schedule_from_listing_to_history(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", "list"]) == 0
    assert "08:00 Europe/Berlin" in capsys.readouterr().out
    assert main(["schedule", "run-now", "reports/regions.yaml"]) == 0
    assert "sent" in capsys.readouterr().out
    assert sorted(f.suffix for f in (home / "reports" / "out").iterdir()) == [".html", ".xlsx"]
    assert main(["schedule", "serve", "--once"]) == 0
    capsys.readouterr()
    assert main(["schedule", "history", "regions"]) == 0
    assert capsys.readouterr().out.count("sent") == 1
    assert main(["schedule", "pause", "regions"]) == main(["schedule", "list"]) == 0
    assert "bi-chat schedule resume" in capsys.readouterr().out
    assert main(["schedule", "resume", "regions"]) == 0
    assert main(["schedule", "retry"]) == 1
    assert main(["schedule", "ics", "--output", "plan.ics"]) == 0
    assert b"BEGIN:VEVENT" in (home / "plan.ics").read_bytes()


def test_what_is_not_there_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", "list", "nowhere"]) == 2
    assert main(["report", "run", "nowhere.yaml"]) == 2
    assert capsys.readouterr().err.count("nowhere") == 2


def test_a_paused_name_must_exist(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", "serve", "--once"]) == 0
    assert main(["schedule", "pause", "regoins"]) == 2
    assert "Did you mean regions?" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the browser's pipes are left to the collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_report_arrives_by_mail_and_webhook(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way, over a real mail server and a real receiver."""
    pytest.importorskip("aiosmtpd", reason="aiosmtpd is missing")
    pytest.importorskip("typst", reason="typst is missing")
    from openpyxl import load_workbook

    with receivers() as (mails, posts, mail_port, web_port):
        people = "[{mail: ana@example.org}, {webhook: 'http://127.0.0.1:%d/in'}]" % web_port  # noqa: UP031
        text = REPORT.replace("[{folder: out}]", people).replace("[html, xlsx]", "[pdf, xlsx]")
        (home / "reports" / "regions.yaml").write_text(text, "utf-8")
        monkeypatch.setenv("BI_CHAT_MAIL_HOST", "127.0.0.1")
        monkeypatch.setenv("BI_CHAT_MAIL_PORT", str(mail_port))
        monkeypatch.setenv("BI_CHAT_MAIL_FROM", "reports@example.org")
        monkeypatch.setenv("BI_CHAT_MAIL_TLS", "none")
        monkeypatch.setenv("BI_CHAT_SECRET_WEBHOOK_KEY", "k3y")
        assert main(["schedule", "run-now", "reports/regions.yaml"]) == 0
    (mail,) = (email.message_from_bytes(m, policy=default) for m in mails)
    assert mail["Subject"] == "Orders by region" and mail["To"] == "ana@example.org"
    files = {str(p.get_filename()).rpartition(".")[2]: p.get_content() for p in mail.iter_attachments()}
    assert set(files) == {"pdf", "xlsx"} and files["pdf"].startswith(b"%PDF-")
    rows = list(load_workbook(io.BytesIO(files["xlsx"])).worksheets[0].values)
    assert sorted(r[1] for r in rows[1:]) == [10, 20]
    html = mail.get_body(("html",)).get_content()
    shown = set(re.findall(r'src="cid:([^"]+)"', html))
    assert {f"<{s}>" for s in shown} == {p["Content-ID"] for p in mail.walk() if p["Content-ID"]}
    assert "Most come from north: 20." in html
    (post,) = posts
    assert next(p["kind"] for p in json.loads(post)["pages"]) == "application/pdf"


@contextmanager
def receivers() -> Iterator[tuple[list[bytes], list[bytes], int, int]]:
    """A mail server and a web server on this machine, and what they get."""
    from aiosmtpd.controller import Controller

    mails: list[bytes] = []
    posts: list[bytes] = []

    class Post:
        async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
            mails.append(envelope.content)
            return "250 OK"

    class Web(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posts.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    post, web = Controller(Post(), hostname="127.0.0.1", port=port), ThreadingHTTPServer(("127.0.0.1", 0), Web)
    thread = threading.Thread(target=web.serve_forever)
    post.start()
    thread.start()
    try:
        yield mails, posts, port, web.server_port
    finally:
        post.stop()
        web.shutdown()
        web.server_close()
        thread.join()
