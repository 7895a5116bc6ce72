"""In: a folder of awkward files with a manifest. Out: of each, whether it was handled as a careful product would.

python benchmarks/files.py ../shared/benchmarks/files
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

MAX_SECONDS = 10
MAX_MEGABYTES = 500


def outcomes(text: str) -> set[str]:
    """Outcomes joined by _or_; "load_all" means loaded or asked, as long as every sheet is named."""
    found = set(text.split("_or_"))
    return found | {"load", "load_with_warning", "ask"} if "load_all" in found else found


def judge(entry: dict, folder: Path, cache: Path) -> list[str]:
    """Faults found with one file."""
    import duckdb

    from bi_chat.errors import SourceError
    from bi_chat.sources.check import check_file
    from bi_chat.sources.load import load

    path = folder / entry["file"]
    report = check_file(path)
    json.loads(report.to_json())
    faults = []
    if report.outcome not in outcomes(entry["outcome"]):
        faults.append(f"outcome {report.outcome}, wanted {entry['outcome']}")
    told = " ".join(m.text for m in report.all_messages)
    expect = entry["expect"]
    strict = report.outcome != "load" or "error" not in entry["outcome"]
    if strict and expect.get("message_says", "").lower() not in told.lower():
        faults.append(f"no message says {expect['message_says']!r}")
    try:
        loaded = load(path, cache_dir=cache)
    except SourceError as fault:
        if report.outcome != "error":
            faults.append(f"load raised: {fault}")
        return faults
    if report.outcome == "error":
        return [*faults, "loaded what check calls an error"]
    if loaded.report != report:
        faults.append("load and check differ")
    con = duckdb.connect(str(loaded.database), read_only=True)
    faults += compare(con, report, expect)
    con.close()
    if "upload_name" in entry:
        from bi_chat.sources.names import safe_file_name, table_name

        safe = table_name(entry["upload_name"]) + safe_file_name(entry["upload_name"])
        faults += [f"hostile name came through: {safe}"] if set(safe) & set("/\\;$'\"()") or ".." in safe else []
    return faults


def compare(con, report, expect: dict) -> list[str]:
    """Rows, columns, types, sums, nulls and values of the loaded tables against what is expected."""
    faults = []
    table = report.tables[0]

    def one(sql: str):
        return con.execute(sql).fetchone()[0]

    for key, got in (
        ("rows", table.rows),
        ("n_columns", len(table.columns)),
        ("columns", list(table.columns)),
        ("types", list(table.types)),
    ):
        if key in expect and expect[key] != got:
            faults.append(f"{key}: {got}, wanted {expect[key]}")
    if "rows_if_loaded" in expect and table.rows not in expect["rows_if_loaded"]:
        faults.append(f"rows: {table.rows}")
    for key, wanted in {**expect.get("sums", {}), **expect.get("sums_if_removed", {})}.items():
        name, _, column = key.rpartition(".") if "sheets" in expect else (table.table, "", key)
        got = one(f'SELECT sum("{column}") FROM "{name}"')
        options = wanted if isinstance(wanted, list) else [wanted]
        if got is None or not any(abs(float(got) - w) < 1e-9 * max(1, abs(w)) for w in options):
            faults.append(f"sum of {key}: {got}, wanted {wanted}")
    for column, wanted in expect.get("nulls", {}).items():
        if (got := one(f'SELECT count(*) - count("{column}") FROM "{table.table}"')) != wanted:
            faults.append(f"nulls of {column}: {got}, wanted {wanted}")
    for column, wanted in expect.get("values", {}).items():
        got = [r[0] for r in con.execute(f'SELECT "{column}" FROM "{table.table}"').fetchall()]
        if got != wanted:
            faults.append(f"values of {column}: {got}")
    told = " ".join([m.text for m in report.all_messages] + [t.table for t in report.tables])
    faults += [f"sheet {s} unnamed" for s in expect.get("sheets", []) if s not in told and s.split("'")[0] not in told]
    return faults


def _worker(entry: dict, folder: Path, queue) -> None:
    start = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as cache:
            faults = judge(entry, folder, Path(cache))
    except BaseException as fault:
        faults = [f"{type(fault).__name__}: {fault}"[:300]]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    queue.put((faults, time.perf_counter() - start, peak))


def main() -> int:
    """Judge every file in a process of its own, so that a crash, a hang or hunger shows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    entries = [e for e in json.loads((args.folder / "manifest.json").read_text())["files"] if args.only in e["file"]]
    spawn = multiprocessing.get_context("spawn")
    right = 0
    for entry in entries:
        queue = spawn.Queue()
        process = spawn.Process(target=_worker, args=(entry, args.folder, queue))
        process.start()
        try:
            faults, seconds, peak = queue.get(timeout=60)
        except Exception:
            faults, seconds, peak = ["crashed or hung"], 60.0, 0.0
        process.join(5)
        process.kill()
        faults += [f"{seconds:.1f} s"] if seconds > 2 * MAX_SECONDS else []
        faults += [f"{peak:.0f} MB"] if peak > MAX_MEGABYTES else []
        right += not faults
        verdict = "FAIL" if faults else "ok  "
        print(f"{verdict} {entry['file']:28} {seconds:5.1f} s {peak:5.0f} MB  {'; '.join(faults)}")
    print(f"{right} of {len(entries)}")
    return 0 if right == len(entries) else 1


if __name__ == "__main__":
    raise SystemExit(main())
