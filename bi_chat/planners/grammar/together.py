"""In: a question about what goes together. Out: the plan of pairs: which things, of whose rows, within what.

Example: "which products are bought together". Difficulty: nobody says within what. Rule: the things are what the rows
name; they stand together in the row's parent that is an event of its own (an order, a booking), else with one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.ideas import time_of
from bi_chat.planners.grammar.lifecycle import STAFF, is_people
from bi_chat.planners.grammar.listing import naming_field
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.semantics.model import Dataset, Relationship
from bi_chat.semantics.targets import Kind
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import FieldRef, Pairs, Plan, Window

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

SEVERAL = 10


def together_plan(made: Assembler) -> Plan | None:
    """The pairs that were asked for; None where it is no such question, or where nothing is said to stand together."""
    if "together" not in made.sketch.flags:
        return None
    item = _item(made)
    rows = _rows(made, item) if item is not None else None
    within = _within(made, rows, item) if rows is not None and item is not None else None
    if item is None or rows is None or within is None:
        made.trace.doubt("assumed_relation", 3.0)
        return None
    made.subject = rows
    made.sketch.conditions = [c for c in made.sketch.conditions if c.kind != "relation"]
    window = None
    for period in made.sketch.periods[:1]:
        made.trace.note(made.sketch.pieces[period.at], "period")
        window = Window(period.said.expr)
    plan = Plan(
        pairs=Pairs(rows.name, item, FieldRef(within.name, within.primary_key[0])), window=window, limit=_limit(made)
    )
    return Conditions(made.model, made.sketch, made.binder, made.trace, rows).apply(plan, made.flags)


def _limit(made: Assembler) -> int:
    limits = [r.limit for r in made.sketch.rankings if r.limit]
    return limits[0] if limits else made.sketch.limit or SEVERAL


def _item(made: Assembler) -> FieldRef | None:
    """The first noun: a field, or what names the rows of a dataset."""
    nouns = [m.piece for m in made.sketch.mentions]
    nouns += [r.noun for r in made.sketch.rankings if r.noun is not None]
    nouns += [r.by.piece for r in made.sketch.rankings if r.by is not None]
    for piece in sorted(nouns, key=lambda p: p.start):
        choice = made.binder.choose(piece, (Kind.FIELD, Kind.DATASET))
        if choice is None:
            continue
        made.trace.choice(piece, "dimension", choice)
        dataset = made.model.dataset(choice.target.dataset)
        if choice.target.kind is Kind.FIELD:
            return FieldRef(*choice.target.key)
        return FieldRef(dataset.name, naming_or_category(dataset, piece)) if dataset is not None else None
    return None


def naming_or_category(dataset: Dataset, piece: Piece) -> str:
    """What tells the things apart: their name; of rows that are only kinds of things ("extras"), the kind."""
    name = naming_field(dataset)
    if name not in dataset.primary_key:
        return name
    kinds = [f.name for f in dataset.fields if f.kind == "category" and f.datatype == "String"]
    return kinds[0] if len(kinds) == 1 else name


def _rows(made: Assembler, item: FieldRef) -> Dataset | None:
    """The rows that name the things: their own where they are parts of something, else the finest that lead to them."""
    own = made.model.dataset(item.dataset)
    if own is not None and _parents(made, own):
        return own
    facts = [d for d in made.model.datasets if d.name != item.dataset and item.dataset in reachable(made.model, d.name)]
    main = next((h for m in made.model.metrics if (h := made.binder.metric_homes.get(m.name, ""))), "")
    near = [d for d in facts if any(r.from_dataset == d.name and r.to_dataset == item.dataset for r in _rels(made))]
    return max(near or facts, key=lambda d: (d.name == main, bool(_parents(made, d)), d.rows or 0), default=None)


def _within(made: Assembler, rows: Dataset, item: FieldRef) -> Dataset | None:
    parents = [d for d in _parents(made, rows) if d.name != item.dataset]
    if parents:
        return parents[0]
    people = [
        d
        for name in reachable(made.model, rows.name)
        if (d := made.model.dataset(name)) is not None and is_people(d) and len(d.primary_key) == 1
    ]
    near = sorted(people, key=lambda d: (is_people(d, STAFF), made.binder.distances.between(rows.name, d.name)))
    return near[0] if near else None


def _parents(made: Assembler, rows: Dataset) -> list[Dataset]:
    """What the rows are parts of: datasets they refer to that are events with a date of their own, and no people."""
    found = [made.model.dataset(r.to_dataset) for r in _rels(made) if r.from_dataset == rows.name]
    return [
        d
        for d in found
        if d is not None
        and d.name != rows.name
        and time_of(d)
        and not is_people(d)
        and len(d.primary_key) == 1
        and any(r.from_dataset == d.name for r in _rels(made))
    ]


def _rels(made: Assembler) -> tuple[Relationship, ...]:
    return made.model.relationships
