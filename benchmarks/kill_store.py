"""Kill writers of a store at random moments and count acknowledged turns that are missing.

python benchmarks/kill_store.py --kills 200
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from bi_chat.stores.sqlalchemy import open_store
from bi_chat.values.record import AuditEntry, Turn

USERS = 5


def write(address: str, acknowledged: Path) -> None:
    """Five people write turns and audit entries at once; each is told of only after the store returned."""
    from datetime import UTC
    from threading import Thread

    store = open_store(address)
    told = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def person(name: str) -> None:
        kept = store.begin(name, "shop", "x")
        for n in range(1_000_000):
            store.record(AuditEntry(datetime.now(UTC), name, "web", "shop", f"q{n}", "answered"))
            number = store.append(name, kept.id, Turn(f"q{n}", datetime(2025, 1, 1), "en", "answered"))
            os.write(told, f"{name} {kept.id} {number} q{n}\n".encode())

    people = [Thread(target=person, args=(f"user{n}",)) for n in range(USERS)]
    for one in people:
        one.start()


def main() -> int:
    """1 when a turn was lost or the store did not open clean."""
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--write", nargs=2)
    asked = options.parse_args()
    if asked.write:
        write(asked.write[0], Path(asked.write[1]))
        return 0
    chance = random.Random(asked.seed)
    unclean = 0
    with tempfile.TemporaryDirectory() as folder:
        address, acknowledged = f"sqlite:///{folder}/store.sqlite", Path(folder, "acknowledged")
        open_store(address).close()
        acknowledged.touch()
        for _ in range(asked.kills):
            before = acknowledged.stat().st_size
            command = [sys.executable, __file__, "--write", address, str(acknowledged)]
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            while acknowledged.stat().st_size == before and process.poll() is None:
                time.sleep(0.005)
            time.sleep(chance.random() * 0.3)
            process.send_signal(signal.SIGKILL)
            process.wait()
            store = open_store(address)
            with store._engine.connect() as at:
                unclean += at.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok"
            store.close()
        store = open_store(address)
        lines = [line.split() for line in acknowledged.read_text("utf-8").splitlines()]
        kept: dict[tuple[str, str], dict[int, str]] = {}
        for name, conversation in {(line[0], line[1]) for line in lines}:
            turns = store.turns(name, conversation)
            kept[name, conversation] = {n: t.text for n, t in enumerate(turns, 1)}
        lost = sum(kept[name, conversation].get(int(n)) != text for name, conversation, n, text in lines)
        state = store.verify()
        store.close()
    entries = f"{state.entries:,} audit entries, first broken: {state.broken}"
    print(f"{asked.kills} kills, {len(lines):,} acknowledged turns, {lost} lost, {unclean} opened unclean; {entries}")
    return 1 if lost or unclean or state.broken is not None else 0


if __name__ == "__main__":
    sys.exit(main())
