"""In: answers as they are made. Out: turns of a conversation and entries of the audit log, kept in a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bi_chat.conversation.masking import masked
from bi_chat.errors import StoreError
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.notes import say_note
from bi_chat.ports import Store
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.exchange import Sent
from bi_chat.values.foretold import LEVELS, KeptForecast, KeptSeries
from bi_chat.values.issue import IssueCode
from bi_chat.values.query import Note
from bi_chat.values.question import Question
from bi_chat.values.record import AuditEntry, Conversation, Turn

MOST_SERIES = 100


def utc_now() -> datetime:
    """The moment of writing, which is not the moment that a question counts from."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Journal:
    """Writes one person's conversation down, before they see an answer.

    `remembers`: turns are kept, not the audit entries alone. `scope`: the fingerprint of the rights in force. Where
    there are rights, what can't be recorded isn't answered; without any, an answer that can't be kept says so.
    """

    store: Store
    owner: str
    source: str
    door: str
    scope: str = ""
    viewed_as: str = ""
    conversation: Conversation | None = None
    remembers: bool = True
    now: Callable[[], datetime] = utc_now

    def keep(self, made: AnswerValue, model: SemanticModel, *, turn: bool = True) -> AnswerValue:
        """Audit, then the turn, if it is one of the conversation. The answer to show, which is another one where it
        could not be written down."""
        try:
            self.store.record(self._entry(made, model))
            if turn and self.remembers:
                self._append(made)
        except StoreError as error:
            language = made.question.language
            if self.scope:
                issue = say_issue(IssueCode.NOT_RECORDED, language, reason=str(error))
                return AnswerValue(made.question, "declined", issues=(issue,))
            said = say_note(Note("not_kept", (("reason", str(error)),), warning=True), language)
            return replace(made, warnings=(*made.warnings, said))
        return made

    def foretold(self) -> tuple[KeptForecast, ...]:
        """The forecasts that the person was given under these rights. Raises StoreError."""
        return self.store.foretold.of(self.owner, self.source, self.scope)

    def begin_anew(self) -> None:
        """The next question opens another conversation."""
        self.conversation = None

    def resume(self, conversation: Conversation) -> tuple[Turn, ...]:
        """Goes on with a conversation of the owner's. Raises StoreError when there is none."""
        found = self.read(conversation)
        self.conversation = conversation
        return found

    def read(self, conversation: Conversation) -> tuple[Turn, ...]:
        """Its turns. What was said under other rights is left out: the words and the plan stay, to be asked again."""
        found = self.store.turns(self.owner, conversation.id)
        return tuple(t if t.scope == self.scope else replace(t, said="", sql="", warnings=()) for t in found)

    def _append(self, made: AnswerValue) -> None:
        if self.conversation is None:
            self.conversation = self.store.begin(self.owner, self.source, made.question.text)
        self.store.append(self.owner, self.conversation.id, replace(turn_of(made), scope=self.scope))
        if (kept := forecast_of(made)) is not None:
            self.store.foretold.add(self.owner, self.source, replace(kept, scope=self.scope))

    def _entry(self, made: AnswerValue, model: SemanticModel) -> AuditEntry:
        issue = made.issues[0] if made.issues else None
        refused = issue is not None and issue.code is IssueCode.REFUSED_SQL
        safe = masked(made, model)
        return AuditEntry(
            at=self.now(),
            user=self.owner,
            door=self.door,
            source=self.source,
            question=safe.question,
            decision="refused" if refused else made.status,
            code=issue.code.value if issue is not None else "",
            reading=safe.reading,
            sql=safe.sql,
            rows=made.result.frame.height if made.result is not None else None,
            left=left_here(made.sent),
            scope=self.scope,
            viewed_as=self.viewed_as,
        )


def left_here(sent: Sent | None) -> str:
    """What went to another machine, for the log."""
    if sent is None:
        return ""
    return f"{sent.model} at {sent.server}: {', '.join(sent.shared)}; {sent.calls} calls, {sent.tokens_in} tokens"


def turn_of(made: AnswerValue) -> Turn:
    """What is kept of an answer: words and plan, never rows."""
    lines = (made.text, made.narrative.headline, *made.narrative.sentences)
    said = lines if made.status == "answered" else (made.text, *(i.problem for i in made.issues))
    return Turn(
        made.question.text,
        made.question.asked_at,
        made.question.language,
        made.status,
        said="\n".join(s for s in said if s),
        sql=made.sql,
        warnings=made.warnings,
        plan=made.plan if made.status == "answered" else None,
    )


def forecast_of(made: AnswerValue) -> KeptForecast | None:
    """What is kept of a forecast, to be held against what comes: the largest groups."""
    if made.plan is None or not made.forecasts:
        return None
    series = tuple(
        KeptSeries(f.name, f.times, f.mean, tuple(side for b in bands if b is not None for side in (b.lower, b.upper)))
        for f in made.forecasts[:MOST_SERIES]
        if None not in (bands := [f.band(level) for level in LEVELS])
    )
    return KeptForecast(made.plan, made.question.asked_at, series)


def answer_of(turn: Turn, user: str) -> AnswerValue:
    """A kept turn as an answer without rows, for a conversation to go on from."""
    question = Question(turn.text, turn.asked_at, turn.language, user)
    headline, *sentences = turn.said.split("\n")
    return AnswerValue(
        question,
        turn.status,
        plan=turn.plan,
        sql=turn.sql,
        narrative=Narrative(headline, tuple(sentences)),
        text="" if turn.status == "answered" else turn.said,
        warnings=turn.warnings,
        confidence=1.0,
    )
