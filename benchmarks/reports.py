"""Make many reports at once and measure the time and the memory: python benchmarks/reports.py --reports 50

Each has ten questions about the sample shop, other ones from report to report, and goes to a folder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

WHAT = ("revenue", "orders", "gross margin rate", "average order value", "packs sold", "refund rate")
HOW = (
    "{of} by month in 2024",
    "{of} by product group last quarter",
    "{of} by country this year",
    "{of} last month compared with the month before",
    "top 5 products by revenue in {month} 2025",
    "{of} by week in the last 26 weeks",
    "{of} in {month} 2025",
    "{of} by sales channel last month",
    "new customers by month in 2024",
    "{of} by weekday in 2025",
)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September")


def write(folder: Path, count: int, forms: str, *, summary: bool) -> None:
    """Report files, no two alike."""
    for n in range(count):
        asked = (q.format(of=WHAT[(n + k) % len(WHAT)], month=MONTHS[(n + k) % len(MONTHS)]) for k, q in enumerate(HOW))
        items = "\n".join(f"  - ask: {q}" for q in asked)
        head = f"title: Report {n}\ndata: teahouse\nsummary: {str(summary).lower()}\nformats: [{forms}]\n"
        text = f"{head}contents:\n{items}\nrecipients: [{{folder: out}}]\n"
        (folder / f"report-{n:02}.yaml").write_text(text, "utf-8")


def watch(process: subprocess.Popen[bytes], most: dict[str, float]) -> None:
    """The most memory of the program itself, its query workers and its browser, in MB."""
    while process.poll() is None:
        now = {"program": 0.0, "workers": 0.0, "browser": 0.0}
        try:
            top = psutil.Process(process.pid)
            for one in (top, *top.children(recursive=True)):
                name = "program" if one.pid == process.pid else "browser" if "chrom" in one.name() else "workers"
                now[name] += one.memory_full_info().pss / 1e6
        except psutil.Error:
            continue
        for name, value in now.items():
            most[name] = max(most.get(name, 0.0), value)
        time.sleep(0.5)


def main() -> int:
    """1 when a report was not sent."""
    options = argparse.ArgumentParser()
    options.add_argument("--reports", type=int, default=50)
    options.add_argument("--formats", default="html, pdf, xlsx")
    options.add_argument("--workers", default="2")
    options.add_argument("--summary", action="store_true", help="with what changed, why, what to expect, what to do")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, asked.reports, asked.formats, summary=asked.summary)
        env = {**os.environ, "BI_CHAT_STATE_DIR": f"{name}/state"}
        command = [sys.executable, "-m", "bi_chat", "schedule", "run-now", name, "--workers", asked.workers]
        most: dict[str, float] = {}
        start = time.perf_counter()
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE)
        threading.Thread(target=watch, args=(process, most), daemon=True).start()
        out, _ = process.communicate()
        took = time.perf_counter() - start
        sent = out.decode("utf-8").count(" sent")
        size = sum(f.stat().st_size for f in (folder / "out").iterdir()) / 1e6
    each = f"{took:.1f} s, {took / asked.reports:.2f} s each"
    print(f"{sent} of {asked.reports} reports of 10 questions as {asked.formats}: {each}")
    print("most memory, MB: " + ", ".join(f"{k} {v:,.0f}" for k, v in most.items()) + f"; pages: {size:,.0f} MB")
    return int(sent < asked.reports)


if __name__ == "__main__":
    sys.exit(main())
