"""In: the nodes of one model in a file. Out: the semantic model they describe; broken parts are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bi_chat.semantics.model import Dataset, Field, MetricDefinition, Relationship, SemanticModel
from bi_chat.semantics.ossie.expressions import chosen, read_expression
from bi_chat.semantics.ossie.extension import guess_of, said, text_of
from bi_chat.values.period import BusinessCalendar

Node = Mapping[str, object]
_TIME_TYPES = frozenset({"Date", "Time", "DateTime", "DateTimeTz"})
_NUMBER_TYPES = frozenset({"Integer", "Decimal", "Float"})
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_model(node: object) -> SemanticModel:
    """The model; empty when the node is none."""
    own = said(node)
    datasets = tuple(_dataset(d) for d in _nodes(node, "datasets") if _text(d, "name"))
    return SemanticModel(
        name=_text(node, "name") or "model",
        datasets=datasets,
        relationships=tuple(_relationship(r) for r in _nodes(node, "relationships") if _text(r, "name")),
        metrics=tuple(_metric(m) for m in _nodes(node, "metrics") if _text(m, "name")),
        calendar=_calendar(own),
        description=_text(node, "description"),
        instructions=_instructions(node),
        drafted=own.get("drafted") is True,
    )


def nodes(parent: object, key: str) -> Iterator[tuple[int, Node]]:
    """The mappings in a list of `parent`, each with its place."""
    found = parent.get(key) if isinstance(parent, Mapping) else None
    for i, node in enumerate(found if isinstance(found, Sequence) and not isinstance(found, str) else ()):
        if isinstance(node, Mapping):
            yield i, node


def texts(node: object, key: str) -> tuple[str, ...]:
    """A list of texts; entries of other types are left out."""
    found = node.get(key) if isinstance(node, Mapping) else None
    return tuple(str(v) for v in found if isinstance(v, str)) if isinstance(found, Sequence | list) else ()


def _nodes(parent: object, key: str) -> list[Node]:
    return [node for _, node in nodes(parent, key)]


def _text(node: object, key: str) -> str:
    found = node.get(key) if isinstance(node, Mapping) else None
    return str(found) if isinstance(found, str) else ""


def _synonyms(node: Node) -> tuple[str, ...]:
    return texts(node.get("ai_context"), "synonyms")


def _instructions(node: object) -> str:
    context = node.get("ai_context") if isinstance(node, Mapping) else None
    return str(context) if isinstance(context, str) else _text(context, "instructions")


def _dataset(node: Node) -> Dataset:
    own = said(node)
    unique = node.get("unique_keys")
    keys = unique if isinstance(unique, Sequence) and not isinstance(unique, str) else ()
    return Dataset(
        name=_text(node, "name"),
        source=physical_table(_text(node, "source")),
        primary_key=texts(node, "primary_key"),
        unique_keys=tuple(texts({"key": k}, "key") for k in keys),
        fields=tuple(_field(f) for f in _nodes(node, "fields") if _text(f, "name")),
        label=text_of(own, "label"),
        description=_text(node, "description") or _instructions(node),
        synonyms=_synonyms(node),
        default_time=text_of(own, "default_time"),
        display=text_of(own, "display"),
        guess=guess_of(own),
    )


def physical_table(source: str) -> str:
    """The table of a source such as db.schema.table: its last part, without quotes."""
    parts, part, quoted = [], "", False
    for letter in source.strip():
        if letter == '"':
            quoted = not quoted
        elif letter == "." and not quoted:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [*parts, part][-1]


def _field(node: Node) -> Field:
    own = said(node)
    datatype = _text(node, "datatype")
    dimension = node.get("dimension")
    stated = dimension.get("is_time") if isinstance(dimension, Mapping) else None
    is_time = stated if isinstance(stated, bool) else datatype in _TIME_TYPES
    values = texts(own, "values")
    return Field(
        name=_text(node, "name"),
        expression=_expression(node),
        datatype=datatype,
        kind=_kind(own, datatype, is_time=is_time),
        is_time=is_time,
        label=_text(node, "label"),
        description=_text(node, "description"),
        synonyms=_synonyms(node),
        additivity=text_of(own, "additivity") or "additive",
        unit=text_of(own, "unit"),
        format=text_of(own, "format"),
        time_format=text_of(own, "time_format"),
        sensitivity=text_of(own, "sensitivity"),
        default_aggregate=text_of(own, "default_aggregate"),
        values=values,
        value_synonyms=_value_synonyms(own),
        guess=guess_of(own),
    )


def _kind(own: Mapping[str, object], datatype: str, *, is_time: bool) -> str:
    """The stated kind; a number whose additivity is stated is a measure; 'other' where the file is silent."""
    if text_of(own, "kind"):
        return text_of(own, "kind")
    if is_time:
        return "time"
    if "additivity" in own and datatype in _NUMBER_TYPES:
        return "measure"
    return "flag" if datatype == "Boolean" else "other"


def _value_synonyms(own: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    found = own.get("value_synonyms")
    if not isinstance(found, Mapping):
        return ()
    return tuple((str(value), word) for value, words in found.items() for word in texts({"w": words}, "w"))


def _expression(node: Node) -> str:
    dialect, text, _ = chosen(node.get("expression"))
    return read_expression(text, dialect).text.strip() if text else ""


def _relationship(node: Node) -> Relationship:
    own = said(node)
    return Relationship(
        name=_text(node, "name"),
        from_dataset=_text(node, "from"),
        to_dataset=_text(node, "to"),
        from_columns=texts(node, "from_columns"),
        to_columns=texts(node, "to_columns"),
        role=text_of(own, "role"),
        synonyms=_synonyms(node),
        one_to_one=own.get("one_to_one") is True,
        preferred=own.get("preferred") is True,
        guess=guess_of(own),
    )


def _metric(node: Node) -> MetricDefinition:
    own = said(node)
    as_of = own.get("as_of")
    span = (text_of(as_of, "start"), text_of(as_of, "end")) if isinstance(as_of, Mapping) else None
    return MetricDefinition(
        name=_text(node, "name"),
        expression=_expression(node),
        label=text_of(own, "label"),
        description=_text(node, "description"),
        synonyms=_synonyms(node),
        time=text_of(own, "time"),
        as_of=span if span and all(span) else None,
        unit=text_of(own, "unit"),
        format=text_of(own, "format"),
        additivity=text_of(own, "additivity") or "additive",
        guess=guess_of(own),
    )


def _calendar(own: Mapping[str, object]) -> BusinessCalendar:
    month = own.get("fiscal_year_start_month")
    start = text_of(own, "week_start").lower()
    return BusinessCalendar(
        fiscal_start_month=month if isinstance(month, int) and 1 <= month <= 12 else 1,
        fiscal_named_by_end=text_of(own, "fiscal_year_named_by") != "start",
        week_start=_DAYS.index(start) + 1 if start in _DAYS else 1,
    )
