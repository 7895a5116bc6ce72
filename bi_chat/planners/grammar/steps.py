"""In: steps that lead to one another. Out: the plan of a funnel, or of the share that gets from the first to the last.

Example: "conversion from sign-up to order by channel". Difficulty: a step may be rows, a value of theirs, a date that
was filled in, or a number of a report (clicks). Rule: numbers of one table are added up and divided; rows of the first
step are counted, all of them and those that meet each later step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.doubt import as_said
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.timing import apply_time
from bi_chat.semantics.targets import Hit, Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Aggregate,
    Arithmetic,
    Condition,
    Exists,
    FieldRef,
    Fn,
    In,
    IsNull,
    Measured,
    Plan,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

SURE = 0.4  # a name said in part is enough beside the word for steps


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: rows of a dataset that meet a condition, or the sum of a number of theirs."""

    piece: Piece
    dataset: str
    where: tuple[Condition, ...] = ()
    number: FieldRef | None = None


def steps_plan(made: Assembler) -> Plan | None:
    """The plan of a funnel or a conversion; None where it is none, or where the steps don't lead to one another."""
    flags = made.sketch.flags
    if not ({"funnel", "conversion"} & set(flags)):
        return None
    stages = _stages(made)
    counts = _counts(stages, made) if len(stages) > 1 else None
    if counts is None:
        made.trace.doubt("assumed_relation", 3.0)
        return None
    for stage in stages:
        made.trace.note(stage.piece, "measure", dataset=stage.dataset)
    if "funnel" in flags:
        labels = [as_said(s.piece.text) for s in stages]
        measures = tuple(Measured(c, label) for c, label in zip(counts, labels, strict=True))
    else:
        measures = (Measured(Arithmetic("/", counts[-1], counts[0]), _label(stages, made)),)
    made.subject = made.model.dataset(stages[0].dataset)
    taken = {id(s.piece) for s in stages}
    made.sketch.conditions = [
        c
        for c in made.sketch.conditions
        if c.kind != "relation" and not any(id(v) in taken for v in (*c.values, c.noun))
    ]
    made.groups()
    plan = Plan(measures=measures, dimensions=tuple(made.dimensions))
    plan = Conditions(made.model, made.sketch, made.binder, made.trace, made.subject).apply(plan, made.flags)
    return replace(apply_time(plan, made), chart=made.sketch.chart or None)


def _label(stages: list[Stage], made: Assembler) -> str:
    first, last = as_said(stages[0].piece.text), as_said(stages[-1].piece.text)
    chinese = any(not p.text.isascii() for p in made.sketch.pieces)
    return f"{first}到{last}转化率" if chinese else f"conversion from {first} to {last}"


def _stages(made: Assembler) -> list[Stage]:
    """The nouns and values said, in their order, that are no groups."""
    grouped = {id(g.noun) for g in made.sketch.groups}
    pieces = [m.piece for m in made.sketch.mentions]
    pieces += [v for c in made.sketch.conditions for v in c.values]
    pieces += [c.noun for c in made.sketch.conditions if c.noun is not None and c.kind in ("relation", "null")]
    found: list[Stage] = []
    for piece in sorted(pieces, key=lambda p: p.start):
        if id(piece) in grouped or any(s.piece is piece for s in found):
            continue
        stage = _stage(piece, made)
        if stage is None:
            return []  # a step that is left out makes another funnel
        if found and found[-1].piece.end == piece.start:
            made.sketch.unused.append(found.pop().piece)  # "paid subscriptions": no step of its own
        found.append(stage)
    return found


def _stage(piece: Piece, made: Assembler) -> Stage | None:
    """The surest meaning as a step: a number, rows, a value, a flag or a date."""
    numbers = [h for h in piece.of(Kind.FIELD) if _is_number(h, made)]
    rows = piece.of(Kind.DATASET)
    for hit in sorted(piece.hits, key=lambda h: -h.score):
        if hit.score < SURE:
            return None
        if hit in numbers:
            return Stage(piece, hit.target.dataset, number=FieldRef(*hit.target.key))
        if hit in rows:
            return Stage(piece, hit.target.dataset)
        if hit.target.kind is Kind.VALUE:
            return Stage(piece, hit.target.dataset, (In(FieldRef(*hit.target.key), (hit.target.name,)),))
        if (said := _of_a_row(hit, made)) is not None:
            return Stage(piece, hit.target.dataset, (said,))
        if hit.target.kind is Kind.METRIC and (home := made.binder.metric_homes.get(hit.target.name, "")):
            return Stage(piece, home)
    return None


def _is_number(hit: Hit, made: Assembler) -> bool:
    field = made.binder.field(hit.target)
    return (
        field is not None and field.kind in ("measure", "number") and field.datatype in ("Integer", "Decimal", "Float")
    )


def _of_a_row(hit: Hit, made: Assembler) -> Condition | None:
    """What a flag or a date says of its row: it is set."""
    field = made.binder.field(hit.target) if hit.target.kind is Kind.FIELD else None
    if field is None:
        return None
    ref = FieldRef(*hit.target.key)
    if field.kind == "flag" and field.datatype == "Boolean":
        return In(ref, (True,))
    return IsNull(ref, True) if field.is_time else None


def _counts(stages: list[Stage], made: Assembler) -> list[Aggregate] | None:
    """A figure for each step; None where the later steps can't be told of the first one's rows."""
    first = stages[0]
    if all(s.number is not None and s.dataset == first.dataset for s in stages):
        return [Aggregate(Fn.SUM, s.dataset, s.number) for s in stages]
    if any(s.number is not None for s in stages):
        return None
    met: tuple[Condition, ...] = first.where
    found = [Aggregate(Fn.COUNT, first.dataset, where=met)]
    for stage in stages[1:]:
        if stage.dataset == first.dataset:
            met = (*met, *stage.where)
        elif first.dataset in reachable(made.model, stage.dataset):
            met = (*met, Exists(stage.dataset, stage.where))
        else:
            return None
        found.append(Aggregate(Fn.COUNT, first.dataset, where=met))
    return found
