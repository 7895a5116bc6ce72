"""In: a reading and how it came about. Out: how likely it is right; issues when there is none."""

from __future__ import annotations

import math
import re
from functools import cache
from importlib import resources
from itertools import combinations, pairwise

import yaml

from bi_chat.language.meanings import Word
from bi_chat.planners.grammar.bind import Choice
from bi_chat.planners.grammar.enumerating import side_by_side_periods
from bi_chat.planners.grammar.numbers import NUMBERS
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.planners.grammar.tracing import Step, Trace
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.issue import Issue, IssueCode, Suggestion
from bi_chat.values.period import Named
from bi_chat.values.plan import Aggregate, Exists, FieldRef, Fn, In, IsNull, PartOfDate, Plan, TimeBucket, Within
from bi_chat.values.question import Question

STRONG = 0.6  # a hit from here on names something
STRONG_PART = 0.8
WHETHER = ("did", "do", "does", "is", "are", "was", "were", "has", "have")  # a yes or no, which no table says
CLEAR = 0.3  # ahead of the next meaning by this much, there is no other
SOFT = ("stars", "filler", "show", "own_price")  # words that add nothing where no rule needs them
WEAK = ("general", "part", "near")
NEAREST = 0.85  # the score of a hit by a word that means the same


def features(plan: Plan, sketch: Sketch, trace: Trace, model: SemanticModel) -> dict[str, float]:
    """What speaks for and against a reading, counted. The weights are learnt (see `weights.yaml`)."""
    choices = [s.choice for s in trace.steps if s.choice is not None]
    how = [c.how for c in choices]
    gaps = [c.score - c.rivals[0][1] for c in choices if c.rivals]
    unknown = unexplained_words(sketch)
    named = {c.target.dataset for c in choices if c.target.dataset}
    bound = {id(s.piece) for s in trace.steps}
    guessed = model.drafted or plan.base is not None  # figures by a model's own joins are what it is written for
    words = sum(p.end - p.start for p in sketch.pieces)
    return {
        "bias": 1.0,
        "drafted": float(model.drafted),
        "joined": float(len(named) > 1 and guessed),
        "unexplained": min(3.0, float(len(unknown))),
        "unexplained_share": len(unknown) / max(1, words),
        "unexplained_beside_model": float(bool(unknown) and not model.drafted),
        **_near(trace),
        "unused_number": float(sum(1 for p in sketch.unused if (p.amount or p.duration) and not p.period)),
        "unused_quote": float(sum(1 for p in sketch.unused if p.quoted)),
        "unused_name": float(
            sum(1 for p in sketch.pieces if p.hits and p.hits[0].score >= STRONG and id(p) not in bound)
        ),
        "dropped_word": float(len(sketch.dropped)),
        "part": float(how.count("part")),
        "general": float(how.count("general")),
        "weak_match": sum(max(0.0, 0.9 - c.score) for c in choices if c.how != "part"),
        "sure_value": float(sum(_sure_value(c) for c in choices)),
        "close_rival": float(sum(1 for g in gaps if g < 0.08)),
        "doubt": sum(amount for _, amount in trace.doubts)
        + _whether(sketch, unknown)
        + _name_unread(sketch, unknown)
        + _unfit(plan, sketch, trace, model),
        "datasets": float(max(0, len(named) - 2)) * guessed,
        "long": max(0.0, (words - 14) / 10),
        "conditions": float(max(0, _said_of(plan) + len(plan.having) - 1)),
        "no_step": float(not trace.steps),
        "bare_list": float(
            plan.base is not None and len(plan.dimensions) == 1 and not (plan.where or plan.having or plan.order)
        ),
        "follow_up": float(trace.follow_up),
        "follow_up_list": float(trace.follow_up and plan.base is not None and not plan.measures),
        **_shape(plan, sketch),
    }


def _said_of(plan: Plan) -> int:
    """How many things the rows are judged by: "with both A and B" is one."""
    return len({repr(c.of) if isinstance(c, In) and not c.negated else repr(c) for c in plan.where})


def _unfit(plan: Plan, sketch: Sketch, trace: Trace, model: SemanticModel) -> float:
    """What does not go together: of the plan with what was asked, and of the plan with itself."""
    others = sum(_event_of_others(s) for s in trace.steps)
    never = "never" in sketch.flags and not any(isinstance(c, Exists | IsNull | In) for c in plan.where)
    others += 1.5 * never  # "who never gave": nothing was made of it
    asked = _no_amount(plan, sketch, model) + _when(plan, sketch, model) + _one_side(plan, sketch) + others
    far = _compound(plan, sketch, model) + _far_side(plan, trace, model) + _others_date(plan, model)
    return asked + far + _of_itself(plan, model) + _pinned(plan, model) + _left_out(plan, trace, model)


