"""Small databases for drafting tests: columns of values become a catalog with profiles."""

from __future__ import annotations

from bi_chat.semantics.drafting import draft_model
from bi_chat.semantics.model import Field, Relationship, SemanticModel
from bi_chat.values.catalog import Catalog, Column, ColumnProfile, ForeignKey, Table, TableProfile

Values = list[object]
DAY = "date:"


def database(
    tables: dict[str, dict[str, Values]], foreign_keys: tuple[ForeignKey, ...] = ()
) -> tuple[Catalog, dict[str, TableProfile]]:
    """A catalog with profiles computed from small columns of values."""
    made, profiles = [], {}
    for name, columns in tables.items():
        rows = len(next(iter(columns.values())))
        made.append(Table(name, tuple(Column(c, type_of(v)) for c, v in columns.items()), rows=rows))
        profiles[name] = TableProfile(name, tuple(profile(c, v) for c, v in columns.items()))
    return Catalog(tuple(made), foreign_keys), profiles


def type_of(values: Values) -> str:
    first = next((v for v in values if v is not None), "")
    if isinstance(first, str) and first.startswith("date:"):
        return "DATE"
    kinds = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR"}
    return kinds[type(first)]


def profile(name: str, values: Values) -> ColumnProfile:
    seen = [v for v in values if v is not None]
    distinct = sorted(set(seen), key=str)
    text = type_of(values) == "VARCHAR"
    low, high = (min(seen), max(seen)) if seen else (None, None)
    return ColumnProfile(
        name,
        len(values),
        len(values) - len(seen),
        len(distinct),
        bool(seen) and len(distinct) == len(seen),
        low,  # type: ignore[arg-type]
        high,  # type: ignore[arg-type]
        tuple(map(str, distinct)) if text else (),
        text,
        sum(len(str(v)) for v in seen) / max(1, len(seen)) if text else 0.0,
    )


def draft(tables: dict[str, dict[str, Values]], foreign_keys: tuple[ForeignKey, ...] = ()) -> SemanticModel:
    return draft_model(*database(tables, foreign_keys))


def joins(model: SemanticModel) -> set[str]:
    return {f"{r.from_dataset}.{r.from_columns[0]} -> {r.to_dataset}.{r.to_columns[0]}" for r in model.relationships}


def only(model: SemanticModel) -> Relationship:
    assert len(model.relationships) == 1, joins(model)
    return model.relationships[0]


def field(model: SemanticModel, dataset: str, name: str) -> Field:
    found = model.field(dataset, name)
    assert found is not None
    return found


def numbers(n: int, start: int = 1) -> Values:
    return list(range(start, start + n))


def cycle(n: int, of: int, start: int = 1) -> Values:
    return [start + i % of for i in range(n)]


PEOPLE = ["Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo"]
