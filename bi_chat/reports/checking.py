"""In: parts of a report file that fit its schema. Out: the faults that a schema can't see, each with a suggestion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from bi_chat.reports.clock.cron import CronError
from bi_chat.reports.clock.words import parse_schedule
from bi_chat.reports.references import loose_numbers, references
from bi_chat.reports.report import CHANNELS, Condition, Item, Recipient, Schedule
from bi_chat.semantics.ossie.document import Path
from bi_chat.semantics.ossie.fault import listed, nearest
from bi_chat.semantics.ossie.structure import Misfit

_NAME = re.compile(r"[^\W\d]\w{0,39}\Z")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?\Z")
_SECRET = re.compile(r"[A-Za-z][\w.-]{0,63}\Z", re.ASCII)


@dataclass(slots=True)
class Faults:
    """What was found so far."""

    found: list[Misfit] = field(default_factory=list)
    doubts: list[Misfit] = field(default_factory=list)

    def add(self, path: Path, problem: str, suggestion: str = "") -> None:
        """A fault at a place of the file."""
        self.found.append(Misfit(path, problem, suggestion))

    def known(self, path: Path, name: str, names: Iterable[str]) -> None:
        """A fault where a name is none of those that exist."""
        there = list(names)
        if name not in there:
            hint = nearest(name, there) or (f"There are {listed(there)}." if there else "No answer has a name: yet.")
            self.add(path, f"There is no answer called {name}.", hint)


def item_faults(items: tuple[Item, ...], parameters: Mapping[str, tuple[str, ...]], faults: Faults) -> None:
    """Items that are not exactly one thing, names that are none or come twice, references that lead nowhere."""
    names = [i.name for i in items if i.name]
    for at, item in enumerate(items):
        path = ("contents", at)
        kinds = [k for k in ("heading", "text", "ask") if getattr(item, k)] + (["plan"] if item.plan else [])
        if len(kinds) != 1 and not any(f.path[:2] == path for f in faults.found):
            seen = " and ".join(kinds) or "none of them"
            faults.add(path, f"Each entry is one of heading, text, ask or plan; here is {seen}.")
        if item.name and not _NAME.match(item.name):
            faults.add((*path, "name"), f"{item.name!r} is no name.", "Use letters, digits and underscores.")
        if item.name and (names.count(item.name) > 1 or item.name in parameters):
            faults.add((*path, "name"), f"The name {item.name} is used twice.")
        _reference_faults(item, path, (names, list(parameters)), faults)
    if not any(i.ask or i.plan for i in items) and not faults.found:
        faults.add(("contents",), "The report asks nothing.", "Add an entry with ask: and a question.")


def title_faults(title: str, parameters: list[str], faults: Faults) -> None:
    """Only parameters can stand in a title: the ledger knows reports before they are answered."""
    for found in references(title):
        if found.of not in parameters:
            hint = nearest(found.of, parameters) or (f"There are {listed(parameters)}." if parameters else "")
            faults.add(("title",), f"There is no parameter called {found.said}.", hint)


def _reference_faults(item: Item, path: Path, known: tuple[list[str], list[str]], faults: Faults) -> None:
    names, parameters = known
    for key in ("heading", "text", "ask", "title"):
        for found in references(getattr(item, key)):
            where, there = (*path, key), [*names, *parameters] if key == "text" else parameters
            if not found.of:
                faults.add(where, f"{{{found.said}}} is no name.", "Braces that stay are written twice: {{ }}.")
            elif found.of not in there:
                what = "answer or parameter" if key == "text" else "parameter"
                hint = nearest(found.of, there) or (f"There are {listed(there)}." if there else "")
                faults.add(where, f"There is no {what} called {found.of}.", hint)
    for number in loose_numbers(item.text):
        hint = "Bind it to a fact of a named answer, such as {revenue.relative}, if it comes from the data."
        faults.doubts.append(Misfit((*path, "text"), f"“{number}” was typed and will never change.", hint))


def condition_faults(conditions: tuple[Condition, ...], items: tuple[Item, ...], faults: Faults) -> None:
    """Conditions about answers that don't exist."""
    for condition in conditions:
        if condition.of:
            faults.known(("when",), condition.of, [i.name for i in items if i.name])


def recipient_faults(recipients: tuple[Recipient, ...], policy: bool, faults: Faults) -> None:
    """Recipients without an address, addresses that are none, users that a policy needs."""
    for at, recipient in enumerate(recipients):
        path = ("recipients", at)
        if not recipient.addresses:
            faults.add(path, "There is no way to reach this recipient.", f"Add {listed(CHANNELS)}.")
        if policy and not recipient.user:
            faults.add(path, "Under a policy each recipient needs a user.", "Add user: as the policy names them.")
        for channel, address in recipient.addresses:
            problem = address_problem(channel, address)
            if problem:
                faults.add((*path, channel), *problem)


def address_problem(channel: str, address: str) -> tuple[str, str] | None:
    """What is wrong with an address, and what to write instead."""
    if any(ord(c) < 32 or ord(c) == 127 for c in address):
        return f"The address for {channel} holds a line break or another control sign.", ""
    if channel == "mail" and not _MAIL.match(address):
        return f"{address!r} is no mail address.", "Write one plain address, such as ana@example.org."
    if channel == "chat" and not _SECRET.match(address):
        return (
            "chat is the name of a secret, not the address itself, which holds a key.",
            "Write chat: team, and keep the address with: bi-chat secret set chat.team",
        )
    if channel == "webhook":
        found = urlsplit(address)
        here = found.hostname in ("127.0.0.1", "localhost", "::1")
        if not found.hostname or found.scheme not in ("https", "http") or (found.scheme == "http" and not here):
            return "A webhook is an https address (http only on this machine).", ""
        if found.username or found.password:
            return "A password in an address would stand in the file and in logs.", "Check the signature instead."
    return None


def schedule_in(node: object, faults: Faults) -> Schedule | None:
    """When the report is due; None without a schedule, or with a fault added."""
    if node is None:
        return None
    said = node if isinstance(node, Mapping) else {"at": node}
    at, zone = str(said["at"]), str(said.get("time_zone", "UTC"))
    path: Path = ("schedule", "at") if isinstance(node, Mapping) else ("schedule",)
    if zone not in available_timezones():
        hint = nearest(zone, sorted(available_timezones())) or "Write for example Europe/Berlin or Asia/Shanghai."
        faults.add(("schedule", "time_zone"), f"There is no time zone {zone}.", hint)
        return None
    try:
        cron = parse_schedule(at)
    except CronError as error:
        faults.add(path, f"{at!r} is no schedule: {error}.")
        return None
    if "time_zone" not in said:
        faults.doubts.append(Misfit(path, f"{at!r} is a time in UTC.", "Name another time_zone: if you mean yours."))
    late = said.get("late", 1.0)
    hours = float(late) if isinstance(late, int | float) else 1.0
    return Schedule(at, cron, ZoneInfo(zone), str(said.get("missed", "latest")), hours)