def _near(trace: Trace) -> dict[str, float]:
    """Words read as others near in meaning: how many, how far from them, how many say whose rows are meant."""
    steps = [s for s in trace.steps if s.choice is not None and s.piece.hits[:1] and s.piece.hits[0].for_word]
    rows = [s for s in steps if s.choice is not None and s.choice.target.kind is Kind.DATASET]
    far = sum(max(0.0, NEAREST - s.piece.hits[0].score) for s in steps)
    return {"near": float(len(steps)), "near_far": far, "near_rows": float(len(rows))}


def _sure_value(choice: Choice) -> bool:
    """A value as it stands in the data, of one field only."""
    clear = not choice.rivals or choice.score - choice.rivals[0][1] >= CLEAR
    return choice.target.kind is Kind.VALUE and choice.how == "value" and clear


def _whether(sketch: Sketch, unknown: tuple[str, ...]) -> float:
    """ "Did we meet the goal?": in a question of yes or no, a word that is not used is the very thing asked."""
    first = next((p.text.lower().split()[0] for p in sketch.pieces[:1]), "")
    return 0.6 if unknown and first in WHETHER else 0.0


def _name_unread(sketch: Sketch, unknown: tuple[str, ...]) -> float:
    """ "rentals by Frisian customers": a capitalised word amid small ones is a name, and so a condition."""
    small = sum(p.text.islower() for p in sketch.pieces) > len(sketch.pieces) / 2
    return 0.6 if small and any(w.istitle() and w != as_said(sketch.pieces[0].text) for w in unknown) else 0.0


def _no_amount(plan: Plan, sketch: Sketch, model: SemanticModel) -> float:
    """ "how much is overdue", answered by a list of names: no amount among what is shown."""
    fields = [model.field(d.of.dataset, d.of.field) for d in plan.dimensions if isinstance(d.of, FieldRef)]
    shown = plan.measures or any(f is not None and f.kind != "key" and f.datatype in NUMBERS for f in fields)
    return 0.0 if shown or sketch.intent != "how_much" else 2.0


def _event_of_others(step: Step) -> float:
    """ "signups" read as enrolments by a synonym, where other rows have the date itself: signup_at."""
    chosen, hits = step.choice, step.piece.hits
    if chosen is None or chosen.how != "general" or chosen.target.kind is not Kind.DATASET:
        return 0.0
    own = max((h.score for h in hits if h.target == chosen.target), default=1.0)
    return float(any(h.how == "event" and h.target.dataset != chosen.target.dataset and h.score >= own for h in hits))


def _compound(plan: Plan, sketch: Sketch, model: SemanticModel) -> float:
    """ "fuel cost" over a fuel and a cost of other rows: a figure of that kind, not the cost for each fuel."""
    groups = {d.of.dataset for d in plan.dimensions if isinstance(d.of, FieldRef)}
    for one, other in pairwise(sorted(sketch.mentions, key=lambda m: m.at)):
        if other.at != one.at + 1 or not (one.piece.hits and other.piece.hits) or sketch.groups:
            continue
        first, second = one.piece.hits[0].target, other.piece.hits[0].target
        field = model.field(first.dataset, first.field) if first.kind is second.kind is Kind.FIELD else None
        if field is not None and field.kind == "category" and first.dataset in groups - {second.dataset}:
            return 0.8
    return 0.0


def _far_side(plan: Plan, trace: Trace, model: SemanticModel) -> float:
    """ "premium by pay method" over policies with a premium and payments with a method: a number that was only guessed,
    cut by what lies on the many side of it, stands in another table."""
    guessed = {s.choice.target.key for s in trace.steps if s.choice is not None and s.choice.how in WEAK}
    for measured in plan.measures:
        of = measured.of.of if isinstance(measured.of, Aggregate) else None
        if not isinstance(of, FieldRef) or (of.dataset, of.field) not in guessed:
            continue
        near = reachable(model, of.dataset)
        used = [d.of for d in plan.dimensions] + [plan.window.field if plan.window else None]
        used += [getattr(c, "of", None) for c in plan.where]
        if any(isinstance(u, FieldRef) and u.dataset and u.dataset not in near for u in used):
            return 1.0
    return 0.0


