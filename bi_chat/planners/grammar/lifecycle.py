"""In: a question about people who come, come back or stay. Out: the plan: new and returning, repeat rate, retention.

Example: "monthly retention of customers whose first order was in January". Difficulty: when somebody came first is no
column. Rule: it is a figure of each person, the earliest date among the rows of what they did; new are those whose
first date lies in the period or bucket at hand, returning those whose first date lies before it, and a cohort is a
period of first dates. Each person counts once in a bucket, where they did something.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.deeds import fact_of, whole_of
from bi_chat.planners.grammar.ideas import time_of
from bi_chat.planners.grammar.measures import plain_of
from bi_chat.planners.grammar.sketch import Cond, PeriodMention
from bi_chat.semantics.drafting.hints import hints
from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.semantics.naming import words
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.period import Grain, PeriodExpr, Range
from bi_chat.values.plan import (
    TIME,
    Aggregate,
    Arithmetic,
    Compare,
    Condition,
    Dimension,
    EntityMeasure,
    FieldRef,
    Fn,
    IsNull,
    Literal,
    Measured,
    Metric,
    Plan,
    Retained,
    Scalar,
    TimeBucket,
    Window,
    Within,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


@dataclass(frozen=True, slots=True)
class Lives:
    """Whose lives are told: the people, the rows of what they did, and the date of those rows."""

    people: Dataset
    deeds: Dataset
    time: FieldRef

    @property
    def first(self) -> EntityMeasure:
        """The date of the first deed of each of the people."""
        return EntityMeasure(Aggregate(Fn.MIN, self.deeds.name, self.time), self.people.name)

    def count(self, *where: Condition) -> Aggregate:
        """How many of the people did something."""
        key = FieldRef(self.people.name, self.people.primary_key[0])
        return Aggregate(Fn.COUNT, self.deeds.name, key, distinct=True, where=where)


def lifecycle_plan(made: Assembler) -> Plan | None:
    """The plan of such a question; None where it is none, or where the data don't tell whose lives are meant."""
    flags = made.sketch.flags
    frequent = _times(made) if "share" in {c.kind for c in made.sketch.calculations} else None
    figured = "new" in flags and _figure(made) is not None
    if "active" in flags and "retention" not in flags:
        return _active(made)
    if not ({"retention", "cohort", "repeat_rate", "returning"} & set(flags) or frequent or figured):
        return None
    lives = lives_of(made)
    if lives is None:
        made.trace.doubt("assumed_relation", 3.0)
        return None
    if {"retention", "cohort"} & set(flags):
        return _retention(made, lives)
    if "repeat_rate" in flags or frequent:
        return _repeated(made, lives, frequent)
    return _new_and_returning(made, lives)


# ------------------------------------------------------------------ who, and by what
def lives_of(made: Assembler) -> Lives | None:
    """The people and their deeds: those that were named, else the people that the main figure's rows refer to."""
    named = _named(made)
    facts = [d for d in made.model.datasets if time_of(d)]
    people = [d for d in made.model.datasets if len(d.primary_key) == 1 and _has_deeds(d, facts, made.model)]
    known = {d.name for d in people if is_people(d)}

    def rank(d: Dataset) -> tuple[bool, bool, bool, bool]:
        own = d.name in named and not (known - {d.name}) & set(reachable(made.model, d.name))  # no deed of people
        served = d.name in known and not is_people(d, STAFF)
        return d.name in named and d.name in known, own, served, d.name in known

    who = max(people, key=rank, default=None)
    if who is None or not any(rank(who)):
        return None
    theirs = [d for d in facts if d.name != who.name and who.name in reachable(made.model, d.name)]
    said = [d for d in theirs if d.name in named]
    deeds = said[0] if said else whole_of(fact_of(made.model, made.binder.metric_homes, who), made.model)
    if not said and {"active", "retention", "cohort"} & set(made.sketch.flags):
        deeds = max(theirs, key=lambda d: d.rows or 0, default=deeds)  # what they do most often tells who is there
    if len(theirs) > 1 and not said:
        made.trace.doubt("assumed_relation", 0.25)
    if deeds is None or not time_of(deeds):
        return None
    for piece in made.sketch.pieces:
        if any(h.target.dataset in (who.name, deeds.name) for h in piece.of(Kind.DATASET)):
            made.trace.note(piece, "dataset", dataset=who.name)
    return Lives(who, deeds, FieldRef(deeds.name, time_of(deeds)))


