"""In: the nouns of a list. Out: a plan that lists rows; grouped where rows are judged by their own counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.bind import Choice
from bi_chat.planners.grammar.conditions import Conditions
from bi_chat.planners.grammar.measures import measure_home
from bi_chat.planners.grammar.sketch import Mention
from bi_chat.semantics.model import Dataset
from bi_chat.semantics.targets import Kind, Target
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Aggregate,
    Compare,
    Dimension,
    FieldRef,
    Measured,
    Metric,
    Plan,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def regrouped(plan: Plan, made: Assembler) -> Plan:
    """A list of an attribute, judged by figures of the rows that have it, is grouped:
    "countries with more than one mountain", "categories that made more than 300k"."""
    if plan.measures or plan.base is None:
        return plan
    judged = [c.left for c in plan.having if isinstance(c, Compare)] + [o.by for o in plan.order]
    counts = [m for m in judged if isinstance(m, Aggregate | Metric)]
    columns = [d.of for d in plan.dimensions if isinstance(d.of, FieldRef)]
    if not counts or len(columns) != len(plan.dimensions):
        return plan
    homes = {measure_home(m, made.binder.metric_homes) for m in counts}
    dataset = made.model.dataset(columns[0].dataset)
    if dataset is None or any(c.dataset != dataset.name for c in columns):
        return plan
    if not all(dataset.name in reachable(made.model, home) for home in homes):
        return plan
    if any((f := dataset.field(c.field)) is None or f.unique or _names_rows(c, dataset, homes) for c in columns):
        return plan
    measures = tuple(dict.fromkeys(Measured(m) for m in counts))
    return replace(plan, base=None, measures=measures, hidden=tuple(range(len(measures))))


def _names_rows(column: FieldRef, dataset: Dataset, homes: set[str]) -> bool:
    """Whether a column tells rows apart that others refer to: two customers of one name stay two."""
    return homes != {dataset.name} and column.field in (naming_field(dataset), *dataset.primary_key)


def naming_field(dataset: Dataset) -> str:
    """The field that names a row to a person: its display field, else its key."""
    if dataset.display and dataset.field(dataset.display):
        return dataset.display
    if dataset.primary_key:
        return dataset.primary_key[0]
    return dataset.fields[0].name if dataset.fields else ""


def row_names(dataset: Dataset) -> tuple[str, ...]:
    """The fields that tell rows apart: a day that is part of the key stands before a name that recurs."""
    name = naming_field(dataset)
    named = dataset.field(name)
    if named is None or named.unique or name not in dataset.primary_key:
        return (name,)
    days = [f.name for f in dataset.fields if f.is_time and f.name in dataset.primary_key and f.name != name]
    return (*days, name)


def list_plan(made: Assembler, conditions: Conditions) -> Plan | None:
    """A plan of rows: the columns that were said, else what names a row."""
    columns = made.columns or []
    base = made.subject
    if "all_columns" in made.sketch.flags and (whole := base or conditions.dataset_of_values()) is not None:
        columns, base = [Dimension(FieldRef(whole.name, f.name)) for f in whole.fields], whole
    if base is None and not columns:
        base = conditions.dataset_of_values()
    if not columns and base is not None:
        names = [f.name for f in base.fields] if _whole_rows(made, base) else row_names(base)
        columns = [Dimension(FieldRef(base.name, name)) for name in names]
    if not columns:
        return None
    owner = base.name if base is not None else None
    if owner is None:
        first = columns[0].of
        owner = first.dataset if isinstance(first, FieldRef) else None
    if base is not None and also_named(made, base, columns):
        columns = [Dimension(FieldRef(base.name, naming_field(base))), *columns]
    if len(columns) == 1 and _echoes(columns[0], conditions):
        made.trace.doubt("echo", 3.0)
    distinct = made.sketch.distinct or (made.subject is None and repeats(made, columns))
    return Plan(dimensions=tuple(columns), base=owner, distinct=distinct)


def _whole_rows(made: Assembler, base: Dataset) -> bool:
    """ "Show all the teachers.", and nothing more: the table itself, where it is not too wide to read."""
    said = made.sketch
    narrowed = said.conditions or said.rankings or said.groups or said.periods or said.distinct
    return said.intent in ("", "list") and not narrowed and len(base.fields) <= MOST_COLUMNS


def _echoes(column: Dimension, conditions: Conditions) -> bool:
    """ "and in Germany?" after nothing: a list of Germany would just repeat what was asked."""
    said = [c for c in conditions.sketch.conditions if c.kind == "value" and not c.negated]
    if (
        len(said) != 1
        or len(said[0].values) != 1
        or conditions.sketch.mentions
        or len(conditions.sketch.conditions) > 1
    ):
        return False
    values = said[0].values[0].of(Kind.VALUE)
    return bool(values) and FieldRef(*values[0].target.key) == column.of


def also_named(made: Assembler, base: Dataset, columns: list[Dimension]) -> bool:
    """ "the stores with their opening date": the rows' own name comes first."""
    first = next((m for m in made.sketch.mentions if m.piece.of(Kind.DATASET)), None)
    if (
        first is None
        or first.owner
        or not made.columns
        or any(d.of == FieldRef(base.name, naming_field(base)) for d in columns)
    ):
        return False
    flags = made.sketch.flags
    if first.role == "subject" and flags.get("list", 0) > first.at:
        return True  # "which stores are there, list their cities"
    later = [m for m in made.sketch.mentions if m.at > first.at and m.piece.of(Kind.FIELD)]
    earlier = [m for m in made.sketch.mentions if m.at < first.at]
    between = [p for p in made.sketch.pieces[first.at + 1 : later[0].at] if not p.word("filler")] if later else []
    return not earlier and bool(between) and between[-1].word("with", "their") is not None


