"""In: a report file, by path or as text. Out: the `Report` in it, or every fault with its line and a suggestion."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import cast

from bi_chat.errors import ReportError
from bi_chat.reports import report as defined
from bi_chat.reports.checking import Faults, condition_faults, item_faults, recipient_faults, schedule_in, title_faults
from bi_chat.reports.report import Item, Recipient, Report
from bi_chat.reports.said import condition_in, period_in
from bi_chat.semantics.ossie.document import Document, parse
from bi_chat.semantics.ossie.document import plain as plain_data
from bi_chat.semantics.ossie.fault import Fault
from bi_chat.semantics.ossie.structure import Misfit, Schema, misfits
from bi_chat.values.period import PeriodExpr
from bi_chat.values.plan import Plan
from bi_chat.values.serial import Json, SerialError, plan_codec

Node = Mapping[object, object]


@dataclass(frozen=True, slots=True)
class LoadedReport:
    """`report` is None where there are faults. `doubts` are no faults, but worth a look."""

    document: Document
    report: Report | None
    faults: tuple[Fault, ...] = ()
    doubts: tuple[Fault, ...] = ()

    def with_faults(self, found: Iterable[Misfit]) -> LoadedReport:
        """The same with further faults at their lines."""
        faults = (*self.faults, *_at(self.document, found))
        return LoadedReport(self.document, None if faults else self.report, faults, self.doubts)

    def require(self) -> Report:
        """The report, if nothing is wrong with it. Raises ReportError."""
        if self.report is None:
            lines = "\n".join(f"  {fault}" for fault in self.faults)
            raise ReportError(f"{self.document.file or 'The report'} has {len(self.faults)} fault(s):\n{lines}")
        return self.report


@cache
def schema() -> Schema:
    """The JSON Schema of a report file."""
    text = resources.files("bi_chat.reports").joinpath("schema.json").read_text(encoding="utf-8")
    return cast(Schema, json.loads(text))


def load_report(path: Path) -> LoadedReport:
    """Read a file; what it names is relative to its folder. Raises ReportError when it can't be opened."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ReportError(f"The report file {path} can't be read: {reason}.") from None
    return read_report(text, file=path.name, name=path.stem, folder=path.parent)


def read_report(text: str, *, file: str = "", name: str = "report", folder: Path = Path()) -> LoadedReport:
    """The report in a text."""
    document, broken = parse(text, file)
    if broken:
        return LoadedReport(document, None, broken)
    root = document.root if isinstance(document.root, Mapping) else {}
    rule = schema()
    found = list(misfits(document.root if document.root is not None else {}, rule, rule))
    faults = Faults()
    made = None
    if not found:
        made = _Reader(root, folder, faults).report(name)
        found = faults.found
    if found:
        return LoadedReport(document, None, _at(document, found))
    return LoadedReport(document, made, (), _at(document, faults.doubts))


