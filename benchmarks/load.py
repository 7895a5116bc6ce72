"""Many users at once over one connection: errors, answers that belong to somebody else, and seconds for an answer.

python benchmarks/load.py                              50 users, 5 minutes, the sample questions of teahouse
python benchmarks/load.py --seconds 30 --slow 2        and two users whose queries never end
python benchmarks/load.py --think 2                    each pauses two seconds between questions on average

Users are threads of one program, each with a conversation of its own, as in the web app. They ask the sample questions
in an order of their own; every fourth time they run SQL that gives back a number which only they have. An answer is
somebody else's when its rows differ from those that the question gets when it is asked alone.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from bi_chat.conversation.answer import Answer
    from bi_chat.frontends.open_data import OpenData

ENDLESS = "SELECT count(*) FROM range(1000000) a(x), range(1000000) b(y) WHERE (x * y) % 7 = 3"


class Load:
    """One run; `told` counts what became of the questions, `seconds` how long each took."""

    def __init__(self, opened: OpenData, until: float, think: float) -> None:
        self.opened, self.until, self.think = opened, until, think
        self.told: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.slow: Counter[str] = Counter()
        self.texts = [q.text for q in opened.sample.questions] if opened.sample else []
        self.alone = {text: self.outcome(opened.session().ask(text)) for text in self.texts}

    def outcome(self, answer: Answer) -> tuple[str, object]:
        """What two answers to one question have in common."""
        if answer.status != "answered" or answer.value.result is None:
            return answer.status, tuple(i.code for i in answer.value.issues)
        return answer.status, [[_rounded(cell) for cell in row] for row in answer.value.result.rows]

    def user(self, number: int) -> None:
        """Asks until the time is over."""
        chance = random.Random(number)
        turn = 0
        while time.monotonic() < self.until:
            turn += 1
            session = self.opened.session(user=f"user {number}")
            token = number * 1_000_000 + turn
            text = f"SELECT {token} AS token" if turn % 4 == 0 else chance.choice(self.texts)
            began = time.perf_counter()
            try:
                answer = session.sql(text) if turn % 4 == 0 else session.ask(text)
                self.seconds.append(time.perf_counter() - began)
                expected = ("answered", [[token]]) if turn % 4 == 0 else self.alone[text]
                self.told[self.judged(answer, expected)] += 1
            except Exception as error:
                self.told[f"ERROR {type(error).__name__}: {error}"] += 1
            if self.think:
                time.sleep(chance.expovariate(1 / self.think))

    def judged(self, answer: Answer, expected: tuple[str, object]) -> str:
        """As it is when asked alone, an issue that was not there then, or other rows."""
        found = self.outcome(answer)
        if found == expected:
            return "as alone"
        codes = ", ".join(i.code for i in answer.value.issues)
        return f"issue {codes}" if answer.status != expected[0] else "OTHER ROWS"

    def endless(self, number: int) -> None:
        """Asks for what never ends."""
        session = self.opened.session(user=f"slow {number}")
        while time.monotonic() < self.until:
            self.slow[", ".join(i.code for i in session.sql(ENDLESS).value.issues) or "answered"] += 1


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
    options = parser.parse_args()
    from bi_chat.frontends.open_data import open_data

    opened = open_data(options.data)
    load = Load(opened, time.monotonic() + options.seconds, options.think)
    load.until = time.monotonic() + options.seconds
    threads = [threading.Thread(target=load.user, args=(n,)) for n in range(options.users)]
    threads += [threading.Thread(target=load.endless, args=(n,)) for n in range(options.slow)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers = [resident(pid) for pid in getattr(opened.connection.engine, "pids", ())]
    opened.connection.close()
    report(load, options.seconds, workers)


def report(load: Load, seconds: float, workers: list[float]) -> None:
    """Print the figures."""
    took = sorted(load.seconds)
    at = {share: took[max(0, ceil(len(took) * share) - 1)] for share in (0.5, 0.95, 0.99)}
    print(f"{len(took):,} answers in {seconds:g} s, {len(took) / seconds:.1f} a second")
    print(f"median {at[0.5]:.2f} s, p95 {at[0.95]:.2f} s, p99 {at[0.99]:.2f} s, longest {took[-1]:.2f} s")
    for told, count in load.told.most_common():
        print(f"  {told}: {count:,}")
    for told, count in load.slow.most_common():
        print(f"  slow users: {told}: {count:,}")
    print(f"memory at most: program {resident(os.getpid()):,.0f} MB, workers {[round(w) for w in workers]} MB")


if __name__ == "__main__":
    main()
