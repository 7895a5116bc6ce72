"""In: a question and a semantic model. Out: readings best first, or issues.
The embedded planner: no model, no network."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

from bi_chat.language.meanings import Match, Token
from bi_chat.language.phrases import phrase_book
from bi_chat.language.registry import get as language_of
from bi_chat.planners.grammar.asking import MOST, candidates, figures, main_metrics, ranked_by, vague_figure
from bi_chat.planners.grammar.assemble import Assembler
from bi_chat.planners.grammar.beside import take_beside
from bi_chat.planners.grammar.bind import Binder, Distances
from bi_chat.planners.grammar.blaming import taken_plan
from bi_chat.planners.grammar.costs import take_blame
from bi_chat.planners.grammar.customers import segment_again
from bi_chat.planners.grammar.doubt import confidence_of, doubts_to_issues, unexplained_words
from bi_chat.planners.grammar.follow import edit, is_follow_up
from bi_chat.planners.grammar.hindsight import looks_back_at_all, take_hindsight
from bi_chat.planners.grammar.homes import flag_fields, metric_homes, number_fields, time_fields
from bi_chat.planners.grammar.levers import take_advice, take_lever
from bi_chat.planners.grammar.nameless import nameless
from bi_chat.planners.grammar.nearby import client_hits, near_hits, near_notes
from bi_chat.planners.grammar.phrasing import phrases_of, reading_label
from bi_chat.planners.grammar.pieces import Piece, cut, without_text
from bi_chat.planners.grammar.rules import RULES
from bi_chat.planners.grammar.scan import Scan
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.planners.grammar.special import about_the_data, not_for_us
from bi_chat.planners.grammar.spelling import corrected
from bi_chat.planners.grammar.spreading import take_spread
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.planners.grammar.variants import alternatives
from bi_chat.semantics.lexica import lexicon_of
from bi_chat.semantics.lexicon import Lexicon
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.targets import Hit, Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import FieldRef, IsNull, Measured, Plan
from bi_chat.values.question import Question
from bi_chat.values.reading import Reading, Understanding

KEPT_MODELS = 32  # one for each world under a policy
ASK_BACK_MARGIN = 0.06
TORN = 0.55  # what is left of a reading's confidence when a rival is as likely


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is derived once from a model: its lexicon, join distances, and homes of its metrics."""

    model: SemanticModel
    lexicon: Lexicon
    distances: Distances
    homes: dict[str, str]
    numbers: frozenset[tuple[str, str]]
    times: frozenset[tuple[str, str]]
    flags: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """One attempt: a plan, how it came about, and how sure it is."""

    plan: Plan
    trace: Trace
    sketch: Sketch
    confidence: float
    label: str = ""


