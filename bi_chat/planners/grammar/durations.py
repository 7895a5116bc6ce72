"""In: a length of time that was said, or a metric that is a mean of one. Out: it as a value of each row.

Example: "median repair time" over a metric AVG(EPOCH(repaired - reported) / 3600). Difficulty: a median
is taken over rows, and the metric only knows its mean. Rule: a mean of a difference of two times is a row's
`Elapsed`, of which any statistic may be taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from bi_chat.planners.grammar.bind import Binder
from bi_chat.planners.grammar.pieces import Piece
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.semantics.model import Field, SemanticModel
from bi_chat.semantics.targets import Kind
from bi_chat.values.plan import Aggregate, Elapsed, FieldRef, Fn, Measured, Metric, Plan

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler

UNITS = {60: "minute", 3600: "hour", 86400: "day"}


def said_unit(sketch: Sketch) -> str:
    """The unit of time that was said ("in hours"); days where none was."""
    said = (w.arg for p in sketch.pieces if (w := p.word("elapsed_unit")))
    return next(said, "day")


def elapsed_measure(made: Assembler) -> Measured | None:
    """The mean (or what was said) of the time between the two moments."""
    said = made.sketch.elapsed
    if said is None:
        return None
    at_hand = (made.model, made.binder, made.trace)
    end = moment_of(*at_hand, said.end, "", made.at_hand())
    start = moment_of(*at_hand, said.start, end.dataset) if end is not None else None
    if start is None or end is None or start == end:
        made.trace.doubt("unplaced_amount", 2.0)
        return None
    made.binder.add_evidence(end.dataset)
    for piece in made.sketch.pieces:
        if piece.grain is not None and piece.grain.bare:
            made.trace.note(piece, "measure", unit=said.unit)
    value = Elapsed(start, end, said.unit)
    return Measured(Aggregate(said.fn or Fn.AVG, end.dataset, value, argument=said.argument))


def check_unit(plan: Plan, made: Assembler) -> None:
    """ "in hours" of what is no length of time: the figure that was found is not the one that was asked for."""
    said = any(p.word("elapsed_unit") for p in made.sketch.pieces)
    lasting = any(
        isinstance(m.of, Metric)
        or (isinstance(m.of, Aggregate) and (isinstance(m.of.of, Elapsed) or _names_unit(m.of.of, made.model)))
        for m in plan.measures
    )
    if said and plan.measures and not lasting:
        made.trace.doubt("unplaced_amount", 2.0)


def _names_unit(of: object, model: SemanticModel) -> bool:
    """Whether a field's name or unit speaks of time: duration_hours, transit days."""
    field = model.field(of.dataset, of.field) if isinstance(of, FieldRef) else None
    text = f"{field.name} {field.unit} {field.label}".lower() if field is not None else ""
    return any(w in text for w in ("day", "hour", "minute", "_min", "duration", "time", "night", "天", "时", "分"))


def moment_of(
    model: SemanticModel, binder: Binder, trace: Trace, piece: Piece | None, beside: str, prefer: tuple[str, ...] = ()
) -> FieldRef | None:
    """The time field a piece names; of rows without a word: their own time."""
    if piece is None:
        dataset = model.dataset(beside)
    else:
        near = (beside,) if beside else prefer
        choice = binder.choose(piece, (Kind.FIELD,), prefer=near, fits=_is_time)
        if choice is not None and (not beside or choice.target.dataset == beside):
            trace.note(piece, "measure", field=choice.target.field)
            return FieldRef(*choice.target.key)
        dataset = binder.dataset_of(piece)
    if dataset is None or not dataset.default_time or "." in dataset.default_time:
        return None
    if piece is not None:
        trace.note(piece, "measure", field=dataset.default_time)
    return FieldRef(dataset.name, dataset.default_time)


def _is_time(field: Field | None) -> bool:
    return field is not None and field.is_time


def row_elapsed(model: SemanticModel, metric: str) -> tuple[str, Elapsed] | None:
    """The dataset and the row's length of time that a metric is the mean of; None for any other metric."""
    from bi_chat.sql.expressions import parse_metric

    found = model.metric(metric)
    parsed = parse_metric(found.expression) if found is not None else None
    if parsed is None or len(parsed.aggregates) != 1 or parsed.aggregates[0].kind != "avg":
        return None
    node, unit = _without_unit(parsed.aggregates[0].node)
    if not isinstance(node, exp.Sub):
        return None
    end, start = (_time_column(side, model) for side in (node.this, node.expression))
    if start is None or end is None or start.dataset != end.dataset:
        return None
    return end.dataset, Elapsed(start, end, unit)


def _without_unit(node: exp.Expression) -> tuple[exp.Expression, str]:
    """The difference inside AVG(…) and the unit that it is turned into."""
    inner = node.this.unnest()
    unit = "day"
    if isinstance(inner, exp.Div) and isinstance(inner.expression, exp.Literal):
        unit = UNITS.get(int(float(inner.expression.name)), "")
        inner = inner.this.unnest()
    if isinstance(inner, exp.TimeToUnix | exp.Anonymous) and unit:
        arguments = [inner.this] if isinstance(inner, exp.TimeToUnix) else inner.expressions
        unit = unit if inner is not node.this.unnest() else "second"
        return (arguments[0].unnest() if arguments else inner), unit
    return (inner if unit == "day" else node), unit


def _time_column(node: exp.Expression, model: SemanticModel) -> FieldRef | None:
    inner = node.unnest()
    inner = inner.this.unnest() if isinstance(inner, exp.Cast) else inner
    if not isinstance(inner, exp.Column):
        return None
    field = model.field(inner.table, inner.name)
    dataset = model.dataset(inner.table)
    return FieldRef(dataset.name, field.name) if dataset is not None and field is not None and field.is_time else None