def _named(made: Assembler) -> set[str]:
    found = (p.of(Kind.DATASET) for p in made.sketch.pieces)
    return {h.target.dataset for hits in found for h in hits[:2] if h.score >= 0.6}


def _has_deeds(dataset: Dataset, facts: list[Dataset], model: SemanticModel) -> bool:
    return any(d.name != dataset.name and dataset.name in reachable(model, d.name) for d in facts)


STAFF = frozenset(
    "employee staff worker agent teacher instructor professor doctor nurse physician driver representative manager "
    "technician mechanic trainer coach adjuster waiter chef cleaner guide consultant "
    "员工 教师 老师 人员 职员 医生 护士 司机 销售员 技师 师傅 教练 讲师 导游 顾问 厨师".split()
)


def is_people(dataset: Dataset, kinds: frozenset[str] = frozenset()) -> bool:
    """Whether a table's name says that its rows are people (of these kinds), or customers of another sort."""
    names = (dataset.name, dataset.label, *dataset.synonyms)
    said = {w.lower() for name in names for w in (*words(name), name)}
    return bool((said | {w.removesuffix("s") for w in said}) & (kinds or hints("people")))


# ------------------------------------------------------------------ the kinds
def _new_and_returning(made: Assembler, lives: Lives) -> Plan | None:
    """New and returning, in each bucket or over the whole period; of a figure where one was said."""
    window = _window(made)
    grains = [g.grain.grain for g in made.sketch.groups if g.grain is not None]
    if not grains and window is None:
        grains = [Grain.MONTH]
        made.trace.doubt("assumed_grain", 0.2)
    figure = _figure(made) or lives.count()
    asked = [kind for kind in ("new", "returning") if kind in made.sketch.flags]
    measures = [
        Measured(replace(figure, where=(*figure.where, _since(lives, kind, grains, window))), _label(kind, made, lives))
        for kind in asked
    ]
    return _told(made, lives, tuple(measures), window, bucket=grains[:1])


def _since(lives: Lives, kind: str, grains: list[Grain], window: PeriodExpr | None) -> Condition:
    if grains:
        op = "=" if kind == "new" else "<"
        return Compare(TimeBucket(lives.first, grains[0]), op, TimeBucket(TIME, grains[0]))
    if kind == "new" and window is not None:
        return Within(lives.first, window)
    return Within(lives.first, Range(end=window, end_inclusive=False))


def _active(made: Assembler) -> Plan | None:
    """ "active customers per month": those who did something in the bucket, or in the period."""
    lives = lives_of(made)
    said = next((p.word("active") for p in made.sketch.pieces if p.word("active")), None)
    grains = [g.grain.grain for g in made.sketch.groups if g.grain is not None]
    grains = grains or [Grain(said.arg)] if said is not None and said.arg in list(Grain) else grains
    window = _window(made)
    if lives is None or not (grains or window):
        made.trace.doubt("assumed_relation", 3.0)
        return None
    return _told(made, lives, (Measured(lives.count(), _label("active", made, lives)),), window, bucket=grains[:1])


def _repeated(made: Assembler, lives: Lives, times: Cond | None) -> Plan | None:
    """Of those who did it at all, the share of those who did it again, or as often as was said."""
    window = _window(made)
    during = (Within(lives.time, window),) if window is not None else ()
    often = EntityMeasure(Aggregate(Fn.COUNT, lives.deeds.name, where=during), lives.people.name)
    op, least = (times.op, times.amounts[0].value) if times is not None else (">=", 2)
    again = lives.count(Compare(often, op, Literal(int(least))))
    if times is not None:
        made.trace.note(made.sketch.pieces[times.at], "filter")
        made.sketch.conditions.remove(times)
    label = f"{_thing(lives, made)}" if times is None else ""
    measure = Measured(Arithmetic("/", again, lives.count()), _spoken("repeat", label, made) if label else "")
    return _told(made, lives, (measure,), window, bucket=())


def _retention(made: Assembler, lives: Lives) -> Plan | None:
    """How many of those who began in a period were there in each later bucket; several beginnings: several cohorts."""
    said = [p for p in made.sketch.periods if not p.baseline]
    grain = next((g.grain.grain for g in made.sketch.groups if g.grain is not None), Grain.MONTH)
    began: Scalar = _own_beginning(said, lives, made) or lives.first
    cohorts = "cohort" in made.sketch.flags or not said
    where = (Within(began, said[0].said.expr),) if said else ()
    window = said[1].said.expr if len(said) > 1 else None
    for period in said[:2]:
        made.trace.note(made.sketch.pieces[period.at], "period")
    cohort = (Dimension(TimeBucket(began, grain), _spoken("cohort", "", made)),) if cohorts else ()
    measure = Measured(lives.count(), _thing(lives, made))
    plan = _told(made, lives, (measure,), window, bucket=[grain], before=cohort)
    if plan is None:
        return None
    return replace(plan, where=(*plan.where, *where), calculations=(Retained(0),))