def _one_side(plan: Plan, sketch: Sketch) -> float:
    """ "value won vs lost" as a list of rows: two sides were asked for."""
    return 1.0 if "versus" in sketch.flags and plan.base is not None and not plan.measures else 0.0


def _pinned(plan: Plan, model: SemanticModel) -> float:
    """ "how many brake pads", counted among the products: the one of that name is always one."""
    counted = plan.measures[0].of if len(plan.measures) == 1 and not plan.dimensions else None
    rows = model.dataset(counted.dataset) if isinstance(counted, Aggregate) and counted.of is None else None
    if rows is None or not isinstance(counted, Aggregate) or counted.function is not Fn.COUNT:
        return 0.0
    name = rows.field(rows.display) if rows.display else None
    said = [c.of for c in plan.where if isinstance(c, In) and not c.negated and len(c.values) == 1]
    return 1.5 if name is not None and name.unique and FieldRef(rows.name, name.name) in said else 0.0


def _left_out(plan: Plan, trace: Trace, model: SemanticModel) -> float:
    """ "the amount of overdue invoices" as a list without any amount: a number that was named is nowhere."""
    if trace.follow_up or plan.analysis is not None:
        return 0.0
    named = [s.choice.target for s in trace.steps if s.choice is not None and s.choice.target.kind is Kind.FIELD]
    numbers = [t for t in named if (f := model.field(*t.key)) is not None and f.kind == "measure"]
    read = repr(plan)
    return 1.0 * any(f"'{t.field}'" not in read for t in numbers) * (plan.base is not None)


def _others_date(plan: Plan, model: SemanticModel) -> float:
    """ "brokers who joined before 2019" by a date of their customers: rows are listed by a date of their own."""
    plain = plan.base is not None and not (plan.measures or plan.having or plan.order)
    at = plan.window.field if plan.window is not None and plain else None
    return 1.0 if at is not None and plan.base and at.dataset not in reachable(model, plan.base) else 0.0


def _of_itself(plan: Plan, model: SemanticModel) -> float:
    """ "X without X", "in A and outside A": there are no such rows, so something else was asked."""
    within = [c.period for c in plan.where if isinstance(c, Within) and c.negated]
    window = plan.window.period if plan.window is not None else None
    if isinstance(window, Named) and any(isinstance(p, Named) and p.year != window.year for p in within):
        return 1.5  # "in 2024 but not in 2025" of one date: the second says nothing
    single = [c for c in plan.where if isinstance(c, In) and not c.negated and isinstance(c.of, FieldRef)]
    counted = plan.base or next((m.of.dataset for m in plan.measures if isinstance(m.of, Aggregate)), "")
    near = reachable(model, counted) if counted else ()
    for one, other in combinations(single, 2):
        if one.of == other.of and one.of.dataset in near and not set(one.values) & set(other.values):  # type: ignore[union-attr]
            return 2.0
    asked = {(c.of, v) for c in plan.where if isinstance(c, In) and not c.negated for v in c.values}
    if any((c.of, v) in asked for c in plan.where if isinstance(c, In) and c.negated for v in c.values):
        return 2.0
    rows = {plan.base, *(d.of.dataset for d in plan.dimensions if isinstance(d.of, FieldRef))}
    return 2.0 * any(isinstance(c, Exists) and c.negated and not c.where and c.dataset in rows for c in plan.where)


def _when(plan: Plan, sketch: Sketch, model: SemanticModel) -> float:
    """ "When did X begin?": an answer without a date is none."""
    shown = [d.of for d in plan.dimensions] + [m.of.of for m in plan.measures if isinstance(m.of, Aggregate)]
    refs = [s for s in shown if isinstance(s, FieldRef)]
    dated = any((f := model.field(r.dataset, r.field)) is not None and f.is_time for r in refs)
    dated = dated or any(isinstance(s, TimeBucket | PartOfDate) for s in shown) or plan.analysis is not None
    return 0.0 if dated or sketch.intent != "when" else 0.8


