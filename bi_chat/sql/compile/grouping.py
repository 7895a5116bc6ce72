"""In: a plan with measures. Out: its SELECT and columns: one plain statement where that is enough, else steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.calculations import Table, calculate, extended, without_gaps
from bi_chat.sql.compile.columns import dimension_column, measure_column, uniquely_named
from bi_chat.sql.compile.comparisons import columns_beside, difference, period_before, sides
from bi_chat.sql.compile.conditions import MEASURES, measures_in, operands_of, parts_of
from bi_chat.sql.compile.groups import assemble, projected
from bi_chat.sql.compile.having import Values, having
from bi_chat.sql.compile.ordering import Sorting, default_keys, sort_and_cut, with_ties_broken
from bi_chat.sql.compile.periods import dates_of, note_partial, span_of
from bi_chat.sql.compile.pieces import adds_up, all_pieces, starts_at_zero
from bi_chat.sql.compile.state import Compilation, Request, unique
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import Change, Constant, Measure, Measured, Plan, Rolling, TimeBucket
from bi_chat.values.query import ResultColumn


@dataclass(slots=True)
class Shape:
    """A grouped plan taken apart: its columns, and all measures with the names they get on the way."""

    plan: Plan
    request: Request
    dimensions: list[ResultColumn]
    measures: list[ResultColumn]
    named: dict[Measure, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dimensions."""
        return tuple(column.name for column in self.dimensions)

    @property
    def columns(self) -> list[ResultColumn]:
        """The columns that are shown."""
        return [*self.dimensions, *self.measures]


Compiled = tuple[exp.Select, list[ResultColumn]]


def compile_groups(c: Compilation, plan: Plan) -> Compiled:
    """The statement of a plan with measures."""
    shape = _shape(c, plan)
    _check_indexes(plan)
    change = next((x for x in plan.calculations if isinstance(x, Change)), None)
    by_window = change is not None and not any(d.grain for d in shape.dimensions)
    if plan.comparison is not None or by_window:
        return _compared(c, shape, change if by_window else None)
    note_partial(c, list(all_pieces(c, shape.request.measures)), shape.request.span, shape.request.dimensions)
    if plan.calculations:
        return _calculated(c, shape)
    return _plain(c, shape)


def _check_indexes(plan: Plan) -> None:
    for calculation in plan.calculations:
        within = getattr(calculation, "within", ())
        if not 0 <= calculation.measure < len(plan.measures) or any(i >= len(plan.dimensions) for i in within):
            raise Refusal("unsupported", what="a calculation of something that is not there")
    if any(i >= len(plan.dimensions) for i in plan.limit_per):
        raise Refusal("unsupported", what="a limit per something that is not there")


def _shape(c: Compilation, plan: Plan) -> Shape:
    dimensions = [dimension_column(c, d, listed=False) for d in plan.dimensions]
    measures = [replace(measure_column(c, m, i), hidden=i in plan.hidden) for i, m in enumerate(plan.measures)]
    if not any(isinstance(d.of, TimeBucket) for d in plan.dimensions):
        measures = [replace(x, additive=adds_up(c, m.of)) for x, m in zip(measures, plan.measures, strict=True)]
    columns = uniquely_named([*dimensions, *measures])
    dimensions, measures = columns[: len(dimensions)], columns[len(dimensions) :]
    named: dict[Measure, str] = {}
    for measured, column in zip(plan.measures, measures, strict=True):
        named.setdefault(measured.of, column.name)
    taken = {column.name.lower() for column in columns}
    for extra in _extra_measures(plan):
        if extra not in named:
            named[extra] = unique(measure_column(c, Measured(extra), None).label, taken)
            taken.add(named[extra].lower())
    request = Request(tuple(named), tuple(d.of for d in plan.dimensions), plan.where, span_of(c, plan))
    return Shape(plan, request, dimensions, measures, named)


def _extra_measures(plan: Plan) -> list[Measure]:
    found = [m for condition in plan.having for m in measures_in(condition)]
    return found + [o.by for o in plan.order if isinstance(o.by, MEASURES) and not isinstance(o.by, Constant)]


def _values(shape: Shape, dimensions: list[exp.Expression], measures: dict[Measure, exp.Expression]) -> Values:
    """What conditions on groups may refer to."""
    found: Values = dict(zip(shape.request.dimensions, dimensions, strict=True))
    for measure, node in measures.items():
        found[measure] = node
    return found


