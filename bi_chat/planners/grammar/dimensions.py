"""In: groupings in words. Out: dimensions: fields, dates at a grain, parts of a date."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.ages import tells_age
from bi_chat.planners.grammar.listing import naming_field
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import GroupSaid
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.targets import Hit, Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.period import DatePart, Grain, resolve_period
from bi_chat.values.plan import (
    TIME,
    Age,
    Dimension,
    FieldRef,
    PartOfDate,
    TimeBucket,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def group_dimension(made: Assembler, said: GroupSaid) -> Dimension | None:
    """The scalar of a grouping."""
    if said.noun is not None and (said.grain or said.part):
        return cut_date(made, said)
    if said.grain is not None and said.grain.grain is Grain.HOUR and not within_days(made):
        made.trace.note(made.sketch.pieces[said.at], "dimension", part=DatePart.HOUR_OF_DAY.value)
        return Dimension(PartOfDate(TIME, DatePart.HOUR_OF_DAY))
    if said.grain is not None:
        made.trace.note(made.sketch.pieces[said.at], "dimension", grain=said.grain.grain.value)
        return Dimension(TimeBucket(TIME, said.grain.grain, said.grain.fiscal))
    if said.part is not None:
        made.trace.note(made.sketch.pieces[said.at], "dimension", part=said.part.part.value)
        return Dimension(PartOfDate(TIME, said.part.part))
    assert said.noun is not None
    return noun_dimension(made, said.noun, said.owner or made.owners.get(id(said.noun)), said.role_word)


def counted_in_chart(made: Assembler) -> None:
    """ "a pie chart of the number of cities": the picture of a count shows the groups."""
    drawn = made.sketch.chart in ("bar", "pie", "stacked_bar") or "chart" in made.sketch.flags
    counted = [m for m in made.sketch.mentions if m.role == "count"]
    if not drawn or len(counted) != 1 or made.sketch.groups:
        return
    choice = made.binder.choose(counted[0].piece, (Kind.METRIC, Kind.DATASET, Kind.FIELD), owner=made.owner(counted[0]))
    field = made.binder.field(choice.target) if choice is not None and choice.target.kind is Kind.FIELD else None
    if field is not None and field.kind in ("category", "time", "flag"):
        counted[0].fns, counted[0].role = (), "select"
        made.sketch.groups.append(GroupSaid(counted[0].at, noun=counted[0].piece, owner=made.owner(counted[0])))
        made.sketch.mentions.remove(counted[0])


def within_days(made: Assembler) -> bool:
    """Whether the question is about a few days, where each hour stands for itself."""
    for mention in made.sketch.periods:
        try:
            found = resolve_period(mention.said.expr, made.asked_on, made.model.calendar)
        except ValueError:
            continue
        if found.start is not None and found.end is not None and (found.end - found.start).days <= 7:
            return True
    return False


def cut_date(made: Assembler, said: GroupSaid) -> Dimension | None:
    """A named date field at a grain, or folded to a part."""
    assert said.noun is not None
    choice = made.binder.choose(
        said.noun, (Kind.FIELD,), prefer=made.at_hand(), fits=lambda f: f is not None and f.is_time
    )
    if choice is None:
        return None
    made.trace.choice(said.noun, "dimension", choice)
    ref = FieldRef(*choice.target.key)
    made.columns = [c for c in made.columns if c.of != ref]
    if said.grain is not None:
        return Dimension(TimeBucket(ref, said.grain.grain, said.grain.fiscal))
    return Dimension(PartOfDate(ref, said.part.part)) if said.part is not None else None


def noun_dimension(
    made: Assembler, noun: Piece, owner: Piece | None = None, role: Piece | None = None
) -> Dimension | None:
    """A field, or the field that names a dataset's rows."""
    path = via(role)
    if role is not None:
        noun = _of_the_role(made, noun, role)
    choice = made.binder.choose(noun, (Kind.FIELD, Kind.DATASET), owner=owner, prefer=made.at_hand())
    if choice is None:
        return None
    made.trace.choice(noun, "dimension", choice)
    made.binder.add_evidence(choice.target.dataset, 0.5)
    dataset = made.model.dataset(choice.target.dataset)
    if choice.target.kind is Kind.DATASET and dataset is not None:
        return Dimension(FieldRef(dataset.name, _called(noun, dataset) or naming_field(dataset), path))
    field = made.binder.field(choice.target)
    if field is not None and field.kind == "key" and dataset is not None:
        other = referred(made, dataset, field.name, noun.text)
        if other is not None:
            return Dimension(FieldRef(other[0].name, naming_field(other[0]), (other[1],)))
    ref = FieldRef(choice.target.dataset, choice.target.field, path)
    if tells_age(noun, field):
        return Dimension(Age(ref))
    if field is not None and field.is_time and field.datatype in ("DateTime", "DateTimeTz"):
        return Dimension(TimeBucket(ref, Grain.DAY))
    return Dimension(ref)


def _called(noun: Piece, dataset: Dataset) -> str:
    """ "by car class" where the model calls a text of the table of classes so: that text names them."""
    whole = ("name", "synonym")
    own = [h for h in noun.of(Kind.FIELD) if h.target.dataset == dataset.name and h.how in whole]
    field = dataset.field(own[0].target.field) if own and own[0].score >= noun.hits[0].score - 0.05 else None
    return field.name if field is not None and field.kind == "category" else ""


def _of_the_role(made: Assembler, noun: Piece, role: Piece) -> Piece:
    """ "destination country": a field of what the role refers to; "by origin": what names its rows."""
    rel = next((r for r in made.model.relationships if r.name == role.of(Kind.ROLE)[0].target.name), None)
    rows = made.model.dataset(rel.to_dataset) if rel is not None else None
    if rows is None:
        return noun
    if noun is role:
        return replace(noun, hits=(Hit(noun.start, noun.end, Target(Kind.DATASET, rows.name), 1.0, "name"),))
    near = reachable(made.model, rows.name)
    own = tuple(h for h in noun.of(Kind.FIELD, Kind.DATASET) if h.target.dataset in near)
    return replace(noun, hits=own) if own else noun


def referred(made: Assembler, dataset: Dataset, key: str, said: str = "id") -> tuple[Dataset, str] | None:
    """ "by store" over a column store_id: the dataset that the key refers to, and the relationship."""
    coded = {"id", "ids", "code", "number", "no"} & set(said.lower().split())  # the code itself is asked for
    owned = any(p.text.lower() in ("'s", "’s") for p in made.sketch.pieces)  # "the customer's home store": his
    if made.sketch.intent == "list" or ((coded or owned) and "id" in key.lower().replace("_", " ").split()):
        return None
    for rel in made.model.relationships:
        if rel.from_dataset == dataset.name and rel.from_columns == (key,):
            found = made.model.dataset(rel.to_dataset)
            return (found, rel.name) if found is not None else None
    return None


def via(role: Piece | None) -> tuple[str, ...]:
    """The relationship of a role word."""
    return (role.of(Kind.ROLE)[0].target.name,) if role is not None else ()
