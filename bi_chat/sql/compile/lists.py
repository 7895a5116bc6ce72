"""In: a plan without measures. Out: a SELECT of rows: columns of a dataset and of what it refers to.

A column on a many-side makes the finer dataset the one whose rows are listed. A measure in `having` or `order` is
computed for each row of the base at its own grain and shown beside it, so that the reader can see why a row is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.blocks import explicit, own_time
from bi_chat.sql.compile.columns import dimension_column, measure_column, uniquely_named
from bi_chat.sql.compile.conditions import MEASURES, conditions, has_measure, measures_in, refs_of
from bi_chat.sql.compile.ordering import Key, Sorting, sort_and_cut
from bi_chat.sql.compile.periods import span_of
from bi_chat.sql.compile.pieces import all_pieces
from bi_chat.sql.compile.related import finer_dataset
from bi_chat.sql.compile.scalars import Scoped, entity, fields_of, scalar
from bi_chat.sql.compile.scope import Scope
from bi_chat.sql.compile.state import Compilation, Span
from bi_chat.sql.joins import default_time
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import (
    TIME,
    AllOf,
    AnyOf,
    Condition,
    Constant,
    Dimension,
    EntityMeasure,
    Exists,
    FieldRef,
    Measure,
    Measured,
    Not,
    Plan,
    Scalar,
    TimeBucket,
)
from bi_chat.values.query import ResultColumn


@dataclass(frozen=True, slots=True)
class Listed:
    """A SELECT of rows with its columns."""

    select: exp.Select
    columns: tuple[ResultColumn, ...]


def compile_list(c: Compilation, plan: Plan) -> Listed:
    """The statement of a list plan."""
    base = _base(c, plan)
    plan = replace(plan, dimensions=plan.dimensions or _usual_columns(c, base))
    measures = _measures(plan)
    span = span_of(c, plan)
    row_conditions, measure_conditions = _divided(c, base, plan, measures)
    scope = _scope(c, base, plan, span)
    scoped = Scoped(measure_conditions, span)

    def measure(value: Measure) -> exp.Expression:
        return (
            nodes.number(value.value)
            if isinstance(value, Constant)
            else entity(scope, EntityMeasure(value, base), scoped)
        )

    scope.measure = measure
    ordered = {o.by for o in plan.order}
    shown = [_as_kept(scope, d.of, ordered) for d in plan.dimensions]
    where = conditions(scope, row_conditions)
    if span is not None and not measures:
        where += _in_span(scope, span)
    values = [measure(m) for m in measures]
    where += conditions(scope, plan.having)
    columns = [dimension_column(c, d, listed=True) for d in plan.dimensions]
    columns += [replace(measure_column(c, Measured(m), None), additive=False) for m in measures]
    columns = uniquely_named(columns)
    sorting = _sorting(scope, plan, shown, [x.name for x in columns], values)
    named = [nodes.alias(node, column.name) for node, column in zip([*shown, *values], columns, strict=True)]
    select = scope.select(named, where)
    if plan.distinct:
        select.set("distinct", exp.Distinct())
    return Listed(sort_and_cut(select, plan, sorting, shown), tuple(columns))


def _as_kept(scope: Scope, value: Scalar, ordered: set[Measure | Scalar]) -> exp.Expression:
    """A date kept as text is listed as it stands: one that can't be read must not vanish.
    Sorting needs the date itself."""
    return scope.raw(value) if isinstance(value, FieldRef) and value not in ordered else scalar(scope, value)


def _base(c: Compilation, plan: Plan) -> str:
    if plan.base:
        return c.dataset(plan.base).name
    ref = next((r for d in plan.dimensions for r in fields_of(d.of) if r != TIME), None)
    if ref is None:
        raise Refusal("unsupported", what="a list without columns")
    return c.dataset(ref.dataset).name


def _usual_columns(c: Compilation, base: str) -> tuple[Dimension, ...]:
    """What names a row to a person; all fields where nothing does."""
    dataset = c.dataset(base)
    names = [dataset.display] if dataset.display else [f.name for f in dataset.fields]
    return tuple(Dimension(FieldRef(base, name)) for name in names)


def _measures(plan: Plan) -> list[Measure]:
    """Measures that rows are chosen or sorted by and that are no columns yet."""
    wanted = [m for condition in plan.having for m in measures_in(condition)]
    wanted += [m for condition in plan.where if has_measure(condition) for m in measures_in(condition)]
    wanted += [o.by for o in plan.order if isinstance(o.by, MEASURES) and not isinstance(o.by, Constant)]
    return list(dict.fromkeys(wanted))


def _divided(
    c: Compilation, base: str, plan: Plan, measures: list[Measure]
) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """Conditions on rows of the base, and those that only say which related rows a measure counts.

    "Stores with fewer than 20 web orders": the orders counted are web orders, yet a store without any belongs in.
    """
    if not measures:
        return plan.where, ()
    homes = [p.home for p in all_pieces(c, tuple(measures))]
    rows: list[Condition] = []
    counted: list[Condition] = []
    for condition in plan.where:
        datasets = {c.dataset(r.dataset).name for r in _all_refs(condition) if r != TIME}
        is_far = not datasets <= c.graph.closure(base)
        if is_far and all(datasets <= c.graph.closure(home) for home in homes):
            counted.append(condition)
        else:
            rows.append(condition)
    return tuple(rows), tuple(counted)


def _all_refs(condition: Condition) -> list[FieldRef]:
    match condition:
        case AllOf(of) | AnyOf(of):
            return [r for part in of for r in _all_refs(part)]
        case Not(of):
            return _all_refs(of)
        case Exists():
            return []
    return list(refs_of(condition))


def _scope(c: Compilation, base: str, plan: Plan, span: Span | None) -> Scope:
    """The rows that are listed: of the base, or of a finer dataset that a column lies on."""
    time = span.field if span and span.field else default_time(c.model, base)
    refs = [r for d in plan.dimensions for r in fields_of(d.of) if r != TIME]
    far = tuple(r for r in refs if not c.graph.paths(base, c.dataset(r.dataset).name, r.via))
    if not far:
        return Scope(c, base, time=time)
    driver = finer_dataset(c, base, far)
    c.note("rows_of_finer_dataset", dataset=driver, base=base)
    return Scope(c, driver, home=base, time=time)


def _in_span(scope: Scope, span: Span) -> list[exp.Expression]:
    if span.field is not None:
        return conditions(scope, explicit(span))
    return own_time(scope, span, scope.home)


def _sorting(
    scope: Scope, plan: Plan, shown: list[exp.Expression], names: list[str], values: list[exp.Expression]
) -> Sorting:
    """Sort keys; rows that compare equal are told apart by the columns, in order."""
    known = {d.of: i for i, d in enumerate(plan.dimensions)}
    keys: list[Key] = []
    named: list[Key] = []
    for order in plan.order:
        if isinstance(order.by, MEASURES):
            node = scope.measure(order.by) if scope.measure else exp.null()
            at = next((len(shown) + i for i, v in enumerate(values) if v == node), None)
        else:
            node, at = scalar(scope, order.by), known.get(order.by)
        if at is None and plan.distinct:
            raise Refusal("unsupported", what="distinct rows sorted by something that is not shown")
        keys.append((node, order.descending))
        named.append((nodes.column(names[at]) if at is not None else node.copy(), order.descending))
    if not plan.order and any(isinstance(d.of, TimeBucket) for d in plan.dimensions):
        keys = [(n, False) for n, d in zip(shown, plan.dimensions, strict=True) if isinstance(d.of, TimeBucket)]
        named = [(nodes.column(names[known[d.of]]), False) for d in plan.dimensions if isinstance(d.of, TimeBucket)]
    if keys or plan.limit is not None:
        used = [n for n, _ in named]
        keys += [(s, False) for s in shown]
        named += [(nodes.column(n), False) for n in names[: len(shown)] if nodes.column(n) not in used]
    return Sorting(tuple(keys), tuple(named))
