"""In: what was said that is no question of the data. Out: a calm sentence of what is done here."""

from __future__ import annotations

from bi_chat.conversation.suggest import next_questions
from bi_chat.language.registry import manner_in
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.notes import say_note
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.answer import AnswerValue
from bi_chat.values.issue import IssueCode
from bi_chat.values.query import Note
from bi_chat.values.question import Question

_NAMES = 6


# What is done elsewhere than in words is told (where); an explanation of nothing asks what to answer.
_STATUS = {"export": "answered", "files": "answered", "explain": "clarify"}


def no_question(question: Question, model: SemanticModel) -> AnswerValue | None:
    """Orders, insults, other subjects. Asked only of what was not understood, so no question falls to a single word."""
    kind = manner_in(question.text, question.language)
    if not kind:
        return None
    names = [m.label or m.name for m in model.metrics] or [d.label or d.name for d in model.datasets]
    known = ", ".join(names[:_NAMES])
    tables = ", ".join(d.label or d.name for d in model.datasets[:_NAMES])
    issue = say_issue(IssueCode(kind), question.language, known=known, tables=tables)
    status, offered = _STATUS.get(kind, "declined"), next_questions(None, model, question)
    if status == "answered":
        text = f"{issue.problem}\n{issue.exists}".strip()
        return AnswerValue(question, status, text=text, next_questions=offered, confidence=0.9)
    return AnswerValue(question, status, issues=(issue,), next_questions=offered, confidence=0.5)


def explanation(question: Question, last: AnswerValue | None, model: SemanticModel) -> AnswerValue | None:
    """How the last answer was made, when that is what is asked."""
    if manner_in(question.text, question.language) != "explain":
        return None
    if last is None or last.status != "answered":
        return no_question(question, model)
    rows = str(last.result.frame.height) if last.result is not None and last.sql else ""
    assumed = "; ".join(a.rstrip(".。") for a in last.assumptions)
    said = Note("explained", (("reading", last.restatement), ("assumed", assumed), ("rows", rows)))
    text = f"{say_note(said, question.language)}\n{last.sql}".strip()
    return AnswerValue(question, "answered", sql=last.sql, text=text, confidence=1.0)
