"""In: dimensions and measures. Out: their result columns: role, label, unit, format, grain; labels are unique."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.semantics.model import Field
from bi_chat.sql.compile.pieces import definition, over_time
from bi_chat.sql.compile.scope import shown
from bi_chat.sql.compile.state import Compilation, unique
from bi_chat.values.plan import (
    TIME,
    Age,
    Aggregate,
    Arithmetic,
    Bin,
    Constant,
    Dimension,
    Elapsed,
    EntityMeasure,
    FieldRef,
    Fn,
    Measure,
    Measured,
    Metric,
    Nested,
    Operation,
    PartOfDate,
    Scalar,
    TimeBucket,
    Tone,
)
from bi_chat.values.query import ResultColumn

_FORMATS = {"Integer": "integer", "Decimal": "number", "Float": "number", "Date": "date", "DateTime": "date"}


def dimension_column(c: Compilation, dimension: Dimension, *, listed: bool) -> ResultColumn:
    """The column of a grouping, or of a list."""
    value = dimension.of
    label = dimension.label or scalar_label(c, value)
    if isinstance(value, TimeBucket):
        return ResultColumn(label, "attribute" if listed else "time", label, format="date", grain=value.grain.value)
    role = "attribute" if listed else "dimension"
    if isinstance(value, PartOfDate):
        return ResultColumn(label, role, label, format="integer", grain=value.part.value, additive=False)
    if isinstance(value, EntityMeasure):
        return replace(measure_column(c, Measured(value.measure, label), None), role=role)
    field = _field(c, value)
    if field is None:
        is_text = isinstance(value, FieldRef)
        return ResultColumn(label, role, label, format="text" if is_text else "number", additive=False)
    return ResultColumn(label, role, label, unit=field.unit, format=field.format or _format(field), additive=False)


def _field(c: Compilation, value: Scalar) -> Field | None:
    return c.model.field(value.dataset, value.field) if isinstance(value, FieldRef) and value != TIME else None


def _format(field: Field) -> str:
    if field.time_format:
        return "date"
    if field.kind == "key" and field.datatype == "Integer":
        return "text"
    return _FORMATS.get(field.datatype, "text")


def scalar_label(c: Compilation, value: Scalar) -> str:
    """What a scalar is called when the plan gives no label."""
    match value:
        case FieldRef():
            field = _field(c, value)
            name = (field.label or field.name) if field else value.field.lstrip("@")
            roles = [r.role for r in c.model.relationships if r.name in value.via and r.role]
            return " ".join([*roles, name])
        case TimeBucket(_, grain, fiscal):
            return f"fiscal {grain.value}" if fiscal else grain.value
        case PartOfDate(_, part):
            return part.value.replace("_", " ")
        case EntityMeasure():
            return measure_label(c, value.measure)
        case Elapsed(_, _, unit):
            return f"{unit}s"
        case Age():
            return "age"
        case Bin():
            return scalar_label(c, value.of)
        case Tone(of):
            return f"tone of {scalar_label(c, of)}"
        case Operation(op, left, right):
            return f"{scalar_label(c, left)} {op} {scalar_label(c, right)}"
    return str(value.value)


def measure_label(c: Compilation, measure: Measure) -> str:
    """What a measure is called when the plan gives no label."""
    match measure:
        case Metric(name):
            metric = c.model.metric(name)
            return (metric.label or metric.name) if metric else name
        case Aggregate():
            if measure.of is None:
                return shown(c, measure.dataset)
            of = scalar_label(c, measure.of)
            return f"{'distinct ' if measure.distinct else ''}{of} {measure.function.value}"
        case Arithmetic(op, left, right):
            if _is_part(measure):
                return f"{measure_label(c, right)} (share)"
            return f"{measure_label(c, left)} {op} {measure_label(c, right)}"
        case Nested():
            return f"{measure.function.value} {measure_label(c, measure.inner)}"
        case Constant(value):
            return f"{value:g}"


def _is_part(measure: Measure) -> bool:
    """Whether a measure is some rows of an aggregate over all of its rows: a share of them."""
    return (
        isinstance(measure, Arithmetic)
        and measure.op == "/"
        and isinstance(measure.left, Aggregate)
        and measure.left.where != ()
        and replace(measure.left, where=()) == measure.right
    )


def measure_column(c: Compilation, measured: Measured, index: int | None) -> ResultColumn:
    """The column of a measure."""
    label = measured.label or measure_label(c, measured.of)
    unit, shape = _unit_and_format(c, measured.of)
    return ResultColumn(
        label, "measure", label, unit=unit, format=shape, additive=over_time(c, measured.of), measure=index
    )


def _unit_and_format(c: Compilation, measure: Measure) -> tuple[str, str]:
    match measure:
        case Metric(name):
            metric, parsed = definition(c, name)
            only = parsed.aggregates[0] if len(parsed.aggregates) == 1 else None
            counts = only is not None and only.kind.startswith("count") and parsed.tree.key == "placeholder"
            default = "integer" if counts else "currency" if metric.unit and len(metric.unit) == 3 else "number"
            return metric.unit, metric.format or ("percent" if metric.unit == "%" else default)
        case Aggregate():
            return _of_aggregate(c, measure)
        case Nested():
            unit, shape = _unit_and_format(c, measure.inner)
            return unit, "number" if shape == "integer" else shape
        case Arithmetic(op, left, right):
            if _is_part(measure):
                return "%", "percent"
            return _of_arithmetic(op, _unit_and_format(c, left), _unit_and_format(c, right))
        case Constant():
            return "", "number"


def _of_aggregate(c: Compilation, measure: Aggregate) -> tuple[str, str]:
    if measure.function is Fn.COUNT:
        return "", "integer"
    if isinstance(measure.of, Elapsed):
        return f"{measure.of.unit}s", "number"
    field = _field(c, measure.of) if measure.of is not None else None
    if field is None or measure.function in (Fn.CORRELATION, Fn.VARIANCE):
        return "", "number"
    shape = field.format or _format(field)
    keeps_whole = measure.function in (Fn.MIN, Fn.MAX, Fn.SUM)
    if shape in ("integer", "text") and not keeps_whole:
        shape = "number"
    return field.unit, shape


def _of_arithmetic(op: str, left: tuple[str, str], right: tuple[str, str]) -> tuple[str, str]:
    if op in "+-":
        return left if left[0] == right[0] else ("", "number")
    if op == "*":
        return left if left[0] else right
    return ("", "number") if right[0] or not left[0] else (left[0], "currency" if left[1] == "currency" else "number")


def uniquely_named(columns: list[ResultColumn]) -> list[ResultColumn]:
    """The columns with names that differ, also when case is disregarded."""
    taken: set[str] = set()
    found: list[ResultColumn] = []
    for column in columns:
        name = unique(column.name or "value", taken)
        taken.add(name.lower())
        found.append(replace(column, name=name, label=name if name != column.name else column.label))
    return found
