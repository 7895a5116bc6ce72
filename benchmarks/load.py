"""Many users at once over one connection: errors, answers that belong to somebody else, and seconds for an answer.

python benchmarks/load.py                              50 users, 5 minutes, the sample questions of teahouse
python benchmarks/load.py --seconds 30 --slow 2        and two users whose queries never end
python benchmarks/load.py --think 2                    each pauses two seconds between questions on average
python benchmarks/load.py --api                        through a server of the API, each user with a key of their own

Users are threads of one program, each with a conversation of its own, as in the web app. They ask the sample questions
in an order of their own; every fourth time they run SQL that gives back a number which only they have. An answer is
somebody else's when its rows differ from those that the question gets when it is asked alone.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    import httpx

    from bi_chat.conversation.answer import Answer
    from bi_chat.frontends.open_data import OpenData

Outcome = tuple[str, object]
Asking = tuple[Callable[[str], Outcome], Callable[[str], Outcome]]
ENDLESS = "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE (x * y) % 7 = 3"


class Load:
    """One run; `told` counts what became of the questions, `seconds` how long each took."""

    def __init__(
        self, opened: OpenData, until: float, think: float, api: Callable[[int], Asking] | None = None
    ) -> None:
        self.opened, self.until, self.think, self.api = opened, until, think, api
        self.told: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.slow: Counter[str] = Counter()
        self.texts = [q.text for q in opened.sample.questions] if opened.sample else []
        self.alone = {text: self.outcome(opened.session().ask(text)) for text in self.texts}

    def outcome(self, answer: Answer) -> tuple[str, object]:
        """What two answers to one question have in common."""
        return outcome_of(json.loads(answer.to_json()))

    def user(self, number: int) -> None:
        """Asks until the time is over."""
        chance = random.Random(number)
        turn = 0
        while time.monotonic() < self.until:
            turn += 1
            ask, sql = self.asking(number)
            token = number * 1_000_000 + turn
            text = f"SELECT {token} AS token" if turn % 4 == 0 else chance.choice(self.texts)
            began = time.perf_counter()
            try:
                found = sql(text) if turn % 4 == 0 else ask(text)
                self.seconds.append(time.perf_counter() - began)
                expected = ("answered", [[token]]) if turn % 4 == 0 else self.alone[text]
                self.told[self.judged(found, expected)] += 1
            except Exception as error:
                self.told[f"ERROR {type(error).__name__}: {error}"] += 1
            if self.think:
                time.sleep(chance.expovariate(1 / self.think))

    def asking(self, number: int) -> Asking:
        """How this user asks, in a new conversation: through the API, or in this program."""
        if self.api is not None:
            return self.api(number)
        session = self.opened.session(user=f"user {number}")
        return (lambda text: self.outcome(session.ask(text))), (lambda text: self.outcome(session.sql(text)))

    def judged(self, found: Outcome, expected: Outcome) -> str:
        """As it is when asked alone, an issue that was not there then, or other rows."""
        if found == expected:
            return "as alone"
        return f"issue {found[1]}" if found[0] != expected[0] else "OTHER ROWS"

    def endless(self, number: int) -> None:
        """Asks for what never ends."""
        session = self.opened.session(user=f"slow {number}")
        while time.monotonic() < self.until:
            self.slow[", ".join(i.code for i in session.sql(ENDLESS).value.issues) or "answered"] += 1


def outcome_of(answer: dict[str, Any]) -> Outcome:
    """Of an answer as JSON: its rows, or the codes of what stands in the way."""
    if answer["status"] != "answered" or answer["result"] is None:
        return answer["status"], [i["code"] for i in answer["issues"]]
    return answer["status"], [[_rounded(cell) for cell in row] for row in answer["result"]["rows"]]


@contextmanager
def through_the_api(data: str, users: int) -> Iterator[tuple[Callable[[int], Asking], int]]:
    """A server in a process of its own, as `bi-chat api` starts it; how each user asks there, and the process."""
    import httpx

    from bi_chat.frontends.api.keys import new_key
    from bi_chat.settings import load_settings
    from bi_chat.wiring import open_keys

    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        given = {"BI_CHAT_STATE_DIR": folder, "BI_CHAT_API_RATE": "60000", "PYTHONPATH": str(ROOT)}
        os.environ.update(given)
        keys, now = open_keys(load_settings()), datetime.now(UTC)
        assert keys is not None
        made = [new_key(f"user {n}", ("ask", "sql"), now, None) for n in range(users)]
        for _, key in made:
            keys.add(key)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "bi_chat", "api", "--data", data, "--port", str(port)]
        server = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        headers = [{"Authorization": f"Bearer {shown}"} for shown, _ in made]
        clients = [httpx.Client(base_url=url, headers=h, timeout=120, trust_env=False) for h in headers]
        try:
            _until_up(clients[0])
            yield (lambda number: _asking(clients[number])), server.pid
        finally:
            server.terminate()
            server.wait(20)


def _asking(client: httpx.Client) -> Asking:
    def post(path: str, body: dict[str, str]) -> Outcome:
        reply = client.post(path, json=body)
        found = reply.json()
        return (
            outcome_of(found["answer"])
            if reply.status_code == 200
            else (str(reply.status_code), found["error"]["code"])
        )

    return (lambda text: post("/v1/ask", {"question": text})), (lambda text: post("/v1/sql", {"sql": text}))


def _until_up(client: httpx.Client) -> None:
    import httpx

    for _ in range(150):
        try:
            client.get("/healthz").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError("The server did not start.")


def _rounded(cell: object) -> object:
    """Sums of floats depend on the order in which threads add."""
    return float(f"{cell:.9g}") if isinstance(cell, float) else cell


def resident(pid: int) -> float:
    """Megabytes at the most so far; 0 where the system doesn't say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--think", type=float, default=0.0)
    parser.add_argument("--slow", type=int, default=0)
    parser.add_argument("--data", default="teahouse")
    parser.add_argument("--api", action="store_true")
    options = parser.parse_args()
    from bi_chat.frontends.open_data import open_data

    opened = open_data(options.data)
    with ExitStack() as stack:
        api, pid = (
            stack.enter_context(through_the_api(options.data, options.users)) if options.api else (None, os.getpid())
        )
        load = Load(opened, 0.0, options.think, api)
        run(load, options)
        workers = [resident(p) for p in getattr(opened.connection.engine, "pids", ())]
        report(load, options.seconds, resident(pid), [] if options.api else workers)
    opened.connection.close()


def run(load: Load, options: argparse.Namespace) -> None:
    """All users at once."""
    load.until = time.monotonic() + options.seconds
    threads = [threading.Thread(target=load.user, args=(n,)) for n in range(options.users)]
    threads += [threading.Thread(target=load.endless, args=(n,)) for n in range(options.slow)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(load: Load, seconds: float, program: float, workers: list[float]) -> None:
    """Print the figures."""
    took = sorted(load.seconds)
    at = {share: took[max(0, ceil(len(took) * share) - 1)] for share in (0.5, 0.95, 0.99)}
    print(f"{len(took):,} answers in {seconds:g} s, {len(took) / seconds:.1f} a second")
    print(f"median {at[0.5]:.2f} s, p95 {at[0.95]:.2f} s, p99 {at[0.99]:.2f} s, longest {took[-1]:.2f} s")
    for told, count in load.told.most_common():
        print(f"  {told}: {count:,}")
    for told, count in load.slow.most_common():
        print(f"  slow users: {told}: {count:,}")
    print(f"memory at most: program {program:,.0f} MB, workers {[round(w) for w in workers]} MB")


if __name__ == "__main__":
    main()
