"""What a model is told to write can be read back, and what it gets wrong is said with its place."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from bi_chat.planners.llm.planner import instructions, schema_text
from bi_chat.planners.llm.proposal import Proposal, field_named, read_proposal
from bi_chat.planners.llm.shape import Misfit, Reader, written
from bi_chat.values.plan import Plan
from bi_chat.values.question import Question

if TYPE_CHECKING:
    from bi_chat.wiring import Connection

REVENUE: dict[str, Any] = {"measures": [{"of": {"is": "Metric", "name": "revenue"}}]}


def _every_part(schema: object, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if isinstance(schema, dict):
        found.append(schema)
        for part in schema.values():
            _every_part(part, found)
    elif isinstance(schema, list):
        for part in schema:
            _every_part(part, found)
    return found


def test_the_schema_keeps_to_what_strict_servers_ask_for() -> None:
    """Each object names all its properties as required and allows no others (OpenAI, structured outputs)."""
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    objects = [p for p in _every_part(schema, []) if p.get("type") == "object"]
    assert len(objects) > 40
    for one in objects:
        assert one["required"] == list(one["properties"])
        assert one["additionalProperties"] is False


def test_all_that_the_sample_questions_ask_can_be_said_by_a_model(tea: Connection) -> None:
    """The plans of real questions, written as a model writes them: they keep to the schema, and read the same."""
    validator = jsonschema.Draft202012Validator(_lenient(json.loads(schema_text())))
    questions = yaml.safe_load((_folder() / "questions.yaml").read_text("utf-8"))["questions"]
    reader = Reader(lambda said: field_named(said, tea.model))
    tried = 0
    for one in questions:
        text = one["question"] if isinstance(one, dict) else one
        understood = tea.planner.understand(Question(text, datetime(2025, 10, 18)), tea.model)
        for reading in understood.readings[:1]:
            said = json.loads(json.dumps(written(reading.plan)))
            validator.validate({"readings": [said], "meanings": [], "missing": [], "sql": None})
            assert reader.read(Plan, said, "plan") == reading.plan, text
            tried += 1
    assert tried > 80


def test_the_examples_that_a_model_is_shown_are_plans() -> None:
    """They name things of other data, so any name is taken."""
    from bi_chat.values.plan import TIME, FieldRef

    def any_field(said: str) -> FieldRef:
        return TIME if said == "@time" else FieldRef(*said.split("."))

    examples = [line for line in instructions().splitlines() if line.startswith("{")]
    assert len(examples) >= 5
    for line in examples:
        Reader(any_field).read(Proposal, json.loads(line), "example")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("no JSON at all", "no whole JSON"),
        ('{"readings": [{"measures": [{"of": {"is": "Metric", "na', "no whole JSON"),
        ('{"readings": [{"measures": [{"of": {"is": "Metrik", "name": "revenue"}}]}]}', "readings[0].measures[0].of"),
        ('{"readings": [{"measures": [{"of": {"is": "Metric", "name": "moolah"}}]}]}', "moolah"),
        ('{"readings": [{"dimensions": [{"of": "shoppers.shoe_size"}]}]}', "shoe_size"),
        ('{"readings": [{"base": "suppliers"}]}', "suppliers"),
        ('{"readings": [{"limit": "five"}]}', "limit"),
        ('{"readings": [{"colour": "blue"}]}', "colour"),
        ('{"readings": [{"window": {"period": {"is": "Relative", "grain": "fortnight"}}}]}', "fortnight"),
        (
            '{"readings": [{"where": [{"is": "Within", "of": "@time", "period": {"is": "Days", "start": "soon"}}]}]}',
            "soon",
        ),
        ('{"readings": "revenue"}', "list"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(reply: str, said: str, tea: Connection) -> None:
    with pytest.raises(Misfit) as raised:
        read_proposal(reply, tea.model)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "wrapped",
    [
        "{}",
        "Sure! Here it is:\n```json\n{}\n```\nAnything else?",
        "<think>Maybe {a} or {b}?</think>\n{}",
        "<thinking>never closed before {x: 1}</thinking>{}",
        'Notes: {"note": "first"} and then {}',
    ],
)
def test_json_is_found_in_whatever_it_is_wrapped(wrapped: str, tea: Connection) -> None:
    proposal = read_proposal(wrapped.replace("{}", json.dumps({"readings": [REVENUE]})), tea.model)
    assert [m.of.name for m in proposal.readings[0].measures] == ["revenue"]  # type: ignore[union-attr]


def test_a_plan_alone_is_taken_for_a_reading(tea: Connection) -> None:
    assert read_proposal(json.dumps(REVENUE), tea.model) == read_proposal(
        json.dumps({"readings": [REVENUE]}), tea.model
    )


def test_endless_nesting_is_refused(tea: Connection) -> None:
    deep: dict[str, Any] = {"is": "Not", "of": {"is": "IsNull", "of": "shoppers.city"}}
    for _ in range(60):
        deep = {"is": "Not", "of": deep}
    with pytest.raises(Misfit):
        read_proposal(json.dumps({"readings": [{**REVENUE, "where": [deep]}]}), tea.model)


def test_dates_are_dates(tea: Connection) -> None:
    days = {"is": "Days", "start": "2025-01-01", "end": "2025-02-01"}
    plan = read_proposal(json.dumps({"readings": [{**REVENUE, "window": {"period": days}}]}), tea.model).readings[0]
    assert plan.window is not None
    assert plan.window.period.start == date(2025, 1, 1)  # type: ignore[union-attr]


def _folder() -> Any:
    from pathlib import Path

    return Path(__file__).resolve().parents[3] / "datasets" / "teahouse"


def _lenient(schema: Any) -> Any:
    """The same for a model that leaves out what it would set to null."""
    for part in _every_part(schema, []):
        if "required" in part:
            kept = [n for n in part["required"] if {"type": "null"} not in part["properties"][n].get("anyOf", [])]
            part["required"] = kept
    return schema
