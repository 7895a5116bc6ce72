"""In: report files. Out: they are sent when they are due; what was sent, what failed, what comes."""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bi_chat.errors import ReportError, SettingsError, StoreError
from bi_chat.frontends.cli.report import desk_of, over_data
from bi_chat.settings import load_settings

if TYPE_CHECKING:
    from bi_chat.frontends.cli.arguments import Options
    from bi_chat.ports import Ledger, Store
    from bi_chat.reports.report import Report
    from bi_chat.reports.scheduler import Scheduler
    from bi_chat.reports.shelf import Shelf

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

LONGEST_SLEEP = 20.0  # seconds: files that changed and reports asked for now are seen that soon
WHERE = "reports"
ABSENT = 1


def register(commands: Commands) -> None:
    """Add `bi-chat schedule serve | list | pause | resume | run-now | history | retry | ics`."""
    actions = commands.add_parser("schedule", help="Send reports when they are due.").add_subparsers(
        metavar="ACTION", required=True
    )
    for name, about in (
        ("serve", "Send the reports of files and folders when they are due, until it is stopped."),
        ("list", "When each report is due next."),
        ("run-now", "Send a report to its recipients now."),
        ("ics", "The schedule as a calendar."),
        ("pause", "Let a report wait."),
        ("resume", "Let it go on; what fell due meanwhile is passed over."),
        ("history", "What was sent, what failed and why."),
        ("retry", "Try again what was given up, of one report or of all."),
    ):
        made = actions.add_parser(name, help=about, description=about)
        made.set_defaults(command="schedule", action=name)
        if name in ("serve", "list", "run-now", "ics"):
            made.add_argument("reports", nargs="*", metavar="REPORT", help=f"files and folders (default: {WHERE})")
        elif name in ("pause", "resume"):
            made.add_argument("report", metavar="NAME", help="the file's name without its ending")
        else:
            made.add_argument("report", nargs="?", default="", metavar="NAME", help="default: all")
        if name in ("serve", "run-now"):
            over_data(made)
            made.add_argument("--workers", type=int, default=2, metavar="N", help="reports made at once (default: 2)")
        if name == "serve":
            made.add_argument("--once", action="store_true", help="send what is due now, then end")
        if name == "ics":
            made.add_argument("--output", metavar="FILE", help="default: standard output")


def run(options: Options) -> int:
    """0 done, 1 there was nothing of that name."""
    from bi_chat.wiring import open_store

    if options.action == "ics":
        return _ics(options)
    store = open_store(load_settings())
    if store is None:
        raise SettingsError("The ledger of reports is kept in the store: set BI_CHAT_STATE_DIR (see docs/state.md).")
    try:
        if options.action in ("serve", "run-now"):
            return _serve(options, store)
        if options.action == "list":
            return _list(_shelf(options), store)
        if options.action in ("pause", "resume"):
            return _pause(options.report, store, paused=options.action == "pause")
        return _retry(options.report, store) if options.action == "retry" else _history(options.report, store.ledger)
    finally:
        store.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _shelf(options: Options) -> Shelf:
    from bi_chat.reports.shelf import Shelf

    places = tuple(Path(p) for p in options.reports or [WHERE])
    for place in places:
        if not place.exists():
            raise ReportError(f"There is no report file or folder {place}.")
    return Shelf(places)


# ------------------------------------------------------------------ sending
def _serve(options: Options, store: Store) -> int:
    from bi_chat.delivery.channels import channel
    from bi_chat.delivery.secrets import Vault
    from bi_chat.reports.alone import alone
    from bi_chat.reports.scheduler import Scheduler
    from bi_chat.wiring import open_secrets

    settings, shelf, desk = load_settings(), _shelf(options), desk_of(options)
    kinds = partial(channel, settings=settings, vault=Vault(open_secrets(settings)))
    scheduler = Scheduler(store.ledger, desk, kinds, _now, workers=max(1, options.workers))
    try:
        with alone(settings.state_dir or settings.cache_dir) as only:
            if options.action == "run-now":
                return _run_now(scheduler, shelf, only=only)
            if not only:
                raise ReportError("Another `bi-chat schedule serve` runs over this state folder already.")
            _loop(scheduler, shelf, once=options.once)
    finally:
        desk.close()
    return 0


def _run_now(scheduler: Scheduler, shelf: Shelf, *, only: bool) -> int:
    reports = _without_faults(shelf)
    count = sum(scheduler.enter_now(r) for r in reports.values())
    if not count:
        raise ReportError("The report names no recipients.")
    if not only:
        print(f"{count:,} deliveries; the scheduler that runs already sends them within a minute.")
        return 0
    scheduler.deliver(reports)
    return _history(next(iter(reports)) if len(reports) == 1 else "", scheduler.ledger, most=count)


def _without_faults(shelf: Shelf) -> dict[str, Report]:
    reports = shelf.reports()
    if shelf.faults:
        raise ReportError("\n".join(shelf.faults.values()))
    return reports


