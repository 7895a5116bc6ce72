"""In: questions, one after another. Out: answers; it remembers the plan that a follow-up edits.
One asker, one session."""

from __future__ import annotations

from datetime import datetime

from bi_chat.conversation.answer import Answer
from bi_chat.conversation.journal import Journal, answer_of
from bi_chat.conversation.pipeline import Progress, answer, answer_sql, asked_now, carry_out
from bi_chat.conversation.running import Tools
from bi_chat.errors import StoreError
from bi_chat.language.registry import detect
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.answer import AnswerValue
from bi_chat.values.issue import Suggestion
from bi_chat.values.plan import Plan
from bi_chat.values.question import Question
from bi_chat.values.reading import Reading
from bi_chat.values.record import Conversation


class Session:
    """A conversation over one model. `ask` never raises for what the asker can mend."""

    def __init__(
        self, tools: Tools, *, user: str = "", today: datetime | None = None, journal: Journal | None = None
    ) -> None:
        self._tools = tools
        self._journal = journal
        self._user = user
        self._today = today
        self._history: list[Answer] = []

    @property
    def model(self) -> SemanticModel:
        """The semantic model that questions are read against."""
        return self._tools.model

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
        return self._keep(answer(question, self._tools, progress=progress))

    def choose(self, reading: Reading, *, text: str = "", asked_at: datetime | None = None) -> Answer:
        """Answer with one of the readings that were offered."""
        return self._keep(carry_out(self._question(text, asked_at, None), reading, self._tools))

    def run_plan(
        self, plan: Plan, *, text: str = "", asked_at: datetime | None = None, language: str | None = None
    ) -> Answer:
        """Run a plan again (a pinned chart, an edited chip); relative periods follow `asked_at`."""
        reading = Reading(plan, 1.0)
        return self._keep(carry_out(self._question(text, asked_at, language), reading, self._tools))

    def sql(self, sql: str) -> Answer:
        """Run a person's own SQL through the same guard."""
        return self._keep(answer_sql(sql, self._question(sql, None, "en"), self._tools))

    def cancel(self) -> None:
        """Stop what runs now."""
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
        turns = self._journal.resume(conversation)
        self._history = [Answer(answer_of(turn, self._user)) for turn in turns]
        return self.history

    def starters(self, language: str = "en") -> tuple[Suggestion, ...]:
        """Questions to begin with."""
        from bi_chat.conversation.suggest import next_questions

        return next_questions(None, self.model, Question("", self._today or asked_now(), language))

    def close(self) -> None:
        """Free the engine."""
        self._tools.engine.close()

    def _question(self, text: str, asked_at: datetime | None, language: str | None) -> Question:
        previous = next((a.plan for a in reversed(self._history) if a.status == "answered" and a.plan), None)
        said = language or detect(text)
        return Question(text, asked_at or self._today or asked_now(), said, self._user, previous)

    def _keep(self, value: AnswerValue) -> Answer:
        """Written down first, then shown."""
        made = Answer(value if self._journal is None else self._journal.keep(value, self.model))
        self._history.append(made)
        return made
