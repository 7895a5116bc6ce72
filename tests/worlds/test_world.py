"""Worlds: who gets in, what their catalog and model hold, and that equal rights share one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.interference import Twins
from bi_chat.errors import AccessDenied, PolicyError, SettingsError
from bi_chat.settings import Settings
from bi_chat.wiring import Connection, connect
from bi_chat.worlds.secret import NAME, installation_secret

PEOPLE = """
CREATE TABLE people(id INTEGER PRIMARY KEY, name VARCHAR, email VARCHAR, town VARCHAR, age INTEGER);
INSERT INTO people SELECT i, 'person ' || i, 'p' || i || '@example.org', ['Oslo', 'Lima', 'Bonn'][1 + i % 3],
  20 + i % 50 FROM range(60) t(i);
CREATE TABLE orders(id INTEGER, person_id INTEGER REFERENCES people(id), amount DECIMAL(9,2), day DATE);
INSERT INTO orders SELECT i, i % 60, i * 1.25, DATE '2025-01-01' + (i % 200)::INTEGER FROM range(600) t(i);
COMMENT ON TABLE people IS 'who buys';
COMMENT ON COLUMN people.age IS 'a secret remark';
"""


def opened(folder: Path, policy: str) -> Connection:
    path = folder / "shop.duckdb"
    if not path.exists():
        with duckdb.connect(str(path)) as connection:
            connection.execute(PEOPLE)
    file = folder / "policy.yaml"
    file.write_text(policy, "utf-8")
    return connect(path, policy=file, settings=Settings(cache_dir=folder / "cache", state_dir=folder / "state"))


OSLO = """
version: 1
roles:
  local:
    datasets:
      people: {fields: all, hide: [age], rows: 'town = {user.town}'}
      orders: {fields: all, rows: 'person_id IN (SELECT p.id FROM people p WHERE p.town = {user.town})'}
  nothing: {datasets: {}}
users:
  ana: {roles: [local], attributes: {town: Oslo}}
  bo: {roles: [local], attributes: {town: Oslo}}
  cy: {roles: [local], attributes: {town: Lima}}
  dee: {roles: [nothing]}
"""


@pytest.fixture(scope="module")
def oslo(tmp_path_factory: pytest.TempPathFactory):
    made = opened(tmp_path_factory.mktemp("oslo"), OSLO)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("", "say who is asking"),
        ("eve", "names no user eve"),
        ("ANA", "names no user ANA"),
        ("dee", "grants dee nothing"),
    ],
)
def test_who_is_not_granted_anything_sees_nothing(oslo: Connection, user: str, said: str) -> None:
    with pytest.raises(AccessDenied, match=said):
        oslo.session(user=user)
    with pytest.raises(AccessDenied):
        oslo.tools(user=user)


def test_the_catalog_counts_and_describes_what_is_visible(oslo: Connection) -> None:
    catalog = oslo.tools(user="ana").catalog
    people = catalog.table("people")
    assert people is not None
    assert [c.name for c in people.columns] == ["id", "name", "email", "town"]
    assert (people.rows, people.comment, people.primary_key) == (20, "who buys", ("id",))
    assert "secret remark" not in repr(catalog)
    assert [(k.table, k.to_table) for k in catalog.foreign_keys] == [("orders", "people")]


def test_the_model_knows_only_values_of_visible_rows(oslo: Connection) -> None:
    model = oslo.tools(user="ana").model
    assert model.field("people", "age") is None
    assert "Lima" not in repr(model)
    assert "Oslo" in repr(model)
    day = model.field("orders", "day")
    assert day is not None and day.low == "2025-01-01"


def test_what_looks_personal_is_masked_unless_it_is_named(oslo: Connection, tmp_path: Path) -> None:
    model = oslo.tools(user="ana").model
    kinds = {name: (f.kind if (f := model.field("people", name)) else None) for name in ("name", "email", "town")}
    assert kinds == {"name": "masked", "email": "masked", "town": "category"}
    named = opened(tmp_path, OSLO.replace("fields: all, hide: [age]", "fields: [id, name, town, email]"))
    session = named.session(user="ana")
    assert session.sql("SELECT email FROM people WHERE id = 3").value.result.rows == [("p3@example.org",)]
    named.close()


def test_equal_rights_share_an_engine_and_others_do_not(oslo: Connection) -> None:
    ana, bo, cy = (oslo.tools(user=user) for user in ("ana", "bo", "cy"))
    assert ana.engine is bo.engine
    assert ana.engine is not cy.engine
    assert ana.catalog.fingerprint != cy.catalog.fingerprint


def test_an_answer_says_whose_rows_it_holds(oslo: Connection) -> None:
    made = oslo.session(user="cy").ask("how many people")
    assert made.value.result.rows == [(20,)]
    assert any("only the rows that you may see" in said for said in made.value.assumptions)


def test_a_hidden_field_is_like_one_that_never_was(oslo: Connection) -> None:
    session = oslo.session(user="ana")
    hidden, unknown = (session.sql(f"SELECT {name} FROM people").value.issues[0] for name in ("age", "agx"))
    assert hidden.problem.replace("'age'", "'agx'") == unknown.problem
    assert (
        session.ask("average age of people").value.issues[0].code
        == session.ask("average agx of people").value.issues[0].code
    )


def test_a_condition_that_does_not_fit_the_data_lets_nobody_in(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no column 'city'"):
        opened(tmp_path, OSLO.replace("'town = {user.town}'", "'city = {user.town}'"))


def test_a_hash_needs_a_secret_that_is_kept(pair: Twins, tmp_path: Path) -> None:
    first = installation_secret(tmp_path)
    assert installation_secret(tmp_path) == first
    assert len(first) == 64
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0
    (tmp_path / NAME).write_text("short")
    with pytest.raises(SettingsError, match="too weak"):
        installation_secret(tmp_path)
    with pytest.raises(SettingsError, match="BI_CHAT_STATE_DIR"):
        installation_secret(None)


def test_two_roles_show_what_each_alone_would(tmp_path: Path) -> None:
    policy = """
