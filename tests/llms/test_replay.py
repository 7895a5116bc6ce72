"""What a model said once can be measured again without it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from bi_chat.frontends.cli import main
from tests.model_server import model_server

QUESTION = {"id": "q1", "db": "shop", "question": "moolah by colour"}
REPLY = json.dumps(
    {
        "readings": [
            {
                "measures": [{"of": {"is": "Aggregate", "function": "sum", "dataset": "sales", "of": "sales.amount"}}],
                "dimensions": [{"of": "sales.colour"}],
            }
        ],
        "meanings": [{"words": "moolah", "name": "sales.amount"}],
    }
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE sales AS SELECT i AS id, 'red' AS colour, i * 1.5 AS amount FROM range(9) t(i)"
        )
    (tmp_path / "questions.jsonl").write_text(json.dumps(QUESTION) + "\n", "utf-8")
    return tmp_path


def predicted(shop: Path, *options: str) -> dict[str, object]:
    output = shop / "predictions.jsonl"
    given = ["evaluate", str(shop / "questions.jsonl"), "--databases", str(shop), "--output", str(output), *options]
    assert main(given) == 0
    return dict(json.loads(output.read_text("utf-8")))


def test_a_recorded_run_is_answered_from_its_files(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with model_server(REPLY) as server:
        monkeypatch.setenv("BI_CHAT_LLM_URL", server.url)
        monkeypatch.setenv("BI_CHAT_LLM_MODEL", "tiny")
        first = predicted(shop, "--planner", "llm", "--record", str(shop / "kept"))
        asked = len(server.asked)
    monkeypatch.delenv("BI_CHAT_LLM_URL")
    monkeypatch.delenv("BI_CHAT_LLM_MODEL")
    again = predicted(shop, "--planner", "llm", "--replay", str(shop / "kept"))
    assert asked == 1
    assert first["status"] == "answered"
    assert (again["status"], again["sql"]) == (first["status"], first["sql"])


def test_what_was_not_recorded_is_as_without_a_model(shop: Path) -> None:
    alone = predicted(shop)
    missing = predicted(shop, "--planner", "llm", "--replay", str(shop / "nothing"))
    assert (missing["status"], missing["sql"]) == (alone["status"], alone["sql"])


def test_without_a_model_to_ask_it_says_which_setting_to_make(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["evaluate", str(shop / "questions.jsonl"), "--databases", str(shop), "--planner", "llm"]
    assert main(given) != 0
    assert "BI_CHAT_LLM_MODEL" in capsys.readouterr().err
