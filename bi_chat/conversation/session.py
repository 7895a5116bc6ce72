"""In: questions, one after another. Out: answers; it remembers the plan that a follow-up edits.
One asker, one session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bi_chat.conversation.answer import Answer
from bi_chat.conversation.journal import Journal, answer_of
from bi_chat.conversation.learning import CHOSEN, Lesson, confirmed, lesson, with_words
from bi_chat.conversation.manners import explanation
from bi_chat.conversation.own_sql import answer_sql
from bi_chat.conversation.picking import picked
from bi_chat.conversation.pipeline import Progress, asked_now, carry_out
from bi_chat.conversation.running import Tools
from bi_chat.conversation.shown_columns import of_shown
from bi_chat.conversation.under_policy import answer_under, noted
from bi_chat.errors import AccessDenied, PolicyError, StoreError
from bi_chat.language.display import visible
from bi_chat.language.registry import detect
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.restate import restate
from bi_chat.ports import Memory
from bi_chat.semantics.model import SemanticModel
from bi_chat.settings import LOCAL
from bi_chat.values.answer import AnswerValue
from bi_chat.values.catalog import Table
from bi_chat.values.issue import IssueCode, Suggestion
from bi_chat.values.learned import Learned
from bi_chat.values.plan import Plan
from bi_chat.values.question import Question
from bi_chat.values.reading import Reading
from bi_chat.values.record import Conversation

if TYPE_CHECKING:
    from bi_chat.conversation.profiles import TableFacts


class Session:
    """A conversation over one model. `ask` never raises for what the asker can mend.

    `rights` gives the tools as the policy says now; it is asked before each question, and raises AccessDenied.
    """

    def __init__(
        self,
        tools: Tools,
        *,
        user: str = "",
        today: datetime | None = None,
        journal: Journal | None = None,
        memory: Memory | None = None,
        rights: Callable[[], Tools] | None = None,
    ) -> None:
        self._rights = rights
        self._journal = journal
        self._given = self._tools = _seated(tools, user, journal)
        self._memory = memory
        self._user = user
        self._today = today
        self._history: list[Answer] = []
        if memory is not None:
            self._use(memory.learned())

    @property
    def model(self) -> SemanticModel:
        """The semantic model that questions are read against."""
        return self._tools.model

    @property
    def tools(self) -> Tools:
        """What the stages work with: model, catalog, engine and rights, all of them this asker's."""
        return self._tools

    @property
    def history(self) -> tuple[Answer, ...]:
        """Answers so far, oldest first."""
        return tuple(self._history)

    @property
    def conversation(self) -> str:
        """The id under which this conversation is kept; '' when it isn't, or not yet."""
        kept = self._journal.conversation if self._journal is not None else None
        return kept.id if kept is not None else ""

    @property
    def today(self) -> datetime | None:
        """The fixed moment of asking, when one was set."""
        return self._today

    def ask(
        self,
        text: str,
        *,
        asked_at: datetime | None = None,
        language: str | None = None,
        progress: Progress | None = None,
    ) -> Answer:
        """Answer a question, or a follow-up to the last one that was answered."""
        question = self._question(text, asked_at, language)
        if (denied := self._denied(question)) is not None:
            return self._keep(denied)
        found = lesson(question, self.model, self.learned)
        if found is not None:
            return self._keep(self._taught(found))
        chosen = picked(text, self._history[-1].value) if self._history else None
        if chosen is not None:
            return self.choose(chosen, text=self._history[-1].value.question.text, asked_at=asked_at, progress=progress)
        told = (a.value for a in reversed(self._history) if a.status != "answered" or a.value.restatement or a.sql)
        last = next(told, None)
        return self._keep(explanation(question, last, self.model) or self._answered(question, progress))

    def choose(
        self, reading: Reading, *, text: str = "", asked_at: datetime | None = None, progress: Progress | None = None
    ) -> Answer:
        """Answer with one of the readings that were offered; the same question is read so from now on."""
        question = self._question(text, asked_at, None)
        if (denied := self._denied(question)) is not None:
            return self._keep(denied)
        value = carry_out(question, replace(reading, confidence=CHOSEN), self._for_one_answer(progress))
        if value.status == "answered":
            said = reading.label or value.restatement
            value = self._learn(confirmed(question, reading, said, self.learned, question.asked_on), value)
        return self._keep(value)

    def confirm(self, answer: Answer) -> None:
        """The reading was right: the same question is read so from now on."""
        value = answer.value
        if value.plan is not None:
            reading = Reading(value.plan, 1.0)
            on = value.question.asked_on
            self._learn(confirmed(value.question, reading, value.restatement, self.learned, on), value)

    def run_plan(
        self,
        plan: Plan,
        *,
        text: str = "",
        asked_at: datetime | None = None,
        language: str | None = None,
        progress: Progress | None = None,
    ) -> Answer:
        """Run a plan again (a pinned chart, an edited chip); relative periods follow `asked_at`. Without a text it is
        kept under what the plan says."""
        question = self._question(text, asked_at, language)
        if not text:
            question = replace(question, text=restate(plan, self.model, question.language, question.asked_on))
        made = self._denied(question) or carry_out(question, Reading(plan, 1.0), self._for_one_answer(progress))
        return self._keep(made)

    def look(self, plan: Plan, *, language: str | None = None, progress: Progress | None = None) -> Answer:
        """What a plan says today, beside the conversation: audited, but no turn of it (a tile of a board)."""
        question = self._question("", None, language)
        question = replace(
            question, text=restate(plan, self.model, question.language, question.asked_on), previous=None
        )
        made = self._denied(question) or carry_out(question, Reading(plan, 1.0), self._for_one_answer(progress))
        value = noted(made, self._tools)
        return Answer(value if self._journal is None else self._journal.keep(value, self.model, turn=False))

    def profile(self, table: Table, language: str) -> TableFacts:
        """What a table holds, as this asker may see it: counted by queries, so audited like a question."""
        from bi_chat.conversation.profiles import refused, table_facts

        question = self._question(table.name, None, language)
        denied = self._denied(question)
        facts = table_facts(table, self._for_one_answer(), language) if denied is None else refused(table, denied)
        made = AnswerValue(question, "answered" if facts.issue is None else "declined", sql=facts.sql)
        kept = made if self._journal is None else self._journal.keep(made, self.model, turn=False)
        return facts if kept.status == made.status else refused(table, kept)

    def go_on_from(self, answer: Answer) -> None:
        """The next question follows up this answer of the conversation, not the last one."""
        self._history.append(answer)

    def sql(self, sql: str, *, progress: Progress | None = None) -> Answer:
        """Run a person's own SQL through the same guard."""
        question = self._question(sql, None, "en")
        return self._keep(self._denied(question) or answer_sql(sql, question, self._for_one_answer(progress)))

    def cancel(self) -> None:
        """Stop what this conversation runs now, from another thread; others' queries go on."""
        self._tools.stop.set()
        self._tools.engine.cancel()

    def forget(self) -> None:
        """Begin anew: the next question is no follow-up."""
        self._history.clear()
        if self._journal is not None:
            self._journal.begin_anew()

    def resume(self, conversation: Conversation) -> tuple[Answer, ...]:
        """Go on with a kept conversation: its answers, without rows. Raises StoreError when it is gone."""
        if self._journal is None:
            raise StoreError("Conversations are not kept here.")
        self._history = [Answer(answer_of(turn, self._user)) for turn in self._journal.resume(conversation)]
        return self.history

    def kept(self, conversation: Conversation) -> tuple[Answer, ...]:
        """The answers of a kept conversation, without rows, to look at. Raises StoreError when it is gone."""
        if self._journal is None:
            raise StoreError("Conversations are not kept here.")
        return tuple(Answer(answer_of(turn, self._user)) for turn in self._journal.read(conversation))

    def starters(self, language: str = "en") -> tuple[Suggestion, ...]:
        """Questions to begin with."""
        from bi_chat.conversation.suggest import next_questions

        return next_questions(None, self.model, Question("", self._today or asked_now(), language))

    def close(self) -> None:
        """Stop what runs and take no more questions; the data stay open for others."""
        self._tools.engine.close()

    @property
    def learned(self) -> Learned:
        """What the asker taught about these data."""
        return self._tools.learned

    def _denied(self, question: Question) -> AnswerValue | None:
        """Goes on under the rights that hold now; an answer that there are none, where they are gone."""
        if self._rights is None:
            return None
        try:
            now = self._rights()
        except (AccessDenied, PolicyError):
            issue = say_issue(IssueCode.NO_ACCESS, question.language)
            return AnswerValue(question, "declined", issues=(issue,))
        if now.catalog is not self._given.catalog:
            learned = self.learned
            self._given = _seated(now, self._user, self._journal)
            self._use(learned)
            self._history = [Answer(_unsaid(a.value)) for a in self._history]
            if self._journal is not None and now.access is not None:
                self._journal.scope = now.access.fingerprint
        return None

    def _use(self, learned: Learned) -> None:
        self._tools = replace(self._given, model=with_words(self._given.model, learned), learned=learned)

    def _learn(self, learned: Learned, value: AnswerValue) -> AnswerValue:
        """The answer, which says so where what was learnt will not outlast this conversation."""
        if learned == self.learned:
            return value
        self._use(learned)
        if self._memory is None:
            return value
        try:
            self._memory.keep(learned)
        except StoreError as error:
            return replace(value, warnings=(*value.warnings, str(error)))
        return value

    def _taught(self, found: Lesson) -> AnswerValue:
        """The reply; a question that was declined for its words can be asked again."""
        reply = self._learn(found.learned, found.reply)
        last = self._history[-1].value if self._history else None
        if last is None or last.status == "answered" or reply.status != "answered":
            return reply
        return replace(reply, next_questions=(Suggestion(last.question.text, last.question.text),))

    def _question(self, text: str, asked_at: datetime | None, language: str | None) -> Question:
        previous = next((a.plan for a in reversed(self._history) if a.status == "answered" and a.plan), None)
        said = language or detect(text)
        return Question(visible(text), asked_at or self._today or asked_now(), said, self._user, previous)

    def _answered(self, question: Question, progress: Progress | None) -> AnswerValue:
        tools = self._for_one_answer(progress)
        tables = (a.value for a in reversed(self._history) if a.status == "answered" and a.frame.shape > (1, 1))
        shown = next(tables, None)
        found = of_shown(question, shown, tools)
        if isinstance(found, AnswerValue):
            return found
        return replace(answer_under(found, tools, progress=progress), question=question)

    def _for_one_answer(self, progress: Progress | None = None) -> Tools:
        """While others wait, the queries of one answer stay together."""
        self._tools.stop.clear()
        return replace(self._tools, engine=self._tools.engine.seat(), progress=progress)

    def _keep(self, value: AnswerValue) -> Answer:
        """Written down first, then shown."""
        value = noted(value, self._tools)
        made = Answer(value if self._journal is None else self._journal.keep(value, self.model))
        self._history.append(made)
        return made


def _unsaid(value: AnswerValue) -> AnswerValue:
    """What a follow-up needs of an answer: its plan, not what was told under other rights."""
    return AnswerValue(value.question, value.status, plan=value.plan, confidence=value.confidence)


def _seated(tools: Tools, user: str, journal: Journal | None) -> Tools:
    """One person at this machine has many conversations, and each of them may go on by itself."""
    foretold = journal.foretold if journal is not None else None
    return replace(tools, engine=tools.engine.seat("" if user == LOCAL else user), foretold=foretold)
