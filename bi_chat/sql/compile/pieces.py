"""In: a measure. Out: its pieces, each an aggregate with the dataset it is counted on, and how they are put together.

Example: revenue per square metre, SUM(sales.amount) / stores.area. Difficulty: joined first, a store's area is counted
once for each sale. Rule: each aggregate is computed on the rows of its own dataset; only results are divided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from bi_chat.semantics.model import MetricDefinition
from bi_chat.sql import nodes
from bi_chat.sql.compile.scalars import fields_of
from bi_chat.sql.compile.scope import shown
from bi_chat.sql.compile.state import Compilation
from bi_chat.sql.expressions import AggregateText, ExpressionFault, ParsedMetric, parse_metric
from bi_chat.sql.joins import default_time, key_of, time_ref
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import Aggregate, Arithmetic, Constant, FieldRef, Fn, Measure, Metric, Nested

AsOf = tuple[FieldRef, FieldRef]


@dataclass(frozen=True, slots=True)
class Piece:
    """One aggregate at its own grain.

    kind: as in `AggregateText`, or nested. `columns` are the fields a metric's text reads. `snapshot`: its values are
    stocks that must not be added up over time.
    """

    home: str
    kind: str
    source: Aggregate | AggregateText | Nested
    time: FieldRef | None = None
    as_of: AsOf | None = None
    columns: tuple[FieldRef, ...] = ()
    snapshot: bool = False
    filtered: bool = False
    standing: bool = False

    @property
    def is_attribute(self) -> bool:
        """A bare column of a metric, or what stands at all times: a property of rows, which no period applies to."""
        return self.kind == "attribute" or self.standing


Leaf = Callable[[Piece, bool], exp.Expression]


def combine(c: Compilation, measure: Measure, leaf: Leaf, *, inside: bool = False) -> exp.Expression:
    """The measure's node, where `leaf` gives each piece's (told whether it stands inside arithmetic)."""
    match measure:
        case Constant(value):
            return nodes.number(value)
        case Aggregate():
            return leaf(_aggregate(c, measure), inside)
        case Nested():
            return leaf(_nested(c, measure), inside)
        case Arithmetic(op, left, right):
            one = combine(c, left, leaf, inside=True)
            return nodes.arithmetic(op, one, combine(c, right, leaf, inside=True))
        case Metric(name):
            return _metric(c, name, leaf, inside)


def pieces_of(c: Compilation, measure: Measure) -> list[Piece]:
    """The pieces of a measure, each once, in order."""
    found: dict[Piece, None] = {}

    def leaf(piece: Piece, inside: bool) -> exp.Expression:
        found[piece] = None
        return exp.null()

    combine(c, measure, leaf)
    return list(found)


def definition(c: Compilation, name: str) -> tuple[MetricDefinition, ParsedMetric]:
    """A metric of the model and its parsed text."""
    metric = c.model.metric(name)
    if metric is None:
        raise Refusal("unknown", name=name)
    try:
        return metric, parse_metric(metric.expression)
    except ExpressionFault as fault:
        raise Refusal("bad_metric", metric=metric.label or name, what=str(fault)) from fault


def _metric(c: Compilation, name: str, leaf: Leaf, inside: bool) -> exp.Expression:
    metric, parsed = definition(c, name)
    alone = isinstance(parsed.tree, exp.Placeholder)
    built = [_metric_part(c, metric, parsed, part, leaf, inside or not alone) for part in parsed.aggregates]
    if alone:
        return built[0]
    tree = parsed.tree.copy()
    for place in list(tree.find_all(exp.Placeholder)):
        place.replace(nodes.wrapped(built[int(place.name)]))
    return nodes.wrapped(tree) if inside else tree


def _metric_part(
    c: Compilation, metric: MetricDefinition, parsed: ParsedMetric, part: AggregateText, leaf: Leaf, inside: bool
) -> exp.Expression:
    column = part.columns[0] if part.kind == "attribute" else None
    if column and not column.dataset and c.model.metric(column.field) and column.field.lower() != metric.name.lower():
        return combine(c, Metric(column.field), leaf, inside=True)
    return leaf(_text_piece(c, metric, parsed, part), inside)


def _text_piece(c: Compilation, metric: MetricDefinition, parsed: ParsedMetric, part: AggregateText) -> Piece:
    columns = tuple(_owner(c, metric, name.dataset, name.field) for name in part.columns)
    home = _finest(c, dict.fromkeys(r.dataset for r in columns), metric.label or metric.name)
    if not home:
        home = _home_without_columns(c, metric, parsed)
    as_of = _as_of(c, metric, home)
    snapshot = part.kind == "sum" and (
        metric.additivity == "semi" or any(_additivity(c, r) == "semi" for r in columns if not as_of)
    )
    return Piece(
        home, part.kind, part, _time(c, metric.time, home), as_of, columns, snapshot and not as_of, part.filtered
    )


def _owner(c: Compilation, metric: MetricDefinition, dataset: str, field: str) -> FieldRef:
    """The field that a column of a metric's text means; a role stands for the relationship it names."""
    if dataset and c.model.dataset(dataset):
        return FieldRef(c.dataset(dataset).name, field)
    owners = [d.name for d in c.model.datasets if d.field(field)] if not dataset else []
    if len(owners) == 1:
        return FieldRef(owners[0], field)
    roles = [r for r in c.model.relationships if dataset and r.role.lower() == dataset.lower()]
    if len(roles) == 1:
        return FieldRef(roles[0].to_dataset, field, (roles[0].name,))
    raise Refusal("bad_metric", metric=metric.label or metric.name, what=f"{dataset}.{field}".strip("."))


