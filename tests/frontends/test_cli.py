"""The command: what it prints, where, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bi_chat.frontends.cli import main
from bi_chat.frontends.cli.arguments import Options, parser
from bi_chat.frontends.cli.demo import SCRIPT, command

SALES = "day,region,revenue\n2025-01-15,North,10\n2025-02-15,South,20\n2025-03-15,North,40\n"


@pytest.fixture
def sales(tmp_path):
    file = tmp_path / "sales.csv"
    file.write_text(SALES)
    return str(file)


def test_ask_prints_the_answer(sales, capsys):
    assert main(["ask", "total revenue by region", "--data", sales]) == 0
    shown = capsys.readouterr().out
    assert "North" in shown and "50" in shown


def test_several_questions_are_one_conversation(sales, capsys):
    assert main(["ask", "total revenue by region", "only North", "--data", sales]) == 0
    second = capsys.readouterr().out.split("› only North")[1]
    assert "50" in second and "South" not in second


def test_json_is_one_line_for_each_question(sales, capsys):
    main(["ask", "total revenue", "by region", "--json", "--data", sales])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["status"] for r in rows] == ["answered", "answered"]
    assert rows[0]["result"]["rows"] == [[70]]


def test_sql_alone(sales, capsys):
    assert main(["ask", "total revenue by region", "--sql", "--data", sales]) == 0
    assert capsys.readouterr().out.startswith("SELECT")


def test_html_goes_to_a_file(sales, tmp_path, capsys):
    target = tmp_path / "answer.html"
    assert main(["ask", "total revenue by region", "--html", str(target), "--data", sales]) == 0
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_explain_adds_sql_and_times(sales, capsys):
    main(["ask", "total revenue", "--explain", "--data", sales])
    shown = capsys.readouterr().out
    assert "SELECT" in shown and " ms" in shown


def test_limit_cuts_and_says_so(sales, capsys):
    main(["ask", "total revenue by day", "--limit", "1", "--json", "--data", sales])
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["row_count"] == 1 and result["cut_at"] == 1


def test_what_is_not_understood_is_status_1(sales, capsys):
    assert main(["ask", "how many wibbly wobblies", "--data", sales]) == 1
    assert "wibbl" in capsys.readouterr().out


def test_an_error_is_one_message_and_status_2(capsys):
    assert main(["ask", "revenue", "--data", "no_such_file.csv"]) == 2
    caught = capsys.readouterr()
    assert caught.out == "" and "no_such_file.csv" in caught.err and "Traceback" not in caught.err


def test_source_check_says_what_was_changed(tmp_path, capsys):
    file = tmp_path / "messy.csv"
    file.write_text("Region;Umsatz\nNord;1.234,50\nSüd;2.000,00\n", encoding="utf-8")
    assert main(["source", "check", str(file)]) == 0
    assert "2 rows" in capsys.readouterr().out
    assert main(["source", "check", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 2


def test_source_check_of_nothing_is_status_2(tmp_path, capsys):
    assert main(["source", "check", str(tmp_path / "none.csv")]) == 2


def test_a_drafted_model_has_no_faults(sales, tmp_path, capsys):
    target = str(tmp_path / "model.yaml")
    assert main(["model", "draft", sales, "--output", target]) == 0
    assert main(["model", "check", target, "--data", sales]) == 0
    assert "no faults" in capsys.readouterr().out
    assert main(["ask", "total revenue", "--data", sales, "--model", target]) == 0


def test_a_fault_is_named_with_its_line(tmp_path, capsys):
    file = tmp_path / "model.yaml"
    file.write_text("version: 0.2.0.dev0\nsemantic_model:\n- name: m\n  datasets:\n  - nam: x\n")
    assert main(["model", "check", str(file)]) == 1
    assert "model.yaml:5" in capsys.readouterr().out


def test_evaluate_writes_a_prediction_for_each_question(tmp_path, capsys):
    import duckdb

    with duckdb.connect(str(tmp_path / "shop.duckdb")) as con:
        con.execute("CREATE TABLE sales AS SELECT 'North' AS region, 10.0 AS revenue")
    questions = tmp_path / "questions.jsonl"
    rows = [
        {"id": "1", "db": "shop", "question": "total revenue"},
        {"id": "2", "db": "none", "question": "total revenue"},
    ]
    questions.write_text("\n".join(json.dumps(r) for r in rows))
    target = tmp_path / "predictions.jsonl"
    assert main(["evaluate", str(questions), "--databases", str(tmp_path), "--output", str(target)]) == 0
    made = {p["id"]: p for p in map(json.loads, target.read_text(encoding="utf-8").splitlines())}
    assert made["1"]["status"] == "answered" and made["2"]["status"] == "declined"
    assert "2 questions: 1 answered" in capsys.readouterr().err


def test_evaluate_never_leaves_the_folder(tmp_path, capsys):
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "out.duckdb").write_bytes(b"")
    questions = tmp_path / "q.jsonl"
    questions.write_text(json.dumps({"id": "1", "db": "../out", "question": "total revenue"}))
    main(["evaluate", str(questions), "--databases", str(inside)])
    assert "no database" in json.loads(capsys.readouterr().out)["text"]


def test_demo_serves_this_machine_alone(sales):
    made = command(parser().parse_args(["demo", "--data", sales, "--no-browser"], namespace=Options()))
    assert SCRIPT.is_file() and str(SCRIPT) in made
    assert made[made.index("--server.address") + 1] == "127.0.0.1"
    assert made[made.index("--browser.gatherUsageStats") + 1] == "false"
    assert made[-2:] == ["--data", sales]


def test_chat_answers_until_the_input_ends(sales):
    done = subprocess.run(
        [sys.executable, "-m", "bi_chat", "chat", "--data", sales],
        input="total revenue by region\n\\sql\n\\new\n\\quit\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "50" in done.stdout and "SELECT" in done.stdout and "A new conversation." in done.stdout
    assert "Traceback" not in done.stderr