class GrammarPlanner:
    """Understands questions by rules. Thread-safe; keeps what it derived from the last few models."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Knowledge] = OrderedDict()
        self._lock = Lock()

    def knowledge(self, model: SemanticModel) -> Knowledge:
        """The lexicon of a model, built once (the kept model makes its id safe to use as a key)."""
        with self._lock:
            known = self._known.get(id(model))
            if known is None:
                near = Distances(model)
                fields = (number_fields(model), time_fields(model), flag_fields(model))
                known = Knowledge(model, lexicon_of(model), near, metric_homes(model), *fields)
                self._known[id(model)] = known
                if len(self._known) > KEPT_MODELS:
                    self._known.popitem(last=False)
            return known

    def understand(self, question: Question, model: SemanticModel) -> Understanding:
        """Readings best first, or issues that say what stands in the way."""
        known = self.knowledge(model)
        pieces, tokens = self.pieces(question, known)
        refused = not_for_us(pieces, question, model)
        if refused is not None:
            return Understanding(issues=(refused,))
        about = about_the_data(pieces, question, model)
        if about is not None:
            return Understanding(about=about)
        drafts = self._drafts(question, known, pieces)
        if not drafts:
            return Understanding(issues=doubts_to_issues(pieces, question, model))
        readings = tuple(self._reading(d, question, known, tokens) for d in drafts)
        return Understanding(readings=readings)

    def pieces(self, question: Question, known: Knowledge) -> tuple[tuple[Piece, ...], tuple[Token, ...]]:
        """The question cut into pieces, misspellings mended."""
        language = language_of(question.language)
        book = phrase_book(question.language)
        tokens = tuple(_stemmed(t, known.lexicon) for t in language.tokenize(question.text))
        matches: list[Match] = [*language.matches(tokens), *book.matches(tokens)]
        tokens, mended = corrected(tokens, matches, known.lexicon, book.words | language.words)
        if mended:
            matches = [*language.matches(tokens), *book.matches(tokens)]
        matches = without_text(matches)
        hits = known.lexicon.hits(tokens)
        if known.model.drafted:  # somebody who wrote a model has said what things are called: elsewhere none is guessed
            hits += client_hits(tokens, hits, known.model)
            hits += near_hits(tokens, matches, hits, known.lexicon, IGNORABLE)
        return cut(tokens, matches, hits, IGNORABLE), tuple(tokens)

    # ------------------------------------------------------------------ drafts
    def _drafts(self, question: Question, known: Knowledge, pieces: Sequence[Piece]) -> list[Draft]:
        if (vague := vague_figure(pieces)) is not None:
            others = [p for p in pieces if p is not vague]
            return self._by_any_figure(question, known, pieces, vague) or self._drafts(question, known, others)
        first = self.draft(question, known, pieces)
        if first is None:
            return []
        if any(name == "ranking_without_measure" for name, _ in first.trace.doubts):
            return self._by_each_measure(first, known)
        if any(name == "measure_unsaid" for name, _ in first.trace.doubts):
            return [
                replace(first, plan=replace(first.plan, measures=(Measured(m),)), confidence=0.45, label=name)
                for name, m in main_metrics(known.model)
            ]
        drafts = [first]
        for forced, loss in alternatives(first.trace, known.model):
            other = self.draft(question, known, pieces, forced=forced)
            if other is not None and all(other.plan != d.plan for d in drafts):
                drafts.append(replace(other, confidence=min(other.confidence, first.confidence) * (1 - loss)))
        best, *rest = drafts
        close = [d for d in rest if d.confidence > best.confidence * (1 - ASK_BACK_MARGIN)]
        if close:
            best = replace(best, confidence=best.confidence * TORN)
        return [best, *sorted(rest, key=lambda d: -d.confidence)[:3]]

    def _by_each_measure(self, first: Draft, known: Knowledge) -> list[Draft]:
        """ "top customers": one reading for each measure that customers may be ranked by."""
        ref = next((d.of for d in first.plan.dimensions if isinstance(d.of, FieldRef)), None)
        measures = candidates(known.model, ref.dataset, known.homes) if ref is not None else ()
        if not measures:
            return [first]
        several = len(measures) > 1 or known.model.drafted or first.plan.dimensions[1:]
        share = 0.45 if several or unexplained_words(first.sketch) else 0.7
        plans = [(n, _without_nameless(ranked_by(first.plan, m, known.homes), first.trace, known)) for n, m in measures]
        return [replace(first, plan=plan, confidence=share, label=name) for name, plan in plans]

    def _by_any_figure(
        self, question: Question, known: Knowledge, pieces: Sequence[Piece], vague: Piece
    ) -> list[Draft]:
        """ "activity by channel": one reading for each figure that channels have; none where one was said beside it."""
        if any(p.of(Kind.METRIC) for p in pieces if p is not vague):
            return []
        found: list[Draft] = []
        for label, target in figures(known.model, known.homes):
            said = replace(vague, meanings=(), hits=(Hit(vague.start, vague.end, target, 1.0, "name", label),))
            made = self.draft(question, known, [said if p is vague else p for p in pieces])
            if made is None or (target.kind is Kind.DATASET and not made.sketch.groups):
                continue  # "how is our performance?" is about figures, not about how many products there are
            fields = [d.of.dataset for d in made.plan.dimensions if isinstance(d.of, FieldRef)]
            if set(fields) <= reachable(known.model, target.dataset) and (fields or not made.sketch.groups):
                found.append(replace(made, confidence=0.45, label=label))
        return found[:MOST]

    def draft(
        self, question: Question, known: Knowledge, pieces: Sequence[Piece], *, forced: dict[int, Target] | None = None
    ) -> Draft | None:
        """One plan from the pieces; `forced` fixes what some pieces mean."""
        pieces = tuple(_force(p, forced) for p in pieces) if forced else tuple(pieces)
        begun = _begun(pieces, question.previous)
        scan = Scan(begun.pieces, begun, numbers=known.numbers, times=known.times, flags=known.flags)
        sketch = scan.run(RULES)
        binder = Binder(known.model, sketch, known.distances, known.homes)
        trace = Trace()
        made = Assembler(known.model, sketch, binder, trace, question.asked_on)
        anew = sketch.asks_anew or looks_back_at_all(question.previous)
        previous = question.previous if not anew else None
        if (plan := segment_again(question.previous, sketch)) is not None:
            trace.follow_up = True
        elif previous is not None and is_follow_up(sketch, previous, made):
            plan = edit(previous, sketch, made)
            trace.follow_up = True
        else:
            plan = taken_plan(made) or made.build()
        if plan is None:
            return None
        plan = _without_nameless(plan, trace, known)
        return Draft(plan, trace, sketch, confidence_of(plan, sketch, trace, known.model))

    def _reading(self, draft: Draft, question: Question, known: Knowledge, tokens: Sequence[Token]) -> Reading:
        return Reading(
            plan=draft.plan,
            confidence=draft.confidence,
            phrases=phrases_of(draft.trace, question, known.model, tokens),
            unexplained=unexplained_words(draft.sketch),
            notes=(*draft.trace.notes(), *near_notes(draft.trace, known.model)),
            label=draft.label or reading_label(draft.trace, known.model),
            is_follow_up=draft.trace.follow_up,
        )


def _begun(pieces: Sequence[Piece], previous: Plan | None) -> Sketch:
    """What is taken out of a question before the grammar reads the rest, and that rest."""
    spread, rest = take_spread(pieces, previous)
    blame, rest = take_blame(rest) if spread is None else (None, rest)
    beside, rest = take_beside(rest)
    look_back, rest = take_hindsight(rest)
    advice, rest = take_advice(rest)
    other = advice is not None or look_back or spread is not None or blame is not None
    lever, rest = take_lever(rest) if not other else (None, rest)
    return Sketch(
        pieces=rest, lever=lever, advice=advice, look_back=look_back, spread=spread, blame=blame, beside=beside
    )


def _without_nameless(plan: Plan, trace: Trace, known: Knowledge) -> Plan:
    """A ranking of things leaves out what has no name, and says so."""
    unnamed = tuple(r for r in nameless(plan, known.model, known.homes) if IsNull(r, True) not in plan.where)
    if not unnamed:
        return plan
    if all(code != "nameless_group_left_out" for code, _ in trace.doubts):
        trace.doubt("nameless_group_left_out", 0.0)
    return replace(plan, where=(*plan.where, *(IsNull(ref, True) for ref in unnamed)))


def _force(piece: Piece, forced: dict[int, Target]) -> Piece:
    target = forced.get(piece.start)
    if target is None or not any(h.target == target for h in piece.hits):
        return piece
    return replace(piece, hits=tuple(replace(h, score=max(1.0, h.score)) for h in piece.hits if h.target == target))


IGNORABLE = frozenset(
    (
        "a an the of to in on at by for is are was were be and or that which who whose with from as it its their there "
        "have has had do does did i we our us you your my me he she they them his her this these those than then so if "
        "when where how what much any some all "
        "的 了 是 在 有 和 与 或 及 吗 呢 啊 吧 请 我 们 你 他 它 这 那 个 把 被 给 让 对 为 以 于 中 里 上 下 "
        ", . ? ! ; : ， 。 ？ ！ ； ： 、 - / ( ) （ ） & ' ’ \" “ ”"
    ).split()
)


def _stemmed(token: Token, lexicon: Lexicon) -> Token:
    """An English word among Chinese ones has the stem that names and values are found by."""
    return replace(token, stem=lexicon.stem(token.norm)) if token.norm.isascii() and token.norm.isalpha() else token
