"""Plans are saved as JSON and read back the same; nothing but our own values can be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bi_chat.values.plan import Plan
from bi_chat.values.serial import SerialError, plan_codec
from bi_chat.wiring import Connection

CASES = yaml.safe_load((Path(__file__).parents[1] / "fixtures" / "planners" / "readings.yaml").read_text("utf-8"))
QUESTIONS = sorted({str(c["ask"][-1] if isinstance(c["ask"], list) else c["ask"]) for c in CASES})


def test_plans_of_many_questions_come_back_equal(tea: Connection) -> None:
    codec = plan_codec()
    seen = 0
    for text in QUESTIONS:
        plan = tea.session().ask(text).plan
        if plan is not None:
            assert codec.loads(codec.dumps(plan)) == plan
            seen += 1
    assert seen > len(QUESTIONS) // 2


def test_a_saved_plan_runs_again_to_the_same_rows(tea: Connection) -> None:
    first = tea.session().ask("revenue by country in 2024")
    assert first.plan is not None
    again = plan_codec().loads(plan_codec().dumps(first.plan))
    assert isinstance(again, Plan)
    assert tea.session().run_plan(again).frame.equals(first.frame)


@pytest.mark.parametrize(
    "text",
    ['{"is": "Popen", "args": ["true"]}', '{"is": "Plan", "bogus": 1}', "[1", '{"no": "kind"}'],
    ids=["another class", "an unknown part", "torn", "no kind"],
)
def test_what_is_not_a_plan_is_refused(text: str) -> None:
    with pytest.raises(SerialError):
        plan_codec().loads(text)


def test_parts_that_say_nothing_are_not_written() -> None:
    assert json.loads(plan_codec().dumps(Plan())) == {"is": "Plan"}
