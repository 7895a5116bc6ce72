"""The questions are well-formed and their check SQL runs."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

COMMON = {"id", "language", "question", "asked_on", "tags", "check_sql", "ordered"}
KNOWN = COMMON | {"expect", "dialogue", "turn", "kind", "sample", "horizon", "grain", "driver", "keywords"}


def load(folder: Path) -> list[dict[str, Any]]:
    return yaml.safe_load((folder / "questions.yaml").read_text("utf-8"))["questions"]


def test_check_sql_runs_and_returns_rows(data_set) -> None:
    folder, con = data_set
    for q in load(folder):
        if "check_sql" in q:
            rows = con.sql(q["check_sql"]).fetchall()
            assert rows or "empty_ok" in q["tags"], q["id"]
            assert rows != [(None,)] or "empty_ok" in q["tags"], q["id"]


def rounded(rows: list[tuple[object, ...]]) -> Counter[tuple[object, ...]]:
    return Counter(tuple(round(v, 6) if isinstance(v, float) else v for v in row) for row in rows)


def test_check_sql_returns_the_same_rows_each_time(data_set) -> None:
    folder, con = data_set
    for q in load(folder):
        if "check_sql" in q:
            once, again = (rounded(con.sql(q["check_sql"]).fetchall()) for _ in range(2))
            assert once == again, q["id"]


def test_top_n_has_no_tie_at_the_cut(data_set) -> None:
    folder, con = data_set
    for q in load(folder):
        head, limit, n = q.get("check_sql", "").rpartition(" LIMIT ")
        if limit and q.get("ordered") and n.strip().isdigit():
            rows = con.sql(f"{head} LIMIT {int(n) + 1}").fetchall()
            assert len(rows) <= int(n) or rows[-1][-1] != rows[-2][-1], q["id"]


def test_fields_are_well_formed(data_set) -> None:
    folder, _ = data_set
    questions = load(folder)
    assert len({q["id"] for q in questions}) == len(questions)
    for q in questions:
        assert set(q) <= KNOWN, q["id"]
        assert q["language"] in {"en", "zh"} and q["tags"]
        assert (q["language"] == "zh") == any("一" <= c <= "龥" for c in q["question"]), q["id"]
        date.fromisoformat(q["asked_on"])
        assert ("check_sql" in q) != (q.get("expect") in {"clarify", "declined"}), q["id"]
        assert ("dialogue" in q) == ("turn" in q)


def test_turns_of_a_dialogue_follow_each_other(data_set) -> None:
    folder, _ = data_set
    turns: dict[str, list[int]] = {}
    for q in load(folder):
        if "dialogue" in q:
            turns.setdefault(q["dialogue"], []).append(q["turn"])
    assert turns and all(t == list(range(1, len(t) + 1)) for t in turns.values())


@pytest.mark.parametrize(("name", "least"), [("teahouse", 70), ("market", 30)])
def test_enough_questions_and_eight_samples_in_each_language(name: str, least: int) -> None:
    questions = load(Path(__file__).parents[2] / "datasets" / name)
    assert len(questions) >= least
    for language in ("en", "zh"):
        assert sum(bool(q.get("sample")) for q in questions if q["language"] == language) == 8