def _finest(c: Compilation, datasets: dict[str, None], name: str) -> str:
    """The dataset from which all others are reached by to-one steps; '' when there are none to choose from."""
    if len(datasets) < 2:
        return next(iter(datasets), "")
    wanted = set(datasets)
    for dataset in datasets:
        if wanted <= c.graph.closure(dataset):
            return dataset
    first, *rest = datasets
    found = c.graph.finer(first, frozenset(rest))
    if len(found) == 1:
        return found[0]
    ways = tuple(shown(c, d) for d in (found or wanted))
    raise Refusal(
        "ambiguous_link", home=shown(c, first), target=name, ways=" / ".join(ways), suggestions=ways if found else ()
    )


def _home_without_columns(c: Compilation, metric: MetricDefinition, parsed: ParsedMetric) -> str:
    """COUNT(*) by itself: the rows that the metric's other aggregates, or its time, belong to."""
    named = dict.fromkeys(
        _owner(c, metric, name.dataset, name.field).dataset for part in parsed.aggregates for name in part.columns
    )
    if len(named) == 1:
        return next(iter(named))
    time = time_ref(c.model, metric.time, "") if metric.time else None
    if time is None:
        raise Refusal("bad_metric", metric=metric.label or metric.name, what="COUNT(*)")
    return time.dataset


def _as_of(c: Compilation, metric: MetricDefinition, home: str) -> AsOf | None:
    if not metric.as_of:
        return None
    start, end = (time_ref(c.model, text, home) for text in metric.as_of)
    if start is None or end is None:
        raise Refusal("bad_metric", metric=metric.label or metric.name, what="as_of")
    return start, end


def _time(c: Compilation, text: str, home: str) -> FieldRef | None:
    """The metric's own time where the home reaches it, else the default of the home."""
    declared = time_ref(c.model, text, home) if text else None
    if declared and declared.dataset in c.graph.closure(home):
        return declared
    return default_time(c.model, home)


def _additivity(c: Compilation, ref: FieldRef) -> str:
    field = c.model.field(ref.dataset, ref.field)
    return field.additivity if field else "additive"


def _aggregate(c: Compilation, measure: Aggregate) -> Piece:
    refs = [r for s in (measure.of, measure.other) if s is not None for r in fields_of(s) if r.dataset]
    kind = _kind_of(measure)
    named = c.dataset(measure.dataset).name
    read = dict.fromkeys(c.dataset(r.dataset).name for r in refs)
    if read and named not in read and kind not in ("count", "count_distinct", "min", "max"):
        # rows of a finer dataset would repeat the value; counts of distinct values and extremes don't mind
        home = _finest(c, read, measure.function.value)
        c.note("aggregated_at_own_grain", warning=True, named=named, home=home)
    else:
        home = _finest(c, {named: None, **read}, measure.function.value)
    semi = kind == "sum" and isinstance(measure.of, FieldRef) and _additivity(c, measure.of) == "semi"
    if kind == "sum" and isinstance(measure.of, FieldRef) and _additivity(c, measure.of) == "none":
        c.note("summed_non_additive", warning=True, field=measure.of.field, dataset=measure.of.dataset)
    time = default_time(c.model, home) or _reached_time(c, measure.dataset, home)
    filtered = bool(measure.where)
    return Piece(home, kind, measure, time, snapshot=semi, filtered=filtered, standing=measure.standing)