version: 1
roles:
  oslo: {datasets: {people: {fields: [id, name, town], rows: "town = 'Oslo'"}}}
  ages: {datasets: {people: {fields: [id, age], rows: age < 25}}}
users:
  ana: {roles: [oslo, ages]}
"""
    made = opened(tmp_path, policy)
    rows = made.session(user="ana").sql("SELECT id, name, town, age FROM people").value.result.rows
    made.close()
    for id_, name, town, age in rows:
        assert (town == "Oslo") == (name is not None) == (id_ % 3 == 0)
        assert (age is not None) == (20 + id_ % 50 < 25)
    assert len(rows) == len({i for i in range(60) if i % 3 == 0 or i % 50 < 5})


ODD = """
CREATE SCHEMA s;
CREATE TABLE s."Odd table"("a b" INTEGER, "sel""ect" VARCHAR, e ENUM('x','y'), st STRUCT(q ENUM('u','hidden'), n INT));
INSERT INTO s."Odd table" SELECT i, 'v' || i, 'x', {'q': 'u', 'n': i} FROM range(20) t(i);
CREATE VIEW s.v AS SELECT "a b" AS n, e FROM s."Odd table";
CREATE TABLE s.big AS SELECT i AS id, i % 2 AS g, i % 7 AS h FROM range(250000) t(i);
"""
ODD_POLICY = """
version: 1
roles:
  odd:
    datasets:
      "Odd table": {fields: all, rows: '"a b" < 3 AND st.n >= 1', masks: {'sel"ect': {partial: 1}}}
      v: {fields: [n, e], rows: n IN (SELECT "a b" FROM "Odd table" WHERE "a b" > 17)}
      big: {fields: all, rows: g = 1}
  totals:
    datasets:
      big: {fields: all, min_group_size: 3, person: id, dimensions: []}
users:
  ana: {roles: [odd]}
  bo: {roles: [totals]}
  cy: {roles: [odd, totals]}
"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("odd")
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(ODD)
    made = opened(folder, ODD_POLICY)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("user", "sql", "rows"),
    [
        (
            "ana",
            'SELECT * FROM "Odd table"',
            [(1, "***1", "x", "{'q': u, 'n': 1}"), (2, "***2", "x", "{'q': u, 'n': 2}")],
        ),
        ("ana", 'SELECT DISTINCT typeof(st), typeof(e) FROM "Odd table"', [("VARCHAR", "VARCHAR")]),
        ("ana", "SELECT * FROM v", [(18, "x"), (19, "x")]),
        ("ana", "SELECT count(*), min(g) FROM big", [(125_000, 1)]),
        ("bo", "SELECT count(*), sum(h) FROM big", [(250_000, 749_995)]),
        ("cy", "SELECT count(*) FROM big", [(250_000,)]),
    ],
)
def test_odd_names_types_views_and_large_tables(odd: Connection, user: str, sql: str, rows: list[object]) -> None:
    made = odd.session(user=user).sql(sql)
    assert made.value.result is not None, made.value.issues
    assert made.value.result.rows == rows


def test_without_dimensions_there_are_totals_only(odd: Connection) -> None:
    for user in ("bo", "cy"):
        issue = odd.session(user=user).sql("SELECT g, count(*) FROM big GROUP BY g").value.issues[0]
        assert "answers only in groups, picked by nothing" in issue.problem
