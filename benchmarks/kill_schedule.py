"""Kill the scheduler at random moments while reports are due, and count what was lost and what came twice.

python benchmarks/kill_schedule.py --kills 100 --due 200

A folder, a mail server and a webhook receiver on this machine take the deliveries, each after 40 ms. A repetition is
counted twice over: as it arrived, and as it stays when the receiver looks at its key (a file's name, a Message-ID, a
webhook-id).
"""

from __future__ import annotations

import argparse
import email
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller

from bi_chat.stores.sqlalchemy import open_store
from bi_chat.values.delivery import Stand

WAIT = 0.04
REPORT = """
title: Orders
summary: false
appendix: false
formats: [md]
data: orders.csv
contents: [{{ask: how many orders by region}}]
schedule: {{at: hourly, missed: all}}
recipients:
  - {{folder: out}}
  - {{mail: ana@example.org}}
  - {{mail: bo@example.org}}
  - {{webhook: "http://127.0.0.1:{port}/in"}}
"""


class Receivers:
    """What arrived, by key, as often as it came."""

    def __init__(self) -> None:
        self.mails: Counter[str] = Counter()
        self.hooks: Counter[str] = Counter()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.mail_port = probe.getsockname()[1]
        hooks = self.hooks

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                hooks[self.headers["webhook-id"]] += 1
                time.sleep(WAIT)
                self.send_response(200 if hooks[self.headers["webhook-id"]] == 1 else 409)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.post = Controller(self, hostname="127.0.0.1", port=self.mail_port)
        self.post.start()

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        import asyncio

        self.mails[email.message_from_bytes(envelope.content)["Message-ID"]] += 1  # type: ignore[attr-defined]
        await asyncio.sleep(WAIT)
        return "250 OK"

    @property
    def count(self) -> int:
        return sum(self.mails.values()) + sum(self.hooks.values())


def begin(home: Path, receivers: Receivers, due: int) -> dict[str, str]:
    """A report that has been due for so many deliveries; the environment of the scheduler."""
    (home / "reports").mkdir()
    rows = "\n".join(f"{n},{'north south east'.split()[n % 3]}" for n in range(300))
    (home / "reports" / "orders.csv").write_text(f"number,region\n{rows}\n", "utf-8")
    (home / "reports" / "orders.yaml").write_text(REPORT.format(port=receivers.web.server_port), "utf-8")
    moments = due // 4
    store = open_store(f"sqlite:///{home}/state/bi_chat.sqlite")
    store.ledger.enter("orders", datetime.now(UTC) - timedelta(hours=moments), ())
    store.close()
    return {
        **os.environ,
        "BI_CHAT_STATE_DIR": str(home / "state"),
        "BI_CHAT_CACHE_DIR": str(home / "cache"),
        "BI_CHAT_WORKERS": "0",
        "BI_CHAT_MAIL_HOST": "127.0.0.1",
        "BI_CHAT_MAIL_PORT": str(receivers.mail_port),
        "BI_CHAT_MAIL_FROM": "reports@example.org",
        "BI_CHAT_MAIL_TLS": "none",
        "BI_CHAT_SECRET_WEBHOOK_KEY": "a key",
    }


def entered(home: Path) -> Counter[str]:
    """How many deliveries there are of each stand."""
    store = open_store(f"sqlite:///{home}/state/bi_chat.sqlite")
    try:
        return Counter(str(d.stand) for d in store.ledger.listed(most=100_000))
    finally:
        store.close()


def main() -> int:
    """1 when a delivery was lost, or came twice where the receiver looks at the key."""
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--due", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    chance, receivers = random.Random(asked.seed), Receivers()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        env = begin(home, receivers, asked.due)
        command = [sys.executable, "-m", "bi_chat", "schedule", "serve", str(home / "reports"), "--once"]
        kills = 0
        while kills < asked.kills:
            before = receivers.count
            process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            if chance.random() < 0.2:  # while it starts, opens the data or looks at the ledger
                time.sleep(chance.random() * 2.5)
            else:
                while receivers.count == before and process.poll() is None:
                    time.sleep(0.002)
                time.sleep(chance.random() * 0.12)
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        stands = entered(home)
        unfinished = asked.due - stands["sent"]
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
        store = open_store(f"sqlite:///{home}/state/bi_chat.sqlite")
        made = store.ledger.listed(most=100_000)
        store.close()
        files = {f.stem.rsplit("-", 1)[1] for f in (home / "reports" / "out").glob("*.md")}
        extra = len(list((home / "reports" / "out").glob("*"))) - len(files)
    arrived = {
        "folder": {d.key: int(d.key[:8] in files) for d in made if d.channel == "folder"},
        "mail": {d.key: receivers.mails[f"<{d.key}@example.org>"] for d in made if d.channel == "mail"},
        "webhook": {d.key: receivers.hooks[d.key] for d in made if d.channel == "webhook"},
    }
    lost = sum(not n for of in arrived.values() for n in of.values())
    again = {channel: sum(n - 1 for n in of.values() if n > 1) for channel, of in arrived.items()}
    ends = ", ".join(sorted({str(d.stand) for d in made}))
    print(f"{kills} kills over {len(made)} deliveries, {unfinished} left after the last kill; now every one is {ends}")
    print(f"lost: {lost}; files left half written: {extra}")
    print(f"handed over again with the same key: {again} (kept once by whoever looks at the key)")
    return int(lost > 0 or any(d.stand is not Stand.SENT for d in made))


if __name__ == "__main__":
    sys.exit(main())
