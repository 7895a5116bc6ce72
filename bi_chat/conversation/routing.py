"""In: a question. Out: what the embedded planner and a language model make of it together; itself a planner.

The embedded planner reads first. Where it is sure, nobody else is asked. Where it isn't, the model is, and what it says
counts as a witness's word does: two that agree are believed; one that explains what the other left open is believed
with a warning; two that differ are both shown; and what only the model knows is asked back before it is answered, since
a model that is wrong, down or lying must not make any answer worse than it was without one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bi_chat.conversation.manners import no_question
from bi_chat.conversation.pipeline import decide, guessed
from bi_chat.errors import LanguageModelError
from bi_chat.ports import Planner
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.issue import IssueCode
from bi_chat.values.parts import parts_of
from bi_chat.values.plan import FieldRef, Literal, Metric, Plan
from bi_chat.values.query import Note
from bi_chat.values.question import Question
from bi_chat.values.reading import Reading, Understanding

UNSURE, ALWAYS = "unsure", "always"
AGREED = 0.8
EXPLAINED = 0.6
OFFERED = 0.45


@dataclass(frozen=True, slots=True)
class Routed:
    """`when`: unsure (the embedded planner is asked alone where it is sure) or always (both are, each time)."""

    embedded: Planner
    witness: Planner
    when: str = UNSURE
    threshold: float = 0.5

    def understand(self, question: Question, model: SemanticModel) -> Understanding:
        """What both make of it; what the embedded planner alone does, with a note, where the model gives nothing."""
        own = self.embedded.understand(question, model)
        if own.about is not None or not question.text.strip() or self._settled(own) or closed(own):
            return own
        if no_question(question, model) is not None:
            return own  # an insult, an order or another subject is no model's business
        try:
            told = self.witness.understand(question, model)
        except LanguageModelError as error:
            return _noted(own, Note("model_silent", (("reason", str(error)),)))
        return replace(together(own, told, self.threshold, trusting=self.when == ALWAYS), sent=told.sent)

    def _settled(self, own: Understanding) -> bool:
        decision = decide(own, self.threshold)
        sure = isinstance(decision, Reading) and not decision.unexplained and not guessed(decision)
        return sure and self.when != ALWAYS


def closed(own: Understanding) -> bool:
    """Whether the embedded planner refused for a reason that no reading mends: a rule, not a word it doesn't know."""
    mendable = (IssueCode.UNKNOWN_WORD, IssueCode.NO_MEASURE, IssueCode.AMBIGUOUS, IssueCode.UNSURE)
    return any(issue.code not in mendable for issue in own.issues)


def together(own: Understanding, told: Understanding, threshold: float, *, trusting: bool) -> Understanding:
    """Both in one. `trusting`: what only the model reads is answered, with a warning, if nothing speaks against it."""
    if not told.readings:
        wordless = not own.readings and all(i.code is not IssueCode.UNKNOWN_WORD for i in own.issues)
        return replace(own, sql=told.sql if told.sql and not own.readings and (trusting or wordless) else "")
    first = told.readings[0]
    if not own.readings:
        sure = EXPLAINED if trusting and len(told.readings) == 1 else OFFERED
        return Understanding(tuple(replace(r, confidence=sure, notes=_BY_MODEL) for r in told.readings))
    mine = own.readings[0]
    enough = trusting or isinstance(decide(own, threshold), Reading)
    if (same := next((r for r in own.readings if same_plan(r.plan, first.plan)), None)) is not None:
        return _agreed(own, same, first, enough=enough)
    if mine.unexplained and covers(first, mine.unexplained) and explains(first.plan, mine.plan):
        made = replace(first, confidence=EXPLAINED if enough else OFFERED, notes=_BY_MODEL)
        return Understanding((made, *own.readings[1:]))
    return _torn(own.readings, told.readings)


def _agreed(own: Understanding, same: Reading, first: Reading, *, enough: bool) -> Understanding:
    """Agreement decides between readings; over a word that neither used it decides nothing."""
    if same.unexplained and not (covers(first, same.unexplained) and enough):
        return own
    agreed = replace(same, confidence=max(same.confidence, AGREED), unexplained=(), notes=(*same.notes, _AGREES))
    return Understanding((agreed, *(r for r in own.readings if r is not same)))


def covers(told: Reading, words: tuple[str, ...]) -> bool:
    """Whether the model says what each of these words stands for."""
    said = " ".join(p.text.lower() for p in told.phrases)
    return all(word.lower() in said for word in words)


_AGREES = Note("model_agrees")
_BY_MODEL = (Note("read_by_model", warning=True),)


def _torn(own: tuple[Reading, ...], told: tuple[Reading, ...]) -> Understanding:
    """Both, to choose from."""
    mine = [replace(r, confidence=min(r.confidence, OFFERED), unexplained=()) for r in own[:1]]
    theirs = [replace(r, confidence=OFFERED, notes=_BY_MODEL) for r in told[:2]]
    return Understanding((*mine, *theirs))


def same_plan(one: Plan, other: Plan) -> bool:
    """Whether two plans ask for the same figures: how they are drawn and ordered by default doesn't matter."""
    return _figures(one) == _figures(other)


def _figures(plan: Plan) -> Plan:
    bare = replace(plan, chart=None, hidden=(), where=tuple(sorted(plan.where, key=repr)))
    bare = replace(bare, measures=tuple(replace(m, label="") for m in plan.measures))
    bare = replace(bare, dimensions=tuple(replace(d, label="") for d in plan.dimensions))
    return bare if plan.limit is not None else replace(bare, order=())


def explains(more: Plan, less: Plan) -> bool:
    """Whether one plan holds all that the other does and differs only by what it adds."""
    kept = _named(less) <= _named(more)
    return kept and (less.window is None or less.window == more.window) and type(more.analysis) is type(less.analysis)


def _named(plan: Plan) -> set[object]:
    return {p for p in parts_of(plan) if isinstance(p, Metric | FieldRef | Literal)} | {*plan.where}


def _noted(own: Understanding, note: Note) -> Understanding:
    return replace(own, readings=tuple(replace(r, notes=(*r.notes, note)) for r in own.readings), notes=(note,))
