"""In: a semantic model and a measure. Out: the fields worth breaking it down by, nearest first,
and the parts of a ratio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.sql.joins import describe_paths, reachable
from bi_chat.values.plan import AllOf, Compare, Condition, FieldRef, In

MOST_VALUES = 60
MOST_NAMES = 200
MOST_FIELDS = 20
_OPEN = ("", "person_name")  # other personal data is never a reason to name


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field to break down by, with what it is called; `timed`: of things with a start and an end, as campaigns."""

    ref: FieldRef
    label: str
    distance: int
    distinct: int
    timed: bool = False


def candidates(model: SemanticModel, homes: tuple[str, ...], where: tuple[Condition, ...]) -> tuple[Candidate, ...]:
    """Fields that every home can be grouped by without multiplying rows, at most `MOST_FIELDS`, nearest first.

    Left out: keys, free text, private data, dates, fields with one value or too many,
    and those that the question fixes.
    """
    if not homes:
        return ()
    shared = frozenset.intersection(*(reachable(model, home) for home in homes))
    fixed = set(_fixed(where))
    found = [
        c
        for dataset in model.datasets
        if dataset.name in shared
        for c in _of_dataset(model, homes[0], dataset)
        if (c.ref.dataset.lower(), c.ref.field.lower()) not in fixed
    ]
    found.sort(key=lambda c: (c.distance, c.distinct > MOST_VALUES, -c.distinct, c.ref.field))
    return tuple(found[:MOST_FIELDS])


def _of_dataset(model: SemanticModel, home: str, dataset: Dataset) -> Iterator[Candidate]:
    ways = describe_paths(model, home, dataset.name)
    for field in dataset.fields:
        if not is_breakdown(dataset, field):
            continue
        for way in ways[:2]:
            ref = FieldRef(dataset.name, field.name, way if len(ways) > 1 else ())
            label = field.label or field.name
            timed = bool(way) and sum(f.is_time for f in dataset.fields) > 1
            yield Candidate(ref, label, len(way), field.distinct or 0, timed)


def is_breakdown(dataset: Dataset, field: Field) -> bool:
    """Whether the values of a field are few and telling enough to name one as a reason."""
    names_a_row = field.name == dataset.display
    if field.is_time or field.sensitivity not in _OPEN or field.kind not in ("category", "flag"):
        return False
    return 2 <= (field.distinct or 2) <= (MOST_NAMES if names_a_row else MOST_VALUES)


def begins_and_ends(found: Candidate, model: SemanticModel) -> bool:
    """Whether a field is of things with a start and an end, as campaigns, whichever way these dates are kept."""
    dataset = model.dataset(found.ref.dataset)
    dates = [f for f in dataset.fields if f.kind == "time" or f.is_time] if dataset is not None else []
    return found.timed or (found.distance > 0 and len(dates) > 1 and dataset is not None and _is_spell(dataset))


def _is_spell(dataset: Dataset) -> bool:
    """Whether rows have nothing but their own dates to be told by: no product or person has all its dates given."""
    dates = [f for f in dataset.fields if f.kind == "time" or f.is_time]
    return all(not f.nulls for f in dates)


def _fixed(where: tuple[Condition, ...]) -> Iterator[tuple[str, str]]:
    """Fields that a condition holds at one value."""
    for condition in where:
        match condition:
            case Compare(FieldRef() as ref, "=", _):
                yield ref.dataset.lower(), ref.field.lower()
            case In(FieldRef() as ref, (_,), False):
                yield ref.dataset.lower(), ref.field.lower()
            case AllOf(of):
                yield from _fixed(of)


def with_labels(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Labels told apart by their dataset where two fields are called alike."""
    labels = [c.label for c in found]
    return tuple(replace(c, label=f"{c.ref.dataset} {c.label}") if labels.count(c.label) > 1 else c for c in found)
