"""Out: the semantic model as values: datasets, fields, relationships, metrics. Files and drafts become this.

Names match without regard to case. Expressions are DuckDB-parsable row expressions (fields) and aggregate expressions
over `dataset.field` (metrics), kept as text; `sql.expressions` parses them once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bi_chat.semantics.targets import Target
from bi_chat.values.period import BusinessCalendar

if TYPE_CHECKING:
    from bi_chat.semantics.known_values import ValueIndex

MASKED = "masked"


@dataclass(frozen=True, slots=True)
class Guess:
    """Why a drafted thing is believed: evidence in words and a probability. Absent on what a person declared."""

    evidence: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Field:
    """A row-level attribute.

    datatype: String Integer Decimal Float Boolean Date Time DateTime DateTimeTz Opaque ('' = unknown).
    kind: key, time, measure (sensible to sum or average), category (sensible to group by), text (free words), flag,
    number (an attribute such as age, price or year: compare or average it, never sum without being told), other;
    masked (under a policy: the name is known, the values are hidden, nothing may be computed from it).
    additivity: additive, semi (not over time), none. unit and format as in `ResultColumn`.
    time_format: strptime format of dates kept as text (e.g. %Y%m%d), '' when the column has a date type.
    values: text values people may mention; value_synonyms: (value, spoken form) pairs.
    """

    name: str
    expression: str
    datatype: str = ""
    kind: str = "other"
    is_time: bool = False
    label: str = ""
    description: str = ""
    synonyms: tuple[str, ...] = ()
    additivity: str = "additive"
    unit: str = ""
    format: str = ""
    time_format: str = ""
    sensitivity: str = ""
    default_aggregate: str = ""
    distinct: int | None = None
    unique: bool = False
    nulls: bool = True
    low: str | float | int | None = None
    high: str | float | int | None = None
    values: tuple[str, ...] = ()
    value_synonyms: tuple[tuple[str, str], ...] = ()
    guess: Guess | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A logical table. `source` is the physical table; `display` the field that names a row to a person."""

    name: str
    source: str
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    fields: tuple[Field, ...] = ()
    label: str = ""
    description: str = ""
    synonyms: tuple[str, ...] = ()
    default_time: str = ""
    display: str = ""
    rows: int | None = None
    guess: Guess | None = None
    _index: dict[str, Field] = field(default_factory=dict, repr=False, compare=False, hash=False)

    def field(self, name: str) -> Field | None:
        """The field of that name, without regard to case."""
        if not self._index:
            self._index.update({f.name.lower(): f for f in self.fields})
        return self._index.get(name.lower())


@dataclass(frozen=True, slots=True)
class Relationship:
    """Many rows of `from_dataset` refer to one row of `to_dataset`.
    `role` is what the reference is called ("home store").

    `preferred`: the role that is meant when nobody says which ("country" is the billing country).
    """

    name: str
    from_dataset: str
    to_dataset: str
    from_columns: tuple[str, ...]
    to_columns: tuple[str, ...]
    role: str = ""
    synonyms: tuple[str, ...] = ()
    one_to_one: bool = False
    preferred: bool = False
    guess: Guess | None = None


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """A named aggregate. `time` is "dataset.field" or ''.
    `as_of` (start, end) fields make it a balance of rows valid at a date."""

    name: str
    expression: str
    label: str = ""
    description: str = ""
    synonyms: tuple[str, ...] = ()
    time: str = ""
    as_of: tuple[str, str] | None = None
    unit: str = ""
    format: str = ""
    additivity: str = "additive"
    guess: Guess | None = None


@dataclass(frozen=True, slots=True)
class SemanticModel:
    """One business's view of its data. `own_words`: what one person calls things, before any other meaning."""

    name: str
    datasets: tuple[Dataset, ...]
    relationships: tuple[Relationship, ...] = ()
    metrics: tuple[MetricDefinition, ...] = ()
    calendar: BusinessCalendar = BusinessCalendar()
    description: str = ""
    instructions: str = ""
    drafted: bool = False
    own_words: tuple[tuple[str, Target], ...] = ()
    _values: ValueIndex | None = field(default=None, repr=False, compare=False, hash=False)
    _index: dict[str, Dataset] = field(default_factory=dict, repr=False, compare=False, hash=False)

    @property
    def known_values(self) -> ValueIndex | None:
        """Where all values are found, when the fields hold only examples of them."""
        return self._values

    def dataset(self, name: str) -> Dataset | None:
        """The dataset of that name, without regard to case."""
        if not self._index:
            self._index.update({d.name.lower(): d for d in self.datasets})
        return self._index.get(name.lower())

    def metric(self, name: str) -> MetricDefinition | None:
        """The metric of that name, without regard to case."""
        return next((m for m in self.metrics if m.name.lower() == name.lower()), None)

    def field(self, dataset: str, name: str) -> Field | None:
        """A field by dataset and name, without regard to case."""
        found = self.dataset(dataset)
        return found.field(name) if found else None
