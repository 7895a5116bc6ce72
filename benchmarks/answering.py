"""In: a data set's questions with check SQL. Out: how many are answered right, and how long each stage takes.

python benchmarks/answering.py                      teahouse and market
python benchmarks/answering.py teahouse --wrong     also lists what came out otherwise

An answer is right when its rows hold the columns of the check SQL. Forgiven are further columns, the order of columns,
and how a period is written (2024, 2024-01, 1 January 2024). Never forgiven are further or missing rows, or a number
that differs in the sixth place.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    import duckdb

    from bi_chat.conversation.answer import Answer

Asked = dict[str, Any]
Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Outcome:
    """`verdict`: right, wrong (answered otherwise), silent (declined or asked back though there is an answer)."""

    asked: Asked
    verdict: str
    detail: str
    answer: Answer
    seconds: float


# ------------------------------------------------------------------ asking
def questions(name: str) -> list[Asked]:
    """The questions of a data set, in the file's order."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[Asked] = yaml.load((ROOT / "datasets" / name / "questions.yaml").read_text("utf-8"), Loader=loader)[
        "questions"
    ]
    return found


def ask_all(name: str) -> Iterator[Outcome]:
    """Every question in order; the turns of a dialogue in one session, every other in a session of its own."""
    from bi_chat.frontends.open_data import open_data

    opened = open_data(name)
    facts = connect(name)
    sessions = defaultdict(opened.session)
    try:
        for asked in questions(name):
            session = sessions[asked["dialogue"]] if "dialogue" in asked else opened.session()
            began = time.perf_counter()
            answer = session.ask(asked["question"], asked_at=datetime.fromisoformat(asked["asked_on"]))
            seconds = time.perf_counter() - began
            verdict, detail = judge(asked, answer, facts)
            yield Outcome(asked, verdict, detail, answer, seconds)
    finally:
        facts.close()
        opened.connection.close()


def connect(name: str) -> duckdb.DuckDBPyConnection:
    """The data set's Parquet files, each as a view of its stem."""
    import duckdb

    con = duckdb.connect()
    for file in sorted((ROOT / "datasets" / name).glob("*.parquet")):
        con.execute(f"CREATE VIEW \"{file.stem}\" AS FROM read_parquet('{file.as_posix()}')")
    return con


