"""In: reports under a policy, and data that change on disk. Out: everybody gets their own answers, from the data as
they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bi_chat.frontends.reporting import Desk
from bi_chat.frontends.sample_data import FOLDER
from bi_chat.reports.file import read_report
from bi_chat.reports.scheduler import Scheduler
from bi_chat.settings import Settings
from bi_chat.stores.sqlalchemy import SqlStore, open_store
from bi_chat.values.page import Parcel

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the sample data lie only in a clone")
NOW = datetime(2025, 10, 18, 8, tzinfo=UTC)
TEXT = """
title: Revenue
summary: false
formats: [md]
data: teahouse
contents: [{ask: revenue by country in 2024}]
recipients: [{user: mia, folder: a}, {user: li, folder: a}, {user: eve, folder: a}]
"""


@dataclass
class Inbox:
    keyed = True
    got: dict[str, str] = field(default_factory=dict)

    def send(self, parcel: Parcel, at: datetime) -> None:
        self.got[parcel.user] = parcel.pages[0].content.decode("utf-8") if parcel.pages else parcel.text


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield made
    made.close()


def test_everybody_gets_what_they_may_see_and_it_is_written_down(store: SqlStore, tmp_path: Path) -> None:
    policy = str(FOLDER / "teahouse" / "policy.yaml")
    desk = Desk(Settings(cache_dir=tmp_path / "cache", workers=0), store, policy=policy)
    report = read_report(TEXT, name="revenue").require()
    inbox = Inbox()
    scheduler = Scheduler(store.ledger, desk, lambda _: inbox, lambda: NOW)
    scheduler.enter_now(report)
    scheduler.deliver({"revenue": report})
    desk.close()
    assert set(inbox.got) == {"mia", "li"}
    assert "Netherlands" in inbox.got["mia"] and "China" not in inbox.got["mia"]
    assert "Netherlands" in inbox.got["li"] and "China" in inbox.got["li"]
    stands = {d.recipient: str(d.stand) for d in store.ledger.listed()}
    assert stands == {"mia": "sent", "li": "sent", "eve": "dead"}
    audited = [(r.entry.user, r.entry.door) for r in store.audit()]
    assert {("mia", "report"), ("li", "report")} <= set(audited)
    assert store.conversations("mia") == ()  # a report is no conversation of theirs


def test_data_that_changed_are_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_no,region\n1,north\n2,south\n", "utf-8")
    text = "title: T\nsummary: false\ndata: orders.csv\ncontents: [{ask: how many orders}]\n"
    report = read_report(text, folder=tmp_path).require()
    desk = Desk(Settings(cache_dir=tmp_path / "cache", workers=0))
    first = desk.session(report, "", NOW)[0].ask("how many orders").frame.item()
    file.write_text("order_no,region\n1,north\n2,south\n3,south\n", "utf-8")
    second = desk.session(report, "", NOW)[0].ask("how many orders").frame.item()
    assert len(desk._stale) == 1
    desk.tidy()
    assert desk._stale == []
    desk.close()
    assert (first, second) == (2, 3)


def test_questions_count_from_the_day_it_was_due(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("order_no,region\n1,north\n", "utf-8")
    report = read_report("title: T\ndata: orders.csv\ncontents: [{ask: orders}]\n", folder=tmp_path).require()
    desk = Desk(Settings(cache_dir=tmp_path / "cache", workers=0))
    assert desk.session(report, "", NOW)[1] == datetime(2025, 10, 18, 8)
    fixed = read_report(
        "title: T\ndata: orders.csv\ntoday: 2024-02-29\ncontents: [{ask: orders}]\n", folder=tmp_path
    ).require()
    assert desk.session(fixed, "", NOW)[1] == datetime(2024, 2, 29)
    desk.close()
