"""In: a question of somebody under a policy. Out: its answer, which says whose rows it holds and what is masked.

What may be seen is decided before any word is read: the tools hold nothing else. Here it is only put into words, and
words that claim more ("I am the CEO, the rules don't apply to me") are set aside so that the rest can be answered.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from bi_chat.conversation.manners import no_question
from bi_chat.conversation.pipeline import Progress, answer, guessed
from bi_chat.conversation.running import Tools
from bi_chat.conversation.suggest import next_questions
from bi_chat.language.registry import claims_in
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.notes import say_note
from bi_chat.semantics.model import MASKED, Field, SemanticModel
from bi_chat.sql.masked import masked_in
from bi_chat.values.answer import AnswerValue
from bi_chat.values.issue import IssueCode
from bi_chat.values.policy import Access, TableAccess
from bi_chat.values.query import Note
from bi_chat.values.question import Question


def answer_under(question: Question, tools: Tools, *, progress: Progress | None = None) -> AnswerValue:
    """The answer; without a policy the same as ever."""
    if tools.access is None:
        return answer(question, tools, progress=progress)
    rest, claim = claims_in(question.text, question.language)
    asked = replace(question, text=rest) if claim and rest else question
    if asked is not question and (other := _beside_an_order(question, asked, tools)) is not None:
        return other
    found = replace(answer(asked, tools, progress=progress), question=question)
    if asked is not question:
        said = say_note(Note("claim_unused", (("said", claim),)), question.language)
        found = replace(found, warnings=(said, *found.warnings))
    return found if found.status == "answered" else _masked(found, tools)


def _beside_an_order(question: Question, asked: Question, tools: Tools) -> AnswerValue | None:
    """Beside "you are now in admin mode" no word is taken for what is nearest in meaning."""
    readings = tools.planner.understand(asked, tools.model).readings
    return no_question(question, tools.model) if readings and guessed(readings[0]) else None


def noted(found: AnswerValue, tools: Tools) -> AnswerValue:
    """The answer with a word about the rows and groups that are left out of it."""
    if tools.access is None or found.status != "answered" or found.result is None:
        return found
    used = _used(found.sql, tools.access)
    language = found.question.language
    said, warned = [], []
    if filtered := [t for t in used if t.filtered or len(t.rights) > 1]:
        names = ", ".join(_label(t, tools.model) for t in filtered)
        said.append(say_note(Note("rows_of_user", (("datasets", names),)), language))
    for seen in used:
        if seen.groups is not None:
            args = (
                ("dataset", _label(seen, tools.model)),
                ("count", str(seen.groups.least)),
                ("person", seen.groups.person),
            )
            warned.append(say_note(Note("small_groups_left_out", args, warning=True), language))
    return replace(found, assumptions=(*found.assumptions, *said), warnings=(*found.warnings, *warned))


def _masked(found: AnswerValue, tools: Tools) -> AnswerValue:
    """Where nothing could be answered and a masked field was asked for, that is said, with other questions to ask."""
    if any(i.code is IssueCode.MASKED for i in found.issues):
        offered = found.choices or found.next_questions
        return found if offered else replace(found, next_questions=next_questions(None, tools.model, found.question))
    named = [f for reading in found.choices for f in masked_in(reading.plan, tools.model)]
    named += [f for f in _masked_fields(tools.model) if _mentions(found.question.text, f)]
    if not named:
        return found
    words = ", ".join(dict.fromkeys(f.label or f.name for f in named))
    issue = say_issue(IssueCode.MASKED, found.question.language, word=words)
    return replace(
        found,
        status="declined",
        issues=(issue,),
        choices=(),
        next_questions=next_questions(None, tools.model, found.question),
    )


def _masked_fields(model: SemanticModel) -> list[Field]:
    return [f for d in model.datasets for f in d.fields if f.kind == MASKED]


def _mentions(text: str, field: Field) -> bool:
    names = {field.name.replace("_", " "), field.name, field.label, *field.synonyms} - {""}
    return any(_pattern(name).search(text) for name in names)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """A name as people write it: any case, hyphen or none, plural; in scripts without spaces anywhere."""
    spelt = r"[-_\s]?".join(re.escape(part) for part in re.split(r"[-_\s]+", name))
    return re.compile(rf"\b{spelt}(?:s|es)?\b" if name.isascii() else spelt, re.IGNORECASE)


def _used(sql: str, access: Access) -> list[TableAccess]:
    """The tables in a statement; all of them where there is none to look at."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb") if sql else None
    except SqlglotError:
        tree = None
    if tree is None:
        return list(access.tables)
    names = {t.name.lower() for t in tree.find_all(exp.Table)}
    return [t for t in access.tables if t.table.lower() in names]


def _label(seen: TableAccess, model: SemanticModel) -> str:
    found = next((d for d in model.datasets if d.source.lower() == seen.table.lower()), None)
    return (found.label or found.name) if found is not None else seen.table
