"""A policy that changes while people are asking, and looking at what others see."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from bi_chat.errors import AccessDenied
from bi_chat.settings import Settings
from bi_chat.stores.sqlalchemy import open_store
from bi_chat.wiring import Connection, connect

PARCELS = """
CREATE TABLE parcels(id INTEGER PRIMARY KEY, depot VARCHAR, weight DOUBLE, fee DOUBLE);
INSERT INTO parcels SELECT i, ['Turku', 'Gdynia'][1 + i % 2], i, i * 2 FROM range(10) t(i);
"""
RIGHTS = """
version: 1
roles:
  depot:
    datasets:
      parcels: {{fields: {fields}, rows: "depot = {{user.depot}}"}}
  boss: {{datasets: all, view_as: true}}
users:
  {users}
"""
USERS = "eva: {roles: [depot], attributes: {depot: Turku}}\n  kai: {roles: [boss]}"


def written(file: Path, *, fields: str = "all", users: str = USERS) -> None:
    """As of a minute ago and later each time, so that nobody waits for it to come to rest."""
    count = int(file.stat().st_mtime) + 1 if file.exists() else 1_700_000_000
    file.write_text(RIGHTS.format(fields=fields, users=users), "utf-8")
    os.utime(file, (count, count))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    written(file)
    return file


@pytest.fixture
def parcels(tmp_path: Path, policy: Path):
    path = tmp_path / "parcels.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(PARCELS)
    settings = Settings(cache_dir=tmp_path / "cache", state_dir=tmp_path / "state", workers=0)
    made = connect(path, policy=policy, settings=settings)
    yield made
    made.close()


def test_fewer_rights_hold_from_the_next_question_on(parcels: Connection, policy: Path) -> None:
    session = parcels.session(user="eva")
    assert session.ask("total fee").frame.rows() == [(40.0,)]
    written(policy, fields="[id, depot, weight]")
    made = session.ask("total fee")
    assert made.status == "declined" and "fee" not in {f.name for d in session.model.datasets for f in d.fields}
    assert session.sql("SELECT fee FROM parcels").status == "declined"
    assert session.ask("total weight").frame.rows() == [(20.0,)]


def test_a_follow_up_cannot_bring_back_what_is_gone(parcels: Connection, policy: Path) -> None:
    session = parcels.session(user="eva")
    first = session.ask("total fee by depot")
    assert first.status == "answered"
    written(policy, fields="[id, depot, weight]")
    assert session.ask("only Turku").status != "answered"
    assert first.plan is not None and session.run_plan(first.plan).status == "declined"


def test_who_is_taken_out_sees_nothing_more(parcels: Connection, policy: Path) -> None:
    session = parcels.session(user="eva")
    assert session.ask("total fee").status == "answered"
    written(policy, users="kai: {roles: [boss]}")
    for made in (session.ask("total fee"), session.sql("SELECT 1 AS one"), session.ask("费用合计")):
        assert [i.code.value for i in made.value.issues] == ["no_access"] and made.frame.is_empty()
    with pytest.raises(AccessDenied):
        parcels.session(user="eva")


def test_who_is_added_gets_in(parcels: Connection, policy: Path) -> None:
    with pytest.raises(AccessDenied):
        parcels.session(user="ada")
    written(policy, users=USERS + "\n  ada: {roles: [depot], attributes: {depot: Gdynia}}")
    assert parcels.session(user="ada").ask("total fee").frame.rows() == [(50.0,)]


def test_a_faulty_policy_changes_nothing_and_the_log_says_so(
    parcels: Connection, policy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = parcels.session(user="eva")
    written(policy, users="eva: {roles: [nobody]}")
    assert session.ask("total fee").frame.rows() == [(40.0,)]
    assert "stays in force" in caplog.text and "nobody" in caplog.text
    policy.unlink()
    assert session.ask("total fee").frame.rows() == [(40.0,)]


def test_a_file_that_is_being_written_is_waited_for(parcels: Connection, policy: Path) -> None:
    session = parcels.session(user="eva")
    policy.write_text(RIGHTS.format(fields="[id, depot]", users=USERS), "utf-8")
    assert session.ask("total fee").status == "declined"


def test_looking_at_what_another_sees_is_audited_under_the_own_name(parcels: Connection, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'kept' / 'bi_chat.sqlite'}")
    made = parcels.session(user="kai", view_as="eva", store=store, door="web").ask("total fee")
    assert made.frame.rows() == [(40.0,)]
    assert parcels.session(user="kai").ask("total fee").frame.rows() == [(90.0,)]
    entry = next(iter(store.audit())).entry
    assert (entry.user, entry.viewed_as) == ("kai", "eva") and store.verify().broken is None
    assert not store.conversations("eva")
    with pytest.raises(AccessDenied):
        parcels.session(user="eva", view_as="kai")
    with pytest.raises(AccessDenied):
        parcels.session(user="kai", view_as="nobody")
    store.close()


def test_figures_told_under_other_rights_are_not_told_again(parcels: Connection, policy: Path, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'kept' / 'bi_chat.sqlite'}")
    first = parcels.session(user="eva", store=store, door="web")
    assert "40" in first.ask("total fee").text
    kept = store.conversations("eva")[0]
    again = parcels.session(user="eva", store=store).resume(kept)
    assert "40" in again[0].text
    written(policy, fields="[id, depot, weight]")
    cut = parcels.session(user="eva", store=store).resume(kept)
    assert "40" not in cut[0].to_json() and cut[0].value.question.text == "total fee" and not cut[0].sql
    store.close()


def test_the_part_of_the_data_that_somebody_sees_is_a_connection_of_its_own(parcels: Connection) -> None:
    seen = parcels.seen_by("eva")
    assert [t.rows for t in seen.catalog.tables] == [5] and seen.report is None
    assert [t.rows for t in parcels.seen_by("kai").catalog.tables] == [10]
    assert [t.rows for t in parcels.seen_by("kai", view_as="eva").catalog.tables] == [5]
