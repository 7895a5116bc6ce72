"""The example policy of the sample shop: each of its cases holds, on the command line as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bi_chat.frontends.cli import main
from bi_chat.frontends.open_data import OpenData, open_data
from bi_chat.frontends.policy_cases import Case, read_cases, try_case

FOLDER = Path(__file__).parents[2] / "datasets" / "teahouse"
POLICY, CASES = FOLDER / "policy.yaml", FOLDER / "policy_cases.yaml"


@pytest.fixture(scope="module")
def opened() -> Iterator[OpenData]:
    made = open_data("teahouse", policy=POLICY)
    yield made
    made.connection.close()


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c.user}: {c.title}") for c in read_cases(CASES)])
def test_a_case_holds(opened: OpenData, case: Case) -> None:
    assert try_case(case, opened).problem == ""


def test_a_case_that_does_not_hold_says_what_came_instead(opened: OpenData) -> None:
    wrong = Case("", "mia", sql="SELECT count(*) FROM shops", rows=((12,),))
    assert try_case(wrong, opened).problem == "Other rows came out: [[11]]"
    refused = Case("", "mia", sql="SELECT count(*) FROM shops", refused="")
    assert try_case(refused, opened).problem == "It was answered: [[11]]"
    shown = Case("", "mia", sql="SELECT min(town) FROM shops", hides=("Bath", "Nowhere"))
    assert try_case(shown, opened).problem == "It shows 'Bath'."


def test_the_commands_say_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["policy", "check", str(POLICY), "--data", "teahouse"]) == 0
    assert main(["policy", "show", str(POLICY), "--as", "ada"]) == 0
    shown = capsys.readouterr().out
    assert "has no faults" in shown
    assert "ada sees 2 of 12 tables." in shown
    assert "Does not exist: campaigns, feedback" in shown
    assert main(["policy", "show", str(POLICY), "--as", "eve"]) == 2
    assert "names no user eve" in capsys.readouterr().err
    cases = tmp_path / "cases.yaml"
    cases.write_text('cases:\n- {user: ada, sql: "SELECT 1", rows: [[2]]}\n', "utf-8")
    assert main(["policy", "test", str(POLICY), str(cases)]) == 1
    assert "Other rows came out: [[1]]" in capsys.readouterr().out


def test_a_question_needs_to_say_who_asks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "how many shops", "--policy", str(POLICY)]) == 2
    assert "say who is asking" in capsys.readouterr().err
    assert main(["ask", "how many shops", "--policy", str(POLICY), "--as", "mia"]) == 0
    assert "11" in capsys.readouterr().out


def test_sql_check_writes_decisions_and_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    statements, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    texts = ["SELECT count(*) AS n FROM shops", "SELECT buying_price FROM articles", "DROP TABLE shops"]
    lines = [json.dumps({"id": str(i), "sql": sql}) for i, sql in enumerate(texts)]
    statements.write_text("\n".join(lines), "utf-8")
    asked = ["sql", "check", str(statements), "--source", "teahouse", "--policy", str(POLICY), "--as", "mia"]
    assert main([*asked, "--output", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(r["id"], r["decision"], r["code"]) for r in rows] == [
        ("0", "allow", ""),
        ("1", "refuse", "refused_sql"),
        ("2", "refuse", "refused_sql"),
    ]
    assert (rows[0]["columns"], rows[0]["rows"]) == (["n"], [[11]])
    assert "1 allowed, 2 refused" in capsys.readouterr().err
    statements.write_text("not json", "utf-8")
    assert main(asked) == 2
