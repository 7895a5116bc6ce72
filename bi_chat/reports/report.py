"""Out: a report as its file defines it: what it says, about which data, when it is due, and who gets it how."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bi_chat.reports.clock.cron import Cron
from bi_chat.values.period import PeriodExpr
from bi_chat.values.plan import Plan

FORMATS = ("html", "pdf", "xlsx", "md", "pptx")
CHANNELS = ("folder", "mail", "chat", "webhook")
SHOWS = ("told", "chart", "table")
SUMMARY = ("changed", "why", "expected", "advice")
MISSED = ("latest", "all", "skip")


@dataclass(frozen=True, slots=True)
class Item:
    """One part of a report: a heading, a text, a question or a saved plan (one of the four).

    `name` is what texts and conditions call its answer; `show` what of it is seen; `at` its place in the contents.
    """

    at: int
    heading: str = ""
    text: str = ""
    ask: str = ""
    plan: Plan | None = None
    name: str = ""
    title: str = ""
    show: tuple[str, ...] = ()
    chart: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a report is sent at all. `kind`: moved (by at least `share` against the period before, in the direction
    `way`: up, down or either), level (the figure `op` `level`), or unusual (the last whole period stands out).

    `grain` is the period that is looked at; '' is the question's own. `of` '' is the report's first question.
    """

    at: int
    said: str
    kind: str
    of: str = ""
    way: str = ""
    share: float = 0.0
    op: str = ""
    level: float = 0.0
    grain: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`missed`: of several moments that passed while nothing ran, send the latest, all, or none that is older than
    `late` hours."""

    said: str
    cron: Cron
    zone: ZoneInfo
    missed: str = "latest"
    late: float = 1.0


@dataclass(frozen=True, slots=True)
class Recipient:
    """`user` as the policy names them; (channel, address) pairs; formats '' are the report's own."""

    user: str
    addresses: tuple[tuple[str, str], ...]
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """`id` names it in the ledger; `parameters` are (name, values), one report for each combination.

    `data`, `model`, `policy` are paths or names as written, already relative to the file. `summary`: which parts of the
    executive summary are wanted, about the answer named `about`.
    """

    id: str
    title: str
    items: tuple[Item, ...]
    language: str = "en"
    data: tuple[str, ...] = ()
    model: str = ""
    policy: str = ""
    today: str = ""
    period: PeriodExpr | None = None
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    formats: tuple[str, ...] = ("html",)
    form: str = "full"
    paper: str = "a4"
    summary: tuple[str, ...] = SUMMARY
    about: str = ""
    appendix: bool = True
    when: tuple[Condition, ...] = ()
    schedule: Schedule | None = None
    recipients: tuple[Recipient, ...] = ()

    @property
    def variants(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Each combination of parameters as (name, value) pairs; one empty one where there are none."""
        found: tuple[tuple[tuple[str, str], ...], ...] = ((),)
        for name, values in self.parameters:
            found = tuple((*chosen, (name, value)) for chosen in found for value in values)
        return found
