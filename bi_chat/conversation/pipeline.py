"""In: a question and the tools. Out: an answer. The one file that knows the order of the stages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bi_chat.analysis.findings import find_facts
from bi_chat.charts.choose import chart_note, choose_chart
from bi_chat.conversation.about import about
from bi_chat.conversation.choices import ways
from bi_chat.conversation.learning import preferred
from bi_chat.conversation.manners import no_question
from bi_chat.conversation.running import Tools, run
from bi_chat.conversation.suggest import next_questions
from bi_chat.language.registry import questions_in
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.labels import labelled
from bi_chat.narration.notes import say_note
from bi_chat.narration.phrases import Tongue, measure_words
from bi_chat.narration.restate import restate
from bi_chat.narration.tell import tell
from bi_chat.semantics.model import SemanticModel
from bi_chat.sql.compile import compile_plan
from bi_chat.sql.guard import check
from bi_chat.values.analyses import WhatIf
from bi_chat.values.answer import AnswerValue, Timing
from bi_chat.values.exchange import Sent
from bi_chat.values.issue import Issue, IssueCode, Suggestion
from bi_chat.values.plan import Plan
from bi_chat.values.query import Note, Query
from bi_chat.values.question import Question
from bi_chat.values.reading import Reading, Understanding
from bi_chat.values.result import Result

Progress = Callable[[str], None]
SURE = 0.6
_MOST_PARTS = 4
SURE_WITH_UNUSED_WORDS = 0.6


class _Clock:
    """Seconds of each stage; tells progress as stages begin."""

    def __init__(self, progress: Progress | None) -> None:
        self.timings: list[Timing] = []
        self._progress = progress
        self._stage, self._since = "", 0.0

    def begin(self, stage: str) -> None:
        self.end()
        self._stage, self._since = stage, time.perf_counter()
        if self._progress:
            self._progress(stage)

    def end(self) -> None:
        if self._stage:
            self.timings.append(Timing(self._stage, time.perf_counter() - self._since))
            self._stage = ""


def answer(question: Question, tools: Tools, *, progress: Progress | None = None) -> AnswerValue:
    """Read, resolve, compile, guard, run, analyse, show, tell. Never raises for what the asker can mend."""
    clock = _Clock(progress)
    clock.begin("reading")
    understood = tools.planner.understand(question, tools.model)
    made = _decided(question, understood, tools, clock)
    told = (*understood.notes, *((_sent_note(understood.sent),) if understood.sent is not None else ()))
    said = tuple(say_note(note, question.language) for note in told)
    return replace(made, sent=understood.sent, assumptions=(*made.assumptions, *said))


def _decided(question: Question, understood: Understanding, tools: Tools, clock: _Clock) -> AnswerValue:
    if understood.about is not None:
        text = about(understood.about, tools.model, question.language)
        return AnswerValue(question, "answered", text=text, confidence=0.9, timings=tuple(clock.timings))
    decision = preferred(understood, question, tools.learned) or decide(understood, tools.threshold)
    unsure = isinstance(decision, tuple) or bool(decision.unexplained)
    if (unsure or _several_analyses(question, tools)) and (first := _first_of_several(question, tools)) is not None:
        return first
    if isinstance(decision, tuple) or (guessed(decision) and no_question(question, tools.model) is not None):
        clock.end()
        return _undecided(question, understood, tools, tuple(clock.timings))
    return carry_out(question, decision, tools, clock=clock, rivals=understood.readings[1:])


def _sent_note(sent: Sent) -> Note:
    """What left this machine."""
    args = (("model", sent.model), ("server", sent.server), ("shared", ", ".join(sent.shared)))
    return Note("model_asked", (*args, ("count", str(sent.tokens_in + sent.tokens_out))))


def guessed(reading: Reading) -> bool:
    """Whether a word was taken for what is nearest in meaning: an order or an insult has no nearest meaning here."""
    return any(note.code == "near_word" for note in reading.notes)


def decide(understood: Understanding, threshold: float) -> Reading | tuple[Reading, ...]:
    """The reading to answer with, or those to choose from (none: decline)."""
    readings = understood.readings
    if not readings:
        return ()
    needed = max(threshold, SURE_WITH_UNUSED_WORDS) if readings[0].unexplained else threshold
    return readings[0] if readings[0].confidence >= needed else readings


def _several_analyses(question: Question, tools: Tools) -> bool:
    """Whether the parts of a sentence ask for different analyses ("why …, and what to expect?"): one answer can't."""
    kinds, previous = set(), question.previous
    parts = questions_in(question.text, question.language)
    whole = tools.planner.understand(question, tools.model).readings if len(parts) > 1 else ()
    if whole and isinstance(whole[0].plan.analysis, WhatIf):
        return False  # "suppose …, what would revenue be?" is one
    for text in parts if len(parts) > 1 else ():
        readings = tools.planner.understand(replace(question, text=text, previous=previous), tools.model).readings
        if readings:
            previous = readings[0].plan
            kinds.add(type(previous.analysis))
    return len(kinds) > 1