def _reached_time(c: Compilation, dataset: str, home: str) -> FieldRef | None:
    """The time of the dataset that was named, for a home that has none of its own."""
    found = default_time(c.model, dataset)
    return found if found and found.dataset in c.graph.closure(home) else None


def _kind_of(measure: Aggregate) -> str:
    simple = {Fn.SUM: "sum", Fn.AVG: "avg", Fn.MIN: "min", Fn.MAX: "max"}
    if measure.function is Fn.COUNT:
        return "count_rows" if measure.of is None else "count_distinct" if measure.distinct else "count"
    kind = simple.get(measure.function, "other")
    return "other" if measure.distinct and kind in ("sum", "avg") else kind


def _nested(c: Compilation, measure: Nested) -> Piece:
    home = next((p.home for p in pieces_of(c, measure.inner)), "")
    return Piece(home, "nested", measure)


def starts_at_zero(c: Compilation, measure: Measure) -> bool:
    """Whether the measure of no rows is 0: a count or a sum (and such terms added up), not an average or a ratio."""
    match measure:
        case Aggregate():
            return _kind_of(measure) in ("count_rows", "count", "count_distinct", "sum")
        case Arithmetic(op, left, right):
            return op in "+-" and starts_at_zero(c, left) and starts_at_zero(c, right)
        case Metric(name):
            _, parsed = definition(c, name)
            counts = bool(parsed.aggregates) and all(p.kind == "count_distinct" for p in parsed.aggregates)
            return parsed.additive or (counts and isinstance(parsed.tree, exp.Placeholder))
    return False


def adds_up(c: Compilation, measure: Measure) -> bool:
    """Whether the values of groups add up to the value of all, over every dimension but time for balances."""
    match measure:
        case Aggregate():
            if measure.distinct and measure.function is Fn.COUNT:
                return _counts_key(c, measure)
            return measure.function in (Fn.COUNT, Fn.SUM)
        case Arithmetic(op, left, right):
            if op in "+-":
                return adds_up(c, left) and adds_up(c, right)
            scaled = adds_up(c, left) and isinstance(right, Constant)
            return scaled or (op == "*" and isinstance(left, Constant) and adds_up(c, right))
        case Metric(name):
            metric, parsed = definition(c, name)
            if metric.additivity == "none":
                return False
            return parsed.additive or _only_key_count(c, metric, parsed)
    return False


def _counts_key(c: Compilation, measure: Aggregate) -> bool:
    dataset = c.dataset(measure.dataset)
    of = measure.of
    return isinstance(of, FieldRef) and (of.dataset, (of.field,)) == (dataset.name, key_of(dataset))


def _only_key_count(c: Compilation, metric: MetricDefinition, parsed: ParsedMetric) -> bool:
    if not isinstance(parsed.tree, exp.Placeholder) or parsed.aggregates[0].kind != "count_distinct":
        return False
    names = parsed.aggregates[0].columns
    owner = _owner(c, metric, names[0].dataset, names[0].field) if len(names) == 1 else None
    return owner is not None and key_of(c.dataset(owner.dataset)) == (owner.field,)


def over_time(c: Compilation, measure: Measure) -> bool:
    """Whether values of periods may be added up: it adds up, and holds no balance or stock."""
    return adds_up(c, measure) and not any(p.as_of or p.snapshot for p in pieces_of(c, measure))


def all_pieces(c: Compilation, measures: tuple[Measure, ...]) -> Iterator[Piece]:
    """The pieces of several measures, each once."""
    seen: set[Piece] = set()
    for measure in measures:
        for piece in pieces_of(c, measure):
            if piece not in seen:
                seen.add(piece)
                yield piece
