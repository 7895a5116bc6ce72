"""In: what somebody did or never did, with the periods said beside it. Out: the condition on rows that tell of it.

Example: "customers who bought in 2022 but not since". Difficulty: customers have a date of their own, and the years
are not about that one. Rule: a period beside a deed is about the rows of the deed, unless a date of the subject
itself is named ("customers who signed up in 2023 and never ordered").
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.sketch import Cond, Mention, PeriodMention
from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.semantics.naming import split
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import describe_paths, reachable
from bi_chat.values.period import Earlier
from bi_chat.values.plan import TIME, Condition, FieldRef, Within

DATED = ("Date", "DateTime", "DateTimeTz")  # what people own has a year at most, what they did has a day

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def fact_of(model: SemanticModel, homes: dict[str, str], subject: Dataset, also: str = "") -> Dataset | None:
    """The dataset whose rows say what the subject did: the main metric's, the nearest or the largest.

    `also` names a dataset that those rows must lead to as well.
    """
    facts = [
        d
        for d in model.datasets
        if d.name != subject.name and {subject.name, also or subject.name} <= set(reachable(model, d.name))
    ]
    main = next((h for m in model.metrics if (h := homes.get(m.name, ""))), "")
    direct = {r.from_dataset for r in model.relationships if r.to_dataset == subject.name}

    def rank(fact: Dataset) -> tuple[bool, bool, int, bool, bool, int]:
        at = fact.field(fact.default_time) if fact.default_time else None
        happened = "." in fact.default_time or (at is not None and at.datatype in DATED)
        near = fact.name in direct and not also
        told = main in ("", fact.name) or fact.name in reachable(model, main)
        paths = describe_paths(model, fact.name, subject.name) if not also else ()
        far = min(map(len, paths), default=0)  # what is done first: a visit, and not its invoice
        return happened, near, -far, fact.name == main, told, fact.rows or 0

    return max(facts, key=rank, default=None)


def whole_of(fact: Dataset | None, model: SemanticModel) -> Dataset | None:
    """Lines of an order have the order's date: the order is what was done."""
    if fact is None or "." not in fact.default_time:
        return fact
    return model.dataset(fact.default_time.partition(".")[0])


def done_then(made: Assembler, mention: PeriodMention, homes: set[str]) -> FieldRef | None:
    """ "orders fixed by Ada in 2024": the deed whose doer was said is dated itself (fixed_by, fixed_at)."""
    rows = made.model.dataset(next(iter(homes))) if len(homes) == 1 else None
    said = {p.text.lower().split()[0] for p in made.sketch.pieces[: mention.at] if not p.word("filler")}
    deeds = {w for w in said if w.endswith("ed") and len(w) > 4}
    dated = [f for f in (rows.fields if rows is not None else ()) if f.is_time and deeds & set(split(f.name))]
    return FieldRef(rows.name, dated[0].name) if rows is not None and len(dated) == 1 else None


def of_the_deed(cond: Cond) -> tuple[Condition, ...]:
    """When it was done, as conditions on the rows of the deed."""
    return tuple(Within(TIME, p.said.expr, p.negated) for p in cond.periods)


def claim_periods(made: Assembler) -> None:
    """Give each period that is about a deed to the deed's condition."""
    sketch = made.sketch
    ranked = any(r.by is not None or r.counting for r in sketch.rankings)  # the period is that of what ranks
    if made.subject is None or ranked or any(_is_figure(m) for m in sketch.mentions):
        return
    deeds = [c for c in sketch.conditions if _is_deed(c, made)]
    spaced = not any(p.text and not p.text.isascii() for p in sketch.pieces)
    for period in list(sketch.periods) if deeds else ():
        if period.baseline or isinstance(period.said.expr, Earlier) or _of_the_subject(period, made):
            continue
        before = [c for c in deeds if c.at < period.at]
        after = [c for c in deeds if c.at > period.at]
        nearest = (before[-1:] or after[:1]) if spaced else (after[:1] or before[-1:])
        _claim(period, nearest[0], made, described=spaced and not before)


def _is_figure(mention: Mention) -> bool:
    """Whether a figure is asked for: a metric before anything else, and not whose deeds they are."""
    first = mention.piece.hits[0].target.kind if mention.piece.hits else None
    return first is Kind.METRIC and mention.role not in ("count", "subject")


def _claim(period: PeriodMention, deed: Cond, made: Assembler, *, described: bool) -> None:
    """The period goes to the deed; "but not in 2024" is one of its own, "2023 customers" are those who did it then."""
    made.sketch.periods.remove(period)
    made.trace.note(made.sketch.pieces[period.at], "period")
    if period.negated or (described and deed.negated):
        plain = replace(period, negated=False)
        made.sketch.conditions.append(replace(deed, negated=period.negated, periods=[plain]))
    else:
        deed.periods.append(period)


def _is_deed(cond: Cond, made: Assembler) -> bool:
    """A relation, or a value that only rows of a deed lead to."""
    assert made.subject is not None
    if cond.kind == "relation":
        rows = made.binder.dataset_of(cond.noun) if cond.noun is not None else None
        return rows is None or rows.name not in reachable(made.model, made.subject.name)  # "gifts without a campaign"
    if cond.kind != "value" or not cond.values:
        return False
    choice = made.binder.choose(cond.values[0], (Kind.VALUE,), prefer=(made.subject.name,))
    return choice is not None and choice.target.dataset not in reachable(made.model, made.subject.name)


def _of_the_subject(period: PeriodMention, made: Assembler) -> bool:
    """ "customers who signed up in 2023": a date of the subject itself was named."""
    assert made.subject is not None
    if period.event is None:
        return False
    choice = made.binder.choose(period.event, (Kind.FIELD,), fits=lambda f: f is not None and f.is_time)
    return choice is not None and choice.score >= 0.75 and choice.target.dataset == made.subject.name
