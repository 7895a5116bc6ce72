"""In: reports, a real ledger, a clock that is turned by hand. Out: what was sent, how often, and what is left to do."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bi_chat.conversation.session import Session
from bi_chat.errors import DeliveryError, StoreError
from bi_chat.ports import Pictures
from bi_chat.reports.alone import alone
from bi_chat.reports.file import read_report
from bi_chat.reports.report import Report
from bi_chat.reports.scheduler import IN_DOUBT, Scheduler
from bi_chat.reports.shelf import Shelf
from bi_chat.stores.sqlalchemy import SqlStore, open_store
from bi_chat.values.delivery import Stand
from bi_chat.values.page import Parcel
from bi_chat.wiring import Connection

TEXT = """
title: Orders of {name}
summary: false
formats: [md]
contents: [{{ask: orders last month}}]
schedule: {{at: "0 * * * *", missed: {missed}}}
recipients: [{{folder: a}}, {{mail: ana@example.org}}]
"""
START = datetime(2025, 10, 18, 8, 30, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


class Inbox:
    """A channel that keeps what it gets, and fails as it is told to."""

    def __init__(self, *, keyed: bool = True) -> None:
        self.keyed = keyed
        self.got: list[Parcel] = []
        self.faults: list[Exception] = []

    def send(self, parcel: Parcel, at: datetime) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.got.append(parcel)


class Desk:
    """The sample shop for every report; it fails for reports called bad, and counts those at work."""

    def __init__(self, tea: Connection, pictures: Pictures) -> None:
        self.tea, self.pictures = tea, pictures
        self.at_work, self.most = 0, 0
        self.lock = threading.Lock()

    def session(self, report: Report, user: str, due: datetime) -> tuple[Session, datetime]:
        with self.lock:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        try:
            if report.id == "bad":
                raise RuntimeError("boom")
            at = due.replace(tzinfo=None)
            return self.tea.session(user=user, today=at, remembered=False), at
        finally:
            with self.lock:
                self.at_work -= 1

    def tidy(self) -> None:
        """Nothing to free."""


class World:
    def __init__(self, tea: Connection, pictures: Pictures, folder: Path) -> None:
        self.clock, self.desk, self.inbox = Clock(), Desk(tea, pictures), {"folder": Inbox(), "mail": Inbox()}
        self.address = f"sqlite:///{folder}/store.sqlite"
        self.stores: list[SqlStore] = []
        self.begin_anew()

    def begin_anew(self) -> None:
        """Another process after a crash: nothing in memory is left."""
        store = open_store(self.address)
        self.stores.append(store)
        self.ledger = store.ledger
        self.scheduler = Scheduler(store.ledger, self.desk, self.inbox.__getitem__, self.clock)

    def stands(self, report: str = "") -> list[str]:
        return sorted(str(d.stand) for d in self.ledger.listed(report=report))

    @property
    def sent(self) -> list[str]:
        return [p.key for inbox in self.inbox.values() for p in inbox.got]


@pytest.fixture
def world(tea: Connection, pictures: Pictures, tmp_path: Path) -> Iterator[World]:
    made = World(tea, pictures, tmp_path)
    yield made
    for store in made.stores:
        store.close()


def reports(*names: str, missed: str = "latest") -> dict[str, Report]:
    return {n: read_report(TEXT.format(name=n, missed=missed), name=n).require() for n in names}


def test_a_new_report_begins_now_and_is_sent_when_it_is_due(world: World) -> None:
    shelf = reports("a")
    world.scheduler.tick(shelf)
    assert world.stands() == []
    world.clock.passes(minutes=31)
    world.scheduler.tick(shelf)
    world.scheduler.tick(shelf)
    assert world.stands() == ["sent", "sent"] and len(world.sent) == 2
    parcel = world.inbox["mail"].got[0]
    assert parcel.address == "ana@example.org" and parcel.due == START.replace(hour=9, minute=0)
    assert parcel.pages[0].name.startswith("orders-of-a-2025-10-18-0900") and "Orders" in parcel.text


@pytest.mark.parametrize(("missed", "sent", "skipped"), [("latest", 1, 2), ("all", 3, 0), ("skip", 1, 2)])
def test_what_was_missed_is_sent_as_the_file_says(world: World, missed: str, sent: int, skipped: int) -> None:
    shelf = reports("a", missed=missed)
    world.scheduler.tick(shelf)
    world.clock.passes(hours=3)
    world.begin_anew()
    world.scheduler.tick(shelf)
    assert len(world.inbox["mail"].got) == sent
    assert world.stands() == ["sent"] * 2 * sent + ["skipped"] * 2 * skipped


def test_skip_sends_nothing_that_is_too_late(world: World) -> None:
    text = TEXT.format(name="a", missed="skip, late: 0.25")
    shelf = {"a": read_report(text, name="a").require()}
    world.scheduler.tick(shelf)
    world.clock.passes(hours=1)
    world.scheduler.tick(shelf)
    assert world.sent == [] and world.stands() == ["skipped", "skipped"]


def test_a_failing_channel_is_tried_again_with_the_same_key_and_given_up_at_last(world: World) -> None:
    shelf = reports("a")
    world.scheduler.tick(shelf)
    world.clock.passes(hours=1)
    world.inbox["mail"].faults = [DeliveryError("The mail server can't be reached.")] * 2
    world.scheduler.tick(shelf)
    assert world.stands() == ["due", "sent"]
    world.scheduler.deliver(shelf)
    assert world.stands() == ["due", "sent"]  # not before its time
    for minutes in (1, 5):
        world.clock.passes(minutes=minutes)
        world.scheduler.deliver(shelf)
    assert world.stands() == ["sent", "sent"] and len(set(world.sent)) == 2
    world.inbox["mail"].faults = [DeliveryError("down")] * 9
    world.scheduler.enter_now(shelf["a"])
    for _ in range(9):
        world.scheduler.deliver(shelf)
        world.clock.passes(hours=5)
    dead = world.ledger.listed(stands=(Stand.DEAD,))
    assert [(d.attempts, d.said) for d in dead] == [(6, "down")]


def test_what_cannot_get_better_is_given_up_at_once(world: World) -> None:
    world.inbox["mail"].faults = [DeliveryError("The mail server refused the recipient.", again=False)]
    shelf = reports("a")
    world.scheduler.enter_now(shelf["a"])
    world.scheduler.deliver(shelf)
    assert world.stands() == ["dead", "sent"]


def test_one_failing_report_stops_no_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    shelf = reports("a", "bad", "c")
    for report in shelf.values():
        world.scheduler.enter_now(report)
    world.scheduler.deliver(shelf)
    assert world.stands("a") == world.stands("c") == ["sent", "sent"]
    assert world.stands("bad") == ["due", "due"]
    assert "RuntimeError" in world.ledger.listed(report="bad")[0].said and "boom" not in str(world.stands())


def test_a_crash_while_it_was_made_sends_it_once(world: World) -> None:
    shelf = reports("a")
    world.scheduler.enter_now(shelf["a"])
    assert len(world.ledger.claim(world.clock.now, 10)) == 2  # and then the process is gone
    world.begin_anew()
    world.scheduler.deliver(shelf)
    assert world.sent == []  # another process may hold them
    assert world.scheduler.recover() == ()
    world.scheduler.deliver(shelf)
    assert world.stands() == ["sent", "sent"] and len(world.sent) == 2


def test_a_crash_while_it_was_sent_repeats_the_key_or_asks_a_person(world: World) -> None:
    shelf = reports("a")
    world.inbox["mail"].keyed = False
    world.scheduler.enter_now(shelf["a"])
    keys = {d.channel: d.key for d in world.ledger.claim(world.clock.now, 10)}
    for key in keys.values():
        world.ledger.mark(key, Stand.SENDING, world.clock.now)
    world.begin_anew()
    held = world.scheduler.recover()
    world.scheduler.deliver(shelf)
    assert [h.channel for h in held] == ["mail"] and world.sent == [keys["folder"]]
    assert [d.said for d in world.ledger.listed(stands=(Stand.DEAD,))] == [IN_DOUBT]


def test_a_store_that_fails_in_the_middle_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = reports("a")
    world.scheduler.enter_now(shelf["a"])
    mark, failed = world.ledger.mark, []

    def full(key: str, stand: Stand, *rest: object, **more: object) -> None:
        if stand is Stand.SENT and not failed:
            failed.append(key)
        if key in failed and len(failed) < 4:
            failed.append(key)
            raise StoreError("There is no room left where the store lies.")
        mark(key, stand, *rest, **more)

    monkeypatch.setattr(world.ledger, "mark", full)
    with pytest.raises(StoreError):
        world.scheduler.deliver(shelf)
    monkeypatch.undo()
    world.scheduler.recover()
    world.scheduler.deliver(shelf)
    assert world.stands() == ["sent", "sent"] and len(set(world.sent)) == 2


def test_the_same_moment_is_never_entered_twice(world: World) -> None:
    shelf = reports("a")
    assert [world.scheduler.enter_now(shelf["a"]) for _ in range(3)] == [2, 0, 0]


def test_who_is_no_longer_in_the_file_gets_nothing(world: World) -> None:
    shelf = reports("a")
    world.scheduler.enter_now(shelf["a"])
    fewer = read_report(TEXT.format(name="a", missed="all").replace("{folder: a}, ", ""), name="a").require()
    world.scheduler.deliver({"a": fewer})
    assert [p.address for p in world.inbox["mail"].got] == ["ana@example.org"] and world.inbox["folder"].got == []
    assert world.stands() == ["sent", "skipped"]


def test_a_paused_report_waits_and_then_goes_on_from_now(world: World) -> None:
    shelf = reports("a", missed="all")
    world.scheduler.tick(shelf)
    world.ledger.pause("a", paused=True, now=world.clock.now)
    world.clock.passes(hours=5)
    world.scheduler.tick(shelf)
    assert world.sent == [] and world.ledger.paused() == {"a"}
    world.ledger.pause("a", paused=False, now=world.clock.now)
    world.scheduler.tick(shelf)
    assert world.sent == []
    world.clock.passes(hours=1)
    world.scheduler.tick(shelf)
    assert len(world.sent) == 2


def test_a_condition_that_does_not_hold_is_written_down(world: World) -> None:
    text = TEXT.format(name="a", missed="all").replace("{ask: orders last month}", "{ask: orders last month, name: o}")
    shelf = {"a": read_report(text + "when: o is below 1\n", name="a").require()}
    world.scheduler.enter_now(shelf["a"])
    world.scheduler.deliver(shelf)
    found = world.ledger.listed()
    assert world.sent == [] and {d.stand for d in found} == {Stand.WITHHELD}
    assert "does not hold" in found[0].said


def test_two_schedulers_never_get_the_same_delivery(world: World) -> None:
    shelf = reports("a", "b", "c")
    for report in shelf.values():
        world.scheduler.enter_now(report)
    first = world.scheduler
    world.begin_anew()
    threads = [threading.Thread(target=s.deliver, args=(shelf,)) for s in (first, world.scheduler)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.sent) == len(set(world.sent)) == 6


def test_what_was_found_is_kept_in_cipher_where_there_is_a_key(tmp_path: Path) -> None:
    from bi_chat.stores.cryptography.sealing import Seal
    from bi_chat.values.delivery import delivery

    store = open_store(f"sqlite:///{tmp_path}/store.sqlite", Seal(secrets.token_urlsafe(32)))
    one = delivery("r", START, variant="", recipient="ana", channel="mail", address="ana@example.org")
    store.ledger.enter("r", START, (one,))
    store.ledger.mark(one.key, Stand.WITHHELD, START, said="Revenue: 123,456")
    assert store.ledger.listed()[0].said == "Revenue: 123,456"
    store.close()
    assert b"123,456" not in (tmp_path / "store.sqlite").read_bytes()
    assert b"ana@example.org" not in (tmp_path / "store.sqlite").read_bytes()


def test_only_one_scheduler_runs_over_a_folder(tmp_path: Path) -> None:
    with alone(tmp_path) as first, alone(tmp_path) as second:
        assert (first, second) == (True, False)
    with alone(tmp_path) as again:
        assert again


def test_a_shelf_leaves_out_what_has_faults_and_sees_changes(tmp_path: Path) -> None:
    good = "title: T\ncontents: [{ask: revenue}]\n"
    (tmp_path / "good.yaml").write_text(good, "utf-8")
    (tmp_path / "bad.yaml").write_text("title: T\n", "utf-8")
    (tmp_path / "good.yml").write_text(good, "utf-8")
    shelf = Shelf((tmp_path,))
    assert set(shelf.reports()) == {"good"} and len(shelf.faults) == 2
    assert "bad.yaml:1" in shelf.faults["bad"]
    (tmp_path / "bad.yaml").write_text(good.replace("T", "Mended"), "utf-8")
    assert shelf.reports()["bad"].title == "Mended"
