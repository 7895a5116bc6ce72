"""In: a report file without faults, and a session. Out: the faults that show when its questions are asked."""

from __future__ import annotations

from bi_chat.conversation.session import Session
from bi_chat.errors import ReportError
from bi_chat.reports.asking import asking
from bi_chat.reports.compose import Variant, with_parameters
from bi_chat.reports.composed import Source
from bi_chat.reports.conditions import judge
from bi_chat.reports.file import LoadedReport
from bi_chat.reports.references import references
from bi_chat.reports.report import Item, Report
from bi_chat.reports.texts import parts_of, told
from bi_chat.semantics.ossie.fault import listed, nearest
from bi_chat.semantics.ossie.structure import Misfit

MOST = 20  # a file with more choices is tried by its first ones


def tried(loaded: LoadedReport, session: Session) -> LoadedReport:
    """Questions that get no answer, facts that an answer has not, conditions that can't be told, for each choice of the
    parameters (the first twenty)."""
    report = loaded.report
    if report is None:
        return loaded
    return loaded.with_faults(m for variant in report.variants[:MOST] for m in _misfits(report, variant, session))


def _misfits(report: Report, variant: Variant, session: Session) -> list[Misfit]:
    ask, chosen = asking(session, report), dict(variant)
    asked = {i.at: ask.item(i, with_parameters(i.ask, chosen), i.title) for i in report.items if i.ask or i.plan}
    found = [m for i in report.items if i.at in asked for m in _unanswered(i, asked[i.at])]
    answers = {i.name: asked[i.at] for i in report.items if i.name and i.at in asked}
    found += [m for i in report.items if i.text for m in _unknown_facts(i, answers, report)]
    first = next((s for s in asked.values() if s.answer.status == "answered"), None)
    known = answers if first is None else {"": first, **answers}
    for condition in report.when if not found else ():
        try:
            judge(condition, known, ask)
        except ReportError as error:
            found.append(Misfit(("when",), str(error)))
    return found


def _unanswered(item: Item, source: Source) -> list[Misfit]:
    answer = source.answer
    if answer.status == "answered":
        return []
    said = " ".join(t for i in answer.issues for t in (i.problem, i.exists) if t)
    ways = [s.text for i in answer.issues for s in i.suggestions] or [r.label for r in answer.choices if r.label]
    hint = f"Try: {listed(ways, 3)}." if ways else ""
    return [
        Misfit(
            ("contents", item.at, "ask" if item.ask else "plan"),
            f"{source.answer.question.text!r} gets no answer. {said}",
            hint,
        )
    ]


def _unknown_facts(item: Item, answers: dict[str, Source], report: Report) -> list[Misfit]:
    found = []
    for reference in references(item.text):
        source = answers.get(reference.of)
        if source is None or source.answer.status != "answered":
            continue
        if told(source.answer, reference.part, report.language) is None:
            there = parts_of(source.answer)
            hint = nearest(reference.part, there) or f"Its facts are {listed(there, 12)}."
            what = f"fact {reference.part}" if reference.part else "single figure"
            found.append(Misfit(("contents", item.at, "text"), f"The answer {reference.of} has no {what}.", hint))
    return found
