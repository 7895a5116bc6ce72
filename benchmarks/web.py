"""The web app: how long it takes to start, to answer one person, and twenty at once; and what a session weighs.

python benchmarks/web.py                               20 sessions, 2 minutes, 5 seconds of thought between questions
python benchmarks/web.py --think 0 --seconds 60        none of them pauses
python benchmarks/web.py --no-browser                  without Chromium: the sessions alone

One person is a real Chromium (CHROMIUM names it): from Enter until the answer's chart or table stands on the page. The
sessions at once speak the app's own protocol over a socket of this machine, each a conversation of its own, as browsers
elsewhere would: from the question until the server has sent the whole answer. Each asks the sample questions in an
order of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass
from math import ceil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

from bi_chat.frontends.sample_data import sample_named  # noqa: E402


def questions() -> list[str]:
    """The sample questions of the tea retailer, in English and Chinese."""
    found = sample_named("teahouse")
    assert found is not None, "the sample data lie only in a clone"
    return [q.text for q in found.questions]


def percentile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[min(len(seconds) - 1, ceil(share * len(seconds)) - 1)]


def told(name: str, seconds: list[float]) -> None:
    middle, late = statistics.median(seconds), percentile(seconds, 0.95)
    ends = f"median {middle:.2f} s, p95 {late:.2f} s, longest {max(seconds):.2f} s"
    print(f"{name}: {len(seconds)} answers, {ends}", flush=True)


def cpu(pid: int) -> float:
    """Seconds that the program and its processes have computed: whatever else runs on the machine, these are ours."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,cputimes"], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()[1:]]
    ours = {pid}
    for _ in range(4):
        ours |= {p for p, parent, _ in rows if parent in ours}
    return float(sum(s for p, _, s in rows if p in ours))


def memory(pid: int) -> dict[str, float]:
    """Megabytes of the program and of the processes that it started."""
    found = {}
    listed = subprocess.run(["ps", "-eo", "pid,ppid,rss"], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()[1:]]
    ours = {pid}
    for _ in range(4):
        ours |= {p for p, parent, _ in rows if parent in ours}
    found["program"] = sum(r for p, _, r in rows if p == pid) / 1024
    found["workers"] = sum(r for p, _, r in rows if p in ours and p != pid) / 1024
    return found


# ------------------------------------------------------------------ a session over the app's own protocol
@dataclass
class Session:
    """One browser's side of the conversation. `box` is the id of the question box; `cards` the cards that came."""

    url: str
    box: str = ""
    cards: int = 0
    failed: int = 0

    def __enter__(self) -> Session:
        from websockets.sync.client import connect

        address = f"{self.url.replace('http', 'ws', 1)}/_stcore/stream"
        self.opened = connect(address, subprotocols=["streamlit"], origin=self.url, max_size=None, compression=None)
        self.socket = self.opened.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.opened.__exit__(None, None, None)

    def run(self, question: str = "") -> float:
        """Seconds until the script has run to its end."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        asked = BackMsg()
        asked.rerun_script.query_string = ""
        asked.rerun_script.context_info.timezone = "UTC"
        asked.rerun_script.context_info.locale = "en-GB"
        if question:
            state = asked.rerun_script.widget_states.widgets.add()
            state.id = self.box
            state.chat_input_value.data = question
        started = time.perf_counter()
        self.socket.send(asked.SerializeToString())
        while not self._ended():
            pass
        return time.perf_counter() - started

    def _ended(self) -> bool:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        came = ForwardMsg()
        came.ParseFromString(self.socket.recv(timeout=120))
        kind = came.WhichOneof("type")
        if kind == "delta":
            element = came.delta.new_element
            if element.WhichOneof("type") == "chat_input":
                self.box = element.chat_input.id
            self.failed += element.WhichOneof("type") == "exception"
            self.cards += element.WhichOneof("type") in ("plotly_chart", "arrow_data_frame")
        return kind == "script_finished" and came.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


def at_once(url: str, count: int, seconds: float, think: float) -> tuple[list[float], str]:
    """Seconds of each answer of `count` sessions, and what came."""
    texts, until = questions(), time.monotonic() + seconds
    spent: list[float] = []
    failed = cards = 0

    def person(number: int) -> None:
        nonlocal failed, cards
        chance = random.Random(number)
        with Session(url) as session:
            session.run()
            time.sleep(chance.random() * think)
            while time.monotonic() < until:
                spent.append(session.run(chance.choice(texts)))
                time.sleep(chance.expovariate(1 / think) if think else 0)
            failed, cards = failed + session.failed, cards + session.cards

    people = [threading.Thread(target=person, args=(n,)) for n in range(count)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return spent, f"{failed} faults, {cards} charts and tables"


# ------------------------------------------------------------------ one person in a browser
def one_person(url: str, count: int) -> None:
    from pictures import ARGS, CHROMIUM
    from playwright.sync_api import sync_playwright

    drawn = """n => {
      const c = [...document.querySelectorAll('[class*="st-key-card-"]')].filter(e => /card-\\d+/.test(e.className));
      const number = e => Number(/card-(\\d+)/.exec(e.className)[1]);
      const last = c.find(e => number(e) === n);
      return last?.querySelector('.main-svg, [data-testid="stDataFrame"] canvas, .bi-headline') }"""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        started = time.perf_counter()
        page.goto(url)
        page.locator('[data-testid="stChatInput"] textarea').wait_for(timeout=60_000)
        print(
            f"page of a server that has started, data opened for the first time: {time.perf_counter() - started:.2f} s"
        )
        spent = []
        for number, text in enumerate(questions()[:count], 1):
            page.locator('[data-testid="stChatInput"] textarea').fill(text)
            started = time.perf_counter()
            page.keyboard.press("Enter")
            page.wait_for_function(drawn, arg=number, timeout=60_000, polling=20)
            page.wait_for_function("!document.querySelector('[data-testid=\"stStatusWidget\"]')", polling=20)
            spent.append(time.perf_counter() - started)
            page.wait_for_timeout(500)
        told("one person, Enter to drawn", spent)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--think", type=float, default=5.0)
    parser.add_argument("--asked", type=int, default=20, help="questions of the one person")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("BI_CHAT_STATE_DIR", tempfile.mkdtemp(prefix="bi_chat_bench_"))
    from pictures import serve

    print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
    started = time.perf_counter()
    server, url = serve()
    print(f"start until it answers: {time.perf_counter() - started:.2f} s")
    try:
        if options.no_browser:
            with Session(url) as first:
                print(f"the first page: {first.run():.2f} s")
        else:
            one_person(url, options.asked)
        with Session(url) as session:
            session.run()
            told("one session, question to whole answer", [session.run(t) for t in questions()[: options.asked]])
        before, computed = memory(server.pid), cpu(server.pid)
        spent, came = at_once(url, options.sessions, options.seconds, options.think)
        after = memory(server.pid)
        told(f"{options.sessions} sessions at once, {came}", spent)
        print(f"computed for each answer: {(cpu(server.pid) - computed) / max(1, len(spent)):.2f} s of one core")
        each = (after["program"] - before["program"]) / options.sessions
        print(f"memory: {before} MB before, {after} MB after: {each:.1f} MB for each session")
        urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).close()
        print(f"load of the machine after: {os.getloadavg()[0]:.1f}")
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