# ------------------------------------------------------------------ judging
def judge(asked: Asked, answer: Answer, facts: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """The verdict on one answer, and in a few words why."""
    expected = asked.get("expect", "answered")
    if expected != "answered":
        return ("right", "") if answer.status == expected else _not_expected(expected, answer)
    if answer.status != "answered":
        outside = "empty_ok" in asked["tags"]
        return ("right", "") if outside else ("silent", f"{answer.status}: {first_line(answer.text)}")
    rows = facts.sql(asked["check_sql"]).fetchall()
    kind = asked.get("kind", "rows")
    return {"rows": _rows, "forecast": _forecast, "why": _why, "anomaly": _anomaly, "themes": _themes}[kind](
        asked, answer, rows
    )


def _not_expected(expected: str, answer: Answer) -> tuple[str, str]:
    """A question back in place of a refusal, or the other way round, misleads nobody; an answer does."""
    return "wrong" if answer.status == "answered" else "silent", f"expected {expected}, came {answer.status}"


def _rows(asked: Asked, answer: Answer, rows: Rows) -> tuple[str, str]:
    found = answer.frame.rows()
    if "empty_ok" in asked["tags"] and not any(v for row in found for v in row):
        return "right", ""
    if same(rows, found, ordered=asked["ordered"]):
        return "right", ""
    if _two_shapes(asked, rows) and _numbers(rows) <= _numbers(found):
        return "right", ""
    return "wrong", f"{shape(rows)} expected, {shape(found)} came"


def _two_shapes(asked: Asked, rows: Rows) -> bool:
    """Whether two figures may stand side by side as well as one below the other."""
    return "wide_or_long" in asked["tags"] or ("comparison" in asked["tags"] and len(rows) <= 2)


def _forecast(asked: Asked, answer: Answer, rows: Rows) -> tuple[str, str]:
    """Grain, horizon and history decide: the values to come are measured elsewhere."""
    analysis = answer.plan.analysis if answer.plan else None
    said = (str(getattr(analysis, "grain", "")), getattr(analysis, "horizon", 0))
    if said != (asked["grain"], asked["horizon"]):
        return "wrong", f"grain and horizon read as {said}"
    if not answer.value.forecasts:
        return "wrong", "the plan asks for a forecast, the answer holds none"
    shown = [row for row in answer.frame.rows() if row[-3] is None]  # expected, low and high come last
    groups = len(answer.value.forecasts)
    recent = rows if groups > 1 else rows[-len(shown) :]
    return ("right", "") if within(recent, shown) else ("wrong", "the history differs")


def _why(asked: Asked, answer: Answer, rows: Rows) -> tuple[str, str]:
    drivers = getattr(answer.value, "drivers", None)
    if drivers is None:
        return "wrong", "no drivers in the answer"
    named = [d for d in (drivers.headline, *drivers.also) if d is not None]
    found = [str(d.segment.value) for d in named]
    return ("right", "") if asked["driver"]["value"] in found else ("wrong", f"drivers named: {found}")


def _anomaly(asked: Asked, answer: Answer, rows: Rows) -> tuple[str, str]:
    unusual = getattr(answer.value, "unusual", None)
    if unusual is None:
        return "wrong", "no unusual points in the answer"
    days = {plain(p.at) for p in unusual.points}
    return ("right", "") if plain(rows[0][0]) in days else ("wrong", f"{rows[0][0]} is not among {len(days)} points")


def _themes(asked: Asked, answer: Answer, rows: Rows) -> tuple[str, str]:
    text = str(answer).lower()
    return ("right", "") if any(k in text for k in asked["keywords"]) else ("wrong", "none of the themes is named")


# ------------------------------------------------------------------ comparing rows
def same(expected: Rows, found: Rows, *, ordered: bool) -> bool:
    """Whether some choice of the found columns gives the expected rows."""
    if len(expected) != len(found):
        return False
    if not expected:
        return True
    want, have = [[plain(v) for v in row] for row in expected], [[plain(v) for v in row] for row in found]
    return any(_equal(want, [[row[i] for i in pick] for row in have], ordered) for pick in _picks(want, have))


def within(expected: Rows, found: Rows) -> bool:
    """Whether some choice of columns holds all expected rows among others."""
    want, have = [[plain(v) for v in row] for row in expected], [[plain(v) for v in row] for row in found]
    width = len(want[0])
    picks = _choices(width, [list(range(len(have[0])))] * width if have else [])
    return any({tuple(r) for r in want} <= {tuple(row[i] for i in pick) for row in have} for pick in picks)


def _equal(want: list[list[object]], have: list[list[object]], ordered: bool) -> bool:
    if ordered:
        return want == have
    return Counter(map(tuple, want)) == Counter(map(tuple, have))


def _picks(want: list[list[object]], have: list[list[object]]) -> Iterator[tuple[int, ...]]:
    """Assignments of expected columns to different found ones that hold the same values."""
    found = [Counter(column) for column in zip(*have, strict=True)]
    fits = [[i for i, c in enumerate(found) if c == Counter(column)] for column in zip(*want, strict=True)]
    yield from _choices(len(fits), fits)


def _choices(width: int, fits: list[list[int]], taken: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    if len(taken) == width:
        yield taken
        return
    for i in fits[len(taken)] if fits else ():
        if i not in taken:
            yield from _choices(width, fits, (*taken, i))


def plain(value: object) -> object:
    """A value without its type's accent: numbers to six places, the first day of a period as text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        number = float(value)
        return f"{int(number):04d}-01-01" if number.is_integer() and 1900 <= number <= 2100 else float(f"{number:.6g}")
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).strip()
    return f"{text}-01" if len(text) == 7 and text[4] == "-" and text[:4].isdigit() else text


def _numbers(rows: Rows) -> set[object]:
    """The figures among the values; what may be a year is none."""
    return {number for row in rows for v in row if isinstance(number := plain(v), float)}


# ------------------------------------------------------------------ telling
def shape(rows: Rows) -> str:
    """Size and first row."""
    return f"{len(rows)}x{len(rows[0]) if rows else 0} {rows[0] if rows else ''}"


def first_line(text: str) -> str:
    """The first line of a text, cut."""
    return text.partition("\n")[0][:120]


def counted(outcomes: list[Outcome]) -> Counter[str]:
    """Right, wrong, silent."""
    return Counter(o.verdict for o in outcomes)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` of all values don't exceed."""
    return sorted(values)[max(0, ceil(len(values) * share) - 1)]


def report(name: str, outcomes: list[Outcome], *, wrong: bool) -> None:
    """Print the figures of a data set."""
    counts, total = counted(outcomes), len(outcomes)
    print(f"\n{name}: {total} questions, {counts['right']} right, {counts['wrong']} wrong, {counts['silent']} silent")
    stages: dict[str, list[float]] = {"total": [o.seconds for o in outcomes]}
    for outcome in outcomes:
        for timing in outcome.answer.value.timings:
            stages.setdefault(timing.stage, []).append(timing.seconds)
    for stage, seconds in stages.items():
        middle, high = median(seconds) * 1000, percentile(seconds, 0.95) * 1000
        print(f"  {stage:<10} median {middle:7.1f} ms   p95 {high:7.1f} ms   first {seconds[0] * 1000:7.1f} ms")
    for o in outcomes if wrong else ():
        if o.verdict != "right":
            print(f"  {o.verdict:<6} {o.asked['id']}  {o.asked['question']}\n         {o.detail}")


def main() -> None:
    """Ask and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=["teahouse", "market"], metavar="DATASET")
    parser.add_argument("--wrong", action="store_true", help="list the questions that did not come out right")
    options = parser.parse_args()
    for name in options.names:
        report(name, list(ask_all(name)), wrong=options.wrong)


if __name__ == "__main__":
    main()