def _having(c: Compilation, shape: Shape, values: Values) -> list[exp.Expression]:
    if not shape.plan.having:
        return []
    for part in (p for condition in shape.plan.having for p in parts_of(condition)):
        if getattr(part, "op", "") in ("<", "<=") and any(o in shape.named for o in operands_of(part)):
            c.note("groups_without_rows_left_out")
    return having(c, values, shape.plan.having)


def _sorting(shape: Shape, dimensions: list[exp.Expression], measures: dict[Measure, exp.Expression]) -> Sorting:
    """Sort keys as nodes and as names of the shown columns."""
    plan = shape.plan
    shown = {m.of: nodes.column(column.name) for m, column in zip(plan.measures, shape.measures, strict=True)}
    names: list[exp.Expression] = [nodes.column(n) for n in shape.names]
    if not plan.order:
        first = plan.measures[0].of
        keys = default_keys(list(zip(plan.dimensions, dimensions, strict=True)), measures[first])
        called = default_keys(list(zip(plan.dimensions, names, strict=True)), shown[first])
        return Sorting(with_ties_broken(keys, dimensions), with_ties_broken(called, names))
    keys, called = [], []
    places = {d.of: i for i, d in enumerate(plan.dimensions)}
    for order in plan.order:
        if isinstance(order.by, MEASURES):
            node = measures[order.by] if order.by in measures else nodes.number(0)
            keys.append((node, order.descending))
            called.append((shown.get(order.by, node), order.descending))
        elif order.by in places:
            keys.append((dimensions[places[order.by]], order.descending))
            called.append((names[places[order.by]], order.descending))
        else:
            raise Refusal("unsupported", what="groups sorted by something that is not shown")
    return Sorting(with_ties_broken(keys, dimensions), with_ties_broken(called, names))


def _plain(c: Compilation, shape: Shape) -> Compiled:
    assembly = assemble(c, shape.request, shape.names)
    values = _values(shape, assembly.dimensions, assembly.measures)
    conditions = nodes.every(_having(c, shape, values))
    sorting = _sorting(shape, assembly.dimensions, assembly.measures)
    groups = [d.copy() for d in assembly.dimensions]
    chosen = {m.of: column.name for m, column in zip(shape.plan.measures, shape.measures, strict=True)}
    select = projected(assembly, shape.names, chosen)
    _repeat(select, shape, chosen)
    if conditions is not None:
        kind, key = (exp.Having, "having") if assembly.aggregated else (exp.Where, "where")
        select.set(key, kind(this=conditions))
    return sort_and_cut(select, shape.plan, sorting, groups), shape.columns


def _repeat(select: exp.Select, shape: Shape, chosen: dict[Measure, str]) -> None:
    """Restore columns of a measure that the plan asks for twice."""
    if len(chosen) == len(shape.plan.measures):
        return
    by_name = {e.alias: e for e in select.expressions}
    columns = [by_name[n] for n in shape.names]
    for measured, column in zip(shape.plan.measures, shape.measures, strict=True):
        columns.append(nodes.alias(by_name[chosen[measured.of]].this.copy(), column.name))
    select.set("expressions", columns)


def _calculated(c: Compilation, shape: Shape) -> Compiled:
    plan = shape.plan
    span, first = extended(c, plan, shape.request.span)
    request = replace(shape.request, span=span)
    grouped = c.add_cte("grouped", projected(assemble(c, request, shape.names), shape.names, shape.named))
    by_measure = {m.of: column for m, column in zip(plan.measures, shape.measures, strict=True)}
    table = Table(c, request, grouped, shape.names, shape.named, by_measure, first)
    if any(isinstance(x, Rolling) for x in plan.calculations):
        table.alias = without_gaps(table)
    # totals are those of the window that is shown, not of the buckets fetched before it
    table.request = shape.request
    results = [calculate(table, x, plan.measures[x.measure].of, plan) for x in plan.calculations]
    computed = [replace(column, measure=x.measure) for x, (_, column) in zip(plan.calculations, results, strict=True)]
    columns = uniquely_named([*shape.columns, *computed])
    return _finish(c, shape, table, [node for node, _ in results], columns)