def _loop(scheduler: Scheduler, shelf: Shelf, *, once: bool) -> None:
    """Until it is told to stop; what is being sent is finished first."""
    stop, told = scheduler.stopping, dict[str, str]()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while True:
        reports = shelf.reports()
        for name, fault in shelf.faults.items():
            if told.get(name) != fault:
                print(f"{fault}\n{name} waits until its file is mended.", file=sys.stderr)
        told = dict(shelf.faults)
        known = {n: r for n, r in reports.items() if n not in shelf.faults}
        if _ticked(scheduler, known, once=once) or stop.wait(_sleep(scheduler, known)):
            return


def _ticked(scheduler: Scheduler, known: dict[str, Report], *, once: bool) -> bool:
    """Whether that was all. A store that is busy or full for a while is no reason to end: what was left in the middle
    is taken up again."""
    try:
        for held in scheduler.recover():
            print(f"In doubt: {held.report} for {held.recipient or held.channel}; see bi-chat schedule history.")
        if count := scheduler.tick(known):
            print(f"{_now():%Y-%m-%d %H:%M}Z  {count:,} deliveries looked at; see bi-chat schedule history", flush=True)
    except StoreError as error:
        if once:
            raise
        print(error, file=sys.stderr)
    return once


def _sleep(scheduler: Scheduler, reports: dict[str, Report]) -> float:
    """Seconds until something may be due."""
    now = _now()
    waiting = _waiting(scheduler)
    coming = [r.schedule.cron.following(now, r.schedule.zone) for r in reports.values() if r.schedule is not None]
    soonest = min((m for m in (*coming, waiting) if m is not None), default=now + timedelta(days=1))
    return min(LONGEST_SLEEP, max(0.2, (soonest - now).total_seconds()))


def _waiting(scheduler: Scheduler) -> datetime | None:
    try:
        return scheduler.ledger.next_try()
    except StoreError:
        return None


# ------------------------------------------------------------------ looking
def _list(shelf: Shelf, store: Store) -> int:
    now, waiting = _now(), store.ledger.paused()
    reports = shelf.reports()
    for name, report in sorted(reports.items()):
        if report.schedule is None:
            said = "no schedule"
        elif name in waiting:
            said = "waits (bi-chat schedule resume)"
        else:
            moment = report.schedule.cron.following(now, report.schedule.zone)
            local = moment.astimezone(report.schedule.zone) if moment is not None else None
            said = f"{local:%a %Y-%m-%d %H:%M} {report.schedule.zone.key}" if local is not None else "never"
        print(f"{name:32} {said:40} {report.title}")
    for fault in shelf.faults.values():
        print(fault, file=sys.stderr)
    return 0 if not shelf.faults else ABSENT


def _history(report: str, ledger: Ledger, *, most: int = 60) -> int:
    from bi_chat.values.delivery import Stand

    found = ledger.listed(report=report, most=most)
    for one in reversed(found):
        who = " · ".join(t for t in (one.recipient, one.variant) if t) or "-"
        stand = f"{one.stand} after {one.attempts} attempts" if one.attempts > 1 else one.stand
        print(f"{one.due:%Y-%m-%d %H:%M}Z  {one.report:28} {one.channel:8} {who:28} {stand}  {one.said}".rstrip())
    if not found:
        print("Nothing was due yet.", file=sys.stderr)
    if dead := len(ledger.listed(report=report, stands=(Stand.DEAD,))):
        print(f"{dead:,} given up. Mend what stands in the way, then: bi-chat schedule retry")
    return 0


def _pause(report: str, store: Store, *, paused: bool) -> int:
    from bi_chat.semantics.ossie.fault import listed, nearest

    known = {*store.ledger.reports(), *_names(Path(WHERE))}
    if report not in known:
        raise ReportError(f"There is no report {report}. {nearest(report, known) or f'Known are {listed(known)}.'}")
    store.ledger.pause(report, paused=paused, now=_now())
    print("It waits." if paused else "It goes on.")
    return 0


def _names(folder: Path) -> set[str]:
    return {f.stem for f in folder.glob("*.y*ml")} if folder.is_dir() else set()


def _retry(report: str, store: Store) -> int:
    from bi_chat.values.delivery import Stand

    dead = store.ledger.listed(report=report, stands=(Stand.DEAD,))
    for one in dead:
        store.ledger.mark(one.key, Stand.DUE, _now(), said="", next_try=_now())
    print(f"{len(dead):,} will be tried again by the scheduler.")
    return 0 if dead else ABSENT


def _ics(options: Options) -> int:
    from bi_chat.reports.clock.ics import calendar

    made = calendar(_without_faults(_shelf(options)).values(), _now())
    if options.output:
        Path(options.output).write_bytes(made)
    else:
        sys.stdout.buffer.write(made)
    return 0