def _shape(plan: Plan, sketch: Sketch) -> dict[str, float]:
    """How intricate the answer is: each further part is one more that may have been misread."""
    said = [p for p in sketch.pieces if p.word("not", "never", "without", "except")]
    shown = len(plan.dimensions) + len(plan.measures) - len(plan.hidden)
    lists = plan.base is not None and not plan.measures
    owners = {d.of.dataset for d in plan.dimensions if isinstance(d.of, FieldRef)}
    listed = side_by_side_periods(sketch)
    read = shown + len(plan.where) + len(plan.having) + len(plan.order)
    return {
        "negated": float(bool(said)),
        "verbs": float(sum(1 for p in sketch.pieces if p.word("verb") and not p.hits)),
        "related": float(sum(isinstance(c, Exists) for c in plan.where)),
        "having": float(bool(plan.having)),
        "ranked": float(bool(plan.order and plan.limit)),
        "wide": max(0.0, shown - 2.0) if not plan.calculations else 0.0,
        "list": float(lists),
        "list_over_several": float(lists and len(owners) > 1),
        "groups_of_several": float(bool(plan.measures) and len(plan.dimensions) > 1),
        "several_measures": float(len(plan.measures) - len(plan.hidden) > 1),
        "one_figure": float(len(plan.measures) == 1 and not plan.dimensions),
        "both_or_either": float(sketch.both or (not listed and any(p.word("or") for p in sketch.pieces))),
        "unread_nouns": float(max(0, len(sketch.mentions) - read)),
        "calculated": float(bool(plan.calculations or plan.analysis or plan.comparison)),
        "several_periods": max(0.0, len(sketch.periods) - 1.0) if plan.comparison is None and not listed else 0.0,
        "second_sentence": float("then_show" in sketch.flags),
    }


@cache
def weights() -> dict[str, float]:
    """The learnt weights, as they stand in the file."""
    text = resources.files("bi_chat.planners.grammar").joinpath("weights.yaml").read_text("utf-8")
    return {str(k): float(v) for k, v in yaml.safe_load(text)["weights"].items()}


def confidence_of(plan: Plan, sketch: Sketch, trace: Trace, model: SemanticModel) -> float:
    """A logistic score of the features; 0..1."""
    counted = features(plan, sketch, trace, model)
    total = sum(weights().get(name, 0.0) * value for name, value in counted.items())
    return 1 / (1 + math.exp(-total))


def unexplained_words(sketch: Sketch) -> tuple[str, ...]:
    """Content words of the question that the reading does not use."""
    free = {id(c) for c in sketch.unused}
    return tuple(
        as_said(p.text)
        for p in sketch.pieces
        if id(p) in free and _content(p) and (p.unexplained or _says(p) or _only_near(p))
    )


def as_said(text: str) -> str:
    """A piece's words; Chinese without the blanks that stand between tokens."""
    return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", text)


def _only_near(piece: Piece) -> bool:
    """Whether only a word that is near in meaning explains a piece: set aside, it is not understood."""
    return bool(piece.hits[:1] and piece.hits[0].for_word) and not piece.meanings


def _says(piece: Piece) -> bool:
    """Whether a piece that no rule took has a meaning of its own: an operator, a filter, a whole name."""
    if piece.amount or piece.period or piece.quoted or piece.duration:
        return False
    if any(isinstance(m, Word) and m.tag not in SOFT for m in piece.meanings) or piece.only_part is not None:
        return True
    if (said := piece.grain or piece.part) is not None:
        return not said.bare
    return any(h.score >= (STRONG if h.how != "part" else STRONG_PART) for h in piece.hits[:3])


def _content(piece: Piece) -> bool:
    from bi_chat.planners.grammar.planner import IGNORABLE

    text = piece.text.lower()
    if piece.text.isupper() and len(piece.text) >= 2 and piece.text.isascii():
        return True
    return text not in IGNORABLE and any(ch.isalnum() for ch in text)


def doubts_to_issues(pieces: tuple[Piece, ...], question: Question, model: SemanticModel) -> tuple[Issue, ...]:
    """Nothing could be read: say which words are unknown and what exists."""
    unknown = [p.text for p in pieces if p.unexplained and _content(p)]
    names = [m.name for m in model.metrics][:3] or [d.label or d.name for d in model.datasets][:3]
    known = [h.target.name or h.target.field or h.target.dataset for p in pieces for h in p.of(*Kind)[:1]]
    suggestions = tuple(Suggestion(n, n) for n in names)
    if unknown:
        problem = f"I don't know {', '.join(unknown[:3])} in this data."
        return (
            Issue(
                IssueCode.UNKNOWN_WORD,
                problem,
                understood=", ".join(known),
                exists=", ".join(names),
                suggestions=suggestions,
            ),
        )
    return (
        Issue(
            IssueCode.NO_MEASURE, "I could not find what to compute.", exists=", ".join(names), suggestions=suggestions
        ),
    )