def _finish(
    c: Compilation, shape: Shape, table: Table, results: list[exp.Expression], columns: list[ResultColumn]
) -> Compiled:
    """Cut to what is shown only after every calculation has seen the rows it needs."""
    named = [*shape.names, *(shape.named[m.of] for m in shape.plan.measures)]
    labels = [column.name for column in columns]
    extra = [n for n in shape.named.values() if n not in named]
    cut = table.is_shown()
    if cut is not None or shape.plan.having:
        kept = [nodes.alias(table.column(n), n) for n in dict.fromkeys([*named, *extra])]
        kept += [nodes.alias(r, n) for r, n in zip(results, labels[len(named) :], strict=True)]
        inner = exp.Select(expressions=kept, from_=exp.From(this=nodes.table(table.alias)))
        if table.joins:
            inner.set("joins", table.joins)
        table.alias, table.joins = c.add_cte("calculated", inner), []
        results = [table.column(n) for n in labels[len(named) :]]
        cut = table.is_shown()
    measures: dict[Measure, exp.Expression] = {m: table.column(n) for m, n in shape.named.items()}
    dimensions = [table.column(n) for n in shape.names]
    values = _values(shape, dimensions, measures)
    where = [*([cut] if cut is not None else []), *_having(c, shape, values)]
    projections = [nodes.alias(table.column(n), label) for n, label in zip(named, labels, strict=False)]
    projections += [nodes.alias(r, n) for r, n in zip(results, labels[len(named) :], strict=True)]
    select = exp.Select(expressions=projections, from_=exp.From(this=nodes.table(table.alias)))
    if table.joins:
        select.set("joins", table.joins)
    if where:
        select.set("where", exp.Where(this=nodes.every(where)))
    return sort_and_cut(select, shape.plan, _sorting(shape, dimensions, measures), dimensions), columns


def _compared(c: Compilation, shape: Shape, change: Change | None) -> Compiled:
    plan, span = shape.plan, shape.request.span
    if (change is not None and len(plan.calculations) > 1) or (change is None and plan.calculations):
        raise Refusal("unsupported", what="a comparison together with another calculation")
    said = (
        plan.comparison.baseline
        if plan.comparison
        else period_before(c, span, change.grain if change else None, change.periods if change else 1)
    )
    baseline = dates_of(c, said)
    note_partial(c, list(all_pieces(c, shape.request.measures)), span, shape.request.dimensions)
    select, dimensions, pairs = sides(c, shape.request, shape.names, shape.named, baseline)
    columns: list[ResultColumn] = list(shape.dimensions)
    projections = list(dimensions)
    for index, (measured, column) in enumerate(zip(plan.measures, shape.measures, strict=True)):
        one, two = pairs[measured.of]
        zero = starts_at_zero(c, measured.of)
        fill = zero and column.format == "integer"
        value, before = (nodes.coalesce(n.copy(), nodes.number(0)) if fill else n.copy() for n in (one, two))
        projections += [value, before]
        projections += [difference(one, two, relative=relative, zero=zero) for relative in (False, True)]
        columns += [column, *(replace(x, measure=index) for x in columns_beside(column))]
    columns = uniquely_named(columns)
    measures = {m: one.copy() for m, (one, _) in pairs.items()}
    values = _values(shape, dimensions, measures)
    where = nodes.every(_having(c, shape, values))
    sorting = _by_change(plan, projections, columns) or _sorting(shape, dimensions, measures)
    select.set("expressions", [nodes.alias(n.copy(), x.name) for n, x in zip(projections, columns, strict=True)])
    if where is not None:
        select.set("where", exp.Where(this=where))
    return sort_and_cut(select, plan, sorting, dimensions), columns


def _by_change(plan: Plan, projections: list[exp.Expression], columns: list[ResultColumn]) -> Sorting | None:
    """Sorted by how much the first measure changed; None where the measure itself decides."""
    role = plan.comparison.by_change if plan.comparison is not None else ""
    if not role or not plan.order:
        return None
    at = next(i for i, column in enumerate(columns) if column.role == role)
    down = plan.order[0].descending
    names = [nodes.column(c.name) for c in columns[: len(plan.dimensions)]]
    keys = with_ties_broken([(projections[at], down)], projections[: len(plan.dimensions)])
    return Sorting(keys, with_ties_broken([(nodes.column(columns[at].name), down)], names))
