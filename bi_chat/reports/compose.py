"""In: a report, one choice of its parameters, one recipient's session, a moment. Out: the report composed, or why it is
withheld. The one file that knows the order: ask, judge the conditions, sum up, fill the texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bi_chat.conversation.session import Session
from bi_chat.errors import ReportError
from bi_chat.language.display import one_line
from bi_chat.narration.periods import period_words
from bi_chat.reports.asking import Asking, asking
from bi_chat.reports.composed import Composed, Line, Part, Source, Withheld
from bi_chat.reports.conditions import judge, withheld
from bi_chat.reports.references import filled
from bi_chat.reports.report import Item, Report
from bi_chat.reports.summary import summary
from bi_chat.reports.texts import Texts

Variant = tuple[tuple[str, str], ...]


def compose(report: Report, variant: Variant, session: Session, at: datetime) -> Composed | Withheld:
    """`at` is the moment that questions count from. Raises ReportError where nothing could be answered."""
    chosen = dict(variant)
    ask = asking(session, report)
    asked = {i.at: _asked(i, chosen, ask) for i in report.items if i.ask or i.plan}
    if not any(s.answer.status == "answered" for s in asked.values()):
        raise ReportError(_why_not(next(iter(asked.values()))))
    answers = {i.name: asked[i.at] for i in report.items if i.name and i.at in asked}
    about = answers.get(report.about) or _subject(tuple(asked.values()))
    verdicts = tuple(judge(c, {"": about, **answers}, ask, _new(report, at)) for c in report.when)
    if verdicts and not any(v.holds for v in verdicts):
        return Withheld(withheld(verdicts, report.language))
    lines = [line for v in verdicts if v.holds for line in v.lines]
    wanted = report.summary if report.form == "full" else ()
    told = {line.source for line in lines}
    lines += [s for s in summary(about, wanted, ask, at.date()) if s.source not in told]
    texts = Texts(answers, chosen, report.language)
    brief = report.form == "short" and bool(lines)  # what moved and why stands in the lines
    parts = tuple(_part(i, asked, texts, chosen) for i in report.items if i.text or not brief)
    return _composed(report, (chosen, session, at), ask, (tuple(lines), parts, tuple(asked.values())))


def _new(report: Report, at: datetime) -> tuple[date, date] | None:
    """From the day that the report was due last to the day of asking; None where it has no schedule."""
    if report.schedule is None:
        return None
    moment = at.replace(tzinfo=report.schedule.zone)
    before = moment - timedelta(minutes=1)
    for days in (8, 400):
        due = list(report.schedule.cron.between(moment - timedelta(days=days), before, report.schedule.zone))
        if due:
            return due[-1].astimezone(report.schedule.zone).date(), at.date()
    return None


def _asked(item: Item, chosen: Mapping[str, str], ask: Asking) -> Source:
    title = with_parameters(item.title, chosen)
    return ask.item(item, with_parameters(item.ask, chosen), one_line(title, 120))


def with_parameters(text: str, chosen: Mapping[str, str]) -> str:
    """A title or a question with the parameters' values in it."""
    return filled(text, lambda found: chosen.get(found.of, ""))


def _subject(sources: tuple[Source, ...]) -> Source:
    """The first answer with a figure; failing that the first one."""
    known = (s for s in sources if s.answer.status == "answered" and s.answer.plan and s.answer.plan.measures)
    return next(known, sources[0])


def _part(item: Item, asked: Mapping[int, Source], texts: Texts, chosen: Mapping[str, str]) -> Part:
    if item.heading:
        return Part(heading=one_line(with_parameters(item.heading, chosen), 120))
    if item.text:
        said, used = texts.fill(item.text)
        return Part(text=said, sources=used)
    return Part(answer=asked[item.at], show=item.show)


def _composed(
    report: Report,
    about: tuple[Mapping[str, str], Session, datetime],
    ask: Asking,
    made: tuple[tuple[Line, ...], tuple[Part, ...], tuple[Source, ...]],
) -> Composed:
    chosen, session, at = about
    lines, parts, asked = made
    said = period_words(report.period, at.date(), report.language, session.model.calendar) if report.period else ""
    return Composed(
        id=report.id,
        title=one_line(with_parameters(report.title, chosen), 120),
        language=report.language,
        at=at,
        period=said,
        summary=lines,
        parts=parts,
        sources=tuple(ask.sources),
        paper=report.paper,
        appendix=report.appendix and report.form == "full",
        unanswered=tuple(s.title for s in asked if s.answer.status != "answered"),
    )


def _why_not(source: Source) -> str:
    said = " ".join(t for i in source.answer.issues for t in (i.problem, i.exists) if t)
    return f"None of the report's questions could be answered. {said}".strip()
