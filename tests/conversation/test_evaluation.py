"""A file of questions becomes predictions: in order, without a look at the answers, one line each whatever happens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from bi_chat.conversation.evaluation import Prediction, evaluate, read_questions
from bi_chat.conversation.running import Tools
from bi_chat.wiring import Connection

NOW = datetime(2025, 10, 18, 9)


def lines(*rows: dict[str, object]) -> list[str]:
    return [json.dumps({"db": "shop", **row}, ensure_ascii=False) for row in rows]


def predictions(tea: Connection, *rows: dict[str, object], tools: Tools | str | None = None) -> dict[str, Prediction]:
    made = evaluate(read_questions(lines(*rows)), lambda _: tea.tools() if tools is None else tools, now=NOW)
    return {p.id: p for p in made}


def test_each_question_becomes_one_line_with_what_a_scorer_reads(tea: Connection) -> None:
    made = predictions(
        tea,
        {"id": "a", "question": "revenue by month in 2024 as a line chart"},
        {"id": "b", "question": "how many unicorns do we have"},
        {"id": "c", "question": "best customers"},
        {"id": "d", "question": "forecast revenue for the next 3 months"},
    )
    row = json.loads(made["a"].to_json())
    assert row["status"] == "answered"
    assert row["chart"]["type"] == "line"
    assert tea.session().sql(row["sql"]).frame.height == 12
    assert made["b"].status == "declined"
    assert made["c"].status == "clarify"
    forecast = json.loads(made["d"].to_json())["forecast"]
    assert forecast["horizon"] == 3


def test_what_a_row_holds_beside_the_question_changes_nothing(tea: Connection) -> None:
    plain = predictions(tea, {"id": "a", "question": "revenue by country in 2024"})["a"]
    told = predictions(
        tea,
        {"id": "a", "question": "revenue by country in 2024", "sql": "SELECT 1", "answer": 5, "gold": {"kind": "none"}},
    )["a"]
    assert replace(told, seconds=0.0) == replace(plain, seconds=0.0)


def test_turns_of_a_dialogue_are_asked_in_order_and_by_themselves(tea: Connection) -> None:
    made = predictions(
        tea,
        {"id": "x2", "question": "only in Germany", "dialogue": "x", "turn": 2},
        {"id": "y2", "question": "only in Germany", "dialogue": "y", "turn": 2},
        {"id": "x1", "question": "revenue by month in 2024", "dialogue": "x", "turn": 1},
        {"id": "y1", "question": "number of orders in 2024", "dialogue": "y", "turn": 1},
    )
    assert list(made) == ["x1", "x2", "y1", "y2"]
    series, single = made["x2"].sql, made["y2"].sql
    assert series is not None
    assert single is not None
    assert tea.session().sql(series).frame.height == 12
    assert tea.session().sql(single).frame.height == 1


def test_a_database_that_does_not_open_is_declined_with_its_reason(tea: Connection) -> None:
    made = predictions(tea, {"id": "a", "question": "revenue"}, tools="there is no such database")
    assert (made["a"].status, made["a"].text) == ("declined", "there is no such database")


def test_a_question_that_breaks_the_planner_stops_no_other(tea: Connection) -> None:
    class Broken:
        def understand(self, question: object, model: object) -> object:
            if "tin" in str(question):
                raise RuntimeError("boom")
            return tea.planner.understand(question, model)  # type: ignore[arg-type]

    tools = replace(tea.tools(), planner=Broken())  # type: ignore[arg-type]
    made = predictions(tea, {"id": "a", "question": "tin"}, {"id": "b", "question": "revenue in 2024"}, tools=tools)
    assert made["a"].status == "declined"
    assert made["b"].status == "answered"