def _at(document: Document, found: Iterable[Misfit]) -> tuple[Fault, ...]:
    faults = {Fault(document.line(m.path), m.problem, m.suggestion, document.file) for m in found}
    return tuple(sorted(faults, key=lambda f: (f.line, f.problem)))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Nodes that fit the schema to values; what the schema can't say is added to the faults."""

    root: Node
    folder: Path
    faults: Faults

    def report(self, name: str) -> Report:
        root = self.root
        parameters = tuple((str(k), _texts(v)) for k, v in _pairs(root.get("parameters")))
        items = tuple(self._item(n, i) for i, n in enumerate(_list(root.get("contents"))))
        item_faults(items, dict(parameters), self.faults)
        title_faults(str(root["title"]), [name for name, _ in parameters], self.faults)
        conditions = tuple(
            c for i, said in enumerate(_texts(root.get("when"))) if (c := self._condition(said, i)) is not None
        )
        condition_faults(conditions, items, self.faults)
        about, parts = self._summary(items)
        recipients = tuple(_recipient(n) for n in _list(root.get("recipients")))
        recipient_faults(recipients, bool(root.get("policy")), self.faults)
        return Report(
            id=name,
            title=str(root["title"]),
            items=items,
            language=str(root.get("language", "en")),
            data=tuple(self._place(p) for p in _texts(root.get("data"))),
            model=self._place(str(root.get("model", ""))),
            policy=self._place(str(root.get("policy", ""))),
            today=self._today(),
            period=self._period(),
            parameters=parameters,
            formats=_texts(root.get("formats")) or ("html",),
            form=str(root.get("form", "full")),
            paper=str(root.get("paper", "a4")),
            summary=parts,
            about=about,
            appendix=root.get("appendix") is not False,
            when=conditions,
            schedule=schedule_in(root.get("schedule"), self.faults),
            recipients=tuple(self._placed(r) for r in recipients),
        )

    def _place(self, said: str) -> str:
        """A path relative to the file; a name that is none there stays a name."""
        beside = self.folder / said
        return str(beside) if said and "://" not in said and beside.exists() else said

    def _placed(self, recipient: Recipient) -> Recipient:
        """Folders of deliveries lie beside the file, whether they exist yet or not."""
        addresses = tuple(
            (channel, str(self.folder / address) if channel == "folder" else address)
            for channel, address in recipient.addresses
        )
        return Recipient(recipient.user, addresses, recipient.formats)

    def _item(self, node: Node, at: int) -> Item:
        return Item(
            at,
            heading=str(node.get("heading", "")),
            text=str(node.get("text", "")),
            ask=str(node.get("ask", "")),
            plan=self._plan(node["plan"], at) if "plan" in node else None,
            name=str(node.get("name", "")),
            title=str(node.get("title", "")),
            show=_texts(node.get("show")),
            chart=str(node.get("chart", "")),
        )

    def _plan(self, node: object, at: int) -> Plan | None:
        path = ("contents", at, "plan")
        try:
            data = json.loads((self.folder / node).read_text("utf-8")) if isinstance(node, str) else plain_data(node)
            if isinstance(data, dict) and "plan" in data:
                data = data["plan"]
            found = plan_codec().from_data(cast(Json, data))
            if isinstance(found, Plan):
                return found
        except OSError as error:
            self.faults.add(path, f"The plan's file {node} can't be read: {error.strerror}.")
            return None
        except (SerialError, ValueError, TypeError, KeyError):
            pass
        self.faults.add(path, "This is no saved plan.", 'Take "plan" from what bi-chat ask --json prints.')
        return None

    def _condition(self, said: str, at: int) -> defined.Condition | None:
        found = condition_in(said, at)
        if found is None:
            from bi_chat.reports.said import EXAMPLES

            self.faults.add(("when",), f"The condition {said!r} was not understood.", f"Write for example: {EXAMPLES}.")
        return found

    def _today(self) -> str:
        said = str(self.root.get("today", ""))
        try:
            return datetime.fromisoformat(said).isoformat() if said else ""
        except ValueError:
            self.faults.add(("today",), f"{said!r} is no day.", "Write it like 2025-10-18.")
            return ""

    def _period(self) -> PeriodExpr | None:
        said = str(self.root.get("period", ""))
        found = period_in(said) if said else None
        if said and found is None:
            self.faults.add(
                ("period",), f"{said!r} is no period.", "Write for example: last week, last 30 days, 上个月."
            )
        return found

    def _summary(self, items: tuple[Item, ...]) -> tuple[str, tuple[str, ...]]:
        node = self.root.get("summary")
        if not isinstance(node, Mapping):
            return "", () if node is False else defined.SUMMARY
        about = str(node.get("about", ""))
        if about:
            self.faults.known(("summary", "about"), about, [i.name for i in items if i.name])
        return about, _texts(node.get("parts")) or defined.SUMMARY


def _recipient(node: Node) -> Recipient:
    addresses = tuple((c, str(node[c])) for c in defined.CHANNELS if c in node)
    return Recipient(str(node.get("user", "")), addresses, _texts(node.get("formats")))


def _list(node: object) -> list[Node]:
    return [n for n in node if isinstance(n, Mapping)] if isinstance(node, Sequence) else []


def _pairs(node: object) -> list[tuple[object, object]]:
    return list(node.items()) if isinstance(node, Mapping) else []


def _texts(node: object) -> tuple[str, ...]:
    if isinstance(node, str):
        return (str(node),)
    return tuple(str(v) for v in node) if isinstance(node, Sequence) else ()