def _own_beginning(said: list[PeriodMention], lives: Lives, made: Assembler) -> FieldRef | None:
    """ "users who signed up in January": a date of their own says when they began."""
    event = said[0].event if said else None
    if event is None:
        return None
    choice = made.binder.choose(event, (Kind.FIELD,), fits=lambda f: f is not None and f.is_time)
    if choice is None or choice.score < 0.75 or choice.target.dataset != lives.people.name:
        return None
    return FieldRef(*choice.target.key)


# ------------------------------------------------------------------ parts
def _told(
    made: Assembler,
    lives: Lives,
    measures: tuple[Measured, ...],
    window: PeriodExpr | None,
    *,
    bucket: list[Grain] | tuple[()],
    before: tuple[Dimension, ...] = (),
) -> Plan | None:
    """The plan of these measures with the groups and conditions that were said."""
    made.subject = lives.deeds
    made.sketch.groups = [g for g in made.sketch.groups if g.grain is None]
    made.sketch.conditions = [c for c in made.sketch.conditions if c.kind != "relation"]
    made.groups()
    dims = [*before, *made.dimensions, *(Dimension(TimeBucket(TIME, g)) for g in bucket)]
    plan = Plan(measures=measures, dimensions=tuple(dims), window=Window(window) if window is not None else None)
    conditions = Conditions(made.model, made.sketch, made.binder, made.trace, lives.deeds)
    plan = conditions.apply(plan, made.flags)
    if any(isinstance(d.of, FieldRef) and d.of.dataset == lives.people.name for d in made.dimensions):
        known = IsNull(FieldRef(lives.people.name, lives.people.primary_key[0]), True)
        plan = replace(plan, where=(*plan.where, known))  # rows of nobody are no group of people
    return replace(plan, chart=made.sketch.chart or None)


def _window(made: Assembler) -> PeriodExpr | None:
    said = [p for p in made.sketch.periods if not p.baseline]
    for period in said[:1]:
        made.trace.note(made.sketch.pieces[period.at], "period")
    if len(said) > 1:
        made.trace.doubt("several_periods", 1.5)
    return said[0].said.expr if said else None


def _figure(made: Assembler) -> Aggregate | None:
    """ "revenue from new customers": the sum that was asked for, as rows that can be told apart."""
    for mention in made.sketch.mentions:
        hits = mention.piece.of(Kind.METRIC)
        if hits and hits[0].score >= mention.piece.hits[0].score - 0.05:
            metric = Metric(hits[0].target.name)
            plain = plain_of(metric, made.model, made.measures.home(metric))
            if plain is not None and plain.function is Fn.SUM:
                made.trace.note(mention.piece, "measure", metric=metric.name)
                return plain
    return None


def _times(made: Assembler) -> Cond | None:
    """ "more than once", "at least 3 times": how often something was done, where its doers are asked about."""
    for cond in made.sketch.conditions:
        if cond.kind == "number" and cond.counting and cond.amounts and (cond.noun is None or _tells_deeds(cond, made)):
            return cond
    return None


def _tells_deeds(cond: Cond, made: Assembler) -> bool:
    """ "booked more than once": the verb, or the rows, of what was done."""
    rows = cond.noun.of(Kind.DATASET) if cond.noun is not None else ()
    named = {h.target.dataset for m in made.sketch.mentions for h in m.piece.of(Kind.DATASET)[:1]}
    return bool(rows) and rows[0].target.dataset not in named


def _thing(lives: Lives, made: Assembler) -> str:
    return lives.people.label or lives.people.name


def _label(kind: str, made: Assembler, lives: Lives) -> str:
    return _spoken(kind, _thing(lives, made), made)


def _spoken(kind: str, what: str, made: Assembler) -> str:
    """A column's name in the language of the question."""
    chinese = any(p.text and not p.text.isascii() for p in made.sketch.pieces)
    said = {
        "new": ("new {}", "新{}"),
        "returning": ("returning {}", "老{}"),
        "repeat": ("repeat rate of {}", "{}复购率"),
        "cohort": ("cohort", "首次时间"),
        "active": ("active {}", "活跃{}"),
    }[kind][chinese]
    return said.format(what)
