"""In: "by turnover I mean net revenue", a clicked reading. Out: what was learnt, and readings that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from bi_chat.language.meanings import Token
from bi_chat.language.registry import get, lesson_in
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.notes import say_note
from bi_chat.semantics.known_values import MemoryValues
from bi_chat.semantics.model import Dataset, Field, MetricDefinition, SemanticModel
from bi_chat.semantics.naming import words as words_of
from bi_chat.semantics.targets import Kind, Target
from bi_chat.values.answer import AnswerValue
from bi_chat.values.issue import IssueCode
from bi_chat.values.learned import KnownQuestion, Learned, OwnWord
from bi_chat.values.query import Note
from bi_chat.values.question import Question
from bi_chat.values.reading import Reading, Understanding

CHOSEN = 0.95
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Lesson:
    """The reply, and what is known after it."""

    reply: AnswerValue
    learned: Learned


def lesson(question: Question, model: SemanticModel, learned: Learned) -> Lesson | None:
    """None when the words teach nothing: then they are a question like any other."""
    found = lesson_in(question.text, question.language)
    if found is None:
        return None
    if found.forget:
        return _forgotten(found.says, question, learned)
    targets = tuple(dict.fromkeys(_named(found.means, question, model)))
    if not found.says or len(found.says) > _LONGEST:
        return None
    if len(targets) != 1:
        return Lesson(_unclear(found.means, targets, question, model), learned) if found.sure else None
    target = targets[0]
    word = OwnWord(found.says, target.kind.value, target.name, target.dataset, target.field, question.asked_on)
    fields = (("word", found.says), ("meaning", spoken(target, model)))
    return Lesson(_told("learned_word", fields, question), learned.with_word(word))


def with_words(model: SemanticModel, learned: Learned) -> SemanticModel:
    """The model as this person speaks of it; words for what it doesn't hold (any more) are left out."""
    known = tuple((w.says, t) for w in learned.words if (t := _target(w)) is not None and _exists(t, model))
    return replace(model, own_words=known) if known else model


def preferred(understood: Understanding, question: Question, learned: Learned) -> Reading | None:
    """The reading that its asker chose for this question, or for one whose words are all in it."""
    asked = _stems(question.text, question.language)
    for known in reversed(learned.questions):
        before = _stems(known.text, known.language)
        note = Note("as_chosen", (("question", known.text), ("reading", known.reading)))
        if before == asked and question.previous is None:
            return Reading(known.plan, CHOSEN, notes=(note,), label=known.reading)
        if not set(before) <= set(asked) or len(before) < 2:
            continue
        for reading in understood.readings[:4]:
            same = reading.plan.measures == known.plan.measures and reading.plan.dimensions == known.plan.dimensions
            if same and not reading.unexplained:
                return replace(reading, confidence=max(CHOSEN, reading.confidence), notes=(*reading.notes, note))
    return None


def confirmed(question: Question, reading: Reading, said: str, learned: Learned, on: date) -> Learned:
    """Remembers a reading that was chosen or confirmed. A follow-up means nothing without what it followed."""
    if reading.is_follow_up or not question.text.strip():
        return learned
    return learned.with_question(KnownQuestion(question.text, question.language, reading.plan, said, on))


def spoken(target: Target, model: SemanticModel) -> str:
    """What a person calls it."""
    if target.kind is Kind.VALUE:
        return target.name
    if target.kind is Kind.METRIC:
        metric = model.metric(target.name)
        return (metric.label or metric.name) if metric is not None else target.name
    dataset = model.dataset(target.dataset)
    if target.kind is Kind.DATASET or dataset is None:
        return (dataset.label or dataset.name) if dataset is not None else target.dataset
    field = dataset.field(target.field)
    return (field.label or field.name) if field is not None else target.field


def _forgotten(says: str, question: Question, learned: Learned) -> Lesson | None:
    left = learned.without(says)
    return None if left == learned else Lesson(_told("forgotten_word", (("word", says),), question), left)


def _told(code: str, fields: tuple[tuple[str, str], ...], question: Question) -> AnswerValue:
    text = say_note(Note(code, fields), question.language)
    return AnswerValue(question, "answered", text=text, confidence=1.0)


def _unclear(means: str, targets: tuple[Target, ...], question: Question, model: SemanticModel) -> AnswerValue:
    """Nothing of that name, or several things."""
    names = dict.fromkeys(spoken(t, model) for t in targets) or dict.fromkeys(m.label or m.name for m in model.metrics)
    issue = say_issue(IssueCode.UNKNOWN_WORD, question.language, word=means, known=", ".join(list(names)[:6]))
    return AnswerValue(question, "declined", issues=(issue,))


def _named(text: str, question: Question, model: SemanticModel) -> Iterator[Target]:
    """Metrics, else datasets and fields, else values that are called just that."""
    tokenize = get(question.language).tokenize
    wanted = tuple(t.stem for t in tokenize(text))
    if not wanted:
        return
    metrics = [Target(Kind.METRIC, name=m.name) for m in model.metrics if _is(m, wanted, tokenize)]
    if metrics:
        yield from metrics
        return
    datasets = [Target(Kind.DATASET, d.name) for d in model.datasets if _is(d, wanted, tokenize)]
    fields = [Target(Kind.FIELD, d.name, f.name) for d in model.datasets for f in d.fields if _is(f, wanted, tokenize)]
    if datasets or fields:
        yield from (*datasets, *fields)
        return
    values = model.known_values or MemoryValues(model, tokenize)
    yield from (target for target, _ in values.exact([wanted]).get(wanted, ()))


def _is(
    thing: MetricDefinition | Dataset | Field, wanted: tuple[str, ...], tokenize: Callable[[str], tuple[Token, ...]]
) -> bool:
    said = (" ".join(words_of(thing.name)), thing.label, *thing.synonyms)
    return any(tuple(t.stem for t in tokenize(s)) == wanted for s in said if s)


def _target(word: OwnWord) -> Target | None:
    kinds = {k.value: k for k in Kind}
    return Target(kinds[word.kind], word.dataset, word.field, word.name) if word.kind in kinds else None


def _exists(target: Target, model: SemanticModel) -> bool:
    if target.kind is Kind.METRIC:
        return model.metric(target.name) is not None
    if target.kind is Kind.DATASET:
        return model.dataset(target.dataset) is not None
    return model.field(target.dataset, target.field) is not None


def _stems(text: str, language: str) -> tuple[str, ...]:
    return tuple(t.stem for t in get(language).tokenize(text) if any(c.isalnum() for c in t.text))