MOST_COLUMNS = 12
NAME_WORDS = ("name", "names")
CODES = ("id", "code", "number", "key", "编号", "代码", "号码")


def names_of(made: Assembler, mention: Mention) -> Choice | None:
    """ "names of the devices" whose table has no column "name": what names them."""
    owner = made.owner(mention)
    if owner is None or mention.piece.text.lower() not in NAME_WORDS:
        return None
    rows = made.binder.dataset_of(owner)
    display = rows.field(rows.display) if rows is not None and rows.display else None
    if rows is None or display is None or display.kind not in ("category", "text", "other"):
        return None
    near = reachable(made.model, rows.name)
    if any(h.target.dataset in near for h in mention.piece.of(Kind.FIELD)):
        return None
    return Choice(Target(Kind.FIELD, rows.name, rows.display), 0.9)


def names_nothing(made: Assembler, mention: Mention) -> bool:
    """ "the names of the states" where a state is a column: the column itself is its name."""
    if mention.piece.text.lower() not in NAME_WORDS or made.owner(mention) is not None:
        return False
    after = mention.at + 1
    while after < len(made.sketch.pieces) and made.sketch.pieces[after].word("of", "filler"):
        after += 1
    said = next((m for m in made.sketch.mentions if m.at == after), None) if after > mention.at + 1 else None
    if said is None or not made.sketch.pieces[mention.at + 1].word("of") or said.piece.of(Kind.DATASET):
        return False
    field = made.binder.choose(said.piece, (Kind.FIELD,))
    found = made.binder.field(field.target) if field is not None else None
    return found is not None and found.kind == "category"


def named_by_key(made: Assembler, mention: Mention, choice: Choice) -> Dimension | None:
    """ "employees and their manager" over manager_id: the manager's name, unless the code itself is said."""
    field = made.binder.field(choice.target)
    text = mention.piece.text.lower().replace(" ", "")
    if field is None or field.kind != "key" or any(w in text for w in CODES):
        return None
    for rel in made.model.relationships:
        if (rel.from_dataset, rel.from_columns) == (choice.target.dataset, (choice.target.field,)) and rel.role:
            rows = made.model.dataset(rel.to_dataset)
            said = rel.role.lower().replace(" ", "")
            if rows is not None and said in text and rows.display and choice.how != "part":
                return Dimension(FieldRef(rows.name, naming_field(rows), (rel.name,)))
    return None


def told_later(made: Assembler, mention: Mention) -> bool:
    """ "Which party had the most hosts? Give me its place.": the last sentence says what to show."""
    at = made.sketch.flags.get("then_show")
    if at is None or mention.at > at or mention.role not in ("select", "subject"):
        return False
    return any(m.at > at and not m.fns and m.piece.of(Kind.FIELD) for m in made.sketch.mentions)


def listed_beside(made: Assembler, mention: Mention, rows: str) -> bool:
    """ "the actors and their ages", "the titles and the singers": rows that stand beside a column are shown too."""
    pieces = made.sketch.pieces
    before, after = mention.at - 1, mention.at + 1
    while before >= 0 and pieces[before].word("filler", "their", "all", "which", "who"):
        before -= 1
    columns = [m for m in made.sketch.mentions if m is not mention and m.piece.of(Kind.FIELD)]
    if before >= 0 and pieces[before].word("and") and any(m.at < before for m in columns):
        if any(isinstance(c.of, FieldRef) and c.of.dataset == rows for c in made.columns):
            return False
        return not any(p.word("of") for p in pieces[before + 1 : mention.at])
    if before >= 0 and pieces[before].word("of", "for", "from", "in", "by", "with", "that"):
        return False
    while after < len(pieces) and pieces[after].word("filler"):
        after += 1
    if after >= len(pieces) or not pieces[after].word("and"):
        return False
    return any(m.at > after and all(p.word("filler", "their") for p in pieces[after + 1 : m.at]) for m in columns)


def repeats(made: Assembler, columns: list[Dimension]) -> bool:
    """ "show all product colors": one attribute, whose rows nobody named: each value once."""
    if len(columns) != 1 or not isinstance(columns[0].of, FieldRef) or made.sketch.conditions or made.sketch.orders:
        return False
    field = made.model.field(columns[0].of.dataset, columns[0].of.field)
    return field is not None and field.kind == "category" and not field.unique
