"""A conversation is written down before it is shown, can be gone on with, and gives no sensitive value to the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bi_chat.conversation.journal import Journal
from bi_chat.conversation.masking import MASK
from bi_chat.conversation.running import Tools
from bi_chat.conversation.session import Session
from bi_chat.settings import Settings
from bi_chat.stores.sqlalchemy import SqlStore, open_store
from bi_chat.values.record import AuditEntry
from bi_chat.wiring import Connection, connect

ASKED_AT = datetime(2025, 10, 18, 9)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder = tmp_path_factory.mktemp("people")
    rows = "".join(f"{n},Person {n},p{n}@mail.example,{'north' if n % 2 else 'south'},{n * 10}\n" for n in range(1, 41))
    (folder / "clients.csv").write_text("client_id,client_name,email,region,spend\n" + rows, encoding="utf-8")
    found = connect(folder / "clients.csv", settings=Settings(cache_dir=folder / "cache"))
    yield found
    found.close()


def full(session: Session, store: SqlStore) -> None:
    """From now on nothing more fits."""
    with store._engine.connect() as at:
        pages = at.exec_driver_sql("PRAGMA page_count").scalar()
        at.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        at.commit()


def last(store: SqlStore) -> AuditEntry:
    return list(store.audit())[-1].entry


def test_a_conversation_goes_on_after_a_restart(tea: Connection, store: SqlStore) -> None:
    first = tea.session(user="ada", today=ASKED_AT, store=store, door="cli")
    first.ask("revenue by country in 2024")
    said = first.history[0].text
    kept = store.conversations("ada", source="teahouse")[0]
    again = tea.session(user="ada", today=ASKED_AT, store=store, door="web")
    assert [a.text for a in again.resume(kept)] == [said]
    answer = again.ask("only in Q4 2024")
    alone = tea.session(today=ASKED_AT).ask("revenue by country in Q4 2024")
    assert answer.frame.rows() == alone.frame.rows()
    assert [t.text for t in store.turns("ada", kept.id)] == ["revenue by country in 2024", "only in Q4 2024"]


def test_a_new_conversation_is_one_of_its_own(tea: Connection, store: SqlStore) -> None:
    session = tea.session(user="ada", today=ASKED_AT, store=store)
    session.ask("revenue in 2024")
    session.forget()
    session.ask("orders in 2024")
    assert [c.title for c in store.conversations("ada")] == ["orders in 2024", "revenue in 2024"]


def test_the_log_tells_who_asked_what_and_what_came_of_it(tea: Connection, store: SqlStore) -> None:
    session = tea.session(user="ada", today=ASKED_AT, store=store, door="web")
    session.ask("revenue by country in 2024")
    session.ask("revenue by flibber")
    session.sql("DROP TABLE purchases")
    answered, declined, refused = (r.entry for r in store.audit())
    assert (answered.user, answered.door, answered.source, answered.decision) == ("ada", "web", "teahouse", "answered")
    assert answered.rows == session.history[0].frame.height
    assert "SUM" in answered.sql
    assert "2024" in answered.reading
    assert (declined.decision, declined.code) == ("declined", "unknown_word")
    assert (refused.decision, refused.code) == ("refused", "refused_sql")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT spend FROM clients WHERE email = 'p7@mail.example'",
        "SELECT spend FROM clients WHERE client_name IN ('Person 7', 'Person 8')",
        "SELECT count(*) FROM clients WHERE lower(client_name) LIKE 'person 7%'",
        "SELECT CASE WHEN client_name = 'Person 7' THEN 1 END FROM clients",
        "SELECT region, 'call 139 1234 5678' FROM clients WHERE spend > 5",
        "SELECT 'Person 7' FROM clients WHERE (",
    ],
)
def test_values_of_sensitive_fields_are_masked_in_the_log(people: Connection, store: SqlStore, sql: str) -> None:
    people.session(store=store).sql(sql)
    entry = last(store)
    assert MASK in entry.sql
    assert MASK in entry.question
    for text in (entry.sql, entry.question, entry.reading):
        for value in ("Person 7", "person 7", "Person 8", "p7@", "139 1234"):
            assert value not in text


def test_other_values_stay_readable(people: Connection, store: SqlStore) -> None:
    people.session(store=store).sql("SELECT sum(spend) FROM clients WHERE region = 'north' AND spend > 1000")
    assert MASK not in last(store).sql
    people.session(store=store).ask("total spend of north from 2024-01-01 to 2024-12-31")
    assert "2024-01-01 to 2024-12-31" in last(store).question


def test_what_was_not_understood_may_name_a_person_by_number(people: Connection, store: SqlStore) -> None:
    people.session(store=store).ask("who has the phone +49 170 1234567 or the mail a.b@c.example?")
    assert "1234567" not in last(store).question
    assert "a.b@c" not in last(store).question


def test_an_answer_that_cannot_be_kept_says_so(tea: Connection, store: SqlStore) -> None:
    session = tea.session(user="ada", today=ASKED_AT, store=store)
    full(session, store)
    for _ in range(40):
        answer = session.ask("revenue by country in 2024")
    assert answer.status == "answered"
    assert any("could not be kept" in w for w in answer.value.warnings)


def test_where_there_are_rights_what_cannot_be_recorded_is_not_answered(tea: Connection, store: SqlStore) -> None:
    session = Session(tools_of(tea), user="ada", today=ASKED_AT, journal=Journal(store, "ada", "tea", "web", "rights"))
    full(session, store)
    for _ in range(40):
        answer = session.ask("收入按国家")
    assert answer.status == "declined"
    assert answer.frame.is_empty()
    assert "审计" in answer.text


def tools_of(connection: Connection) -> Tools:
    return connection.tools()


def test_what_is_not_to_be_remembered_is_audited_all_the_same(people: Connection, store: SqlStore) -> None:
    """Uploaded files go with the browser, and so does what was asked of them; that it was asked does not."""
    session = people.session(user="ana", store=store, door="web", today=ASKED_AT, remembered=False)
    session.ask("how many clients are there?")
    assert (last(store).user, last(store).question) == ("ana", "how many clients are there?")
    assert store.conversations("ana") == ()
    assert session.conversation == ""