def _first_of_several(question: Question, tools: Tools) -> AnswerValue | None:
    """The answer to the first of several questions that has one, with the others to ask next; None for but one."""
    parts = questions_in(question.text, question.language)
    if len(parts) < 2:
        return None
    tried = ((at, answer(replace(question, text=text), tools)) for at, text in enumerate(parts[:_MOST_PARTS]))
    least = 0.0 if no_question(question, tools.model) is None else SURE  # beside an order nothing is guessed
    answered = ((at, made) for at, made in tried if made.status == "answered" and made.confidence >= least)
    at, found = next(answered, (-1, None))
    if found is None:
        return None
    others = (*parts[:at], *parts[at + 1 :])
    said = Note("first_question", (("first", parts[at]), ("rest", "”, “".join(others))), warning=True)
    ahead = tuple(Suggestion(other, other) for other in others)
    return replace(
        found,
        question=question,
        warnings=(say_note(said, question.language), *found.warnings),
        next_questions=(*ahead, *found.next_questions),
    )


def _undecided(question: Question, understood: Understanding, tools: Tools, timings: tuple[Timing, ...]) -> AnswerValue:
    """Ask back with the readings there are, or say what is missing."""
    if (other := no_question(question, tools.model)) is not None:
        return replace(other, timings=timings)
    if understood.sql:
        return _by_model_sql(question, understood.sql, tools, timings)
    issues = tuple(in_language(i, question.language) for i in understood.issues)
    readings = understood.readings
    unknown = readings[0].unexplained if readings else ()
    sure = 0.5
    if not issues and unknown:
        issues, sure = (unknown_words(unknown, readings[0], tools.model, question),), 1 - readings[0].confidence
    elif len(readings) > 1 or (readings and not issues):
        return _asked_back(question, readings, tools, timings)
    return AnswerValue(
        question,
        "declined",
        issues=issues or (say_issue(IssueCode.NO_MEASURE, question.language),),
        choices=readings[:1],
        timings=timings,
        confidence=sure,
        next_questions=next_questions(None, tools.model, question),
    )


def _by_model_sql(question: Question, sql: str, tools: Tools, timings: tuple[Timing, ...]) -> AnswerValue:
    """What a statement of a language model gives, through the same guard as a person's, and with less trust."""
    from bi_chat.conversation.own_sql import answer_sql

    made = answer_sql(sql, question, tools)
    warning = say_note(Note("sql_by_model", warning=True), question.language)
    return replace(made, confidence=0.5, warnings=(warning, *made.warnings), timings=(*timings, *made.timings))


def _asked_back(
    question: Question, readings: tuple[Reading, ...], tools: Tools, timings: tuple[Timing, ...]
) -> AnswerValue:
    """Two to four readings to choose from, or the only one, which is not sure, to confirm."""
    issue = say_issue(IssueCode.AMBIGUOUS, question.language, word=question.text)
    if len(readings) == 1:
        said = restate(readings[0].plan, tools.model, question.language, question.asked_on)
        readings = (replace(readings[0], label=said),)
        issue = say_issue(IssueCode.UNSURE, question.language, understood=said)
    sure = readings[0].confidence
    choices = tuple(replace(r, label=_own_label(r, question, tools.model)) for r in readings[:4])
    return AnswerValue(question, "clarify", issues=(issue,), choices=choices, timings=timings, confidence=sure)


def _own_label(reading: Reading, question: Question, model: SemanticModel) -> str:
    """A reading told apart by its measure is called as the measure is in the asker's language."""
    if question.language == "en" or not reading.plan.measures:
        return reading.label
    measure = reading.plan.measures[0].of
    if measure_words(measure, Tongue(model, "en", question.asked_on)) != reading.label:
        return reading.label
    return measure_words(measure, Tongue(model, question.language, question.asked_on))


def unknown_words(words: tuple[str, ...], reading: Reading, model: SemanticModel, question: Question) -> Issue:
    """ "I know revenue and margin, not turnover"."""
    known = ", ".join(dict.fromkeys(p.meaning for p in reading.phrases))[:200]
    names = ", ".join([m.label or m.name for m in model.metrics][:6] or [d.label or d.name for d in model.datasets][:6])
    return say_issue(
        IssueCode.UNKNOWN_WORD, question.language, word=", ".join(words[:3]), understood=known, known=names
    )


