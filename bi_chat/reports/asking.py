"""In: a session, and questions or plans of a report. Out: numbered answers in the report's language."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bi_chat.conversation.session import Session
from bi_chat.reports.composed import Source
from bi_chat.reports.report import Item, Report
from bi_chat.reports.words import word
from bi_chat.values.analyses import Anomalies, Themes
from bi_chat.values.answer import AnswerValue
from bi_chat.values.period import PeriodExpr
from bi_chat.values.plan import Plan, Window


@dataclass(slots=True)
class Asking:
    """Asks each thing once; what was answered is a source of the report."""

    session: Session
    language: str
    period: PeriodExpr | None = None
    sources: list[Source] = field(default_factory=list)
    _plans: dict[Plan, Source] = field(default_factory=dict)

    def item(self, item: Item, text: str, title: str) -> Source:
        """The answer to an item's question or plan, whether there is one or only a reason why not."""
        if item.plan is not None:
            found = self.plan(self._wanted(item.plan, item), title)
            return found if found.number else self._kept(title or found.answer.question.text, found.answer)
        self.session.forget()  # each question of a report stands for itself
        made = self.session.ask(text).value
        plan = made.plan
        if plan is None or made.status != "answered":
            return self._kept(title or text, made)
        wanted = self._wanted(plan, item)
        if self.period is not None and plan.analysis is None and wanted.window is None:
            made = replace(made, warnings=(*made.warnings, word("no_period", self.language)))
        if wanted == plan and made.question.language == self.language:
            return self._kept(title or text, made)
        found = self.plan(wanted, title or text)
        if not found.number:  # the measure has no dates, say
            said = word("no_period", self.language)
            return self._kept(title or text, replace(made, warnings=(*made.warnings, said)))
        return replace(self._doubted(found, made), title=title or text)

    def _doubted(self, found: Source, asked: AnswerValue) -> Source:
        """The answer to a plan that a question gave, with the doubts about how the question was read: those warnings
        that the question's own plan does not earn by itself."""
        if not asked.warnings or asked.plan is None:
            return found
        of_rows = self.session.look(asked.plan, language=asked.question.language).value.warnings
        doubts = tuple(w for w in asked.warnings if w not in of_rows and w not in found.answer.warnings)
        made = replace(found, answer=replace(found.answer, warnings=(*doubts, *found.answer.warnings)))
        self.sources[made.number - 1] = made
        return made

    def plan(self, plan: Plan, title: str = "") -> Source:
        """The answer to a plan; the same plan is run once. One that is not answered is no source, and has number 0."""
        known = self._plans.get(plan)
        if known is not None:
            return known
        made = self.session.look(plan, language=self.language).value
        if made.status != "answered":
            return Source(0, title, made)
        return self._kept(title or made.question.text, made)

    def _wanted(self, plan: Plan, item: Item) -> Plan:
        """In the report's period where the question named none, with the chart that the item names. A list of rows is
        left as it is: shops are not looked for by the day on which they opened."""
        dated = isinstance(plan.analysis, Anomalies | Themes) or (plan.analysis is None and bool(plan.measures))
        if self.period is not None and plan.window is None and dated and not plan.combined:
            plan = replace(plan, window=Window(self.period))
        return replace(plan, chart=item.chart) if item.chart else plan

    def _kept(self, title: str, made: AnswerValue) -> Source:
        source = Source(len(self.sources) + 1, title, made)
        self.sources.append(source)
        if made.plan is not None and made.status == "answered" and not made.warnings:
            self._plans[made.plan] = source
        return source


def asking(session: Session, report: Report) -> Asking:
    """For one report and one asker."""
    return Asking(session, report.language, report.period)
