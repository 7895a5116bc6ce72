"""In: report files, right and wrong. Out: the report, or every fault with its line and what to write instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bi_chat.errors import ReportError
from bi_chat.reports.file import load_report, read_report, schema

GOOD = """
title: Weekly {country}
language: en
period: last week
parameters: {country: [Germany, China], year: [2024, 2025]}
contents:
  - heading: Sales
  - ask: revenue in {country}
    name: revenue
  - text: "{revenue} came in from {country}, {{not a reference}}."
when: revenue fell more than 5 % week on week
schedule: {at: weekdays at 8:00, time_zone: Europe/Berlin, missed: skip, late: 6}
recipients:
  - {user: ana, mail: ana@example.org, formats: [pdf]}
  - {folder: out}
"""


def test_a_report_says_what_its_file_says(tmp_path: Path) -> None:
    report = read_report(GOOD, name="weekly", folder=tmp_path).require()
    assert [dict(v) for v in report.variants][:2] == [
        {"country": "Germany", "year": "2024"},
        {"country": "Germany", "year": "2025"},
    ]
    assert len(report.variants) == 4
    condition = report.when[0]
    assert (condition.kind, condition.of, condition.way, condition.share, condition.grain) == (
        "moved", "revenue", "down", 0.05, "week",
    )  # fmt: skip
    assert report.schedule is not None and report.schedule.cron.text == "0 8 * * 1-5"
    assert (report.schedule.missed, report.schedule.late) == ("skip", 6.0)
    assert report.recipients[0].formats == ("pdf",)
    assert report.recipients[1].addresses == (("folder", str(tmp_path / "out")),)


FAULTS = [
    ("title: Weekly {country}", "title: ''", 2, "title is empty"),
    ("name: revenue", "nmae: revenue", 9, "Did you mean name?"),
    ('"{revenue} came', '"{revenu} came', 10, "Did you mean revenue?"),
    ("revenue in {country}", "revenue in {contry}", 8, "Did you mean country?"),
    ("when: revenue fell", "when: revnue fell", 11, "Did you mean revenue?"),
    ("when: revenue fell more than 5 %", "when: if pigs fly", 11, "was not understood"),
    ("weekdays at 8:00", "weekdys at 8:00", 12, "is no schedule"),
    ("Europe/Berlin", "Europe/Berln", 12, "Did you mean Europe/Berlin?"),
    ("last week", "lst wek", 4, "is no period"),
    ("ana@example.org", "ana at example.org", 14, "is no mail address"),
    ("ana@example.org", "'ana@example.org,eve@example.org'", 14, "is no mail address"),
    ("{folder: out}", "{user: eve}", 15, "no way to reach"),
    ("{folder: out}", "{chat: 'slack://token/abc'}", 15, "the name of a secret"),
    ("{folder: out}", "{webhook: 'http://example.org/x'}", 15, "https"),
    ("{folder: out}", "{webhook: 'https://a:b@example.org/x'}", 15, "password in an address"),
    ("  - heading: Sales", "  - heading: Sales\n    ask: revenue", 7, "Each entry is one of"),
    ("language: en", "language: fr", 3, "can't be fr"),
    ("missed: skip", "missed: never", 12, "can't be never"),
    ("name: revenue", "name: country", 9, "used twice"),
    ("name: revenue", "name: 9 lives", 9, "is no name"),
    ("{{not a", "{not a", 10, "is no name"),
    ("title: Weekly {country}", "title: Weekly {revenue}", 2, "no parameter called revenue"),
    ("language: en", "today: some day", 3, "is no day"),
    ("period: last week", "period: [", 6, "no valid YAML"),
]


@pytest.mark.parametrize(("old", "new", "line", "said"), FAULTS, ids=[f[3] + " " + f[1][:20] for f in FAULTS])
def test_a_fault_has_its_line_and_a_suggestion(old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    loaded = read_report(GOOD.replace(old, new, 1), file="weekly.yaml")
    assert loaded.report is None
    found = [f for f in loaded.faults if said in str(f)]
    assert found, list(map(str, loaded.faults))
    assert found[0].line == line and str(found[0]).startswith(f"weekly.yaml:{line}: ")
    with pytest.raises(ReportError, match="fault"):
        loaded.require()


def test_a_policy_needs_users() -> None:
    loaded = read_report(GOOD.replace("language: en", "policy: p.yaml"))
    assert any("needs a user" in str(f) for f in loaded.faults)


def test_numbers_that_were_typed_are_doubted() -> None:
    loaded = read_report(GOOD.replace("came in from", "(5.3 % more) came in from"))
    assert loaded.report is not None
    assert any("never change" in str(d) for d in loaded.doubts)


def test_a_schedule_without_a_time_zone_is_doubted() -> None:
    loaded = read_report(GOOD.replace(", time_zone: Europe/Berlin", ""))
    assert any("in UTC" in str(d) for d in loaded.doubts)


def test_a_line_break_never_gets_into_an_address() -> None:
    loaded = read_report(GOOD.replace("mail: ana@example.org", 'mail: "ana@example.org\\nBcc: eve@example.org"'))
    assert any("line break" in str(f) for f in loaded.faults)


def test_a_saved_plan_is_read_from_a_file_beside_it(tmp_path: Path) -> None:
    plan = {"is": "Plan", "measures": [{"is": "Measured", "of": {"is": "Metric", "name": "revenue"}}]}
    (tmp_path / "plan.json").write_text(json.dumps({"plan": plan}), "utf-8")
    (tmp_path / "r.yaml").write_text("title: T\ncontents: [{plan: plan.json}]\n", "utf-8")
    report = load_report(tmp_path / "r.yaml").require()
    assert report.id == "r" and report.items[0].plan is not None
    (tmp_path / "plan.json").write_text('{"plan": {"is": "Code"}}', "utf-8")
    assert "no saved plan" in str(load_report(tmp_path / "r.yaml").faults[0])


def test_the_published_schema_is_json_schema_and_agrees() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is missing")
    import yaml

    jsonschema.Draft202012Validator.check_schema(schema())
    checks = jsonschema.Draft202012Validator(schema())
    assert not list(checks.iter_errors(yaml.safe_load(GOOD)))
    assert list(checks.iter_errors(yaml.safe_load(GOOD.replace("name: revenue", "nmae: revenue"))))
