"""Policy files: what each fault says and where, and that one fault closes the door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bi_chat.errors import PolicyError
from bi_chat.semantics.ossie.structure import schema
from bi_chat.sql.policy.access import access_of, faults
from bi_chat.sql.policy.names import Names
from bi_chat.sql.policy.reading import load_policy
from bi_chat.values.catalog import Catalog, Column, Table
from bi_chat.values.policy import Mask

CATALOG = Catalog(
    (
        Table("people", tuple(Column(n, t) for n, t in [("id", "INTEGER"), ("name", "VARCHAR"), ("town", "VARCHAR")])),
        Table("towns", (Column("town", "VARCHAR"), Column("size", "INTEGER"))),
    )
)
GOOD = """
version: 1
roles:
  clerk:
    datasets:
      people:
        fields: [id, name, town]
        rows: town IN {user.towns}
        masks: {name: {partial: 2}, id: null}
      towns: all
users:
  ana: {roles: [clerk], attributes: {towns: [Oslo, Lima]}}
"""


def said(text: str) -> list[str]:
    loaded = load_policy(text)
    if not loaded.faults:
        loaded = loaded.with_faults(faults(loaded.policy, Names(CATALOG)))
    return [str(fault) for fault in loaded.faults]


def test_a_sound_policy_is_read_as_written() -> None:
    assert said(GOOD) == []
    policy = load_policy(GOOD).require()
    role = policy.role("clerk")
    assert role is not None and role.grants is not None
    assert dict(role.grants[0].masks) == {"name": Mask("partial", keep=2), "id": Mask("null")}
    user = policy.user("ana")
    assert user is not None and user.attribute("towns") == ("Oslo", "Lima")
    assert user.attribute("name") == ("ana",)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("fields: [id, name, town]", "field: [id]", "line 6: roles › clerk › datasets › people has no fields."),
        ("masks: {name", "maks: {name", "unknown key maks. Did you mean masks?"),
        ("towns: all", "towns: al", "line 10: towns can't be al. Write all, or name each one."),
        ("towns: all", "town: all", "line 10: There is no dataset town. Did you mean towns?"),
        ("[id, name, town]", "[id, nmae, town]", "line 7: people has no field nmae. Did you mean name?"),
        ("town IN", "city IN", "line 8: There is no column 'city'"),
        ("town IN {user.towns}", "town = {user.towns}", "line 12: {user.towns} of ana is a list"),
        ("{user.towns}", "{user.places}", "line 12: The rows of people need {user.places}, which ana does not have."),
        ("{partial: 2}", "{parital: 2}", "unknown key parital. Did you mean partial?"),
        ("{partial: 2}", "hsah", "line 9: There is no mask hsah. Did you mean hash?"),
        ("{partial: 2}", "{bucket: fortnight}", "line 9: Dates can't be cut to the fortnight."),
        ("{partial: 2}", "{bucket: 10}", "line 9: name holds no numbers (VARCHAR)"),
        ("roles: [clerk]", "roles: [clerc]", "line 12: There is no role clerc. Did you mean clerk?"),
        ("[id, name, town]", "[id, town]", "line 9: name is masked but not visible."),
        ("  ana:", "  ana: {roles: []}\n  ana:", "no valid YAML"),
        ("masks: {", "min_group_size: 5\n        masks: {", "min_group_size, person and dimensions belong together."),
        (
            "masks: {",
            "min_group_size: 5\n        person: id\n        dimensions: [name]\n        masks: {",
            "name can't be a dimension: it is masked or hidden.",
        ),
    ],
)
def test_a_fault_has_its_line_and_a_suggestion(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    found = said(GOOD.replace(old, new))
    assert any(fault in one for one in found), found


def test_one_fault_and_nobody_gets_in() -> None:
    loaded = load_policy(GOOD.replace("towns: all", "towns: some"))
    with pytest.raises(PolicyError, match="1 fault"):
        loaded.require()


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="can't be read"):
        load_policy(tmp_path / "none.yaml")


def test_the_published_schema_accepts_it() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    import yaml

    published = json.loads(json.dumps(schema("policy")))
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.validate(yaml.safe_load(GOOD), published)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(GOOD.replace("version: 1", "version: 2")), published)


def test_equal_rights_are_one_access_and_other_attributes_another() -> None:
    text = f"""{GOOD}
  bo: {{roles: [clerk], attributes: {{towns: [Oslo, Lima]}}}}
  cy: {{roles: [clerk], attributes: {{towns: Bonn}}}}
"""
    policy = load_policy(text).require()
    ana, bo, cy = (access_of(policy, user, Names(CATALOG)) for user in policy.users)
    assert ana.fingerprint == bo.fingerprint != cy.fingerprint