def carry_out(
    question: Question, reading: Reading, tools: Tools, *, clock: _Clock | None = None, rivals: tuple[Reading, ...] = ()
) -> AnswerValue:
    """Compile, guard, run, analyse, show and tell one reading."""
    clock = clock or _Clock(None)
    plan, language = reading.plan, question.language
    part = AnswerValue(
        question,
        "declined",
        plan=plan,
        how_read=reading.phrases,
        confidence=reading.confidence,
        restatement=restate(plan, tools.model, language, question.asked_on),
    )
    if plan.analysis is not None:
        return _analysed(part, reading, tools, clock)
    clock.begin("compiling")
    query = compile_plan(replace(plan, hidden=()), tools.model, question.asked_on)
    if isinstance(query, Issue):
        clock.end()
        said = replace(part, issues=(in_language(query, language),), timings=tuple(clock.timings))
        found = ways(query, plan, tools.model, confidence=reading.confidence)
        choices = tuple(replace(r, label=r.label or _restated(r.plan, question, tools)) for r in found)
        return replace(said, status="clarify", choices=choices) if choices else said
    clock.begin("checking")
    checked = check(query, tools.catalog, row_limit=tools.row_limit)
    if isinstance(checked, Issue):
        clock.end()
        return replace(part, sql=query.sql, issues=(in_language(checked, language),), timings=tuple(clock.timings))
    clock.begin("running")
    result = run(checked, tools, language)
    if isinstance(result, Issue):
        clock.end()
        return replace(part, sql=query.sql, issues=(result,), timings=tuple(clock.timings))
    result = replace(result, columns=labelled(result.columns, plan, tools.model, language, question.asked_on))
    return _told(replace(part, sql=query.sql), query, result, reading, tools, clock, rivals)


def _restated(plan: Plan, question: Question, tools: Tools) -> str:
    return restate(plan, tools.model, question.language, question.asked_on)


def _analysed(part: AnswerValue, reading: Reading, tools: Tools, clock: _Clock) -> AnswerValue:
    """The answer to why, what is unusual, or what is to come."""
    from bi_chat.conversation.analyses import investigate

    question, plan = part.question, reading.plan
    clock.begin("analysing")
    looked_into = investigate(part, plan, tools)
    clock.end()
    notes = _said([*doubts(reading), *reading.notes], question.language, warning=True)
    return replace(
        looked_into,
        warnings=(*looked_into.warnings, *notes),
        next_questions=next_questions(plan, tools.model, question),
        timings=tuple(clock.timings),
    )


def _told(
    part: AnswerValue,
    query: Query,
    result: Result,
    reading: Reading,
    tools: Tools,
    clock: _Clock,
    rivals: tuple[Reading, ...],
) -> AnswerValue:
    question, plan = part.question, reading.plan
    clock.begin("drawing")
    # a ranking of periods ends with the last of its kind, not with the latest
    partial = plan.limit is None and any(n.code == "partial_period" for n in query.notes)
    chart = choose_chart(result, plan, requested=plan.chart, partial_last=partial)
    facts = find_facts(result, plan, partial_last=partial)
    narrative = tell(facts, result, plan, question.language)
    notes: list[Note] = [*doubts(reading), *reading.notes, *query.notes]
    if (drawn := chart_note(chart)) is not None:
        notes.append(drawn)
    clock.end()
    return replace(
        part,
        status="answered",
        result=result,
        chart=chart,
        facts=facts,
        narrative=narrative,
        assumptions=_said(notes, question.language, warning=False),
        warnings=_said(notes, question.language, warning=True),
        choices=rivals[:3],
        next_questions=next_questions(plan, tools.model, question),
        timings=tuple(clock.timings),
    )


def doubts(reading: Reading) -> tuple[Note, ...]:
    """What must stand beside an answer that may be wrong: words that were not used, a reading that is not sure."""
    if reading.unexplained:
        return (Note("unused_words", (("words", ", ".join(reading.unexplained)),), warning=True),)
    return (Note("low_confidence", warning=True),) if reading.confidence < SURE else ()


def _said(notes: list[Note], language: str, *, warning: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(say_note(n, language) for n in notes if n.warning is warning))


def in_language(found: Issue, language: str) -> Issue:
    """An issue from a stage that speaks English only, in the asker's language."""
    if language == "en" or not found.fields:
        return found
    said = say_issue(found.code, language, span=found.span, suggestions=found.suggestions, **dict(found.fields))
    return said if said.problem else found


def asked_now() -> datetime:
    """The doors' clock: the only place where the time of asking comes from when nobody gives it."""
    return datetime.now().replace(microsecond=0)
